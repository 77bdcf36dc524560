"""Housekeeping that every installation needs, whatever rooms it uses."""

from procrastinate.contrib.django import app

from entrepot.core import outbox

EVENTS_AT_A_TIME = 1_000


@app.periodic(cron="* * * * *")
@app.task(name="core.deliver_events", queue="events", queueing_lock="core.deliver_events", pass_context=False)
def deliver_events(timestamp: int) -> int:
    """Hand pending events to their listeners until none is left; how many were taken."""
    taken = total = outbox.deliver(EVENTS_AT_A_TIME)
    while taken == EVENTS_AT_A_TIME:
        taken = outbox.deliver(EVENTS_AT_A_TIME)
        total += taken
    return total
