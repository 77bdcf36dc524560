"""Work of the room that runs outside a request: exporting the marts, sending reports."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from entrepot.domains.insight import services
from entrepot.domains.insight.forms.reports import due_day, message
from entrepot.domains.insight.models import MartRun, ReportSend

QUIET, MOST_MAILS = timedelta(minutes=15), 500


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


@app.periodic(cron="* * * * *")
@app.task(
    name="insight.send_reports", queue="webhooks", queueing_lock="insight.send_reports", pass_context=False
)
def send_reports(timestamp: int) -> int:
    """Plan the reports that are due and send what waits; how many mails went out."""
    now = timezone.now()
    services.give_up_lost(now)
    services.plan_reports(now)
    sent = 0
    for _turn in range(MOST_MAILS):
        send = services.claim_send(timezone.now())
        if send is None:
            break
        sent += _send(send)
    return sent


def _send(send: ReportSend) -> bool:
    """Send one mail and note its fate: refused mails are tried again, those of unknown fate never by themselves."""
    if not services.may_get(send.member):
        services.record_skipped(send, "no member any more, not allowed to see insight, or without an address")
        return False
    try:
        mail = message(send, due_day(send, timezone.localdate()))
        connection = get_connection()
        connection.open()
    except Exception as error:  # noqa: BLE001  # nothing has gone out yet: noted and tried again
        services.record_failed(send, f"{type(error).__name__}: {error}")
        return False
    try:
        connection.send_messages([mail])
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        services.record_failed(send, f"{type(error).__name__}: {error}")
        return False
    except Exception as error:  # noqa: BLE001  # the line broke after the mail had begun
        services.record_unsure(send, f"{type(error).__name__}: {error}")
        return False
    finally:
        with suppress(Exception):
            connection.close()
    services.record_sent(send, str(mail.extra_headers["Message-ID"]))
    return True
