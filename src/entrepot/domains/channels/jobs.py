"""Work of the room that runs outside a request: importing a file, exchanging with channels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from entrepot.core.models import OutboxEvent
from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelAccount, ImportRun, SyncRun
from entrepot.domains.channels.services import standing


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


@app.periodic(cron="* * * * *")
@app.task(name="channels.pull_due", queue="channels", queueing_lock="channels.pull_due", pass_context=False)
def pull_due(timestamp: int) -> int:
    """Read the accounts whose time has come, each in a job of its own; how many."""
    runs = services.due_runs()
    for run_id in runs:
        start_pull(run_id)
    return len(runs)


def start_pull(run_id: int) -> None:
    """Let a worker carry the run out, once what is being written now is committed."""
    transaction.on_commit(lambda: pull.defer(run_id=run_id))


@app.task(name="channels.pull", queue="channels", retry=1)
def pull(run_id: int) -> str:
    """Read one stream of an account, or go on with it; the state it ends in."""
    run = SyncRun.objects.select_related("account").filter(pk=run_id).first()
    if run is None:
        return "gone"
    state = services.pull(run).state
    for import_id in services.statements_to_import(run.account):
        start_import(import_id)
    return state


def start_import(run_id: int) -> None:
    """Let a worker import a file that a channel gave."""
    transaction.on_commit(lambda: import_file.defer(run_id=run_id))


@app.periodic(cron="* * * * *")
@app.task(name="channels.push_due", queue="channels", queueing_lock="channels.push_due", pass_context=False)
def push_due(timestamp: int) -> int:
    """Tell channels what waits to be told, each account in a job of its own; how many accounts."""
    accounts = services.waiting_accounts()
    for account_id in accounts:
        start_push(account_id)
    return len(accounts)


def start_push(account_id: int) -> None:
    """Let a worker send an account's messages."""
    transaction.on_commit(lambda: push.defer(account_id=account_id))


@app.task(name="channels.push", queue="channels", retry=1)
def push(account_id: int) -> int:
    """Send an account's messages; how many were heard."""
    account = ChannelAccount.objects.filter(pk=account_id).first()
    return services.send_waiting(account) if account else 0


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="channels.tell_stock", queue="channels", queueing_lock="channels.tell_stock", pass_context=False
)
def tell_stock(timestamp: int) -> int:
    """Write down stock that changed, for the accounts that want it told; how many articles."""
    accounts = ChannelAccount.objects.filter(state=ChannelAccount.State.ACTIVE, settings__push_stock="yes")
    return sum(services.record_stock(account) for account in accounts.order_by("pk"))


@app.periodic(cron="* * * * *")
@app.task(
    name="channels.work_hooks", queue="channels", queueing_lock="channels.work_hooks", pass_context=False
)
def work_hooks(timestamp: int = 0) -> int:
    """Book the orders that messages brought, until none waits; how many messages."""
    total = 0
    while done := services.work_off_hooks():
        total += done
    return total


def tell_shipped(happened: Sequence[OutboxEvent]) -> None:
    """Listener: orders that have left, whole or in part, are told to the channels they came through."""
    services.record_tracking([event.payload["order_id"] for event in happened])


def count_returns_once(happened: Sequence[OutboxEvent]) -> None:
    """Listener: what a channel gave back for orders is not counted beside the return that we booked for it."""
    services.count_returns_once([event.payload["order_id"] for event in happened])


def start_hooks() -> None:
    """Let a worker book what messages brought; one that waits already will do."""
    transaction.on_commit(_work_hooks_soon)


def _work_hooks_soon() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task("channels.work_hooks", queueing_lock="channels.work_hooks").defer(timestamp=0)


@app.periodic(cron="17 4 * * *")
@app.task(
    name="channels.measure_health",
    queue="channels",
    queueing_lock="channels.measure_health",
    pass_context=False,
)
def measure_health(timestamp: int = 0) -> int:
    """Measure how every account stands with its platform; how many figures."""
    return standing.measure_all()
