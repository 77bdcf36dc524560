# ruff: noqa: E501  (elements stand as the platforms write them)
"""Files written as markup: Amazon's reports as XML, workbooks saved as XML, tables of pages."""

import pytest

from entrepot.domains.channels.adapters.tables import FileRefused
from tests.domains.channels.test_marketplace_files import read

SETTLEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">
<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>M_X_1</MerchantIdentifier></Header>
<MessageType>SettlementReport</MessageType>
<Message><MessageID>1</MessageID><SettlementReport>
<SettlementData><AmazonSettlementID>1717</AmazonSettlementID><TotalAmount currency="EUR">42.10</TotalAmount><StartDate>2026-03-01T05:12:33+00:00</StartDate><EndDate>2026-03-15T05:12:33+00:00</EndDate><DepositDate>2026-03-17T05:12:33+00:00</DepositDate></SettlementData>
<Order><AmazonOrderID>302-1</AmazonOrderID><MerchantOrderID/><ShipmentID>D1</ShipmentID><MarketplaceName>Amazon.de</MarketplaceName>
 <ShipmentFees><Fee><Type>FBA transportation fee</Type><Amount currency="EUR">-1.00</Amount></Fee></ShipmentFees>
 <Fulfillment><MerchantFulfillmentID>AFN</MerchantFulfillmentID><PostedDate>2026-03-02T14:23:00+00:00</PostedDate>
  <Item><AmazonOrderItemCode>777</AmazonOrderItemCode><SKU>A</SKU><Quantity>2</Quantity>
   <ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">60.00</Amount></Component><Component><Type>Tax</Type><Amount currency="EUR">11.40</Amount></Component><Component><Type>MarketplaceFacilitatorTax-Principal</Type><Amount currency="EUR">-11.40</Amount></Component></ItemPrice>
   <ItemFees><Fee><Type>Commission</Type><Amount currency="EUR">-9.00</Amount></Fee></ItemFees>
   <Promotion><MerchantPromotionID>p</MerchantPromotionID><Type>Principal</Type><Amount currency="EUR">-2.00</Amount></Promotion>
  </Item></Fulfillment></Order>
<Refund><AmazonOrderID>302-0</AmazonOrderID><AdjustmentID>aj</AdjustmentID><MarketplaceName>Amazon.de</MarketplaceName><Fulfillment><MerchantFulfillmentID>AFN</MerchantFulfillmentID><PostedDate>2026-03-03T14:23:00+00:00</PostedDate>
  <AdjustedItem><AmazonOrderItemCode>776</AmazonOrderItemCode><MerchantAdjustmentItemID/><SKU>B</SKU><ItemPriceAdjustments><Component><Type>Principal</Type><Amount currency="EUR">-20.00</Amount></Component></ItemPriceAdjustments><ItemFeeAdjustments><Fee><Type>RefundCommission</Type><Amount currency="EUR">2.40</Amount></Fee></ItemFeeAdjustments><PromotionAdjustment><Type>Principal</Type><Amount currency="EUR">1.00</Amount></PromotionAdjustment></AdjustedItem></Fulfillment></Refund>
