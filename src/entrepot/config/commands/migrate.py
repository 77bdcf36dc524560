"""`entrepot migrate`: bring the database up to this version."""

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.option("-v", "--verbosity", default=1, show_default=True)
def command(verbosity: int) -> None:
    """Bring the database's tables and the shipped rules up to this version (safe to repeat; your edits stay)."""
    start_django()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=verbosity)
    from entrepot.config import upgrade
    from entrepot.core.reference import ReferenceDataError

    try:
        done = upgrade.refresh_reference()
    except ReferenceDataError as error:
        raise click.ClickException(str(error)) from error
    if done and verbosity:
        click.echo(upgrade.summary(done))
    upgrade.renew_marts()
