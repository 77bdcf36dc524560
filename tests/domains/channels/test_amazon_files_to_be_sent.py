"""Amazon's orders to be sent, as XML and as an unpriced table; the lines of pieces in the older settlement."""

import pytest

from entrepot.domains.channels.adapters.tables import FileRefused
from tests.domains.channels.test_marketplace_files import read

REPORT = """<?xml version="1.0"?>
<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion></Header><MessageType>OrderReport</MessageType><Message>
<OrderReport><AmazonOrderID>028-1</AmazonOrderID><OrderDate>2026-03-05T10:00:00-07:00</OrderDate>
<BillingData><BuyerEmailAddress>b@example.org</BuyerEmailAddress><BuyerName>Bea</BuyerName></BillingData>
<FulfillmentData><Address><Name>Nia</Name><City>Berlin</City><StateOrRegion>BE</StateOrRegion>
<PostalCode>10115</PostalCode><CountryCode>DE</CountryCode></Address></FulfillmentData>
<Item><AmazonOrderItemCode>i1</AmazonOrderItemCode><SKU>S1</SKU><Title>Cup</Title><Quantity>2</Quantity><ItemPrice>
<Component><Type>Principal</Type><Amount currency="EUR">10.00</Amount></Component>
<Component><Type>Shipping</Type><Amount currency="EUR">3.49</Amount></Component>
<Component><Type>Tax</Type><Amount currency="EUR">1.00</Amount></Component></ItemPrice>
<ItemFees><Fee><Type>Commission</Type><Amount currency="EUR">-1.50</Amount></Fee></ItemFees>
<Promotion><Component><Type>Principal</Type><Amount currency="EUR">-0.50</Amount></Component>
<Component><Type>Shipping</Type><Amount currency="EUR">-3.49</Amount></Component></Promotion></Item>
<Item><AmazonOrderItemCode>i2</AmazonOrderItemCode><SKU>S2</SKU><Title>Pot</Title><Quantity>1</Quantity>
<ItemPrice><Type>Principal</Type><Amount>5.00</Amount><currency>EUR</currency></ItemPrice></Item>
</OrderReport></Message></AmazonEnvelope>"""
WIDE = [
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "order-item-code",
    "sku",
    "quantity-purchased",
    "posted-date",
    "price-type",
    "price-amount",
    "item-related-fee-type",
    "item-related-fee-amount",
    "other-amount",
]


def test_orders_to_be_sent_as_xml() -> None:
    parsed = read(REPORT)
    (order,) = parsed.orders
    assert (order.external_id, order.country, order.city, order.recipient) == ("028-1", "DE", "Berlin", "Nia")
    assert [(line.sku, line.quantity, line.amount_minor, line.line_id) for line in order.lines] == [
        ("S1", 2, 1_000, "i1"),
        ("S2", 1, 500, "i2"),
    ]
    assert (order.shipping_minor, order.discount_minor, order.tax_minor, order.currency) == (
        349,
        399,
        100,
        "EUR",
    )
    assert order.channel_state == "paid"
    left = {each.column: each.example for each in parsed.leftovers}
    assert left["Message.OrderReport.Item.ItemFees.Fee.Amount"] == "-1.50"


def test_the_line_of_pieces_in_the_older_settlement_is_no_error() -> None:
    def row(**told: str) -> str:
        return "\t".join(told.get(head.replace("-", "_"), "") for head in WIDE)

    about = {"settlement_id": "6", "transaction_type": "Order", "order_id": "112-8", "sku": "C"}
    parsed = read(
        "\n".join(
            [
                "\t".join(WIDE),
                row(settlement_id="6", total_amount="26.99", currency="USD", deposit_date="2015-12-18"),
                row(**about, quantity_purchased="1", posted_date="2015-12-02"),
                row(**about, price_type="Principal", price_amount="27.99"),
                row(**about, item_related_fee_type="Commission", item_related_fee_amount="-1.00"),
                row(**about),
            ]
        )
    )
    assert [(line.outcome, line.reason) for line in parsed.lines] == [
        ("note", "settlement.head"),
        ("note", "settlement.pieces"),
        ("settled", "settlement.sale"),
        ("fee", "settlement.fee"),
        ("rejected", "amount.unreadable"),
    ]
    assert (parsed.settlements[0].sum_minor, parsed.settlements[0].total_minor) == (2_699, 2_699)


def test_orders_to_be_sent_without_prices_say_what_to_take_instead() -> None:
    head = (
        "order-id\torder-item-id\tpurchase-date\tsku\tquantity-purchased\tquantity-shipped\tquantity-to-ship"
    )
    with pytest.raises(FileRefused) as refused:
        read(f"{head}\n111-1\t1\t2026-03-05T10:00:00+00:00\tA\t2\t0\t2\n")
    assert refused.value.code == "file.amazon_unpriced"
