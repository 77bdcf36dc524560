"""One order by API, message and file of each platform: one order with one content, whichever way comes first."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.port import Page
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.signed import dialect_of
from entrepot.domains.channels.models import ChannelAccount, ChannelRefund, DeadLetter
from entrepot.domains.channels.services import taking
from entrepot.domains.channels.services.marketplace import choose_account
from entrepot.domains.ledger.models import Account as LedgerAccount
from entrepot.domains.ledger.models import Entry, PostingRule
from entrepot.domains.orders.models import Order
from tests.domains.channels.peers import pull
from tests.domains.channels.test_connectors import connected
from tests.peers import shopify, woocommerce

pytestmark = pytest.mark.django_db
MONEY = MoneyReader({"EUR": 2})
SHOPIFY_CSV = """\
Name,Email,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Name,Shipping City,Shipping Zip,Shipping Country,Id
#1,jo1@example.com,paid,unfulfilled,EUR,55.00,5.90,9.72,60.90,5.00,2026-11-19 11:00:00 +0100,\
2,Tee,30.00,TEE,Jo Käufer,Bonn,'53113,DE,1
"""
WOO_CSV = """\
order_id,order_number,status,order_date,order_currency,item_sku,item_name,item_quantity,item_subtotal,shipping_total,\
discount_total,tax_total,order_total,shipping_country,shipping_city,shipping_postcode,billing_email
1,1,processing,2026-11-19 11:00:00,EUR,TEE,Tee,2,60.00,5.90,5.00,9.72,60.90,DE,Bonn,53113,jo1@example.com
"""
AMAZON_TSV = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsales-channel\tproduct-name\tsku\tasin\titem-status\t"
    "quantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\titem-promotion-discount\tship-city\t"
    "ship-postal-code\tship-country\n302-0000001-0000001\t2026-11-19T10:00:00+00:00\t2026-11-20T10:00:00+00:00\tUnshipped\t"
    "Amazon.de\tTee\tTEE\tB00TEE\tUnshipped\t2\tEUR\t60,00\t8,78\t5,90\t0,94\t5,00\tBonn\t53113\tDE\n"
)
EBAY_CSV = (
    "Sales Record Number;Order Number;Buyer Username;Ship To Name;Ship To City;Ship To Zip;Ship To Country;Item Number;"
    "Item Title;Custom Label;Quantity;Sold For;Shipping And Handling;Total Price;Sale Date;Paid On Date\n"
    "7;01-12345-00001;jo-buys-1;Jo Käufer;Bonn;53113;Germany;17;Tee;TEE;2;30,00 €;5,90 €;65,90 €;19-Nov-26;19-Nov-26\n"
)
MESSAGES: dict[str, Any] = {"shopify": shopify.message, "woocommerce": woocommerce.order}
FILES: dict[str, dict[str, Callable[[], str]]] = {
    "shopify": {"json": lambda: json.dumps({"orders": [shopify.message(1)]}), "csv": lambda: SHOPIFY_CSV},
    "woocommerce": {"json": lambda: json.dumps([woocommerce.order(1)]), "csv": lambda: WOO_CSV},
    "amazon": {"csv": lambda: AMAZON_TSV},
    "ebay": {"csv": lambda: EBAY_CSV},
}
WAYS = {
    "shopify": ("api", "message", "json", "csv"),
    "woocommerce": ("api", "message", "json", "csv"),
    "amazon": ("api", "csv"),
    "ebay": ("api", "csv"),
}
# eBay's report has no column for what the seller took off: the API's newer version brings it
LACKING = {"ebay": {"csv": ("discount_minor", "total_minor")}}


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def arrive(account: ChannelAccount, way: str) -> None:
    """The order, by one of its ways."""
    platform = account.platform
    if way == "api":
        taking.save_cursor(account, "orders", {})
        assert pull(account, decide=False).state == "done"
    elif way == "message":
        order = dialect_of(platform).parse(MESSAGES[platform](1), MONEY)
        taking.take_page(account, Page([order], [], {}), f"{platform}-hook")
    else:
        run = services.receive_file("file", f"{way}.txt", FILES[platform][way]().encode())
        choose_account(run, account)
        services.import_file(run, decide=False)


def figures() -> dict[str, Any]:
    """What the one order is, in figures and lines."""
    order = Order.objects.get()
    names = (
        "content_hash",
        "goods_minor",
        "shipping_minor",
        "discount_minor",
        "total_minor",
        "currency",
        "dest_country",
    )
    lines = tuple(order.lines.values_list("sku_code", "quantity", "amount_minor", "unit_price"))
    return {**{name: getattr(order, name) for name in names}, "lines": lines}


def everything() -> dict[str, Any]:
    """All that the order holds, but when and how it came."""
    order = Order.objects.values().get()
    for name in ("id", "source", "customer_id", "placed_on", "payment_method"):
        order.pop(name)
    lines = Order.objects.get().lines.values_list(
        "sku_code", "description", "quantity", "amount_minor", "channel_line_id"
    )
    return {**order, "lines": tuple(lines)}


@pytest.mark.parametrize("platform", WAYS)
def test_every_order_of_ways_ends_at_one_order(platform: str, monkeypatch: pytest.MonkeyPatch, folder: None):
    account, _mock = connected(platform, monkeypatch, [1])
    seen, whole, ends = dict[str, dict[str, Any]](), dict[str, dict[str, Any]](), list[dict[str, Any]]()
    for ways in itertools.permutations(WAYS[platform]):
        _forget()
        for number, way in enumerate(ways):
            arrive(account, way)
            if not number:
                seen[way], whole[way] = figures(), everything()
        ends.append(figures())
    lacking = LACKING.get(platform, {})
    for way, found in seen.items():
        assert {name for name in found if found[name] != seen["api"][name]} == set(lacking.get(way, ())), way
    assert all(end == seen["api"] for end in ends)
    assert all(whole[way] == whole["api"] for way in ("message", "json") if way in whole)
    assert not DeadLetter.objects.exists()


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_orderline; DELETE FROM orders_hold; DELETE FROM orders_order")
        cursor.execute("DELETE FROM channels_sourceline; DELETE FROM channels_importrun")


def test_a_refund_is_kept_once_however_it_is_told(monkeypatch: pytest.MonkeyPatch, folder: None):
    account, mock = connected("shopify", monkeypatch, [1])
    refund = {"createdAt": "2026-11-20T09:00:00Z", "totalRefundedSet": {"shopMoney": {"amount": "12.00"}}}
    gone = {"displayFulfillmentStatus": "FULFILLED", "refunds": [refund]}
    for code in ("4100", "1200"):
        LedgerAccount.objects.get_or_create(code=code, defaults={"name_en": code, "kind": "asset"})
    PostingRule.objects.create(leg="channel_refund", debit_id="4100", credit_id="1200")
    mock.orders["gid://shopify/Order/1"] = shopify.order(1, **gone)
    told = {**shopify.message(1), "fulfillment_status": "fulfilled", "refunds": [
        {"id": 5, "created_at": "2026-11-20T10:00:00+01:00", "transactions": [{"kind": "refund", "amount": "12.00"}]}
    ]}  # fmt: skip
    single = {"refund": {**told["refunds"][0], "order_id": 1, "transactions": [
        {"kind": "refund", "amount": "12.00", "currency": "EUR"}]}}  # fmt: skip
    monkeypatch.setitem(MESSAGES, "shopify", lambda _number: told)
    monkeypatch.setitem(FILES["shopify"], "json", lambda: json.dumps({"orders": [told]}))
    monkeypatch.setitem(FILES["shopify"], "single", lambda: json.dumps(single))

    for way in ("api", "message", "json", "single", "api"):
        arrive(account, way)
        services.decide_new(account)

    assert [(row.amount_minor, row.is_booked) for row in ChannelRefund.objects.all()] == [(1_200, True)]
    assert Entry.objects.filter(memo="1").count() == 1
    assert Order.objects.get().state == "shipped"
    back = {**gone, "displayFinancialStatus": "REFUNDED", "updated": "2026-11-21T10:00:00Z"}
    mock.orders["gid://shopify/Order/1"] = shopify.order(1, **back)
    arrive(account, "api")
    assert Order.objects.get().state == "returned", "sent, and given back as a whole"
