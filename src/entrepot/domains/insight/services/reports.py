"""Reports by mail: intents are noted when they are due, claimed one by one, and their fate is noted after sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.roles import permissions_of
from entrepot.domains.insight.models import ReportSend, Subscription
from entrepot.domains.insight.rules.due import last_due, next_attempt

State = ReportSend.State
LOST_AFTER = timedelta(minutes=15)


def plan_reports(now: datetime) -> int:
    """Note what is due: one intent a member and period, however often this is asked; how many are new.

    Only the newest period of a report is planned; a report begins with the first period after it was made or resumed.
    """
    planned = 0
    for report in Subscription.objects.filter(is_active=True).prefetch_related("members").order_by("pk"):
        on, due = last_due(report.every, report.day, report.hour, report.time_zone, now)
        if due >= report.since:
            planned += _intend(report, list(report.members.all()), on.isoformat(), now)
    return planned


@transaction.atomic
def send_now(report: Subscription, user: Any) -> ReportSend:
    """Intend the report for one person out of turn, to look at it."""
    now = timezone.now()
    period = f"now{int(now.timestamp()) % 10_000_000:07}"
    send, _made = ReportSend.objects.get_or_create(
        subscription=report, member_id=user.pk, period=period, defaults={"next_at": now}
    )
    return send


@transaction.atomic
def claim_send(now: datetime) -> ReportSend | None:
    """The next mail to send, marked as being sent: from here on it counts as an attempt, whatever happens."""
    due = ReportSend.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=State.WAITING, next_at__lte=now
    )
    send = due.select_related("subscription", "member").order_by("next_at", "pk").first()
    if send is None:
        return None
    send.state, send.begun_at, send.attempts = State.SENDING, now, send.attempts + 1
    send.save(update_fields=["state", "begun_at", "attempts"])
    return send


def record_sent(send: ReportSend, message_id: str) -> None:
    """The server has taken the mail."""
    _close(send, state=State.SENT, sent_at=timezone.now(), next_at=None, error="", message_id=message_id)


def record_failed(send: ReportSend, error: str) -> None:
    """The mail was not taken: tried again by the schedule, given up at its end."""
    later = next_attempt(send.attempts, timezone.now())
    _close(send, state=State.WAITING if later else State.FAILED, next_at=later, error=error[:500])


def record_unsure(send: ReportSend, error: str) -> None:
    """Nobody knows whether the mail was taken: it is not sent a second time by itself."""
    _close(send, state=State.UNSURE, next_at=None, error=error[:500])


def record_skipped(send: ReportSend, reason: str) -> None:
    """The member gets no mail of this period."""
    _close(send, state=State.SKIPPED, next_at=None, error=reason[:500])


def give_up_lost(now: datetime) -> int:
    """Mails that a worker began and never ended: nobody knows whether they went out; how many."""
    lost = ReportSend.objects.filter(state=State.SENDING, begun_at__lt=now - LOST_AFTER)
    return lost.update(state=State.UNSURE, next_at=None, error="the worker that sent it was stopped")


@transaction.atomic
def send_again(send: ReportSend, actor: Actor) -> bool:
    """Try a mail once more that failed or is unsure; false for any other."""
    found = ReportSend.objects.filter(pk=send.pk, state__in=[State.FAILED, State.UNSURE])
    done = bool(found.update(state=State.WAITING, next_at=timezone.now(), attempts=0))
    if done:
        audit.record(actor, "insight.send_again", f"send:{send.pk}")
    return done


def may_get(user: Any) -> bool:
    """Whether somebody may be sent reports: a member who may see insight and has an address."""
    fresh = User.objects.filter(pk=user.pk, is_active=True).first()
    return bool(fresh and fresh.email and "insight.view" in permissions_of(fresh))


@transaction.atomic
def save_report(report: Subscription, members: Sequence[Any], actor: Actor) -> Subscription:
    """Keep a report and its readers."""
    if report.pk is None:
        report.created_by_id = getattr(actor, "pk", None)
    report.save()
    report.members.set(members)
    audit.record(actor, "insight.save_report", f"report:{report.pk}", name=report.name)
    return report


@transaction.atomic
def pause_report(report: Subscription, actor: Actor, *, is_active: bool) -> None:
    """Pause a report, or resume it: what was due in between is not sent any more."""
    report.is_active, report.since = is_active, timezone.now()
    report.save(update_fields=["is_active", "since"])
    audit.record(
        actor, "insight.resume_report" if is_active else "insight.pause_report", f"report:{report.pk}"
    )


@transaction.atomic
def delete_report(report: Subscription, actor: Actor) -> None:
    """Forget a report with its log."""
    audit.record(actor, "insight.delete_report", f"report:{report.pk}", name=report.name)
    report.delete()


def _intend(report: Subscription, members: Sequence[Any], period: str, now: datetime) -> int:
    known = set(
        ReportSend.objects.filter(subscription=report, period=period).values_list("member_id", flat=True)
    )
    new = [
        ReportSend(subscription=report, member=one, period=period, next_at=now)
        for one in members
        if one.pk not in known
    ]
    ReportSend.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _close(send: ReportSend, **values: Any) -> None:
    ReportSend.objects.filter(pk=send.pk).update(**values)
    for name, value in values.items():
        setattr(send, name, value)
