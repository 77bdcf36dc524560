"""Work of the room that runs outside a request: importing a tariff."""

from __future__ import annotations

from procrastinate.contrib.django import app

from entrepot.domains.customs import services
from entrepot.domains.customs.models import TariffRun


@app.task(name="customs.import_tariff", queue="imports", retry=2)
def import_tariff(run_id: int) -> str:
    """Carry out the import of a tariff file, or go on with it. The state it ends in."""
    run = TariffRun.objects.filter(pk=run_id).first()
    if run is None:
        return "gone"
    try:
        return services.import_tariff(run).state
    except services.TariffBusy:
        return "busy"
    except services.TariffRefused:  # noted on the run; trying again would not help
        return "refused"
