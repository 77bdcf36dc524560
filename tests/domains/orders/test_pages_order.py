"""The page of one order: everything about it, the explanation beside it, and what may be done."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.fulfilment.views.explanation import waterfall_chart
from entrepot.domains.orders.models import Order
from entrepot.domains.orders.queries import order_file
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(db: None) -> dict[int, int]:
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 2))
    ids = take_in(tees(1), tees(2, 2), tees(3, dest_country="IR"))
    fulfilment.decide_pending()
    return ids


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def page(client: Client, order_id: int) -> str:
    reply = client.get(f"/orders/{order_id}/")
    assert reply.status_code == 200
    return reply.content.decode()


def explanation(client: Client, order_id: int) -> str:
    reply = client.get(f"/fulfilment/orders/{order_id}/explanation/")
    assert reply.status_code == 200
    return reply.content.decode()


def test_the_page_shows_what_was_booked(trade: dict[int, int], as_ada: Client):
    shown = page(as_ada, trade[1])
    file = order_file(trade[1])

    assert file is not None
    assert file.order.state == "confirmed"
    for mark in (file.order.number, "TEE", *(parcel.number for parcel in file.shipments)):
        assert mark in shown
    assert file.entries
    assert all(f"/ledger/entries/{entry.pk}/" in shown for entry in file.entries)
    assert next(one.what for one in file.timeline) == "placed"


def test_a_page_takes_a_fixed_number_of_queries(trade: dict[int, int], as_ada: Client):
    counts = []
    for number in (1, 2):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            page(as_ada, trade[number])
        counts.append(len(queries))

    assert max(counts) <= 20


def test_an_operator_without_the_ledger_sees_no_entries(trade: dict[int, int], client: Client, bo: Any):
    client.force_login(bo)

    assert "/ledger/entries/" not in page(client, trade[1])


def test_an_unknown_order_is_not_found(as_ada: Client):
    assert as_ada.get("/orders/999999/").status_code == 404
    assert as_ada.get("/fulfilment/orders/999999/explanation/").status_code == 200


def test_the_explanation_is_identical_to_the_books(trade: dict[int, int], as_ada: Client):
    shown = explanation(as_ada, trade[1])

    assert "identical to what is booked" in shown
    assert Decision.objects.get(order_id=trade[1]).world_hash[:12] in shown
    assert "waterfall-option" in shown
    assert "chosen" in shown


def test_a_changed_book_is_told_apart(trade: dict[int, int], as_ada: Client):
    Decision.objects.filter(order_id=trade[1]).update(profit_base_minor=1)

    shown = explanation(as_ada, trade[1])

    assert "identical to what is booked" not in shown
    assert "profit_base_minor: 1 →" in shown


def test_an_earlier_decision_stays_in_sight(trade: dict[int, int], as_ada: Client, ada: Any):
    assert "Earlier decisions" not in explanation(as_ada, trade[1])
    run = fulfilment.decide_again([trade[1]], ada)
    fulfilment.run_inline(run)

    shown = explanation(as_ada, trade[1])

    assert "Earlier decisions" in shown
    assert "identical to what is booked" in shown


def test_the_explanation_comes_in_chinese_too(trade: dict[int, int], as_ada: Client):
    as_ada.cookies["django_language"] = "zh-hans"

    assert "与已记账结果完全一致" in explanation(as_ada, trade[1])
    assert "从售价到利润" in explanation(as_ada, trade[1])


def test_an_embargo_can_be_refused_but_not_released(trade: dict[int, int], as_ada: Client):
    shown = page(as_ada, trade[3])

    assert 'value="reject"' in shown
    assert 'value="release"' not in shown


def test_an_order_before_its_decision_says_so(as_ada: Client):
    cache.clear()
    found_company()
    ids = take_in(tees(1))

    assert "has not decided this order yet" in explanation(as_ada, ids[1])
    assert Order.objects.get(pk=ids[1]).state == "new"


def test_bars_of_the_waterfall_join_up_and_cross_nought():
    steps = [
        {"key": "revenue", "amount_minor": 1000, "currency": "EUR"},
        {"key": "cogs", "amount_minor": -1500, "currency": "EUR"},
        {"key": "freight", "amount_minor": -200, "currency": "EUR"},
        {"key": "profit", "amount_minor": -700, "currency": "EUR"},
    ]

    gap_up, up, gap_down, down = (
        [part["value"] if isinstance(part, dict) else part for part in series["data"]]
        for series in waterfall_chart(steps)["series"]
    )

    assert gap_up == [0, 0, 0, 0]
    assert up == [10, 10, 0, 0]
    assert gap_down == [0, 0, -5, 0]
    assert down == [0, -5, -2, -7]
