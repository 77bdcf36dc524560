# ruff: noqa: E501  (rows stand as the platforms write them)
"""Files whose rows tell of each article whether it has left: the order is what its rows say together."""

from __future__ import annotations

import pytest

from entrepot.domains.channels.adapters.marketplace import ParsedFile, Surroundings, parse_file
from entrepot.domains.channels.rules.incoming import standing_of, tells_the_rest

AROUND = Surroundings({"USD": 2, "SGD": 2}, frozenset({"US", "SG", "FR"}))
LAZADA = "orderItemId;sellerSku;createTime;orderNumber;shippingCountry;paidPrice;unitPrice;shippingFee;itemName;trackingCode;status\n"
WALMART = "PO#\tOrder#\tOrder Date\tCustomer Name\tCity\tState\tZip\tLine#\tStatus\tItem Description\tQty\tSKU\tItem Cost\tShipping Cost\tTax\tTracking Number\n"
EBAY = "Sales Record Number,Order Number,Buyer Username,Ship To Country,Item Number,Item Title,Custom Label,Quantity,Sold For,Discount,Total Price,Sale Date,Paid On Date,Shipped On Date,Refund Amount\n"
ALI = "订单号,订单状态,下单时间,付款时间,产品总金额,物流费用,订单金额,产品信息,SKU,商品数量,收货国家\n"


def read(text: str, currency: str) -> ParsedFile:
    return parse_file(text.encode(), Surroundings(AROUND.minor_units, AROUND.country_codes, currency))


def lazada(states: list[str]) -> str:
    rows = [
        f"{n};TEE;05 Jan 2026 10:00;9001;Singapore;18.00;20.00;0.00;Tee;LX{n};{state}\n"
        for n, state in enumerate(states, start=1)
    ]
    return LAZADA + "".join(rows)


@pytest.mark.parametrize(
    ("states", "seen", "sent"),
    [
        (["delivered", "ready_to_ship"], "partly_shipped", 1),
        (["shipped", "pending"], "partly_shipped", 1),
        (["delivered", "delivered"], "delivered", None),
        (["ready_to_ship", "ready_to_ship"], "paid", None),
        (["delivered", "canceled"], "delivered", None),
    ],
)
def test_pieces_of_lazada_have_states_of_their_own(states: list[str], seen: str, sent: int | None):
    order = read(lazada(states), "SGD").orders[0]

    assert order.channel_state == seen
    assert [line.sent for line in order.lines] == [sent]


def test_walmart_lines_leave_one_by_one():
    rows = (
        "1\t2001\t2026-01-05\tBo\tLA\tCA\t90001\t1\tShipped\tTee\t2\tTEE\t10.00\t0\t1.60\t1Z\n"
        "1\t2001\t2026-01-05\tBo\tLA\tCA\t90001\t2\tAcknowledged\tMug\t1\tMUG\t8.00\t0\t0.64\t\n"
    )

    order = read(WALMART + rows, "USD").orders[0]

    assert (standing_of(order), tells_the_rest(order)) == ("new", True)
    assert [(line.sku, line.left) for line in order.lines] == [("TEE", 0), ("MUG", 1)]


def test_money_the_platform_still_checks_has_not_come():
    rows = "8001,资金未到账,2026-01-05 11:00,,US $20.00,US $3.00,US $23.00,Tee,TEE,2,France\n"

    assert read(ALI + rows, "USD").orders[0].state == "pending"


def test_an_ebay_report_that_tells_discounts_and_refunds():
    rows = (
        "4,02-2,ann,United States,113,Mug,MUG,1,$12.00,($2.00),$10.00,Jan-16-26,Jan-16-26,Jan-17-26,-$10.00\n"
    )

    found = read(EBAY + rows, "USD")

    assert (found.orders[0].goods_minor, found.orders[0].discount_minor) == (1_200, 200)
    assert [(refund.order_id, refund.amount_minor) for refund in found.refunds] == [("02-2", 1_000)]
    assert not found.notes
