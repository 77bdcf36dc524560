# ruff: noqa: E501  (rows stand as the platforms write them)
"""Files as platforms write them in many countries: what is recognised, what each becomes, and that nothing is lost."""

import pytest

from entrepot.domains.channels.adapters.marketplace import ParsedFile, Surroundings, parse_file
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, amount_of, id_of, moment_of
from entrepot.domains.channels.adapters.tables import FileRefused

UNITS = dict.fromkeys(("EUR", "GBP", "USD", "AUD", "CNY", "SGD", "BRL"), 2) | {"JPY": 0, "IDR": 2, "THB": 2}
AROUND = Surroundings(
    UNITS, frozenset({"DE", "FR", "IT", "ES", "US", "GB", "SG", "AU", "JP", "RU", "BR", "ID"}), "USD"
)


def read(content: str | bytes, around: Surroundings = AROUND) -> ParsedFile:
    parsed = parse_file(content.encode() if isinstance(content, str) else content, around)
    for key in {key[:2] for key in parsed.sums} | set(parsed.file_sums):
        placed = sum(amount for place, amount in parsed.sums.items() if place[:2] == key)
        assert placed == parsed.file_sums.get(key, 0), key
    rows = [line.row_no for line in parsed.lines]
    assert len(rows) == len(set(rows))
    return parsed


EBAY = {
    "de": (
        ";;;;\nVerkaufsprotokollnummer;Bestellnummer;Nutzername des Käufers;Versand an Ort;Versand an Land;Artikelnummer;"
        "Angebotstitel;Bestandseinheit;Anzahl;Verkauft für;Verpackung und Versand;Gesamtbetrag;Verkauft am;Zahlungsdatum\n"
        ";;;;;;;;;;;;;\n"
        "11;23-1-1;max;Köln;Deutschland;1234567890;Hülle;H-1;2;1.234,50 €;4,99 €;2.473,99 €;10-Dez-25;11-Dez-25\n"
        "12;23-1-2;eva;Paris;Frankreich;1234567891;Tasche;T-1;1;15,00 €;0,00 €;15,00 €;05-Mär-26;\n"
        "\n2;Datensätze heruntergeladen\nVerkäufer-ID: laden\n"
    ),
    "fr": (
        "\ufeffNuméro de commande;Numéro d'enregistrement de la vente;Pseudo de l'acheteur;Titre de l'objet;Quantité;"
        "Vendu pour;Frais d'expédition;Prix total;Date de vente\n"
        "23-1-1;11;max;Housse;2;1 234,50 EUR;4,99 EUR;2 473,99 EUR;10-déc.-25\n"
        "23-1-2;12;eva;Sac;1;15,00 EUR;0,00 EUR;15,00 EUR;05-mars-26\n"
    ),
    "it": (
        "Numero ordine,Numero vendita,Nome utente acquirente,Titolo oggetto,Quantità,Venduto a,Spese di spedizione,"
        "Prezzo totale,Data vendita\n"
        '23-1-1,11,max,Custodia,2,"EUR 1.234,50","EUR 4,99","EUR 2.473,99",10-dic-25\n'
        '23-1-2,12,eva,Borsa,1,"EUR 15,00","EUR 0,00","EUR 15,00",05-mar-26\n'
    ),
    "es": (
        "Número de pedido,Número de registro de venta,Nombre de usuario del comprador,Título del artículo,Cantidad,"
        "Precio de venta,Gastos de envío,Precio total,Fecha de venta\n"
        '23-1-1,11,max,Funda,2,"1.234,50 €","4,99 €","2.473,99 €",10-dic-25\n'
        '23-1-2,12,eva,Bolso,1,"15,00 €","0,00 €","15,00 €",05-mar-26\n'
    ),
}


@pytest.mark.parametrize("language", EBAY)
def test_the_ebay_report_reads_alike_in_every_language(language: str) -> None:
    parsed = read(EBAY[language])
    assert parsed.kind == "ebay-orders"
    first, second = parsed.orders
    assert (first.external_id, first.currency, first.goods_minor, first.shipping_minor) == (
        "23-1-1", "EUR", 246_900, 499,
    )  # fmt: skip
    assert [str(order.placed_on) for order in parsed.orders] == ["2025-12-10", "2026-03-05"]
    assert not parsed.problems
    if language == "de":
        assert (first.country, first.city, first.lines[0].sku) == ("DE", "Köln", "H-1")
        assert (first.state, second.state) == ("new", "pending")
        assert [line.outcome for line in parsed.lines].count("note") == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
