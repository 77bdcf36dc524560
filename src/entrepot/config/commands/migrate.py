"""`entrepot migrate`: bring the database's tables up to date."""

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.option("-v", "--verbosity", default=1, show_default=True)
def command(verbosity: int) -> None:
    """Bring the database's tables up to date (safe to repeat)."""
    start_django()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=verbosity)
