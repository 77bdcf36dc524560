"""Work of the room that runs outside a request: importing a file."""

from __future__ import annotations

from procrastinate.contrib.django import app

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ImportRun


@app.task(name="channels.import_file", queue="imports", retry=2)
def import_file(run_id: int) -> str:
    """Carry out an import, or go on with it; two workers are never at the same one. The state it ends in."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or run.state in (ImportRun.State.STOPPED, ImportRun.State.DONE):
        return run.state if run else "gone"
    try:
        return services.import_file(run).state
    except services.ImportBusy:
        return "busy"
    except services.FileRefused:  # noted on the run; trying again would not help
        return "refused"
