"""Run pages: start, watch, stop, go on; a handful of orders at once, more by the workers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Batch, Run
from entrepot.domains.fulfilment.views import runs
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(db: None) -> dict[int, int]:
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 10))
    return take_in(*(tees(n) for n in range(1, 6)))


@pytest.fixture
def as_bo(bo: Any, client: Client) -> Client:
    client.force_login(bo)
    return client


def test_a_few_waiting_orders_are_decided_at_once(waiting: dict[int, int], as_bo: Client):
    assert "5 orders wait for a decision" in as_bo.get("/fulfilment/").content.decode()

    reply = as_bo.post("/fulfilment/start/")

    run = Run.objects.get()
    assert reply.headers["Location"] == f"/fulfilment/runs/{run.pk}/"
    assert (run.state, run.total, run.done) == ("done", 5, 5)
    assert set(Order.objects.values_list("state", flat=True)) == {"confirmed"}


def test_many_orders_are_left_to_the_workers(
    waiting: dict[int, int],
    as_bo: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
):
    told = []
    monkeypatch.setattr(runs, "AT_ONCE", 2)
    monkeypatch.setattr(runs.jobs.work_run, "defer", lambda **given: told.append(given))

    with django_capture_on_commit_callbacks(execute=True):
        as_bo.post("/fulfilment/start/")

    assert told == [{"run_id": Run.objects.get().pk}]
    assert Run.objects.get().state == "running"
    assert set(Order.objects.values_list("state", flat=True)) == {"new"}


def test_progress_is_asked_for_only_while_the_run_works(waiting: dict[int, int], as_bo: Client):
    run = services.start_run()

    assert b"every 2s" in as_bo.get(f"/fulfilment/runs/{run.pk}/progress/").content
    services.run_inline(run)
    shown = as_bo.get(f"/fulfilment/runs/{run.pk}/progress/").content
    assert b"every 2s" not in shown
    assert b"<html" not in shown


def test_a_stopped_run_goes_on_where_it_stood(waiting: dict[int, int], as_bo: Client):
    run = services.start_run(batch_size=2)
    services.work(run, limit=1)

    as_bo.post(f"/fulfilment/runs/{run.pk}/stop/")
    run.refresh_from_db()
    assert (run.state, run.done) == ("stopped", 2)

    as_bo.post(f"/fulfilment/runs/{run.pk}/resume/")
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 5)
    assert not Batch.objects.exclude(state="done").exists()


def test_the_run_page_names_the_world_it_decided_by(waiting: dict[int, int], as_bo: Client):
    as_bo.post("/fulfilment/start/")
    batch = Batch.objects.get()

    assert batch.world_hash[:12] in as_bo.get(f"/fulfilment/runs/{batch.run_id}/").content.decode()
    assert as_bo.get("/fulfilment/runs/999999/").status_code == 404


def test_a_viewer_watches_but_does_not_start(waiting: dict[int, int], client: Client, make_user: Any):
    client.force_login(make_user("vi", "viewer"))
    run = services.start_run()

    assert client.get(f"/fulfilment/runs/{run.pk}/").status_code == 200
    for address in ("start/", "decide/", f"runs/{run.pk}/stop/", f"runs/{run.pk}/resume/"):
        assert client.post(f"/fulfilment/{address}").status_code == 403
    assert Run.objects.count() == 1


def test_orders_that_have_left_are_not_decided_again(waiting: dict[int, int], as_bo: Client):
    services.decide_pending()
    Order.objects.update(state="delivered")

    reply = as_bo.post("/fulfilment/decide/", {"ids": list(waiting.values())}, follow=True)

    assert "None of these orders can be decided again" in reply.content.decode()
    assert set(Order.objects.values_list("state", flat=True)) == {"delivered"}
