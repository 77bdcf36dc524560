"""Deliveries of webhooks: queued in the transaction of the events, sent outside of any, tried again by a schedule.

A worker leases what is due, commits, calls, and records what came of it. Killed in between, the lease runs out and
another worker sends the same message under the same id: at least once, never lost.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from entrepot.core import audit
from entrepot.core.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from entrepot.core.secrets import SecretLost, decrypt
from entrepot.core.webhooks.sending import Message, Reply, send

AT_ONCE = 8
LEASE = timedelta(minutes=5)
GONE = 410
State = WebhookDelivery.State
Sender = Callable[[Message], Reply]


@dataclass(frozen=True)
class Schedule:
    """How long to wait after each failed attempt, and how long an endpoint may fail before it is switched off."""

    waits: tuple[timedelta, ...]
    disable_after: timedelta


@lru_cache(maxsize=1)
def schedule() -> Schedule:
    """The schedule that is shipped (`core/data/webhook_retries.csv`)."""
    table = resources.files("entrepot.core") / "data" / "webhook_retries.csv"
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    spans = [(row["rule"], timedelta(seconds=int(row["seconds"]))) for row in rows]
    waits = tuple(span for rule, span in spans if rule == "retry")
    return Schedule(waits, next(span for rule, span in spans if rule == "disable"))


def wants_events() -> bool:
    """Whether any endpoint listens."""
    return WebhookEndpoint.objects.filter(is_active=True).exists()


def queue_events(event_ids: Sequence[int]) -> None:
    """A delivery of each event for every endpoint that wants it; the same event twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [list(event_ids)])
        if cursor.rowcount:
            send_soon()


def send_soon() -> None:
    """Ask a worker to send as soon as this transaction is committed."""
    transaction.on_commit(_ask_worker)


def send_due(sender: Sender = send) -> int:
    """Send what is due, some at a time, until nothing is; how many attempts were made."""
    made = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while leased := _lease():
            messages = [_message(delivery) for delivery in leased]
            for delivery, reply in zip(
                leased, pool.map(lambda one: _try(sender, one), messages), strict=True
            ):
                _record(delivery, reply)
            made += len(leased)
    return made


def _try(sender: Sender, message: Message | None) -> Reply:
    if message is None:
        return Reply(None, "the secret cannot be opened; make a new one")
    return sender(message)


def _lease() -> list[WebhookDelivery]:
    with transaction.atomic(), connection.cursor() as cursor:
        now = timezone.now()
        cursor.execute(_LEASE, [now + LEASE, now, AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    return list(WebhookDelivery.objects.select_related("endpoint").filter(pk__in=ids).order_by("pk"))


def _message(delivery: WebhookDelivery) -> Message | None:
    try:
        secret = decrypt(delivery.endpoint.secret).decode()
    except SecretLost:
        return None
    return Message(delivery.endpoint.url, secret, delivery.message_id, delivery.body)


@transaction.atomic
def _record(delivery: WebhookDelivery, reply: Reply) -> None:
    now, plan = timezone.now(), schedule()
    WebhookAttempt.objects.create(
        delivery=delivery,
        status=reply.status,
        milliseconds=reply.milliseconds,
        error=reply.error[:500],
        answer=reply.answer[:500],
    )
    told: dict[str, Any] = {"last_status": reply.status, "last_error": reply.error[:500]}
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    if reply.is_success:
        told |= {"state": State.SENT, "sent_at": now, "next_at": None}
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
    elif delivery.attempts > len(plan.waits) or reply.status == GONE:
        told |= {"state": State.FAILED, "next_at": None}
    else:
        wait = plan.waits[delivery.attempts - 1]
        told["next_at"] = now + max(wait, timedelta(seconds=reply.retry_after))
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**told)
    if not reply.is_success:
        _note_failure(endpoint, reply, plan)


def _note_failure(endpoint: WebhookEndpoint, reply: Reply, plan: Schedule) -> None:
    now = timezone.now()
    since = endpoint.failing_since or now
    values: dict[str, Any] = {"failing_since": since}
    reason = (
        "it said that it is gone for good (410)"
        if reply.status == GONE
        else f"no success since {since:%Y-%m-%d %H:%M} UTC"
        if now - since >= plan.disable_after
        else ""
    )
    if reason and endpoint.is_active:
        values |= {"is_active": False, "disabled_at": now, "disabled_reason": reason}
        audit.record(None, "integration.webhook_switched_off", f"webhook:{endpoint.pk}", reason=reason)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**values)


def _ask_worker() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task("core.send_webhooks", queueing_lock="core.send_webhooks").defer(timestamp=0)


_QUEUE = """
    INSERT INTO core_webhookdelivery
        (endpoint_id, message_id, event, body, state, attempts, created_at, next_at, last_error)
    SELECT endpoint.id, 'evt_' || event.id, event.name,
        jsonb_build_object('type', event.name, 'timestamp', event.created_at, 'data', event.payload)::text,
        'waiting', 0, now(), now(), ''
    FROM core_outboxevent AS event
    JOIN core_webhookendpoint AS endpoint
        ON endpoint.is_active AND event.created_at >= endpoint.created_at
        AND (endpoint.events = '{}' OR event.name = ANY(endpoint.events))
    WHERE event.id = ANY(%s) ORDER BY event.id
    ON CONFLICT (endpoint_id, message_id) DO NOTHING
"""
_LEASE = """
    UPDATE core_webhookdelivery SET next_at = %s, attempts = attempts + 1
    WHERE id IN (
        SELECT delivery.id FROM core_webhookdelivery AS delivery
        JOIN core_webhookendpoint AS endpoint ON endpoint.id = delivery.endpoint_id AND endpoint.is_active
        WHERE delivery.state = 'waiting' AND delivery.next_at <= %s
        ORDER BY delivery.next_at, delivery.id LIMIT %s FOR UPDATE OF delivery SKIP LOCKED
    ) RETURNING id
"""
