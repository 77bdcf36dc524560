"""`entrepot secrets`: the keys that other systems' credentials are encrypted with."""

import click

from entrepot.config.commands._setup import start_django


@click.group()
def command() -> None:
    """Credentials at rest."""


@command.command()
def reseal() -> None:
    """Encrypt the credentials of all accounts with the first key of ENTREPOT_SECRET_KEYS."""
    start_django()
    from entrepot.domains.channels import services

    click.echo(f"{services.reseal_all()} accounts encrypted with the newest key")