def test_encodings_are_seen(encoding: str) -> None:
    assert [order.city for order in read(EBAY["de"].encode(encoding)).orders] == ["Köln", "Paris"]


def test_chinese_and_japanese_files_are_read() -> None:
    chinese = (
        "订单号,订单状态,下单时间,商品名称,商家编码,数量,单价,运费,订单金额,币种,收货人,国家\n"
        "8001,等待卖家发货,2026-03-01 10:00,手机壳,A-1,2,9.90,1.00,20.80,USD,Ivan,俄罗斯\n"
        "8002,等待买家付款,2026-03-01 11:00,手机壳,A-1,1,9.90,0,9.90,USD,Olga,俄罗斯\n8003,已取消,2026-03-01 12:00,手机壳,A-1,1,9.90,0,9.90,USD,Petr,俄罗斯\n"
    )
    parsed = read(chinese.encode("gb18030"))
    assert (parsed.kind, parsed.encoding) == ("aliexpress-orders", "gb18030")
    assert [(o.state, o.country) for o in parsed.orders] == [
        ("new", "RU"),
        ("pending", "RU"),
        ("cancelled", "RU"),
    ]
    amazon = (
        "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tproduct-name\tsku\tquantity\tcurrency\titem-price\tship-country\n"
        "503-1\t2026-03-01T00:00:00+09:00\t2026-03-02T00:00:00+09:00\tUnshipped\tテスト商品\tJ-1\t1\tJPY\t1,980\tJP\n"
    )
    parsed = read(amazon.encode("cp932"))
    assert (parsed.encoding, parsed.orders[0].goods_minor, parsed.orders[0].lines[0].description) == (
        "cp932", 1_980, "テスト商品",
    )  # fmt: skip


def test_shopify_lines_discounts_taxes_and_refunds() -> None:
    parsed = read(
        "Name,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Country,Refunded Amount,Id,Cancelled at\n"
        "#1,partially_refunded,fulfilled,EUR,45.00,5.00,7.98,50.00,5.00,2026-01-02 10:00:00 +0100,2,Cup,10.00,C,DE,12.00,71,\n"
        "#1,,,,,,,,,,1,Plate,30.00,P,,,,\n#1,,,,,,,,,,1,Plate,0.00,P,,,,\n"
        "#2,paid,unfulfilled,USD,20.00,0.00,1.60,21.60,0.00,2026-01-02 23:30:00 -0800,2,Cup,10.00,C,US,0.00,72,\n"
        "#3,voided,unfulfilled,USD,10.00,0.00,0.00,10.00,0.00,2026-01-03 10:00:00 -0800,1,Cup,10.00,C,US,0.00,73,2026-01-04\n"
    )
    one, two, three = parsed.orders
    assert (one.external_id, one.number, one.goods_minor, one.discount_minor, one.price_includes_tax) == (
        "71", "#1", 5_000, 500, True,
    )  # fmt: skip
    assert (one.channel_state, len(one.lines), two.price_includes_tax, two.tax_minor) == (
        "shipped",
        3,
        False,
        160,
    )
    assert (three.state, str(two.placed_on)) == ("cancelled", "2026-01-02")
    assert [(r.order_id, r.amount_minor, r.is_total) for r in parsed.refunds] == [("71", 1_200, True)]


def test_amazon_rows_repeat_split_and_wait() -> None:
    head = (
        "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsku\titem-status\tquantity\tcurrency\titem-price\t"
        "item-tax\tshipping-price\tgift-wrap-price\titem-promotion-discount\tship-country\tsales-channel\tis-business-order\n"
    )
    tail = "US\tAmazon.com\tfalse\n"
    row = (
        "1\t2026-03-01T08:00:00+00:00\t2026-03-02T08:00:00+00:00\tShipped\tA\tShipped\t2\tUSD\t20.00\t1.60\t3.00\t1.00\t2.00\t"
        + tail
    )
    parsed = read(
        head + row + row
        + "1\t2026-03-01T08:00:00+00:00\t2026-03-02T08:00:00+00:00\tShipped\tB\tCancelled\t0\tUSD\t\t\t\t\t\t" + tail
        + "2\t2026-03-01T08:00:00+00:00\t2026-03-02T08:00:00+00:00\tPending\tA\tUnshipped\t1\tUSD\t\t\t\t\t\t" + tail
        + "3\t2026-03-01T08:00:00+00:00\t2026-03-02T08:00:00+00:00\tUnshipped\tA\tUnshipped\tx\tUSD\t5.00\t\t\t\t\t" + tail
    )  # fmt: skip
    assert [(line.outcome, line.reason) for line in parsed.lines] == [
        ("order_line", "sale"), ("duplicate", "line.repeated"), ("cancelled", "line_cancelled"),
        ("order_line", "not_priced"), ("rejected", "quantity.unreadable"),
    ]  # fmt: skip
    one, two = parsed.orders
    assert (one.goods_minor, one.shipping_minor, one.discount_minor, one.tax_minor, len(one.lines)) == (
        2_000, 400, 200, 160, 1,
    )  # fmt: skip
    assert (two.state, parsed.problems[0][:3]) == ("pending", (6, "quantity", "x"))


