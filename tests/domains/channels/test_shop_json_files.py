# ruff: noqa: E501  (orders stand as the shops write them)
"""Orders of shops kept as JSON: with tax in the prices or on top, coupons, fees, refunds; every cell adds up."""

import json
from typing import Any

import pytest

from tests.domains.channels.test_marketplace_files import read


def woo(number: int, **more: Any) -> dict[str, Any]:
    """Two articles of two tax rates, net as the API gives them: 100.00 with 20 % and 50.00 with 10 %."""
    address = {
        "first_name": "",
        "last_name": "",
        "company": "",
        "city": "Wien",
        "postcode": "1010",
        "country": "DE",
    }
    line = {"variation_id": 0, "tax_class": "", "sku": ""}
    return {
        "id": number, "parent_id": 0, "number": f"WC-{number}", "status": "processing", "currency": "EUR",
        "date_created": "2026-03-01T00:30:00", "date_created_gmt": "2026-02-28T23:30:00",
        "date_modified_gmt": "2026-03-02T10:00:00", "prices_include_tax": False, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "10.00", "shipping_tax": "2.00", "total": "187.00",
        "total_tax": "27.00", "customer_id": 0, "billing": {**address, "email": "a@example.com"},
        "shipping": {**address, "country": ""}, "payment_method": "cod", "line_items": [
            {**line, "id": 1, "product_id": 9, "name": "Cup &amp; Saucer", "quantity": 3, "subtotal": "100.00",
             "subtotal_tax": "20.00", "total": "100.00", "total_tax": "20.00"},
            {**line, "id": 2, "product_id": 8, "sku": "BOOK", "name": "Book", "quantity": 1, "subtotal": "50.00",
             "subtotal_tax": "5.00", "total": "50.00", "total_tax": "5.00"},
        ], "shipping_lines": [{"total": "10.00", "total_tax": "2.00"}], "fee_lines": [], "coupon_lines": [],
        "refunds": [], **more,
    }  # fmt: skip


COUPON = {
    "discount_total": "15.00", "discount_tax": "2.50", "total": "169.50", "total_tax": "24.50",
    "coupon_lines": [{"code": "TEN", "discount": "15.00", "discount_tax": "2.50"}],
}  # fmt: skip


def with_coupon(**more: Any) -> dict[str, Any]:
    """Ten percent off both."""
    order = woo(2, **COUPON, **more)
    order["line_items"][0] |= {"total": "90.00", "total_tax": "18.00"}
    order["line_items"][1] |= {"total": "45.00", "total_tax": "4.50"}
    return order


FEES = {
    "fee_lines": [{"name": "Gift wrap", "total": "5.00", "total_tax": "1.00"},
                  {"name": "Loyalty", "total": "-3.00", "total_tax": "-0.60"}],
    "total": "189.40", "total_tax": "27.40",
}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "gross", "figures"),
    [
        (woo(1), False, (15_000, 1_000, 0, 2_700)),
        (woo(1), True, (17_500, 1_200, 0, 2_700)),
        (with_coupon(), False, (15_000, 1_000, 1_500, 2_450)),
        (with_coupon(), True, (17_500, 1_200, 1_750, 2_450)),
        (woo(3, **FEES), False, (15_000, 1_500, 300, 2_740)),
        (woo(3, **FEES), True, (17_500, 1_800, 360, 2_740)),
    ],
)
def test_woocommerce_with_tax_in_the_prices_or_on_top(order: Any, gross: bool, figures: tuple[int, ...]):
    parsed = read(json.dumps([{**order, "prices_include_tax": gross}]))

    found = parsed.orders[0]
    assert (found.goods_minor, found.shipping_minor, found.discount_minor, found.tax_minor) == figures
    assert found.price_includes_tax is gross
    due = found.goods_minor + found.shipping_minor - found.discount_minor + (0 if gross else found.tax_minor)
    assert due * 100 == parsed.file_sums["EUR", "total"]
    assert not any(place == "apart" and amount for (_c, _m, place), amount in parsed.sums.items())
    assert (str(found.placed_on), found.country, found.city, found.lines[0].sku) == (
        "2026-03-01",
        "DE",
        "Wien",
        "9",
    )
    assert found.lines[0].description == "Cup & Saucer"


