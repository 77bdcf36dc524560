# ruff: noqa: E501  (rows stand as the platforms write them)
"""Orders of a first file, or of a first reading of Vendure, come in as they stand there: what has left is not sent again."""

import json
from pathlib import Path
from typing import Any

import pytest

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.port import Page
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.vendure.parse import Shop, parse_order
from entrepot.domains.channels.services import taking
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders.models import Order
from entrepot.domains.warehouse.models import StockMove
from tests.company import found_company, stock
from tests.peers import ebay, shopify, woocommerce

pytestmark = pytest.mark.django_db
DAY = "2026-11-19T10:00:00+00:00"
SHOPIFY = (
    "Name,Financial Status,Fulfillment Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Shipping Country,Shipping Name,Id,Cancelled at\n"
)
AMAZON = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tproduct-name\tsku\titem-status\tquantity\tcurrency\t"
    "item-price\tship-country\n"
)
EBAY = (
    "Sales Record Number,Order Number,Buyer Username,Ship To Name,Ship To Country,Item Title,Custom Label,Quantity,"
    "Sold For,Total Price,Sale Date,Paid On Date,Shipped On Date\n"
)
WOO = "order_id,status,order_date,order_currency,item_sku,item_name,item_quantity,item_subtotal,order_total,shipping_country\n"


def shopify_row(number: int, paid: str, sent: str, cancelled: str = "") -> str:
    day = "2026-11-19 11:00:00 +0100"
    return f"#{number},{paid},{sent},EUR,60,60,{day},2,Tee,30.00,TEE,DE,Jo Käufer,{number},{cancelled}\n"


def amazon_row(number: int, state: str, item: str = "Shipped", pieces: int = 2) -> str:
    return f"302-{number}\t{DAY}\t{DAY}\t{state}\tTee\tTEE\t{item}\t{pieces}\tEUR\t60.00\tDE\n"


def ebay_row(number: int, paid: str, sent: str) -> str:
    return (
        f"{number},23-{number},jo,Jo Käufer,Germany,Tee,TEE,2,EUR 30.00,EUR 60.00,19-Nov-26,{paid},{sent}\n"
    )


def woo_row(number: int, state: str) -> str:
    return f"{number},{state},2026-11-19 11:00:00,EUR,TEE,Tee,2,60.00,60.00,DE\n"


FILES = {
    "shopify": (
        SHOPIFY + shopify_row(1, "paid", "unfulfilled") + shopify_row(2, "paid", "fulfilled")
        + shopify_row(3, "refunded", "fulfilled") + shopify_row(4, "refunded", "unfulfilled")
        + shopify_row(5, "paid", "partial") + shopify_row(6, "pending", "unfulfilled")
        + shopify_row(7, "paid", "unfulfilled", "2026-11-20"),
        ["confirmed", "shipped", "returned", "cancelled", "held", "pending", "cancelled"],
    ),
    "amazon": (
        AMAZON + amazon_row(1, "Unshipped", "Unshipped") + amazon_row(2, "Shipped")
        + amazon_row(3, "Shipped - Delivered to Buyer") + amazon_row(4, "Shipped - Returned to Seller")
        + amazon_row(5, "Partially Shipped") + amazon_row(6, "Pending", "Unshipped") + amazon_row(7, "Cancelled", "Cancelled", 0),
        ["confirmed", "shipped", "delivered", "returned", "held", "pending", "cancelled"],
    ),
    "ebay": (
        EBAY + ebay_row(1, "19-Nov-26", "") + ebay_row(2, "19-Nov-26", "20-Nov-26") + ebay_row(3, "", ""),
        ["confirmed", "shipped", "pending"],
    ),
    "woocommerce": (
        WOO + woo_row(1, "wc-processing") + woo_row(2, "wc-completed") + woo_row(3, "wc-refunded")
        + woo_row(4, "wc-cancelled") + woo_row(5, "wc-on-hold") + woo_row(6, "wc-failed"),
        ["confirmed", "shipped", "cancelled", "cancelled", "pending", "pending"],
    ),
}  # fmt: skip
JSON_FILES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "shopify": (
        [
            shopify.message(1), {**shopify.message(2), "fulfillment_status": "fulfilled"},
            {**shopify.message(3), "fulfillment_status": "fulfilled", "financial_status": "refunded"},
            {**shopify.message(4), "financial_status": "refunded"}, {**shopify.message(5), "financial_status": "voided"},
            {**shopify.message(6), "fulfillment_status": "partial"}, {**shopify.message(7), "financial_status": "pending"},
        ],
        ["confirmed", "shipped", "returned", "cancelled", "cancelled", "held", "pending"],
    ),
    "woocommerce": (
        [
            woocommerce.order(1), woocommerce.order(2, status="completed"), woocommerce.order(3, status="refunded"),
            woocommerce.order(4, status="refunded", date_completed_gmt="2026-11-19T12:00:00"),
            woocommerce.order(5, status="failed"),
        ],
        ["confirmed", "shipped", "cancelled", "returned", "pending"],
    ),
    "ebay": (
        [
            ebay.order(1), ebay.order(2, orderFulfillmentStatus="FULFILLED"),
            ebay.order(3, orderFulfillmentStatus="FULFILLED", orderPaymentStatus="FULLY_REFUNDED"),
            ebay.order(4, orderPaymentStatus="FULLY_REFUNDED"), ebay.order(5, orderFulfillmentStatus="IN_PROGRESS"),
        ],
        ["confirmed", "shipped", "returned", "cancelled", "held"],
    ),
}  # fmt: skip


