"""What the other rooms answer: goods, stock, shipments, books, quotes, decisions and events."""

from datetime import date
from typing import Any

import pytest

from entrepot.domains.channels.models import ChannelAccount, Settlement, SettlementLine
from entrepot.domains.fulfilment import jobs
from entrepot.domains.orders.models import Order
from tests.callers import order_body
from tests.engine.small import DAY


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


def test_a_sku_is_added_once_and_changed_fact_by_fact(company: None, ada_calls: Any):
    new = {"sku": "CAP", "name_en": "Cap", "category": "apparel", "weight_g": 90, "hs_code": "650500",
           "list_price": {"minor": 1990, "currency": "EUR"}}  # fmt: skip
    made = ada_calls.post("/skus", new)
    taken = ada_calls.post("/skus", new)
    changed = ada_calls.post("/skus/CAP", {"weight_g": 95, "name_zh": "帽子", "is_active": False})

    assert made.status_code == 201
    assert (made.json()["product"], made.json()["list_price"]["minor"], made.json()["is_active"]) == (
        "CAP",
        1990,
        True,
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "taken")
    assert changed.json() == {**made.json(), "weight_g": 95, "name_zh": "帽子", "is_active": False}
    assert ada_calls.post("/skus/NONE", {"weight_g": 1}).status_code == 404
    for body in ({"category": "nowhere"}, {"origin": "XX"}, {"weight_g": 0}, {"colour": "red"}):
        assert ada_calls.post("/skus/CAP", body).status_code == 422
    assert ada_calls.get("/skus/CAP").json() == changed.json()


def test_counts_and_changes_are_booked_once_with_their_reason_or_not_at_all(company: None, ada_calls: Any):
    def told(mode: str, *lines: tuple[str, str, int], key: str | None = None) -> Any:
        rows = [{"sku": sku, "warehouse": place, "quantity": n} for sku, place, n in lines]
        return ada_calls.post(
            "/stock/adjustments", {"mode": mode, "reason": "June", "on": str(DAY), "lines": rows}, key=key
        )

    counted = told("count", ("TEE", "RTM", 9), ("POW", "SZX", 4), key="june")
    again = told("count", ("TEE", "RTM", 9), ("POW", "SZX", 4), key="june")
    changed = told("change", ("TEE", "RTM", -2), ("TEE", "RTM", -3))

    assert counted.status_code == 201
    assert [(one["change"], one["on_hand"]) for one in counted.json()["lines"]] == [(9, 9), (4, 4)]
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (counted.json(), "true")
    assert {one["on_hand"] for one in changed.json()["lines"]} == {4}
    moves = ada_calls.get("/stock/moves", kind="adjustment", sku="TEE", direction="asc").json()["items"]
    assert [(one["quantity"], one["note"]) for one in moves] == [(9, "June"), (-2, "June"), (-3, "June")]
    short = told("change", ("POW", "SZX", 5), ("TEE", "RTM", -5))
    assert (short.status_code, short.json()["errors"][0]["field"]) == (409, "body.given.lines.1")
    assert told("count", ("TEE", "RTM", 1), ("TEE", "RTM", 2)).status_code == 422
    assert told("count", ("TEE", "Mars", 1)).json()["code"] == "unknown_goods"
    assert ada_calls.get("/stock", sku="POW").json()["items"][0]["on_hand"] == 4
    assert len(ada_calls.get("/ledger/entries", kind="adjustment").json()["items"]) == 4


def test_settlements_come_with_their_sums_and_lines(company: None, ada_calls: Any):
    account = ChannelAccount.objects.create(name="Amazon DE", platform="amazon", channel="shop")
    paid = Settlement.objects.create(
        account=account, external_id="S1", currency="EUR", total_minor=950, lines_minor=950, state="booked",
        paid_on=date(2026, 3, 9),
    )  # fmt: skip
    for number, (kind, amount, order) in enumerate([("sale", 1000, "A1"), ("fee", -50, "")], start=1):
        SettlementLine.objects.create(
            settlement=paid, line_no=number, kind=kind, amount_minor=amount, external_order=order
        )

    listed = ada_calls.get("/settlements", account="Amazon DE", state="booked", paid_from="2026-03-01").json()
    whole = ada_calls.get(f"/settlements/{paid.pk}").json()
    lines = ada_calls.get(f"/settlements/{paid.pk}/lines", limit=1).json()

    assert [one["number"] for one in listed["items"]] == ["S1"]
    assert ada_calls.get("/settlements", state="open").json()["items"] == []
    assert (whole["total"]["minor"], whole["difference"]["minor"]) == (950, 0)
    assert [(one["kind"], one["amount"]["minor"]) for one in whole["sums"]] == [("sale", 1000), ("fee", -50)]
    rest = ada_calls.get(f"/settlements/{paid.pk}/lines", limit=1, cursor=lines["next_cursor"]).json()
    assert [one["line_no"] for one in lines["items"] + rest["items"]] == [1, 2]
    loose = ada_calls.get(f"/settlements/{paid.pk}/lines", loose="true").json()["items"]
    assert [one["external_order"] for one in loose] == ["A1"]
    assert ada_calls.get("/settlements/999").status_code == 404
