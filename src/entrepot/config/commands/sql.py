"""`entrepot sql`: a query over the marts, from the command line."""

import csv
import sys

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.argument("query", required=False)
@click.option("--tables", is_flag=True, help="List tables and columns instead.")
@click.option("--rows", default=10_000, show_default=True, help="At most so many rows.")
@click.option("--seconds", default=60.0, show_default=True, help="At most so long.")
@click.option("--memory", default=1024, show_default=True, help="At most so many MB.")
def command(query: str | None, tables: bool, rows: int, seconds: float, memory: int) -> None:
    """Run QUERY (or what comes in on the standard input) over the marts: one SELECT, as CSV."""
    start_django()
    from entrepot.domains.insight import services
    from entrepot.domains.insight.queries import asking

    writer = csv.writer(sys.stdout)
    try:
        if tables:
            for table, columns in asking.schema():
                writer.writerows([table, name, kind] for name, kind in columns)
            return
        asked = query if query is not None else sys.stdin.read()
        answer = services.ask(asked, None, limits=services.Limits(rows, seconds, memory))
    except services.NoMarts:
        raise click.ClickException("nothing has been exported yet: entrepot marts") from None
    except services.QueryRefused as error:
        raise click.ClickException(f"refused: {error}") from None
    except services.QueryStopped as error:
        raise click.ClickException(f"stopped: {error}") from None
    writer.writerow([name for name, _kind in answer.columns])
    writer.writerows(answer.rows)
    if answer.is_cut:
        click.echo(f"only the first {rows:,} rows; more with --rows", err=True)
