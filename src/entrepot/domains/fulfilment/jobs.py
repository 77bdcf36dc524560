"""Work of the spine that runs outside a request: deciding the orders of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from entrepot.core.models import OutboxEvent
from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Run
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


def decide_released(happened: Sequence[OutboxEvent]) -> None:
    """Listener: orders that a person released are decided by the next free worker; those decided already are left."""
    waiting = orders.pending_ids(only=[event.payload["order_id"] for event in happened])
    if waiting:
        run_id = services.start_run(waiting).pk
        transaction.on_commit(lambda: work_run.defer(run_id=run_id))
