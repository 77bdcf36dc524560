"""`entrepot rates`: rate cards from files, checked row by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from entrepot.config.commands._setup import start_django

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN = 40


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--ship-from", default="", help="Country the file ships from, such as GB."),
        click.option(
            "--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="First day where rows have none."
        ),
        click.option("--open", "is_open", is_flag=True, help="Orders may travel by its services at once."),
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Import rate cards. Doubtful rows are listed with the remedy; good rows are used; twice changes nothing."""


@command.command("royal-mail")
@click.argument("file", type=FILE)
@click.option(
    "--zones", type=FILE, help="Countries and zones; royal_mail_zones.csv beside FILE is found by itself."
)
@_options
def royal_mail(file: Path, zones: Path | None, **said: Any) -> None:
    """Royal Mail price tables, with their zones."""
    beside = file.with_name("royal_mail_zones.csv")
    content = zones.read_bytes() if zones else beside.read_bytes() if beside.exists() else b""
    _import("royal-mail", file, said, zones=content)


@command.command()
@click.argument("file", type=FILE)
@_options
def karrio(file: Path, **said: Any) -> None:
    """Karrio's default rate sheets."""
    _import("karrio", file, said)


@command.command()
@click.argument("file", type=FILE)
@click.option("--service", default="", help="The service, where the rows name none.")
@click.option("--carrier", default="", help="The carrier, where the rows name none.")
@click.option("--currency", default="", help="The currency, where the rows name none.")
@click.option("--unit", type=click.Choice(["kg", "g", "lb", "oz"]), default="kg", show_default=True)
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column is what.")
@_options
def generic(file: Path, columns: tuple[str, ...], **said: Any) -> None:
    """Any rate table (csv or xlsx), its columns found by their names or named by --column."""
    named = dict(column.split("=", 1) for column in columns if "=" in column)
    more = {name: said.pop(name) for name in ("service", "carrier", "currency", "unit")}
    _import("generic", file, said, named=named, **more)


@command.command("first-legs")
@click.argument("file", type=FILE)
@click.option("--currency", default="", help="The currency, where the rows name none.")
@_options
def first_legs(file: Path, currency: str, **said: Any) -> None:
    """Forwarders' quotations for bulk goods to a warehouse (csv or xlsx)."""
    _import("first-legs", file, said, currency=currency.upper())


def _import(
    kind: str, file: Path, said: dict[str, Any], *, named: dict[str, str] | None = None, **more: Any
) -> None:
    start_django()
    from django.utils import timezone

    from entrepot.domains.logistics import services

    first: datetime | None = said["valid_from"]
    content = file.read_bytes()
    try:
        if named:
            more["mapping"] = {**services.columns_of(content)[1], **named}
        options = services.RateOptions(
            valid_from=first.date() if first else timezone.localdate(),
            ship_from=said["ship_from"].upper(),
            is_open=said["is_open"],
            **more,
        )
        done = services.import_rates(kind, file.name, content, options)
    except services.FileRefused as error:
        why = " ".join(
            part for part in (services.word(services.FILE_PROBLEMS, error.code), error.detail) if part
        )
        raise click.ClickException(f"The file cannot be read as {kind}. {why}") from error
    except services.ReferenceMissing as error:
        raise click.ClickException(f"No {error} are known: run `entrepot reference load` first.") from error
    _print(done.report, said["report"])


def _print(report: dict[str, Any], form: str) -> None:
    from entrepot.domains.logistics.services import REASONS, REMEDIES, word

    findings = [
        {**one, "reason": word(REASONS, one["code"]), "remedy": word(REMEDIES, one["code"])}
        for one in report["findings"]
    ]
    if form == "json":
        click.echo(json.dumps({**report, "findings": findings}, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{report['rows']:,} rows, {report['used']:,} used: {report['services']} services, {report['zones']} cards "
        f"by zone, {len(report['versions'])} versions, {report['lanes']:,} new lanes"
    )
    for name in ("added", "replaced", "unchanged", "ended", "kept"):
        click.echo(f"  {name:10}{report[name]:>8,} bands")
    refused = sum(not one["is_used"] for one in findings)
    click.echo(f"  {len(findings):,} findings, {refused:,} of rows that are not used")
    for one in findings[:SHOWN]:
        click.echo(f"  row {one['row']} {one['field']}: {one['value']} – {one['reason']} {one['remedy']}")
    if len(findings) > SHOWN:
        click.echo(f"  … {len(findings) - SHOWN:,} more; --report json lists all")