def test_woocommerce_states_refunds_and_cents_that_do_not_divide():
    thirds = woo(5, prices_include_tax=True, status="completed", refunds=[{"id": 1, "total": "-9.00"}])
    thirds["line_items"] = [{**thirds["line_items"][0], "subtotal": "16.666667", "subtotal_tax": "3.333333",
                             "total": "16.666667", "total_tax": "3.333333"}]  # fmt: skip
    thirds |= {"total": "32.00", "total_tax": "5.33"}
    back = woo(
        6,
        status="refunded",
        date_completed_gmt="2026-03-02T10:00:00",
        refunds=[{"id": 2, "total": "-187.00"}],
    )
    parsed = read(json.dumps([
        thirds, back, woo(7, status="failed"), woo(8, status="on-hold"), woo(9, status="on-hold", payment_method="bacs"),
        {**woo(10), "line_items": [{"id": 1, "quantity": "x"}]}, {**woo(11), "currency": "XXX"}, woo(7, status="failed"),
    ]))  # fmt: skip

    assert [(o.external_id, o.state, o.channel_state) for o in parsed.orders] == [
        ("5", "new", "shipped"), ("6", "new", "returned"), ("7", "pending", "pending"), ("8", "new", "pending"),
        ("9", "pending", "pending"),
    ]  # fmt: skip
    assert (parsed.orders[0].goods_minor, parsed.orders[0].lines[0].unit_price_e4) == (2_000, 66_667)
    assert [(r.order_id, r.amount_minor) for r in parsed.refunds] == [("5", 900), ("6", 18_700)]
    assert [(p.field, p.reason) for p in parsed.problems] == [
        ("quantity", "quantity.unreadable"), ("currency", "currency.unknown"),
    ]  # fmt: skip
    assert [line.outcome for line in parsed.lines].count("duplicate") == 1


def test_shopify_tips_duties_shipping_discounts_and_other_currencies():
    def money(shop: str, shown: str) -> dict[str, Any]:
        return {
            "shop_money": {"amount": shop, "currency_code": "EUR"},
            "presentment_money": {"amount": shown},
        }

    order = {
        "id": 1, "name": "#1", "created_at": "2026-03-01T00:30:00+01:00", "updated_at": "2026-03-01T00:31:00+01:00",
        "currency": "EUR", "presentment_currency": "USD", "taxes_included": True, "total_price": "63.00",
        "total_price_set": money("63.00", "70.00"), "subtotal_price": "50.00", "total_tax": "9.00",
        "total_discounts": "14.90", "total_tip_received": "3.00", "financial_status": "paid", "fulfillment_status": None,
        "total_shipping_price_set": money("4.90", "5.50"), "original_total_duties_set": money("10.00", "11.00"),
        "shipping_lines": [{"price": "4.90", "discounted_price": "0.00"}], "gateway": "paypal",
        "line_items": [{"id": 11, "sku": None, "variant_id": None, "title": "Gift", "name": "Gift", "quantity": 2,
                        "price": "30.00", "total_discount": "10.00"}],
        "shipping_address": None, "billing_address": {"first_name": "", "last_name": "", "name": " ",
                                                      "company": "ACME", "country_code": "FR"},
        "customer": None,
    }  # fmt: skip
    parsed = read(json.dumps(order))

    found = parsed.orders[0]
    assert (found.currency, found.goods_minor, found.shipping_minor, found.discount_minor, found.tax_minor) == (
        "EUR", 6_000, 790, 1_490, 900,
    )  # fmt: skip
    assert (found.country, found.is_business, found.lines[0].sku, found.payment_method) == (
        "FR",
        True,
        "Gift",
        "paypal",
    )
    assert str(found.placed_on) == "2026-03-01"
    assert parsed.sums["EUR", "total", "apart"] == 100_000, (
        "duties are the buyer's, beside what the seller sold"
    )
