"""Work of the spine that runs outside a request: deciding the orders of a run."""

from __future__ import annotations

from procrastinate.contrib.django import app

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Run


@app.task(name="fulfilment.work_run", queue="runs", retry=3)
def work_run(run_id: int) -> int:
    """Work on a run until no batch is left; any number of workers may do so at once. How many orders were decided."""
    run = Run.objects.filter(pk=run_id).first()
    return services.work(run) if run else 0
