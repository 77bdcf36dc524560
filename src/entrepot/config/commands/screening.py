"""`entrepot screening`: sanctions lists by version, and names held against them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from entrepot.config.commands._setup import start_django

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Import sanctions lists and look names up. Every import is a version of its own day."""


@command.command()
@click.argument("sdn", type=EXISTING)
@click.option("--alt", type=EXISTING, help="ALT.CSV: the entries' other names.")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Day of the list, if the file's name does not say."
)
def ofac(sdn: Path, alt: Path | None, on: datetime | None) -> None:
    """Import OFAC's SDN.CSV (plain or .gz), and say what differs from the version before."""
    start_django()
    from entrepot.domains.customs import services

    others = services.Upload(alt.name, alt.read_bytes()) if alt else None
    try:
        one, is_new = services.import_ofac(
            services.Upload(sdn.name, sdn.read_bytes()), others, version=on.date() if on else None
        )
    except (services.ListRefused, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if not is_new:
        click.echo("These files were imported before; nothing was changed.", err=True)
    report = one.report
    click.echo(f"{one.source} {one.version}: {one.entries:,} entries, {one.names:,} names")
    if report["before"]:
        click.echo(
            f"since {report['before']}: {report['added']:,} added, {report['removed']:,} removed, "
            f"{report['changed']:,} changed"
        )
        for sign, uid, name in [
            *(("+", *pair) for pair in report["added_names"]),
            *(("-", *pair) for pair in report["removed_names"]),
            *(("~", uid, new) for uid, _old, new in report["changed_names"]),
        ]:
            click.echo(f"  {sign} {uid:>6} {name}")
    for problem in report["problems"]:
        click.echo(
            f"  {problem['file']} row {problem['row']} {problem['field']} {problem['value']!r}: {problem['reason']}; "
            f"{problem['remedy']}",
            err=True,
        )


@command.command()
@click.argument("name")
@click.option(
    "--least", type=click.IntRange(1, 100), default=80, show_default=True, help="Likeness in per cent."
)
def check(name: str, least: int) -> None:
    """Listed names like a name, in whatever script."""
    start_django()
    from entrepot.domains.customs import services

    for hit in services.find_names(name, least):
        alias = f"{hit.alias} = " if hit.alias else ""
        click.echo(
            f"{hit.score:>4} %  {hit.list} {hit.version} #{hit.uid}  {alias}{hit.listed}  [{hit.programs}]"
        )
