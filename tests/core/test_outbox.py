"""Events live and die with their transaction, reach their listeners, and a faulty listener stops nobody else."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from entrepot.core import audit, outbox
from entrepot.core.models import AuditLog, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    events = []
    monkeypatch.setattr(outbox, "_listeners", {})
    outbox.subscribe("tests.happened", lambda batch: events.extend(event.payload for event in batch))
    return events


def pending():
    return OutboxEvent.objects.filter(delivered_at=None).count()


def test_event_is_undone_with_its_transaction():
    with transaction.atomic():
        outbox.emit("tests.happened", {"n": 1})
        transaction.set_rollback(True)
    assert OutboxEvent.objects.count() == 0


def test_events_by_id_carry_the_id(heard):
    outbox.emit_for("tests.happened", "order_id", [7, 8])
    assert outbox.deliver() == 2
    assert heard == [{"order_id": 7}, {"order_id": 8}]
    assert pending() == 0


def test_events_nobody_listens_to_are_done_with(heard):
    outbox.emit_many("tests.unheard", [{"n": n} for n in range(3)])
    assert outbox.deliver() == 0
    assert pending() == 0


def test_faulty_listener_is_noted_and_stops_nobody_else(heard):
    def faulty(events):
        raise RuntimeError("no such luck")

    outbox.subscribe("tests.broke", faulty)
    outbox.emit("tests.broke", {})
    outbox.emit("tests.happened", {"n": 1})

    outbox.deliver()

    assert heard == [{"n": 1}]
    failed = OutboxEvent.objects.get(name="tests.broke")
    assert (failed.delivered_at, failed.attempts, failed.error) == (None, 1, "RuntimeError: no such luck")


def test_listener_that_never_succeeds_is_given_up(heard, monkeypatch):
    outbox.subscribe("tests.broke", lambda events: 1 / 0)
    outbox.emit("tests.broke", {})
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        outbox.deliver()
    assert OutboxEvent.objects.get().attempts == outbox.MAX_ATTEMPTS


def test_actions_are_logged_with_their_actor(ada):
    audit.record(ada, "orders.cancel", "order:1", note="asked for")
    audit.record_many(AnonymousUser(), "world.change", ["rates:1", "rates:2"])

    logged = list(
        AuditLog.objects.order_by("pk").values_list("actor__username", "room", "action", "object_ref")
    )
    assert logged == [
        ("ada", "orders", "orders.cancel", "order:1"),
        (None, "world", "world.change", "rates:1"),
        (None, "world", "world.change", "rates:2"),
    ]