def test_asian_platforms_by_their_columns() -> None:
    tiktok = read(
        "Order ID,Order Status,SKU ID,Seller SKU,Product Name,Quantity,SKU Unit Original Price,SKU Subtotal Before Discount,"
        "SKU Platform Discount,SKU Seller Discount,Shipping Fee After Discount,Taxes,Order Amount,Created Time,Country\n"
        "Platform unique order ID.,Current order status.,,,,,,,,,,,,,\n"
        "5771\t,To ship,1729,T-1,Lamp,2,$12.50,$25.00,$2.00,$5.00,$3.00,$1.50,$22.50,03/21/2026 11:22:33 PM,United States\n"
    )
    order = tiktok.orders[0]
    assert (order.external_id, order.goods_minor, order.discount_minor, order.shipping_minor) == (
        "5771",
        2_500,
        500,
        300,
    )
    assert (str(order.placed_at), tiktok.lines[0].outcome) == ("2026-03-21 23:22:33+00:00", "note")
    lazada = read(
        "orderItemId,orderNumber,sellerSku,lazadaSku,createTime,shippingCountry,paidPrice,unitPrice,shippingFee,itemName,status\n"
        "1,900,L-1,x,21 Mar 2026 10:00,Singapore,9.90,9.90,1.00,Cup,pending\n2,900,L-1,x,21 Mar 2026 10:00,Singapore,9.90,9.90,0.00,Cup,pending\n",
        Surroundings(UNITS, AROUND.country_codes, "SGD"),
    )
    assert (
        lazada.orders[0].lines[0].quantity,
        lazada.orders[0].goods_minor,
        lazada.orders[0].shipping_minor,
    ) == (2, 1_980, 100)
    shopee = read(
        "No. Pesanan,Status Pesanan,Waktu Pesanan Dibuat,Nama Produk,Nomor Referensi SKU,Jumlah,Harga Setelah Diskon,"
        "Ongkos Kirim Dibayar oleh Pembeli,Total Pembayaran\n26A,Batal,2026-03-01 10:00,Cangkir,S-1,1,50.000,9.000,59.000\n",
        Surroundings(UNITS, AROUND.country_codes, "IDR"),
    )
    assert (shopee.orders[0].state, shopee.orders[0].currency) == ("cancelled", "IDR")


def test_cells_are_read_as_written_anywhere() -> None:
    assert [str(amount_of(text, ".")[0]) for text in ("1,234", "1.234,50", "(5.00)", "5-", "1'234.50", "R$ 1.234,5")] == [
        "1234", "1234.50", "-5.00", "-5", "1234.50", "1234.5",
    ]  # fmt: skip
    assert amount_of("US $3.00", ".")[1] == "USD"
    assert id_of("9.00000000001E+11") == "900000000001"
    assert id_of('="00123"') == "00123"
    with pytest.raises(Unreadable, match="cut_off"):
        id_of("4.05359E+11")
    assert str(moment_of("26-May-26", "dmy")) == "2026-05-26 00:00:00"
    assert str(moment_of("2026年3月1日 8:05", "ymd")) == "2026-03-01 08:05:00"


def test_a_file_of_another_kind_says_what_is_missing() -> None:
    with pytest.raises(FileRefused, match="ebay-orders: placed_at"):
        read("Sales Record Number,Item Title,Quantity,Sold For\n1,Cup,1,£3.00\n")
    with pytest.raises(FileRefused, match=r"file\.json"):
        read("{not json")