<OtherTransaction><TransactionType>Subscription Fee</TransactionType><TransactionID>t</TransactionID><PostedDate>2026-03-04T00:00:00+00:00</PostedDate><Amount currency="EUR">-39.00</Amount></OtherTransaction>
<OtherTransaction><AmazonOrderID/><TransactionType>WAREHOUSE_DAMAGE</TransactionType><PostedDate>2026-03-04T00:00:00+00:00</PostedDate><Amount currency="EUR">59.70</Amount><OtherTransactionItem><SKU>A</SKU><Quantity>1</Quantity><Amount currency="EUR">59.70</Amount></OtherTransactionItem></OtherTransaction>
<AdvertisingTransactionDetails><TransactionType>Charge</TransactionType><PostedDate>2026-03-05T00:00:00+00:00</PostedDate><InvoiceId>X</InvoiceId><BaseAmount currency="EUR">-8.00</BaseAmount><TaxAmount currency="EUR">-2.00</TaxAmount><TransactionAmount currency="EUR">-10.00</TransactionAmount></AdvertisingTransactionDetails>
<OtherTransaction><TransactionType>Current Reserve Amount</TransactionType><PostedDate>2026-03-05T00:00:00+00:00</PostedDate><Amount currency="EUR">0.00</Amount></OtherTransaction>
</SettlementReport></Message></AmazonEnvelope>
"""
ORDERS = """<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope><MessageType>AllOrdersReport</MessageType>
<Message><Order><AmazonOrderID>302-5</AmazonOrderID><PurchaseDate>2026-03-01T08:00:00+00:00</PurchaseDate><LastUpdatedDate>2026-03-02T08:00:00+00:00</LastUpdatedDate>
<OrderStatus>Shipped</OrderStatus><SalesChannel>Amazon.de</SalesChannel><FulfillmentData><FulfillmentChannel>Amazon</FulfillmentChannel>
<Address><City>Bonn</City><State>NRW</State><PostalCode>53113</PostalCode><Country>DE</Country></Address></FulfillmentData>
<OrderItem><ASIN>B1</ASIN><SKU>A</SKU><ItemStatus>Shipped</ItemStatus><ProductName>Tasse &amp; Teller</ProductName><Quantity>2</Quantity>
<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">60.00</Amount></Component><Component><Type>Shipping</Type><Amount currency="EUR">4.90</Amount></Component></ItemPrice>
<Promotion><PromotionIDs>p</PromotionIDs><ItemPromotionDiscount>5.00</ItemPromotionDiscount></Promotion></OrderItem>
<OrderItem><ASIN>B2</ASIN><SKU>B</SKU><ItemStatus>Shipped</ItemStatus><ProductName>Kanne</ProductName><Quantity>1</Quantity>
<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">20.00</Amount></Component></ItemPrice></OrderItem></Order></Message></AmazonEnvelope>
"""
EBAY = [
    [
        "Sales Record Number",
        "Order Number",
        "Item Title",
        "Custom Label",
        "Quantity",
        "Sold For",
        "Shipping And Handling",
        "Total Price",
        "Sale Date",
    ],
    ["1", "12-1", "Cup", "C", "2", "$10.00", "$5.00", "$25.00", "Mar-05-26"],
]


def test_a_settlement_as_xml_adds_up_line_by_line() -> None:
    parsed = read(SETTLEMENT)
    found = parsed.settlements[0]
    assert (parsed.kind, found.key, found.currency, str(found.paid_on)) == (
        "amazon-settlement", "1717", "EUR", "2026-03-17",
    )  # fmt: skip
    assert (found.total_minor, found.sum_minor) == (4_210, 4_210)
    sums: dict[str, int] = {}
    for row in found.rows:
        sums[row.kind] = sums.get(row.kind, 0) + row.amount_minor
    assert sums == {
        "fee": -5_660,
        "sale": 5_800,
        "tax": 0,
        "refund": -1_900,
        "adjustment": 5_970,
        "reserve": 0,
    }
    assert {row.order_id for row in found.rows} == {"302-1", "302-0", ""}
    assert (len(parsed.lines), parsed.problems) == (14, [])


def test_an_amount_that_cannot_be_read_is_named_and_the_settlement_differs() -> None:
    parsed = read(SETTLEMENT.replace(">-9.00<", ">nine<"))
    assert [(p.row_no, p.field, p.value, p.reason) for p in parsed.problems] == [
        (6, "amount", "nine", "amount.unreadable")
    ]
    assert parsed.settlements[0].sum_minor == 4_210 + 900


def test_all_orders_as_xml_are_those_of_the_flat_file() -> None:
    order = read(ORDERS).orders[0]
    assert (order.external_id, order.currency, order.goods_minor, order.shipping_minor, order.discount_minor) == (
        "302-5", "EUR", 8_000, 490, 500,
    )  # fmt: skip
    assert [(line.sku, line.quantity, line.description) for line in order.lines] == [
        ("A", 2, "Tasse & Teller"),
        ("B", 1, "Kanne"),
    ]
    assert (order.channel_state, order.country, order.postcode) == ("shipped", "DE", "53113")


def workbook(rows: list[list[str]]) -> str:
    cells = ["".join(f"<Cell><Data>{cell}</Data></Cell>" for cell in row) for row in rows]
    body = "".join(f"<Row>{row}</Row>" for row in cells)
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:x" xmlns:ss="urn:y">'
        f'<Worksheet ss:Name="a"><Table>{body}</Table></Worksheet><Worksheet ss:Name="b"><Table/></Worksheet></Workbook>'
    )


def page(rows: list[list[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td><b>{cell}</b></td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><head><style>td {{color: red}}</style></head><body><table><tr><td>x</td></tr></table><table>{body}</table></body></html>"


@pytest.mark.parametrize("write", [workbook, page])
def test_a_spreadsheet_that_is_markup(write: object) -> None:
    parsed = read(write(EBAY))  # type: ignore[operator]
    assert parsed.kind == "ebay-orders"
    assert [(o.external_id, o.goods_minor, o.shipping_minor) for o in parsed.orders] == [("12-1", 2_000, 500)]


def test_broken_hostile_and_foreign_xml_is_refused_with_its_reason() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    for text, code in (
        ("<a><b></a>", "file.xml"), (bomb, "file.xml"), ("<a>" * 500, "file.xml"),
        ("<rss><channel/></rss>", "file.unknown"),
    ):  # fmt: skip
        with pytest.raises(FileRefused) as refused:
            read(text)
        assert refused.value.code == code
