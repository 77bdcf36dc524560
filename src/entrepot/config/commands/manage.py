"""`entrepot manage`: Django's own commands."""

import click

from entrepot.config.commands._setup import start_django


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a command of Django's (shell, makemigrations, createsuperuser …)."""
    start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["entrepot manage", *arguments])
