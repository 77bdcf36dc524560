"""`entrepot db`: the embedded PostgreSQL."""

import os
from urllib.parse import quote

import click

from entrepot.config import postgres


@click.group()
def command() -> None:
    """Start, stop or look at the embedded PostgreSQL (unused where DATABASE_URL is set)."""
    if os.environ.get("DATABASE_URL"):
        raise click.ClickException(
            "DATABASE_URL is set: that server is used, there is no embedded one to manage."
        )


@command.command()
def start() -> None:
    """Start it, making the cluster on first use."""
    postgres.ensure()
    _print_status()


@command.command()
def stop() -> None:
    """Stop it; running transactions are rolled back."""
    click.echo("stopped" if postgres.stop() else "was not running")


@command.command()
def status() -> None:
    """Say whether it runs and where it stands."""
    _print_status()


@command.command()
def url() -> None:
    """Print its address for other programs, psql for one."""
    place = postgres.ensure()
    click.echo(
        f"postgresql://{place['USER']}@/{place['NAME']}?host={quote(place['HOST'], safe='/')}&port={place['PORT']}"
    )


def _print_status() -> None:
    for name, value in postgres.status().items():
        click.echo(f"{name:7} {value}")
