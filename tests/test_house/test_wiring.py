"""Events reach their listeners, and jobs are found by the worker."""

import pytest
from procrastinate.contrib.django import app

from entrepot.config import wiring
from entrepot.core import jobs, outbox


@pytest.fixture
def heard(monkeypatch):
    """A listener of a test's own event."""
    events = []
    monkeypatch.setattr(outbox, "_listeners", {})
    outbox.subscribe("tests.happened", lambda batch: events.extend(event.payload for event in batch))
    return events


def test_every_wired_listener_exists():
    for paths in wiring.LISTENERS.values():
        for path in paths:
            assert callable(wiring._resolve(path))


def test_wiring_subscribes_each_listener_once(monkeypatch):
    monkeypatch.setattr(outbox, "_listeners", {})
    monkeypatch.setattr(wiring, "LISTENERS", {"tests.happened": ("entrepot.core.outbox.deliver",)})

    wiring.connect()
    wiring.connect()

    assert outbox._listeners == {"tests.happened": [outbox.deliver]}


def test_delivery_takes_everything_pending(db, heard, monkeypatch):
    monkeypatch.setattr(jobs, "EVENTS_AT_A_TIME", 2)
    outbox.emit_many("tests.happened", [{"n": n} for n in range(5)])

    assert jobs.deliver_events(timestamp=0) == 5
    assert sorted(payload["n"] for payload in heard) == [0, 1, 2, 3, 4]
    assert jobs.deliver_events(timestamp=0) == 0


def test_worker_knows_the_jobs_of_core_and_rooms():
    assert {"core.deliver_events", "fulfilment.work_run"} <= set(app.tasks)
