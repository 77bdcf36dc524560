"""`entrepot replay`: past orders decided again, and the proof that nothing in them was guessed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from entrepot.config.commands._setup import start_django

DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True)
class Means:
    """Where a replay is worked out: processes here, or a Spark cluster and the folder it sees."""

    workers: int | None
    master: str | None
    folder: Path | None


@click.command()
@click.option("--unchanged", is_flag=True, help="Replay every order in its own world; nothing may differ.")
@click.option("--scenario", type=int, help="Number of a kept scenario to replay.")
@click.option(
    "--reading", type=click.Choice(["frozen", "free", "stocked"]), default="frozen", show_default=True
)
@click.option("--from", "first", type=DAY, help="Orders placed from this day on.")
@click.option("--to", "last", type=DAY, help="Orders placed up to this day.")
@click.option("--market", default="", help="Destination, for example DE.")
@click.option("--channel", default="", help="Channel, for example amazon-us.")
@click.option("--sku", default="", help="Orders with this article.")
@click.option(
    "--workers", type=click.IntRange(1), help="Processes side by side; by default as many as it is worth."
)
@click.option(
    "--spark", "master", help="Work on a Spark cluster: its address, for example spark://host:7077."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="With --spark: where all its machines see the files."
)
def command(
    unchanged: bool, scenario: int | None, reading: str, first: datetime | None, last: datetime | None,
    market: str, channel: str, sku: str, workers: int | None, master: str | None, folder: Path | None,
) -> None:  # fmt: skip
    """Replay past orders: under their own world (--unchanged), or under a scenario."""
    start_django()
    from entrepot.domains.fulfilment.services import Filter

    which = Filter(first.date() if first else None, last.date() if last else None, market, channel, sku)
    if unchanged:
        raise SystemExit(_prove(which))
    if scenario is None:
        raise click.UsageError("Say --unchanged, or --scenario with the number of a kept scenario.")
    _replay(scenario, which, reading, Means(workers, master, folder))


def _prove(which: object) -> int:
    from django.utils import timezone

    from entrepot.core.company import base_currency
    from entrepot.domains.fulfilment import services
    from entrepot.web.formats import money

    begun = timezone.now()
    orders = figures = postings = 0
    names: list[tuple[int, str]] = []
    total = services.orders_to_replay(which, every_state=True)  # type: ignore[arg-type]
    with click.progressbar(length=max(total, 1), label="replayed", show_pos=True) as bar:
        for proof in services.proofs(which):  # type: ignore[arg-type]
            orders, figures, postings = (
                orders + proof.orders, figures + proof.figures_minor, postings + proof.postings_minor,
            )  # fmt: skip
            names += proof.different.rows()
            bar.update(proof.orders)
    seconds = (timezone.now() - begun).total_seconds()
    currency = base_currency()
    click.echo(f"orders replayed            {orders:>16,}")
    click.echo(f"seconds                    {seconds:>16.1f}")
    click.echo(f"difference of decisions    {money(figures, currency):>20}")
    click.echo(f"difference of the ledger   {money(postings, currency):>20}")
    click.echo(f"total absolute difference  {money(figures + postings, currency):>20}")
    for order_id, columns in names[:20]:
        click.echo(f"  order {order_id}: {columns}")
    return 1 if figures or postings or names else 0


def _replay(scenario_id: int, which: object, reading: str, means: Means) -> None:
    from entrepot.domains.fulfilment import queries, services
    from entrepot.engine.scenario import EditError
    from entrepot.web.formats import money

    scenario = queries.scenario_numbered(scenario_id)
    if scenario is None:
        raise click.ClickException(f"There is no scenario {scenario_id}.")
    wish = services.Wish(scenario.name, services.edits_of(scenario.edits), which, reading, scenario)  # type: ignore[arg-type]
    try:
        run = services.start_replay(wish)
    except EditError as error:
        raise click.ClickException(str(error)) from None
    if means.master:
        try:
            services.replay_on_spark(run, means.master, means.folder)
        except services.NoSpark as error:
            raise click.ClickException(str(error)) from None
    else:
        workers = means.workers or services.workers_for(run)
        with click.progressbar(length=max(run.total, 1), label="replayed", show_pos=True) as bar:
            services.replay_side_by_side(run, workers, lambda done, total: bar.update(done - bar.pos))
    if run.state == "failed":
        raise click.ClickException(run.error)
    found = queries.replay_totals(run.pk)
    click.echo(f"replay {run.pk}: {run.total:,} orders, {run.state}")
    click.echo(f"  profit before  {money(found.profit_before, run.currency):>24}")
    for cause, amount in found.causes.items():
        if amount:
            click.echo(f"    {cause:<12} {money(amount, run.currency):>24}")
    click.echo(f"  profit after   {money(found.profit_after, run.currency):>24}")
    click.echo(f"  own world misses the books by {money(run.off_minor, run.currency)}")
