"""The review queue: held orders by reason, released or refused with a note, one by one or together."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Hold, Order
from entrepot.domains.orders.queries import held_orders, hold_reasons
from entrepot.web.templatetags.trade import found, waited, waited_tone
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(db: None) -> dict[int, int]:
    """Two orders of unusual size, one to an embargoed country, one that is fine."""
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 20))
    ids = take_in(tees(1), tees(2, 60), tees(3, 60), tees(4, dest_country="IR"))
    fulfilment.decide_pending()
    return ids


@pytest.fixture
def as_bo(bo: Any, client: Client) -> Client:
    client.force_login(bo)
    return client


def hold_of(order_id: int) -> Hold:
    return Hold.objects.get(order_id=order_id)


def test_reasons_are_counted_and_the_oldest_waits_first(queue: dict[int, int]):
    Hold.objects.filter(order_id=queue[3]).update(opened_at=timezone.now() - timedelta(days=2))

    reasons = {reason.code: reason.orders for reason in hold_reasons()}
    rows, count = held_orders("orders.quantity_unusual", page=1)

    assert reasons == {"orders.quantity_unusual": 2, "customs.embargo": 1}
    assert [row.order.pk for row in rows] == [queue[3], queue[2]]
    assert count.rows == 2


def test_the_page_tells_each_reason_in_words_and_what_to_do(queue: dict[int, int], as_bo: Client):
    shown = as_bo.get("/orders/review/?reason=customs.embargo").content.decode()

    assert "Shipments to this destination are embargoed." in shown
    assert "Cancel the order; an embargo cannot be released." in shown
    assert f"/orders/{queue[4]}/" in shown
    assert f"/orders/{queue[2]}/" not in shown


def test_a_release_with_a_note_puts_the_order_before_the_engine_again(
    queue: dict[int, int], as_bo: Client, bo: Any
):
    hold = hold_of(queue[2])

    as_bo.post("/orders/review/verdict/", {"verdict": "release", "hold": [hold.pk], "note": "known customer"})

    hold.refresh_from_db()
    assert (hold.state, hold.closed_by, hold.note) == ("released", bo, "known customer")
    assert Order.objects.get(pk=queue[2]).state == "new"
    assert Order.objects.get(pk=queue[3]).state == "held"


def test_refusing_cancels_the_order(queue: dict[int, int], as_bo: Client):
    as_bo.post("/orders/review/verdict/", {"one": f"reject:{hold_of(queue[4]).pk}", "note": ""})

    assert Order.objects.get(pk=queue[4]).state == "cancelled"
    assert hold_of(queue[4]).state == "rejected"


def test_many_are_released_together_and_the_view_stays(queue: dict[int, int], as_bo: Client):
    holds = [hold_of(queue[2]).pk, hold_of(queue[3]).pk]
    here = "/orders/review/?reason=orders.quantity_unusual"

    reply = as_bo.post("/orders/review/verdict/", {"verdict": "release", "hold": holds, "next": here})

    assert reply.headers["Location"] == here
    assert not Hold.objects.filter(pk__in=holds, state="open").exists()


def test_what_the_law_forbids_is_not_released(queue: dict[int, int], as_bo: Client):
    holds = [hold_of(queue[2]).pk, hold_of(queue[4]).pk]

    reply = as_bo.post("/orders/review/verdict/", {"verdict": "release", "hold": holds}, follow=True)
    as_bo.post("/orders/bulk/", {"action": "release", "ids": [queue[4]]})

    assert "1 hold cannot be released" in reply.content.decode()
    assert hold_of(queue[2]).state == "released"
    assert hold_of(queue[4]).state == "open"


def test_nothing_chosen_or_nonsense_changes_nothing(queue: dict[int, int], as_bo: Client):
    for data in (
        {},
        {"verdict": "release"},
        {"verdict": "shrug", "hold": [1]},
        {"one": "release:x"},
        {"one": "burn:1"},
    ):
        assert as_bo.post("/orders/review/verdict/", data).status_code == 302

    assert Hold.objects.filter(state="open").count() == 3


def test_a_viewer_may_not_review(queue: dict[int, int], client: Client, make_user: Any):
    client.force_login(make_user("vi", "viewer"))

    assert client.get("/orders/review/").status_code == 403
    assert (
        client.post("/orders/review/verdict/", {"one": f"release:{hold_of(queue[2]).pk}"}).status_code == 403
    )


def test_an_empty_queue_is_good_news(as_bo: Client):
    cache.clear()

    assert "Nothing waits for you" in as_bo.get("/orders/review/").content.decode()


def test_the_clock_turns_from_good_to_bad_within_a_day():
    now = timezone.now()

    assert [waited_tone(now - timedelta(hours=h)) for h in (1, 13, 25)] == ["good", "warn", "bad"]
    assert waited(now - timedelta(minutes=35)) == "35 min"
    assert waited(now - timedelta(hours=30)) == "30 h"
    assert waited(now - timedelta(days=3)) == "3 days"


def test_what_was_found_is_told_in_its_own_unit():
    assert found("-445926", "orders.margin_low") == "\N{MINUS SIGN}44.6\N{NO-BREAK SPACE}%"
    assert found("17", "orders.duplicate") == "order 17"
    assert found("X-1", "catalog.sku_unknown") == "X-1"
