"""`entrepot reference`: the rules and rates that come with the program."""

import json
from dataclasses import asdict

import click

from entrepot.config.commands._setup import start_django


@click.group()
def command() -> None:
    """Load the shipped reference data: taxes, import rules, rate cards, exchange rates, accounts."""


@command.command()
@click.argument("tables", nargs=-1)
@click.option(
    "--report", type=click.Choice(["text", "json"]), default="text", help="How to print what was done."
)
def load(tables: tuple[str, ...], report: str) -> None:
    """Add new rows, update changed ones, keep what users edited. TABLES: only these."""
    start_django()
    from entrepot.core import reference
    from entrepot.domains.ledger import services as ledger

    try:
        done = [asdict(loaded) for loaded in reference.load(tables)]
    except reference.ReferenceDataError as error:
        raise click.ClickException(str(error)) from error
    rates = ledger.load_ecb_rates() if not tables or "fx" in tables else 0
    if report == "json":
        click.echo(json.dumps({"tables": done, "fx_rates_added": rates}, indent=2))
        return
    click.echo(
        f"{'table':16}{'rows':>7}{'added':>7}{'updated':>9}{'removed':>9}{'unchanged':>11}{'kept':>6}{'left out':>10}"
    )
    for row in done:
        figures = f"{row['rows']:7}{row['added']:7}{row['updated']:9}{row['removed']:9}{row['unchanged']:11}"
        click.echo(f"{row['table']:16}{figures}{row['kept']:6}{row['left_out']:10}")
    click.echo(f"{'fx':16}{rates:14} exchange rates added")


@command.command()
def files() -> None:
    """List the shipped files."""
    start_django(with_database=False)
    from entrepot.core import reference

    for source in reference.sources():
        click.echo(f"{source.name:16} {source.model.__name__:18} {source.path}")
