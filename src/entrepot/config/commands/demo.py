"""`entrepot demo`: the demo company, built, served, and who can sign in to it."""

import os
import sys
import time
from datetime import datetime

import click

from entrepot.config.commands import serve as web
from entrepot.config.commands._setup import start_django

BAR = 32
LINE_EVERY_S = 5.0


@click.command()
@click.option(
    "--orders", default=20_000, show_default=True, help="Orders of the demo's year; millions are fine."
)
@click.option("--seed", default=1, show_default=True, help="The same seed and day give the same company.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the year of orders  [default: today]"
)
@click.option("--reset", is_flag=True, help="Throw away everything in the database and begin anew.")
@click.option("--yes", is_flag=True, help="With --reset: also on the server that DATABASE_URL names.")
@click.option("--no-serve", is_flag=True, help="Build only.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, help="The next free port is taken when it is in use."
)
def command(**options: object) -> None:
    """Build the demo company (a Shenzhen seller, three warehouses, 15 markets) and serve it.

    A second start keeps everything and takes seconds; a build that was cut off goes on.
    """
    begun = time.monotonic()
    start_django()
    if options["reset"]:
        _reset(confirmed=bool(options["yes"]))
    _migrate()
    _build(int(str(options["orders"])), int(str(options["seed"])), options["until"])
    click.echo(f"ready after {time.monotonic() - begun:.0f} s")
    if options["no_serve"]:
        _print_logins()
        return
    _serve(str(options["host"]), int(str(options["port"])))


def _build(orders: int, seed: int, until: object) -> None:
    from entrepot.config import upgrade
    from entrepot.config.demo import build, people
    from entrepot.domains.insight import services as insight

    if build.is_built():
        click.echo("the demo company stands; nothing was changed (--reset begins anew)")
        if done := upgrade.refresh_reference():
            click.echo(upgrade.summary(done))
        if upgrade.renew_marts():
            click.echo("the marts are written anew in the background")
        people.make_people()
        return
    last_day = until.date() if isinstance(until, datetime) else None
    bar = Bar()
    build.build(build.Wish(orders, seed, build.moment(last_day)), bar.tell)
    insight.export_marts(insight.start_export(), lambda done, total, _what: bar.tell("marts", done, total))
    bar.close()


def _serve(host: str, port: int) -> None:
    web.prepare()
    port = web.free_port(host, port)
    web.run_server(host, port, lambda: _announce(host, port))


def _announce(host: str, port: int) -> None:
    click.echo(f"\n{web.address(host, port)}")
    _print_logins()
    click.echo("Ctrl-C stops it.")


def _print_logins() -> None:
    from entrepot.config.demo.people import logins
    from entrepot.config.demo.tables import table

    for name in table("company").iter_rows(named=True):
        click.echo(f"  {name['name_en']} {name['name_zh']}")
    for login in logins():
        click.echo(f"  sign in as {login.username:4} password {login.password}  ({login.role})")
    sys.stdout.flush()


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _reset(*, confirmed: bool) -> None:
    """Empty the database: all tables go, the next step makes them anew."""
    from django.db import connection
    from django.db.utils import OperationalError

    if os.environ.get("DATABASE_URL") and not confirmed:
        raise click.ClickException(
            "--reset would empty the database that DATABASE_URL names; add --yes if you mean it."
        )
    click.echo("throwing the old records away")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '15s'")
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    except OperationalError as error:
        raise click.ClickException(
            f"the records are in use: stop the running server first ({error})"
        ) from error
    finally:
        connection.close()


class Bar:
    """Progress in one line on a terminal, or a line now and then in a log."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.stage = ""
        self.printed_at = 0.0

    def tell(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage has come; a total of 0 has no end to show."""
        text = stage
        if total:
            filled = BAR * done // total
            text = f"[{'█' * filled}{'·' * (BAR - filled)}] {done:,}/{total:,} {stage}"
        now = time.monotonic()
        if self.is_terminal:
            click.echo(f"\r\x1b[2K{text}", nl=False)
        elif stage != self.stage or done == total or now - self.printed_at > LINE_EVERY_S:
            click.echo(text)
            self.printed_at = now
        self.stage = stage
        sys.stdout.flush()

    def close(self) -> None:
        """End the line."""
        if self.is_terminal:
            click.echo()
