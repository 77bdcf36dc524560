"""Orders over the API: in once, out in pages, stopped, released and cancelled."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from entrepot.core.models import IdempotentCall, OutboxEvent
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Customer, Order, OrderLine
from tests.callers import order_body


@pytest.fixture
def ada_calls(ada: Any, call_as: Any) -> Any:
    return call_as(ada)


def test_an_order_comes_in_whole(company: None, ada_calls: Any):
    given = order_body("A-1", shipping_minor=490, buyer={"number": "C7", "name": "Erika", "email": "e@x.de"})

    told = ada_calls.post("/orders", given).json()

    assert told["created"] is True
    assert told["total"] == {"minor": 6490, "currency": "EUR"}
    assert told["lines"] == [
        {
            "line_no": 1,
            "sku": "TEE",
            "description": "",
            "quantity": 2,
            "sent_by_channel": 0,
            "amount": {"minor": 6000, "currency": "EUR"},
        }
    ]
    assert told["placed_at"] == "2026-03-09T08:30:00Z"
    order = Order.objects.get()
    assert (order.source, order.state, order.recipient_name) == ("api", "new", "Erika Muster")
    assert OrderLine.objects.get().unit_price == 30
    assert Customer.objects.get().code == "C7"
    assert ada_calls.get(f"/orders/{order.pk}").json() == {k: v for k, v in told.items() if k != "created"}


def test_the_same_order_ten_times_is_one_order(company: None, ada_calls: Any):
    replies = [ada_calls.post("/orders", order_body("A-1")) for _ in range(10)]

    assert [reply.status_code for reply in replies] == [200] * 10
    assert [reply.json()["created"] for reply in replies] == [True] + [False] * 9
    assert Order.objects.count() == OrderLine.objects.count() == 1
    assert OutboxEvent.objects.filter(name="orders.received").count() == 1


def test_a_known_order_with_other_lines_is_refused(company: None, ada_calls: Any):
    ada_calls.post("/orders", order_body("A-1"))
    other = order_body("A-1", lines=[{"sku": "TEE", "quantity": 3, "amount_minor": 9000}])

    reply = ada_calls.post("/orders", other)

    assert (reply.status_code, reply.json()["code"]) == (409, "order_differs")
    assert OrderLine.objects.get().quantity == 2


def test_the_same_key_gets_the_first_answer(company: None, ada_calls: Any):
    first = ada_calls.post("/orders", order_body("A-1"), key="k")
    again = ada_calls.post("/orders", order_body("A-1"), key="k")
    other = ada_calls.post("/orders", order_body("A-2"), key="k")

    assert again.json() == first.json()
    assert again.json()["created"] is True
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == IdempotentCall.objects.count() == 1


def test_a_call_that_failed_leaves_its_key_free(company: None, ada_calls: Any):
    ada_calls.post("/orders", order_body("A-1"))
    other = order_body("A-1", lines=[{"sku": "TEE", "quantity": 3, "amount_minor": 9000}])

    assert ada_calls.post("/orders", other, key="k").status_code == 409
    assert ada_calls.post("/orders", order_body("A-2"), key="k").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_key_from_eight_sides_at_once_is_one_order(company: None, ada_calls: Any):
    def send(_: int) -> Any:
        try:
            return ada_calls.post("/orders", order_body("A-1"), key="k")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as sides:
        replies = list(sides.map(send, range(8)))

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) <= 2  # JSON of the first, JSON read back by the others
    assert sum("Idempotent-Replayed" in reply.headers for reply in replies) == 7
    assert Order.objects.count() == 1


def test_pages_neither_repeat_nor_hide_an_order(trade: dict[int, int], ada_calls: Any):
    seen, cursor = [], ""
    while cursor is not None:
        page = ada_calls.get("/orders", limit=2, cursor=cursor).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if len(seen) == 2:
            ada_calls.post("/orders", order_body("late"))

    assert seen == sorted(trade.values(), reverse=True)


def test_queries_do_not_grow_with_rows(trade: dict[int, int], ada_calls: Any, django_assert_num_queries: Any):
    ada_calls.get("/orders", limit=1)
    with django_assert_num_queries(4):  # token, count, roles, rows
        ada_calls.get("/orders", limit=1)
    with django_assert_num_queries(4):
        assert len(ada_calls.get("/orders", limit=50).json()["items"]) == 6


def test_filters_narrow_the_list(trade: dict[int, int], ada_calls: Any):
    assert len(ada_calls.get("/orders", state="confirmed").json()["items"]) == 2
    assert ada_calls.get("/orders", country="US").json()["items"] == []
    assert ada_calls.get("/orders", state="lost").status_code == 422


def test_a_held_order_stays_until_released(trade: dict[int, int], ada_calls: Any):
    order_id = next(pk for pk in trade.values() if Order.objects.get(pk=pk).state == "confirmed")

    held = ada_calls.post(f"/orders/{order_id}/hold", {"note": "buyer asked"}).json()

    assert (held["state"], held["holds"]) == ("held", ["orders.held_by_hand"])
    assert held["hold_details"][0]["detail"] == "buyer asked"
    fulfilment.decide_again([order_id], None)
    assert Order.objects.get(pk=order_id).state == "held"

    released = ada_calls.post(f"/orders/{order_id}/release", {"note": "all right"}).json()
    assert (released["state"], released["holds"]) == ("new", [])
    fulfilment.decide_pending()
    assert Order.objects.get(pk=order_id).state == "confirmed"
    assert ada_calls.post(f"/orders/{order_id}/release").json()["code"] == "order_not_held"


def test_cancelling_twice_is_cancelling_once(trade: dict[int, int], ada_calls: Any):
    for _ in range(2):
        assert ada_calls.post(f"/orders/{trade[1]}/cancel", {"note": "n"}).json()["state"] == "cancelled"
    Order.objects.filter(pk=trade[2]).update(state="shipped")

    reply = ada_calls.post(f"/orders/{trade[2]}/cancel")

    assert (reply.status_code, reply.json()["code"]) == (409, "order_has_left")
