"""What the other rooms answer: goods, stock, shipments, books, quotes, decisions and events."""

from typing import Any

import pytest

from entrepot.domains.fulfilment import jobs
from entrepot.domains.orders.models import Order
from tests.callers import order_body


@pytest.fixture
def ada_calls(ada: Any, call_as: Any) -> Any:
    return call_as(ada)


def test_goods_and_stock_by_code(trade: dict[int, int], ada_calls: Any):
    goods = ada_calls.get("/products", direction="asc").json()["items"]
    stock = ada_calls.get("/stock", sku="TEE").json()["items"]
    moves = ada_calls.get("/stock/moves", kind="sale", limit=1).json()

    assert [(one["product"], one["skus"]) for one in goods] == [("POW", ["POW"]), ("TEE", ["TEE"])]
    assert ada_calls.get("/skus/TEE").json()["cost"] == {"minor": 2500, "currency": "CNY"}
    assert ada_calls.get("/skus/NONE").status_code == 404
    assert stock == [{"sku": "TEE", "warehouse": "RTM", "on_hand": 0}]
    assert [(one["sku"], one["quantity"]) for one in moves["items"]] == [("TEE", -1)]
    assert (
        ada_calls.get("/stock/moves", kind="sale", cursor=moves["next_cursor"]).json()["next_cursor"] is None
    )


def test_stock_of_two_keys_comes_in_pages(company: None, ada_calls: Any):
    from tests.company import stock

    stock(("RTM", "TEE", 1), ("SZX", "TEE", 2), ("SZX", "POW", 3))
    seen, cursor = [], ""
    while cursor is not None:
        page = ada_calls.get("/stock", limit=1, cursor=cursor, direction="asc").json()
        seen += [(row["sku"], row["warehouse"]) for row in page["items"]]
        cursor = page["next_cursor"]

    assert seen == [("POW", "SZX"), ("TEE", "RTM"), ("TEE", "SZX")]
    for wrong in ("x", "WzFd", ada_calls.get("/skus", limit=1).json()["next_cursor"]):
        assert ada_calls.get("/stock", cursor=wrong).status_code == 422


def test_shipments_and_books_follow_the_decisions(trade: dict[int, int], ada_calls: Any):
    shipments = ada_calls.get("/shipments").json()["items"]
    entries = ada_calls.get("/ledger/entries", kind="order").json()["items"]
    balances = ada_calls.get("/ledger/balances").json()

    assert len(shipments) == len(entries) == 2
    assert ada_calls.get(f"/shipments/{shipments[0]['id']}").json() == shipments[0]
    for entry in entries:
        assert sum(posting["base"]["minor"] for posting in entry["postings"]) == 0
    assert ada_calls.get(f"/ledger/entries/{entries[0]['id']}").json() == entries[0]
    assert balances["is_balanced"] is True


def test_an_order_is_decided_and_explained(company: None, ada_calls: Any):
    from tests.company import stock

    stock(("RTM", "TEE", 5))
    order_id = ada_calls.post("/orders", order_body("A-1")).json()["id"]
    assert ada_calls.get(f"/orders/{order_id}/decision").json()["code"] == "not_decided"

    run = ada_calls.post("/runs", {"order_ids": [order_id]})
    assert (run.status_code, run.json()["total"]) == (202, 1)
    jobs.work_run(run.json()["id"])

    assert ada_calls.get(f"/runs/{run.json()['id']}").json()["state"] == "done"
    decision = ada_calls.get(f"/orders/{order_id}/decision").json()
    told = ada_calls.get(f"/orders/{order_id}/explanation").json()
    assert decision["status"] == Order.objects.get().state == "confirmed"
    assert told["is_identical"] is True
    assert told["waterfall"][-1]["amount_minor"] == decision["profit"]["minor"]
    assert {"lanes", "services"} <= {rule["table"] for rule in told["rules"]}


def test_a_quote_adds_up(company: None, ada_calls: Any):
    goods = {"hs_code": "610910", "origin": "CN", "amount_minor": 20_000, "quantity": 10, "weight_g": 180}
    told = ada_calls.post(
        "/quotes",
        {"ship_from": "CN", "dest_country": "DE", "on": "2026-03-09", "currency": "EUR", "lines": [goods]},
    ).json()

    parts = ("goods", "freight", "insurance", "onward", "duty", "additional_duties", "fees", "tax")
    assert told["landed"]["minor"] == sum(told[name]["minor"] for name in parts)
    assert told["rules"]


def test_events_can_be_followed(trade: dict[int, int], ada_calls: Any):
    first = ada_calls.get("/events", name="orders.confirmed", direction="asc", limit=1).json()
    rest = ada_calls.get(
        "/events", name="orders.confirmed", direction="asc", cursor=first["next_cursor"]
    ).json()

    told = [event["payload"]["order_id"] for event in first["items"] + rest["items"]]
    assert told == [trade[1], trade[2]]


def test_a_list_is_taken_away_whole_by_those_who_may(
    trade: dict[int, int], ada: Any, ada_calls: Any, call_as: Any
):
    names = {one["name"] for one in ada_calls.get("/lists").json()}
    file = ada_calls.get("/lists/shipments")

    assert {"shipments", "postings", "order-lines"} <= names
    assert file.headers["Content-Type"].startswith("text/csv")
    assert len(b"".join(file.streaming_content).splitlines()) == 3
    assert ada_calls.get("/lists/moon").status_code == 404
    narrow = call_as(ada, "catalog.view")
    assert narrow.get("/lists/shipments").status_code == 403
    assert {one["scope"] for one in narrow.get("/lists").json()} == {"catalog.view"}