@pytest.fixture
def company_of_tees(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    found_company()
    stock(("RTM", "TEE", 40))


def stands(channel_state_of: list[str]) -> None:
    """Each order stands as it should, and only what is to be sent has taken stock."""
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == channel_state_of
    assert Shipment.objects.count() == channel_state_of.count("confirmed")
    sold = StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)
    assert sum(sold) == -2 * channel_state_of.count("confirmed")


def take(platform: str, content: str) -> None:
    account, _is_new = services.ensure_account(platform, platform, "shop")
    run = services.receive_file("file", f"{platform}.csv", content.encode())
    services.choose_account(run, account)
    assert services.import_file(run).state == "done"


@pytest.mark.parametrize("platform", FILES)
def test_a_first_file_takes_each_order_in_as_it_stands(platform: str, company_of_tees: None):
    content, states = FILES[platform]
    take(platform, content)
    stands(states)


@pytest.mark.parametrize("platform", JSON_FILES)
def test_so_does_a_file_of_the_platforms_own_objects(platform: str, company_of_tees: None):
    orders, states = JSON_FILES[platform]
    take(platform, json.dumps({"orders": orders} if platform != "woocommerce" else orders))
    stands(states)


def vendure(number: int, state: str) -> dict[str, Any]:
    line = {"id": f"{number}1", "quantity": 2, "unitPriceWithTax": 3000, "linePriceWithTax": 6000,
            "productVariant": {"sku": "TEE", "name": "Tee"}}  # fmt: skip
    return {
        "id": str(number), "code": f"V{number}", "state": state, "orderPlacedAt": DAY, "updatedAt": DAY,
        "currencyCode": "EUR", "lines": [line], "shippingWithTax": 590, "totalWithTax": 6590, "total": 5538,
        "shippingAddress": {"fullName": "Jo Käufer", "countryCode": "DE", "city": "Bonn"}, "customer": {"id": str(number)},
    }  # fmt: skip


def test_the_first_reading_of_vendure_does_too(company_of_tees: None):
    account, _is_new = services.ensure_account("vendure", "vendure", "shop")
    shop = Shop("shop", 2, True, MoneyReader({"EUR": 2}))
    states = ("PaymentSettled", "PaymentAuthorized", "Shipped", "PartiallyDelivered", "Delivered", "Cancelled",
              "PartiallyShipped", "ArrangingAdditionalPayment")  # fmt: skip
    orders = [parse_order(vendure(number, state), shop) for number, state in enumerate(states, start=1)]

    taking.take_page(account, Page(orders, [], {}), "vendure-api")
    services.decide_new(account)

    stands(["confirmed", "confirmed", "shipped", "shipped", "delivered", "cancelled", "held", "pending"])
