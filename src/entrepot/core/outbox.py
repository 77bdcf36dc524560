"""Events: written in the transaction that made them true, delivered to their listeners at least once.

A listener gets a list of events of one name and must bear getting one twice. Listeners are wired in `config/wiring.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from entrepot.core.models import OutboxEvent

Listener = Callable[[Sequence[OutboxEvent]], None]


@dataclass(frozen=True)
class Tap:
    """Somebody who hears of events of every name, by their ids, in the transaction that marks them as delivered."""

    is_open: Callable[[], bool]
    take: Callable[[Sequence[int]], None]


MAX_ATTEMPTS = 8

_listeners: dict[str, list[Listener]] = {}
_taps: list[Tap] = []


def subscribe(name: str, listener: Listener) -> None:
    """Let a listener hear every event of a name; wiring the same one twice changes nothing."""
    known = _listeners.setdefault(name, [])
    if listener not in known:
        known.append(listener)


def tap(is_open: Callable[[], bool], take: Callable[[Sequence[int]], None]) -> None:
    """Let somebody hear of all events as long as `is_open` says so; wiring the same one twice changes nothing."""
    if Tap(is_open, take) not in _taps:
        _taps.append(Tap(is_open, take))


def emit(name: str, payload: dict[str, Any]) -> None:
    """Write one event."""
    OutboxEvent.objects.create(name=name, payload=payload)


def emit_many(name: str, payloads: Iterable[dict[str, Any]]) -> None:
    """Write many events of one name in one statement."""
    OutboxEvent.objects.bulk_create(
        (OutboxEvent(name=name, payload=payload) for payload in payloads), batch_size=5_000
    )


def emit_for(name: str, key: str, ids: Sequence[int]) -> None:
    """Write one event per id, with the payload `{key: id}`, without making objects of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outboxevent (name, payload, created_at, attempts, error) "
            "SELECT %s, jsonb_build_object(%s::text, id), now(), 0, '' FROM unnest(%s::bigint[]) AS id",
            [name, key, list(ids)],
        )


def deliver_soon() -> None:
    """Ask a worker to deliver as soon as this transaction is committed, for what a person waits for."""
    transaction.on_commit(_ask_worker)


def deliver(limit: int = 1_000) -> int:
    """Deliver the oldest pending events; how many were taken. Several workers never take the same one.

    Events that nobody listens to are done with at once.
    """
    with transaction.atomic():
        taps = [one for one in _taps if one.is_open()]
        passed = _pass_over(tell=bool(taps))
        pending = OutboxEvent.objects.select_for_update(skip_locked=True).filter(
            delivered_at=None, attempts__lt=MAX_ATTEMPTS
        )
        events = list(pending.order_by("id")[:limit])
        for one in taps:
            one.take([*passed, *(event.pk for event in events)])
        for name, group in groupby(
            sorted(events, key=lambda event: (event.name, event.pk)), lambda event: event.name
        ):
            _deliver_group(name, list(group))
    return len(events)


def _ask_worker() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task("core.deliver_events", queueing_lock="core.deliver_events").defer(timestamp=0)


def _pass_over(*, tell: bool) -> list[int]:
    """Events that nobody listens to by name are done with; their ids if somebody wants to hear of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_outboxevent SET delivered_at = now() WHERE delivered_at IS NULL AND name <> ALL(%s)"
            + (" RETURNING id" if tell else ""),
            [sorted(_listeners)],
        )
        return [row[0] for row in cursor.fetchall()] if tell else []


def _deliver_group(name: str, events: list[OutboxEvent]) -> None:
    ids = [event.pk for event in events]
    try:
        with transaction.atomic():
            for listener in _listeners.get(name, ()):
                listener(events)
    except Exception as error:  # noqa: BLE001  # a listener's fault must not stop the others' events
        for event in events:
            event.attempts += 1
            event.error = f"{type(error).__name__}: {error}"[:500]
        OutboxEvent.objects.bulk_update(events, ["attempts", "error"], batch_size=1_000)
    else:
        OutboxEvent.objects.filter(pk__in=ids).update(delivered_at=timezone.now())
