"""Housekeeping that every installation needs, whatever rooms it uses."""

from procrastinate.contrib.django import app

from entrepot.core import jobboard, outbox, tokens, webhooks

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


@app.periodic(cron="* * * * *")
@app.task(name="core.send_webhooks", queue="webhooks", queueing_lock="core.send_webhooks", pass_context=False)
def send_webhooks(timestamp: int) -> int:
    """Send webhooks that are due; how many attempts were made."""
    return webhooks.send_due()


@app.periodic(cron="17 3 * * *")
@app.task(name="core.tidy_up", queue="events", queueing_lock="core.tidy_up", pass_context=False)
def tidy_up(timestamp: int) -> int:
    """Forget answers of old calls and old log lines of jobs; how many rows."""
    return tokens.forget_old_answers() + jobboard.forget_old_logs()
