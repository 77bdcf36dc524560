"""Work of the spine that runs outside a request: deciding the orders of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from entrepot.core.audit import Actor
from entrepot.core.models import OutboxEvent
from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import PaperJob, ReplayRun, Run
from entrepot.domains.orders import services as orders

QUIET, AT_ONCE, ADVISED_AT_ONCE = timedelta(minutes=2), 5_000, 500


@app.task(name="fulfilment.work_run", queue="runs", retry=3)
def work_run(run_id: int) -> int:
    """Work on a run until no batch is left; any number of workers may do so at once. How many orders were decided."""
    run = Run.objects.filter(pk=run_id).first()
    return services.work(run) if run else 0


@app.periodic(cron="*/2 * * * *")
@app.task(
    name="fulfilment.adopt_runs", queue="runs", queueing_lock="fulfilment.adopt_runs", pass_context=False
)
def adopt_runs(timestamp: int) -> int:
    """Go on with runs whose workers died or were restarted; how many orders were decided."""
    return sum(work_run(run_id) for run_id in services.abandoned_runs(QUIET))


@app.task(name="fulfilment.print_papers", queue="runs", retry=2)
def print_papers(job_id: int) -> str:
    """Print the papers of a job; the state it ends in."""
    job = PaperJob.objects.filter(pk=job_id).first()
    if job is None:
        return "gone"
    try:
        return services.carry_out_papers(job).state
    except Exception as error:
        services.fail_papers(job, error)
        raise


def decide_released(happened: Sequence[OutboxEvent]) -> None:
    """Listener: orders that a person released are decided by the next free worker; those decided already are left."""
    waiting = orders.pending_ids(only=[event.payload["order_id"] for event in happened])
    if waiting:
        run_id = services.start_run(waiting).pk
        transaction.on_commit(lambda: work_run.defer(run_id=run_id))


@app.task(name="fulfilment.work_replay", queue="runs", retry=3)
def work_replay(run_id: int) -> int:
    """Work on a replay until no part is left; any number of workers may do so. How many orders were replayed."""
    run = ReplayRun.objects.filter(pk=run_id).first()
    return services.replay_side_by_side(run, services.workers_for(run)) if run else 0


def set_to_work(run: ReplayRun) -> None:
    """A few orders with their ways as they were are replayed at once; more is left to the workers."""
    if run.total <= AT_ONCE and run.reading == ReplayRun.Reading.FROZEN:
        services.work_replay(run)
    else:
        transaction.on_commit(lambda: work_replay.defer(run_id=run.pk))


@app.task(name="fulfilment.advise", queue="runs", retry=1)
def work_advice(run_id: int) -> int:
    """Work out proposals for a replay; how many help."""
    run = ReplayRun.objects.select_related("advised_by").filter(pk=run_id).first()
    return services.work_advice(run) if run else 0


def set_to_advise(run: ReplayRun, actor: Actor) -> None:
    """Proposals for a replay of few orders are worked out at once, for more by the workers."""
    if not services.start_advice(run, actor):
        return
    if run.total <= ADVISED_AT_ONCE:
        services.work_advice(run)
    else:
        transaction.on_commit(lambda: work_advice.defer(run_id=run.pk))


@app.periodic(cron="*/2 * * * *")
@app.task(
    name="fulfilment.adopt_replays",
    queue="runs",
    queueing_lock="fulfilment.adopt_replays",
    pass_context=False,
)
def adopt_replays(timestamp: int) -> int:
    """Go on with replays whose workers died or were restarted; how many orders were replayed."""
    for run in services.abandoned_advice():
        if services.start_advice(run, run.advised_by):
            services.work_advice(run)
    return sum(work_replay(run_id) for run_id in services.abandoned_replays(QUIET))
