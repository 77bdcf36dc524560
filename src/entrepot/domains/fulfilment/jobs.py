"""Work of the spine that runs outside a request: deciding the orders of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from entrepot.core.models import OutboxEvent
from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import PaperJob, Run
from entrepot.domains.orders import services as orders

QUIET = timedelta(minutes=2)


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
