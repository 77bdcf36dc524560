# ruff: noqa: E501  (rows stand as the platforms write them)
"""Files as they come after years, languages and spreadsheets: read whole, or refused row by row with the reason."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from entrepot.domains.channels.adapters.marketplace import Surroundings
from entrepot.domains.channels.adapters.marketplace.values import amount_of, decimal_mark, moment_of
from entrepot.domains.channels.adapters.tables import FileRefused
from tests.domains.channels.test_marketplace_files import AROUND, UNITS, read

SHOPIFY = (
    "Name,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Country,Id\n"
)
SHOPIFY_ROW = "#2,paid,unfulfilled,EUR,30.00,5.90,0,35.90,0,2026-01-02 10:00:00 +0100,1,Cup,30.00,C,DE,2\n"
EBAY = {
    "nl": "Verkooprecordnummer;Bestelnummer;Gebruikersnaam van koper;Objectnummer;Objecttitel;Aangepast label;Aantal;Verkocht voor;"
    "Verzending en verpakking;Totaalprijs;Verkoopdatum;Verzenden naar land\n1;23-1;jan;111;Hoes;H-1;2;€ 1.234,50;€ 4,99;€ 2.473,99;10-mrt-26;Nederland\n",
    "pl": "Numer zapisu sprzedaży;Numer zamówienia;Nazwa użytkownika kupującego;Numer przedmiotu;Tytuł przedmiotu;Etykieta niestandardowa;"
    "Ilość;Sprzedano za;Wysyłka i obsługa;Cena łączna;Data sprzedaży\n1;23-1;jan;111;Etui;H-1;2;1\u00a0234,50 zł;4,99 zł;2\u202f473,99 zł;10-mar-26\n",
    "zh": "销售记录编号,订单编号,买家用户名,物品编号,物品标题,自定义标签,数量,售价,运费和处理费,总价,销售日期,收货国家/地区\n"
    '1,23-1,jan,111,手机壳,H-1,2,"US $1,234.50",US $4.99,"US $2,473.99",2026年3月10日,美国\n',
    "ch": "Verkaufsprotokollnummer;Bestellnummer;Artikelbezeichnung;Bestandseinheit;Anzahl;Verkauft für;Verpackung und Versand;Gesamtbetrag;Verkauft am\n"
    "1;23-1;Hülle;H-1;2;CHF 1’234.50;CHF 4.99;CHF 2’473.99;10.03.2026\n",
}


@pytest.mark.parametrize("language", EBAY)
def test_the_ebay_report_in_further_languages(language: str) -> None:
    around = Surroundings(UNITS | {"PLN": 2, "CHF": 2}, AROUND.country_codes | {"NL"}, "USD")
    content = EBAY[language].encode("gb18030" if language == "zh" else "utf-8")
    parsed = read(content, around)

    order = parsed.orders[0]
    assert (order.goods_minor, order.shipping_minor, order.lines[0].sku) == (246_900, 499, "H-1")
    assert (str(order.placed_on), parsed.problems) == ("2026-03-10", [])
    assert order.currency == {"nl": "EUR", "pl": "PLN", "zh": "USD", "ch": "CHF"}[language]


def test_the_us_report_with_its_tax_and_its_footer() -> None:
    parsed = read(
        "Sales Record Number,Order Number,Buyer Username,Buyer Name,Ship To Country,Item Number,Item Title,Custom Label,Quantity,Sold For,"
        "Shipping And Handling,Seller Collected Tax,eBay Collected Tax,Total Price,Sale Date,Paid On Date\n,,,,,,,,,,,,,,,\n"
        '1001,12-1,bob,,United States,4.05E+11,Cup,,1,"$1,200.00",$5.00,$0.00,$96.40,"$1,301.40",Mar-05-26,Mar-05-26\n'
        '"2","record(s) downloaded, ","from ","Mar-01-26"," to ","Mar-31-26"\nSeller ID : x\n'
    )
    order = parsed.orders[0]
    assert (order.goods_minor, order.shipping_minor, order.lines[0].sku, order.recipient) == (
        120_000,
        500,
        "Cup",
        "",
    )
    assert [line.outcome for line in parsed.lines] == ["order_line", "note", "note"]
    assert not parsed.problems
    assert not any(place == "apart" for (_c, _m, place), amount in parsed.sums.items() if amount)


SETTLEMENT = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\t"
    "amount-type\tamount-description\tamount\tposted-date\tposted-date-time\tsku\tquantity-purchased\n"
    "171\t01.03.2026 05:12:33 UTC\t15.03.2026 05:12:33 UTC\t17.03.2026 05:12:33 UTC\t1.034,50\tEUR\n"
    "171\t\t\t\t\t\tOrder\t302-1\tItemPrice\tPrincipal\t1.234,50\t02.03.2026\t02.03.2026 14:23:00 UTC\tA\t1\n"
    "171\t\t\t\t\t\tOrder\t302-1\tItemFees\tCommission\t-185,18\t02.03.2026\n"
    "171\t\t\t\t\t\tRefund\t302-2\tItemPrice\tPrincipal\t−14,82\t02.03.2026\n"
)
WIDE = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\t"
    "shipment-fee-type\tshipment-fee-amount\torder-fee-type\torder-fee-amount\tposted-date\torder-item-code\tsku\tquantity-purchased\t"
    "price-type\tprice-amount\titem-related-fee-type\titem-related-fee-amount\tmisc-fee-amount\tother-fee-amount\t"
    "other-fee-reason-description\tpromotion-id\tpromotion-type\tpromotion-amount\tdirect-payment-type\tdirect-payment-amount\tother-amount\n"
    "9\t2026-03-01T00:00:00+00:00\t2026-03-15T00:00:00+00:00\t2026-03-17T00:00:00+00:00\t20.50\tUSD" + "\t" * 23 + "\n"
    "9\t\t\t\t\t\tOrder\t111-1\t\t\t\t\t2026-03-02\t1\tA\t1\tPrincipal\t29.99\tCommission\t-4.50" + "\t" * 9 + "\n"
    "9\t\t\t\t\t\tOrder\t111-1\t\t\t\t\t2026-03-02\t1\tA\t\t\t\t\t\t\t\t\tx\tPrincipal\t-2.00\t\t\t\n"
    "9\t\t\t\t\t\tSubscription Fee\t\t\t\t\t\t2026-03-02" + "\t" * 16 + "-2.99\n"
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_european_settlement_adds_up(encoding: str) -> None:
    text = SETTLEMENT.replace("−", "-") if encoding == "cp1252" else SETTLEMENT
    found = read(text.encode(encoding)).settlements[0]
    assert (found.total_minor, found.sum_minor, str(found.start_on), str(found.paid_on)) == (
        103_450, 103_450, "2026-03-01", "2026-03-17",
    )  # fmt: skip
    assert [(row.kind, row.amount_minor) for row in found.rows] == [
        ("sale", 123_450), ("fee", -18_518), ("refund", -1_482),
    ]  # fmt: skip


def test_the_older_settlement_has_a_column_for_each_kind_of_amount() -> None:
    parsed = read(WIDE)
    found = parsed.settlements[0]
    assert (parsed.kind, found.total_minor, found.sum_minor) == ("amazon-settlement-wide", 2_050, 2_050)
    assert [(row.kind, row.amount_minor) for row in found.rows] == [
        ("sale", 2_999), ("fee", -450), ("sale", -200), ("fee", -299),
    ]  # fmt: skip
    assert len(parsed.lines) == 4


AMAZON = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsales-channel\tproduct-name\tsku\titem-status\tquantity\tcurrency\t"
    "item-price\tship-city\tship-country\n"
)


def amazon(
    number: str, name: str = "Cup", city: str = "", channel: str = "Amazon.de", price: str = "5,00"
) -> str:
    day = "2026-03-01T08:00:00+00:00"
    return f"{number}\t{day}\t{day}\tShipped\t{channel}\t{name}\tA\tShipped\t1\tEUR\t{price}\t{city}\tDE\n"


def test_quotation_marks_of_a_flat_file_are_text() -> None:
    parsed = read(
        AMAZON
        + amazon("1", '"Best" cup')
        + amazon("2", '"never closed')
        + amazon("3", '15" Laptop')
        + amazon("4")
    )
    assert [order.lines[0].description for order in parsed.orders] == [
        '"Best" cup',
        '"never closed',
        '15" Laptop',
        "Cup",
    ]
    quoted = read(AMAZON + amazon("1", '"15"" Laptop"') + amazon("2", '"Cup, big"'))
    assert [order.lines[0].description for order in quoted.orders] == ['15" Laptop', "Cup, big"]


def test_what_was_sold_elsewhere_is_no_sale_of_the_marketplace() -> None:
    parsed = read(AMAZON + amazon("1") + amazon("S01-1", channel="Non-Amazon", price=""))
    assert [order.external_id for order in parsed.orders] == ["1"]
    assert [(line.outcome, line.reason) for line in parsed.lines] == [
        ("order_line", "sale"),
        ("note", "order.elsewhere"),
    ]


@pytest.mark.parametrize(
    ("encoding", "city"), [("cp932", "渋谷区"), ("gb18030", "深圳市"), ("big5", "臺北市"), ("cp1252", "Köln")]
)
def test_east_asian_encodings_are_told_apart(encoding: str, city: str) -> None:
    parsed = read((AMAZON + amazon("1", city=city)).encode(encoding))
    assert (parsed.encoding, parsed.orders[0].city) == (encoding, city)


def test_shopify_discounts_on_freight_cut_ids_and_marks_never_closed() -> None:
    free = SHOPIFY_ROW.replace("35.90,0,", "30.00,5.90,")
    cut = SHOPIFY_ROW.replace("#2", "#3").replace(",DE,2", ",DE,5.64E+12")
    open_mark = SHOPIFY_ROW.replace("#2", "#4").replace(",DE,2", ",DE,4").replace("Cup", '"Cup')
    last = SHOPIFY_ROW.replace("#2", "#5").replace(",DE,2", ",DE,5").replace("Cup", '"A ""big""\ncup"')
    parsed = read(SHOPIFY + free + cut + open_mark + last)

    assert [(o.external_id, o.number, o.goods_minor, o.shipping_minor, o.discount_minor) for o in parsed.orders] == [
        ("2", "#2", 3_000, 590, 590), ("#3", "#3", 3_000, 590, 0), ("4", "#4", 3_000, 590, 0), ("5", "#5", 3_000, 590, 0),
    ]  # fmt: skip
    assert parsed.orders[3].lines[0].description == 'A "big"\ncup'
    assert not any(place == "apart" for (_c, _m, place), amount in parsed.sums.items() if amount)


@pytest.mark.parametrize("subtotals", [True, False])
def test_woocommerce_tables_tell_tax_and_discount_twice(subtotals: bool) -> None:
    head = "order_id;status;order_date;order_currency;item_sku;item_name;item_quantity;item_subtotal;item_total;item_tax;shipping_total;shipping_tax_total;tax_total;discount_total;order_total;shipping_country\n"
    rows = [
        f"1;wc-processing;2026-03-01 10:00;EUR;{sku};{sku};{pieces};{gross if subtotals else ''};{net};{tax};5,00;0,95;11,40;5,00;71,40;DE\n"
        for sku, pieces, gross, net, tax in (
            ("C", 2, "40,00", "36,00", "6,84"),
            ("M", 1, "20,00", "19,00", "3,61"),
        )
    ]
    parsed = read(head + "".join(rows))
    order = parsed.orders[0]
    goods, discount = (6_000, 500) if subtotals else (5_500, 0)
    assert (order.goods_minor, order.discount_minor, order.tax_minor, order.price_includes_tax) == (
        goods,
        discount,
        1_140,
        False,
    )
    assert parsed.sums["EUR", "total", "apart"] == 0


def test_lines_of_an_order_are_cancelled_one_by_one() -> None:
    parsed = read(
        "orderItemId;orderNumber;sellerSku;createTime;shippingCountry;unitPrice;sellerDiscountTotal;shippingFee;itemName;status\n"
        "2;900;L-1;21 Mar 2026 10:00;Singapore;10.90;-1.00;0;Cup;canceled\n1;900;L-1;21 Mar 2026 10:00;Singapore;10.90;-1.00;1.50;Cup;delivered\n",
        Surroundings(UNITS, AROUND.country_codes, "SGD"),
    )
    order = parsed.orders[0]
    assert (order.state, order.channel_state, order.goods_minor, order.discount_minor) == (
        "new",
        "delivered",
        1_090,
        100,
    )


def test_packed_repeated_and_foreign_ends_of_lines() -> None:
    plain = SHOPIFY + SHOPIFY_ROW
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as packed:
        packed.writestr("orders_export_1.csv", plain)
    for content in (box.getvalue(), gzip.compress(plain.encode()), plain.replace("\n", "\r").encode(),
                    ("\ufeffsep=,\r\n" + plain.replace("\n", "\r\n")).encode(), (plain * 2).encode(),
                    ("\ufeff" + plain.replace(",", "\t")).encode("utf-16-be")):  # fmt: skip
        assert [order.external_id for order in read(content).orders] == ["2"]
    with zipfile.ZipFile(box, "a") as packed:
        packed.writestr("orders_export_2.csv", "\ufeff" + plain.replace("#2", "#3").replace(",2\n", ",3\n"))
    assert [order.external_id for order in read(box.getvalue()).orders] == ["2", "3"], (
        "one table in two files"
    )
    with zipfile.ZipFile(box, "a") as packed:
        packed.writestr("readme.txt", "Thank you")
    with pytest.raises(FileRefused, match=r"file\.packed.*readme\.txt"):
        read(box.getvalue())


def ebay_json(number: str) -> dict[str, Any]:
    def euro(value: str) -> dict[str, str]:
        return {"value": value, "currency": "EUR"}

    return {
        "orderId": number, "creationDate": "2026-03-01T10:00:00.000Z", "lastModifiedDate": "2026-03-01T10:00:00.000Z",
        "orderFulfillmentStatus": "FULFILLED", "orderPaymentStatus": "FULLY_REFUNDED",
        "pricingSummary": {"priceDiscount": euro("-5.0"), "deliveryCost": euro("5.9"), "total": euro("60.9")},
        "paymentSummary": {"refunds": [{"amount": euro("60.9"), "refundDate": "2026-03-05T10:00:00.000Z", "refundStatus": "REFUNDED"}]},
        "lineItems": [{"lineItemId": "1", "sku": "A", "title": "T", "quantity": 2, "lineItemCost": euro("60.0")}],
    }  # fmt: skip


def test_orders_of_ebays_api_and_objects_line_by_line() -> None:
    parsed = read(json.dumps({"orders": [ebay_json("01-1"), 5]}))
    order = parsed.orders[0]
    assert (parsed.kind, order.goods_minor, order.discount_minor, order.channel_state) == (
        "ebay-json",
        6_000,
        500,
        "returned",
    )
    assert [(refund.order_id, refund.amount_minor) for refund in parsed.refunds] == [("01-1", 6_090)]
    assert parsed.problems[0].reason == "value.missing"
    assert [o.external_id for o in read("\n".join(json.dumps(ebay_json(n)) for n in ("1", "2"))).orders] == [
        "1",
        "2",
    ]
    with pytest.raises(FileRefused, match=r"file\.empty"):
        read('{"orders": []}')


def test_marks_groups_and_days_of_workbooks() -> None:
    assert decimal_mark(["50.000", "Rp1.050.000", "9.000"]) == ","
    assert decimal_mark(["50.000", "12.50"]) == "."
    assert decimal_mark(["1.234", "0.500"]) == "."
    assert decimal_mark(["12.345"], thirds=True) == "."
    assert [str(amount_of(text, ".")[0]) for text in ("₹1,23,456", "−5.00", "1\u202f234,50")] == [
        "123456",
        "-5.00",
        "1234.50",
    ]
    assert str(moment_of("46082.4375", "ymd")) == "2026-03-01 10:30:00"
    assert str(moment_of("Mar 1, 2026 10:30:00 PM PDT", "mdy")) == "2026-03-01 22:30:00-07:00"
