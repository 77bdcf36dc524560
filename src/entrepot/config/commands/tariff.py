"""`entrepot tariff`: tariff files, from the printed rate text to dated rows."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from entrepot.config.commands._setup import start_django

KINDS = {
    "us-hts": "The US Harmonized Tariff Schedule (USITC), csv or csv.gz.",
    "section-301": "The Section 301 list of Chinese goods, csv: HSCode, Additional Duty.",
    "exclusions": "Exclusions from Section 301 in force, json.",
    "us-rates": "Published US rates by country of origin, json; ranges become two readings.",
    "uk-eu": "The UK Global Tariff beside the EU tariff, csv or csv.gz.",
    "hs": "The nomenclature of the Harmonized System, csv or csv.gz.",
    "duty-rates": "Rates of any country, csv: dest, hs_prefix, rate (a text); origin, scheme, reading …",
    "duty-layers": "Additional duties, csv: layer, dest, hs_prefix, rate (a text); origin, displaces …",
    "national-codes": "Codes of any country, csv: country, code, description; units, rate.",
}
FIGURES = ("opened", "closed", "corrected", "ended", "unchanged")


@click.group()
def command() -> None:
    """Import tariffs. The same file twice changes nothing; a newer one ends old rates and begins new ones."""


def _add(kind: str, words: str) -> None:
    @command.command(kind, help=words)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="First day the file holds.")
    @click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True)
    def run(file: Path, valid_from: datetime | None, report: str) -> None:
        _carry_out(kind, file, valid_from.date() if valid_from else None, report)


for _kind, _words in KINDS.items():
    _add(_kind, _words)


def _carry_out(kind: str, file: Path, valid_from: date | None, report: str) -> None:
    start_django()
    from entrepot.domains.customs import services

    run = services.receive_tariff(kind, file.name, file.read_bytes(), valid_from=valid_from)
    if run.state == "done":
        click.echo("This file was imported before; nothing was changed.", err=True)
    try:
        run = services.import_tariff(run, lambda stage, *_: click.echo(f"{kind}: {stage}", err=True))
    except services.TariffBusy as error:
        raise click.ClickException("Another worker is importing this very file.") from error
    except services.TariffRefused as error:
        raise click.ClickException(f"This file cannot be read as {kind}: {error}") from error
    found = {"kind": run.kind, "file": run.file_name, "valid_from": str(run.valid_from), **run.report}
    if report == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    click.echo(f"{found['file']}: {found['lines']:,} lines, valid from {found['valid_from']}")
    for outcome, lines in sorted(found["outcomes"].items(), key=lambda pair: -pair[1]):
        click.echo(f"  {outcome:16}{lines:>9,} lines")
    click.echo(f"  {'together':16}{sum(found['outcomes'].values()):>9,} lines")
    for name in ("nomenclature", "codes", "rates", "layers"):
        done = found.get(name) or {}
        if done.get("rows"):
            figures = ", ".join(
                f"{done[key]:,} {key}" for key in ("opened", "closed", "corrected", "ended", "unchanged")
            )
            click.echo(f"  {name}: {done['rows']:,} rows: {figures}")
    for row in found["problems"]:
        example = row["examples"][0][:60] if row["examples"] else ""
        click.echo(f"  {row['lines']:>7,}  {row['field']}: {row['reason']}  {example}")
    for fact, number in found["facts"].items():
        click.echo(f"  {number:>7,}  {fact}")
