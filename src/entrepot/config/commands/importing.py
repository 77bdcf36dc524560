"""`entrepot import`: order files, from the first line to profit; tables of goods and of stock."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from entrepot.config.commands._setup import start_django

SHOWN_PROBLEMS = 20
REPORTS = click.Choice(["text", "json"])


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--report", type=REPORTS, default="text", show_default=True, help="How to print the report."
        ),
        click.option(
            "--no-decide", is_flag=True, help="Take the orders in, but let the engine decide later."
        ),
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Import files. The same file twice changes nothing; a killed import goes on where it was."""


@command.command("file")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", help="Name of the channel account; found out when there is only one.")
@_options
def any_file(path: Path, account: str | None, report: str, no_decide: bool) -> None:
    """A file of a marketplace or shop, its kind found by its content: orders, settlements, refunds."""
    start_django()
    from entrepot.domains.channels import queries, services

    chosen = queries.account_named(account) if account else None
    if account and chosen is None:
        raise click.ClickException(f"There is no channel account named {account!r}.")
    run = services.receive_file("file", path.name, path.read_bytes())
    if run.state != "done" and (chosen or "account" not in run.options):
        services.choose_account(run, chosen)
    _finish(run, report=report, decide=not no_decide)


@command.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_options
def online_retail(file: Path, report: str, no_decide: bool) -> None:
    """The Online Retail file (UCI), csv or csv.gz: orders, returns, fees, corrections, reconciled to the penny."""
    _carry_out("online-retail", file.name, file.read_bytes(), report=report, decide=not no_decide)


@command.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@_options
def olist(folder: Path, report: str, no_decide: bool) -> None:
    """The Olist tables: a folder of csv files, or a zip of it."""
    start_django()
    from entrepot.domains.channels import services

    content = services.pack_folder(folder) if folder.is_dir() else folder.read_bytes()
    _carry_out("olist", folder.name, content, report=report, decide=not no_decide)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", "profile_name", help="A saved profile that says how the columns are read.")
@click.option("--channel", help="The channel the orders belong to (when there is no profile).")
@click.option("--currency", default="", help="Currency of all orders, where the file has no such column.")
@click.option("--country", default="", help="Destination of all orders, where the file has no such column.")
@_options
def generic(file: Path, report: str, no_decide: bool, **said: str | None) -> None:
    """Any order table (csv or xlsx), its columns found by their names or by a saved profile."""
    start_django()
    from entrepot.domains.channels import queries, services
    from entrepot.domains.channels.services.generic import ColumnsMissing

    profile = None
    if said["profile_name"] and not (profile := queries.profile_named(said["profile_name"])):
        raise click.ClickException(f"There is no profile named {said['profile_name']!r}.")
    run = services.receive_file("generic", file.name, file.read_bytes(), profile=profile)
    if run.state == "uploaded":
        try:
            preview = services.preview_file(run)
            given = {
                name: said[name] or preview.options.get(name, "")
                for name in ("channel", "currency", "country")
            }
            services.set_reading(run, preview.mapping, {**preview.options, **given})
        except (ColumnsMissing, services.FileRefused) as error:
            raise click.ClickException(f"The file cannot be read as orders: {error}") from error
    _finish(run, report=report, decide=not no_decide)


def _sheet_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--profile", "profile_name", help="A saved profile that says how the columns are read."),
        click.option("--dry-run", is_flag=True, help="Say what would come of it; book nothing."),
        click.option("--problems", type=click.Path(dir_okay=False, path_type=Path), help="File for refused rows."),
        click.option("--report", type=REPORTS, default="text", show_default=True, help="How to print the report."),
    ):  # fmt: skip
        function = option(function)
    return function


@command.command()
@_sheet_options
@click.option("--category", default="", help="Category of new SKUs, where a row names none.")
@click.option("--currency", default="", help="Currency of all prices, where a row names none.")
@click.option("--weight-unit", default="", help="g, kg, lb or oz, where the head does not say it.")
@click.option("--size-unit", default="", help="mm, cm, m or in, where the head does not say it.")
def products(file: Path, **said: Any) -> None:
    """A table of products and SKUs: new ones are added, known ones brought up to what the table says."""
    _sheet("products", file, said, ("category", "currency", "weight_unit", "size_unit"))


@command.command()
@_sheet_options
@click.option("--mode", type=click.Choice(["count", "change"]), default="count", show_default=True,
              help="Whether figures are counts, or changes.")  # fmt: skip
@click.option("--warehouse", default="", help="Warehouse of all rows, where a row names none.")
@click.option("--note", default="", help="The reason, kept with every move whose row gives none.")
def stock(file: Path, **said: Any) -> None:
    """A table of stock by warehouse: only differences are booked, as moves with their reason."""
    _sheet("stock", file, said, ("mode", "warehouse", "note"))


