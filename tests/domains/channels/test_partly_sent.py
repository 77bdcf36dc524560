# ruff: noqa: E501  (rows stand as the platforms write them)
"""Orders of which the channel has sent a part: the rest is decided and sent, the money is that of the whole order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.port import Page
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.signed import dialect_of
from entrepot.domains.channels.adapters.vendure import parse as vendure
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.channels.services import taking
from entrepot.domains.channels.services.marketplace import choose_account
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.ledger.models import Entry, Posting
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Order, OrderLine
from entrepot.domains.warehouse.models import StockMove
from tests.domains.channels.peers import pull
from tests.domains.channels.test_arrived_gone_by_file import vendure as vendure_order
from tests.domains.channels.test_connectors import connected
from tests.peers import amazon, ebay, shopify, woocommerce

pytestmark = pytest.mark.django_db
MONEY = MoneyReader({"EUR": 2})


def shopify_asked(pieces: int = 3, left: int | None = 1, **more: Any) -> dict[str, Any]:
    order = shopify.order(1, pieces=pieces, displayFulfillmentStatus="PARTIALLY_FULFILLED", **more)
    order["lineItems"]["nodes"][0] |= {"currentQuantity": pieces, "unfulfilledQuantity": left}
    return order


def shopify_told(left: int | None = 1) -> dict[str, Any]:
    order = {**shopify.message(1, pieces=3), "fulfillment_status": "partial"}
    order["line_items"][0] |= {"current_quantity": 3, "fulfillable_quantity": left}
    return order


def woo(parcel: dict[str, Any]) -> dict[str, Any]:
    meta = [{"key": "_wc_shipment_tracking_items", "value": [{"tracking_number": "X1", **parcel}]}]
    return woocommerce.order(1, pieces=3, status="partial-shipped", meta_data=meta)


def amazon_asked(sent: int | None = 2) -> dict[str, Any]:
    order = amazon.order(1, pieces=3, OrderStatus="PartiallyShipped")
    order["items"][0]["QuantityShipped"] = sent
    return order


def ebay_asked() -> dict[str, Any]:
    """Two lines, of which the larger has been sent."""
    order = ebay.order(1, pieces=3, orderFulfillmentStatus="IN_PROGRESS")
    line = order["lineItems"][0]
    two = {**line, "quantity": 2, "lineItemCost": {"value": "60.0", "currency": "EUR"}}
    one = {**line, "lineItemId": "102", "quantity": 1, "lineItemCost": {"value": "30.0", "currency": "EUR"}}
    order["lineItems"] = [
        {**two, "lineItemFulfillmentStatus": "FULFILLED"}, {**one, "lineItemFulfillmentStatus": "NOT_STARTED"},
    ]  # fmt: skip
    return order


ASKED: dict[str, dict[str, Any]] = {
    "shopify": shopify_asked(),
    "woocommerce": woo({"products_list": [{"product": "93", "item_id": "10", "qty": "2"}]}),
    "amazon": amazon_asked(),
    "ebay": ebay_asked(),
}
UNSAID: dict[str, dict[str, Any]] = {
    "shopify": shopify_asked(left=None),
    "woocommerce": woo({}),
    "amazon": amazon_asked(None),
    "ebay": ebay.order(1, pieces=3, orderFulfillmentStatus="IN_PROGRESS"),
}


def connect(platform: str, order: dict[str, Any], patch: pytest.MonkeyPatch) -> tuple[ChannelAccount, Any]:
    account, mock = connected(platform, patch, [1])
    mock.orders[next(iter(mock.orders))] = order
    return account, mock


def test_only_what_is_left_is_sent_and_the_whole_order_is_booked(monkeypatch: pytest.MonkeyPatch):
    _account, _mock = connect("shopify", shopify_asked(), monkeypatch)

    pull(_account)

    order = Order.objects.get()
    assert (order.state, order.total_minor, order.holds) == ("confirmed", 9_090, [])
    assert list(order.lines.values_list("quantity", "sent")) == [(3, 2)]
    assert list(StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)) == [-1]
    decision = Decision.objects.get()
    assert decision.revenue_minor + decision.tax_sale_minor == 9_090
    assert Shipment.objects.get().weight_g == decision.weight_g
    assert fulfilment.check_explanation(fulfilment.explain_order(order.pk)) == []
    paper = fulfilment.papers_of_order(order.pk)[0]
    assert [(item.quantity, item.net_g) for item in paper.items] == [(1, paper.items[0].net_g)]
    assert paper.items[0].value_minor * 3 - decision.revenue_minor < decision.revenue_minor
    booked = Posting.objects.filter(entry__ref_kind="order", entry__ref_id=order.pk, account__code="1200")
    by_kind = {p.entry.kind: p.base_minor for p in booked.select_related("entry")}
    assert by_kind["order"] == -decision.cogs_base_minor
    assert by_kind["opening"] == decision.cogs_base_minor * 2 // 3, (
        "what we take from the shelf is one of three"
    )


def test_what_was_booked_is_taken_back_as_a_whole(monkeypatch: pytest.MonkeyPatch):
    account, _mock = connect("shopify", shopify_asked(), monkeypatch)
    pull(account)

    orders.cancel_orders([Order.objects.get().pk], None)

    assert sum(StockMove.objects.filter(ref_kind="order").values_list("quantity", flat=True)) == 0
    sums: dict[str, int] = {}
    for posting in Posting.objects.select_related("account"):
        sums[posting.account.code] = sums.get(posting.account.code, 0) + posting.base_minor
    assert set(sums.values()) == {0}
    assert Entry.objects.filter(ref_kind="order").count() == 4


@pytest.mark.parametrize("platform", ASKED)
def test_every_platform_says_what_is_left(platform: str, monkeypatch: pytest.MonkeyPatch):
    account, _mock = connect(platform, ASKED[platform], monkeypatch)

    pull(account)

    assert Order.objects.get().state == "confirmed"
    assert sum(StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)) == -1
    assert sum(OrderLine.objects.values_list("sent", flat=True)) == 2


@pytest.mark.parametrize("platform", UNSAID)
def test_where_the_channel_does_not_say_a_person_decides(platform: str, monkeypatch: pytest.MonkeyPatch):
    account, _mock = connect(platform, UNSAID[platform], monkeypatch)

    pull(account)

    order = Order.objects.get()
    assert (order.state, order.holds) == ("held", ["orders.held_by_hand"])
    assert not StockMove.objects.filter(kind="sale").exists()


def test_an_order_that_waits_here_while_a_part_leaves_there(monkeypatch: pytest.MonkeyPatch):
    account, mock = connect("shopify", shopify.order(1, pieces=3), monkeypatch)
    account.settings["decide"] = "no"
    account.save()
    pull(account)
    assert Order.objects.get().state == "new"
    later = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    mock.orders["gid://shopify/Order/1"] = shopify_asked(updated=later)

    pull(account)
    account.settings["decide"] = "yes"
    services.decide_new(account)

    assert Order.objects.get().state == "confirmed"
    assert list(OrderLine.objects.values_list("quantity", "sent")) == [(3, 2)]
    assert list(StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)) == [-1]


def test_an_order_that_waits_here_is_held_when_nobody_says_what_left(monkeypatch: pytest.MonkeyPatch):
    account, mock = connect("shopify", shopify.order(1, pieces=3), monkeypatch)
    account.settings["decide"] = "no"
    account.save()
    pull(account)
    later = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    mock.orders["gid://shopify/Order/1"] = shopify_asked(left=None, updated=later)

    pull(account)
    account.settings["decide"] = "yes"
    services.decide_new(account)

    assert Order.objects.get().state == "held"


def test_a_confirmed_order_of_which_we_sent_a_part_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    account, mock = connect("shopify", shopify.order(1, pieces=3), monkeypatch)
    pull(account)
    later = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    mock.orders["gid://shopify/Order/1"] = shopify_asked(updated=later)

    pull(account)

    assert (Order.objects.get().state, OrderLine.objects.get().sent) == ("confirmed", 0)
    assert Decision.objects.get().version == 1


def test_all_that_is_left_was_taken_off_the_order(monkeypatch: pytest.MonkeyPatch):
    account, _mock = connect("shopify", shopify_asked(left=0), monkeypatch)

    pull(account)
    services.decide_new(account)

    assert Order.objects.get().state == "shipped"
    assert not StockMove.objects.filter(kind="sale").exists()
    assert Order.objects.get().profit_base_minor is not None


SHOPIFY_CSV = """\
Name,Email,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem fulfillment status,Shipping Name,Shipping City,Shipping Zip,Shipping Country,Id
#1,jo1@example.com,paid,partial,EUR,85.00,5.90,9.72,90.90,5.00,2026-11-19 11:00:00 +0100,2,Tee,30.00,TEE,fulfilled,Jo Käufer,Bonn,'53113,DE,1
#1,jo1@example.com,,,,,,,,,2026-11-19 11:00:00 +0100,1,Tee,30.00,TEE,pending,,,,,
"""
AMAZON_TSV = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tproduct-name\tsku\titem-status\tquantity\tcurrency\titem-price\tship-country\n"
    "302-1\t2026-11-19T10:00:00+00:00\t2026-11-20T10:00:00+00:00\tPartially Shipped\tTee\tTEE\tShipped\t2\tEUR\t60.00\tDE\n"
    "302-1\t2026-11-19T10:00:00+00:00\t2026-11-20T10:00:00+00:00\tPartially Shipped\tTee\tTEE\tUnshipped\t1\tEUR\t30.00\tDE\n"
)
EBAY_CSV = (
    "Sales Record Number,Order Number,Buyer Username,Ship To Name,Ship To Country,Item Number,Item Title,Custom Label,Quantity,Sold For,Total Price,Sale Date,Paid On Date,Shipped On Date\n"
    "7,01-12345-00001,jo,Jo Käufer,Germany,17,Tee,TEE,2,EUR 30.00,EUR 60.00,19-Nov-26,19-Nov-26,20-Nov-26\n"
    "7,01-12345-00001,jo,Jo Käufer,Germany,17,Tee,TEE,1,EUR 30.00,EUR 30.00,19-Nov-26,19-Nov-26,\n"
)
FILES = {"shopify": SHOPIFY_CSV, "amazon": AMAZON_TSV, "ebay": EBAY_CSV}


@pytest.mark.parametrize("platform", FILES)
def test_a_file_says_line_by_line_what_is_left(
    platform: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
):
    settings.MEDIA_ROOT = tmp_path
    account, _mock = connected(platform, monkeypatch, [])
    run = services.receive_file("file", "orders.txt", FILES[platform].encode())
    choose_account(run, account)

    services.import_file(run, decide=True)

    assert Order.objects.get().state == "confirmed"
    assert sorted(OrderLine.objects.values_list("quantity", "sent")) == [(1, 0), (2, 2)]
    assert list(StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)) == [-1]


def test_a_partly_sent_line_of_a_file_is_held_until_the_channel_says_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
):
    settings.MEDIA_ROOT = tmp_path
    account, _mock = connect("shopify", shopify_asked(), monkeypatch)
    content = SHOPIFY_CSV.replace(",2,Tee,30.00,TEE,fulfilled", ",3,Tee,30.00,TEE,partial").splitlines(
        keepends=True
    )[:2]
    run = services.receive_file("file", "orders.csv", "".join(content).encode())
    choose_account(run, account)
    services.import_file(run, decide=True)
    assert Order.objects.get().state == "held"

    pull(account)

    assert Order.objects.get().state == "confirmed"
    assert OrderLine.objects.get().sent == 2


def test_api_message_and_file_tell_the_same_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
):
    settings.MEDIA_ROOT = tmp_path
    account, _mock = connect("shopify", shopify_asked(), monkeypatch)
    hashes = set()
    for way in ("api", "message", "json"):
        if way == "api":
            assert pull(account, decide=False).added == 1
        elif way == "message":
            taking.take_page(
                account, Page([dialect_of("shopify").parse(shopify_told(), MONEY)], [], {}), "hook"
            )
        else:
            run = services.receive_file("file", "o.json", json.dumps({"orders": [shopify_told()]}).encode())
            choose_account(run, account)
            services.import_file(run, decide=False)
        order = Order.objects.get()
        hashes.add((order.content_hash, order.state, *order.lines.values_list("quantity", "sent")))
    assert len(hashes) == 1


def test_the_page_says_what_the_channel_has_sent(monkeypatch: pytest.MonkeyPatch, ada: Any, client: Client):
    account, _mock = connect("shopify", shopify_asked(), monkeypatch)
    pull(account)

    client.force_login(ada)
    page = client.get(f"/orders/{Order.objects.get().pk}/")

    assert "2 of 3 already sent by the channel" in page.content.decode()


@pytest.mark.parametrize("state", ["PartiallyShipped", "PartiallyDelivered"])
def test_vendure_says_what_its_parcels_hold(state: str):
    parcel = {"id": "5", "state": "Delivered", "lines": [{"orderLineId": "11", "quantity": 1}]}
    gone = {"id": "6", "state": "Cancelled", "lines": [{"orderLineId": "11", "quantity": 1}]}
    shop = vendure.Shop("shop", 2, True, MONEY)

    order = vendure.parse_order({**vendure_order(1, state), "fulfillments": [parcel, gone]}, shop)

    assert (order.channel_state, order.lines[0].quantity, order.lines[0].sent) == ("partly_shipped", 2, 1)
