"""What a command needs before it may touch records."""

import os

import click
import django

from entrepot.config import database, postgres


def start_django(*, with_database: bool = True) -> None:
    """Start the database when it is ours, then load the rooms.

    Errors: ClickException for a database that cannot be had, with what to look at.
    """
    try:
        if with_database:
            database.ensure()
        django.setup()
    except (database.AddressError, postgres.PostgresError) as error:
        raise click.ClickException(str(error)) from error
    if with_database and os.environ.get("DATABASE_URL"):
        _reach()
    from entrepot.config import wiring

    wiring.connect()


def _reach() -> None:
    """Refuse a named server that does not answer, or is too old, before anything is begun."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise click.ClickException(
            f"The database that DATABASE_URL names does not answer: {error}\n"
            "Is the server running, and are host, port, user, password and name right?"
        ) from error
    if connection.pg_version < postgres.OLDEST_MAJOR * 10_000:  # type: ignore[attr-defined]
        raise click.ClickException(
            f"The server that DATABASE_URL names is PostgreSQL {connection.pg_version // 10_000};"  # type: ignore[attr-defined]
            f" {postgres.OLDEST_MAJOR} or newer is needed."
        )