def _sheet(kind: str, file: Path, said: dict[str, Any], names: tuple[str, ...]) -> None:
    start_django()
    from entrepot.domains.channels import queries, services

    profile = None
    if said["profile_name"] and not (profile := queries.profile_named(said["profile_name"])):
        raise click.ClickException(f"There is no profile named {said['profile_name']!r}.")
    run = services.receive_file(kind, file.name, file.read_bytes(), profile=profile)
    try:
        found = services.preview_file(run)
        options = {**found.options, **{name: said[name] for name in names if said[name]}}
        if run.state != "done":
            services.set_reading(run, found.mapping, options)
            if said["dry_run"]:
                found = services.preview_file(run, found.mapping, options)
    except (services.ColumnsMissing, services.FileRefused) as error:
        raise click.ClickException(f"The file cannot be read as {kind}: {error}") from error
    if said["problems"]:
        with said["problems"].open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows(
                [("row", "field", "value", "reason"), *services.all_problems(run, found.mapping, options)]
            )
    if said["dry_run"]:
        outcomes = [{"outcome": name, "lines": n} for name, n in sorted(found.outcomes.items())]
        trial = {"kind": kind, "lines": found.rows, "outcomes": outcomes, "problems": found.problems}
        _print_sheet(trial, said["report"], "tried, nothing was booked")
        return
    was_done = run.state == "done"
    run = services.import_file(run, watch=_Progress(kind))
    if was_done:
        click.echo("This file was imported before; nothing was changed.", err=True)
    rejected = queries.rejected_rows(run)[:SHOWN_PROBLEMS]
    problems = [
        {"row_no": r.row_no, "field": r.field, "value": r.value, "reason": r.reason} for r in rejected
    ]
    _print_sheet({**run.report, "problems": problems}, said["report"], run.state)


def _print_sheet(report: dict[str, Any], form: str, state: str) -> None:
    if form == "json":
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    click.echo(f"{report['kind']}: {state}, {report['lines']:,} rows")
    for row in report["outcomes"]:
        pieces = f" {row['quantity']:+,} pieces" if row.get("quantity") else ""
        click.echo(f"  {row['outcome']:12} {row.get('reason', ''):22} {row['lines']:>9,} rows{pieces}")
    for row in report["problems"]:
        click.echo(f"  row {row['row_no']}: {row['field']} {row['value']!r}: {row['reason']}")


def _carry_out(kind: str, name: str, content: bytes, *, report: str, decide: bool) -> None:
    start_django()
    from entrepot.domains.channels import services

    _finish(services.receive_file(kind, name, content), report=report, decide=decide)


def _finish(run: Any, *, report: str, decide: bool) -> None:
    from entrepot.domains.channels import services
    from entrepot.domains.channels.services.common import ReferenceMissing

    was_done = run.state == "done"
    try:
        run = services.import_file(run, decide=decide, watch=_Progress(run.kind))
    except services.ImportBusy as error:
        raise click.ClickException("Another worker is importing this very file.") from error
    except services.FileRefused as error:
        raise click.ClickException(f"This file cannot be imported as {run.kind}: {error}") from error
    except ReferenceMissing as error:
        raise click.ClickException(
            f"Channel {error} is unknown: run `entrepot reference load` first."
        ) from error
    if was_done:
        click.echo("This file was imported before; nothing was changed.", err=True)
    if report == "json":
        click.echo(json.dumps(run.report, ensure_ascii=False, indent=2))
    else:
        _print_report(run)


class _Progress:
    """A line on stderr for each stage, rewritten as it goes on when a person watches."""

    def __init__(self, kind: str) -> None:
        self.kind, self.stage, self.live = kind, "", sys.stderr.isatty()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            click.echo(
                f"{'' if not self.stage or not self.live else chr(10)}{self.kind}: {stage}",
                err=True,
                nl=not self.live,
            )
            self.stage = stage
        if total and self.live:
            click.echo(f"\r{self.kind}: {stage} {done:,} of {total:,}   ", err=True, nl=done == total)


def _print_report(run: Any) -> None:
    report = run.report
    click.echo(
        f"{run.file_name}: {run.state}, {report.get('lines', 0):,} lines, {report.get('orders', 0):,} orders"
    )
    for row in report.get("outcomes", []):
        click.echo(
            f"  {row['outcome']:12} {row.get('reason', ''):20} {row['lines']:>9,} lines {row['amount']:>18}"
        )
    for row in report.get("controls", []):
        if row["expected"] is not None:
            click.echo(
                f"  {row['name']:22} {row['computed']:>16} known {row['expected']:>16} difference {row['difference']}"
            )
    for row in report.get("reconciliation", []):
        parts = " ".join(
            f"{name} {row[name]}" for name in ("orders", "cancelled", "duplicate", "rejected", "apart")
        )
        click.echo(
            f"  {row['currency']} {row['measure']:10} file {row['file']:>14} = {parts}, difference {row['difference']}"
        )
    for row in report.get("settlements", []):
        click.echo(
            f"  settlement {row['number']}: {row['state']}, lines {row['lines_minor']}, paid {row['total_minor']}, "
            f"difference {row['difference_minor']} ({row['currency']}, minor units), {row['untied']} without an order"
        )
    for row in report.get("books", []):
        figures = f"file {row['file']:>14} booked {row['booked']:>14} waiting {row['waiting']:>12}"
        click.echo(
            f"  {row['name']:12} {figures} not booked {row['not_booked']:>10} difference {row['difference']}"
        )
    if left := report.get("not_kept"):
        named = ", ".join(f"{row['column']} ({row['cells']:,})" for row in left)
        click.echo(f"  columns not taken over, with their filled cells: {named}")
    for row in report.get("states", []):
        click.echo(f"  {row['state']:12} {row['orders']:>9,} orders")
    profit = report.get("profit", {})
    if profit.get("orders"):
        revenue, earned = profit["revenue_minor"] / 100, profit["profit_minor"] / 100
        click.echo(
            f"  revenue {revenue:,.2f} {profit['currency']}, profit {earned:,.2f} {profit['currency']}"
        )
    spent = sum(report.get("seconds", {}).values())
    click.echo(
        f"  {spent:.1f} s: "
        + ", ".join(f"{name} {value}" for name, value in report.get("seconds", {}).items())
    )
