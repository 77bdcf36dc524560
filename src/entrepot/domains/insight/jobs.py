"""Work of the room that runs outside a request: exporting the marts."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from entrepot.domains.insight import services
from entrepot.domains.insight.models import MartRun

QUIET = timedelta(minutes=15)


@app.task(name="insight.export_marts", queue="runs", queueing_lock="insight.export_marts", retry=2)
def export_marts(run_id: int) -> str:
    """Carry out an export of the marts; the state it ends in."""
    run = MartRun.objects.filter(pk=run_id).first()
    if run is None or run.state != MartRun.State.RUNNING:
        return run.state if run else "gone"
    try:
        return services.export_marts(run).state
    except services.ExportBusy:
        return "busy"


@app.periodic(cron="7 * * * *")
@app.task(
    name="insight.refresh_marts", queue="runs", queueing_lock="insight.refresh_marts", pass_context=False
)
def refresh_marts(timestamp: int) -> str:
    """Bring the marts up to date every hour; an export whose worker died is taken up again."""
    left = services.abandoned_exports(QUIET)
    return export_marts(left[-1].pk if left else services.start_export().pk)


def set_to_export(run: MartRun) -> None:
    """Let a worker carry the export out once what is being written now is committed."""

    def ask() -> None:
        with suppress(AlreadyEnqueued):
            export_marts.defer(run_id=run.pk)

    transaction.on_commit(ask)
