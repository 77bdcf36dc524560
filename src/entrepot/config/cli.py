"""The `entrepot` command. Each module of `config/commands` adds its own commands; nothing heavy is imported early."""

import importlib
import os
import pkgutil

import click

from entrepot import __version__
from entrepot.config import commands

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")

MODULE_OF = {"import": "importing"}  # a keyword of Python cannot be a module's name
NAME_OF = {module: name for name, module in MODULE_OF.items()}


class Commands(click.Group):
    """Looks a command up in `config/commands/<name>.py`, as its attribute `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (name for _, name, _ in pkgutil.iter_modules(commands.__path__) if name[0] != "_")
        return sorted(NAME_OF.get(name, name).replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = MODULE_OF.get(cmd_name, cmd_name.replace("-", "_"))
        module = importlib.import_module(f"{commands.__name__}.{name}")
        command: click.Command = module.command
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="entrepot")
def main() -> None:
    """Entrepôt (转口港): from an order file to profit, with every figure explained."""


if __name__ == "__main__":
    main()
