# ruff: noqa: E501  (rows stand as the plug-ins and the platforms write them)
"""Tables in dialects nobody listed: all items of an order in its row, headers in other words, sums below the rows."""

from decimal import Decimal

import pytest

from entrepot.domains.channels.adapters.marketplace import Surroundings
from entrepot.domains.channels.adapters.marketplace.unfold import unfolded
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, amount_of, moment_of, whole_of
from tests.domains.channels.test_files_as_people_have_them import SHOPIFY, SHOPIFY_ROW
from tests.domains.channels.test_marketplace_files import AROUND, UNITS, read

HEAD = "order_id,order_number,date,status,currency,shipping_total,order_total,shipping_country"
FACTS = "1002,1002,2026-03-05 10:11:00,processing,EUR,5.90,60.90,DE"
ITEMS = {
    "numbered columns": (
        ",discount_total,Item #1 Name,Item #1 SKU,Item #1 Quantity,Item #1 Price,Item #2 Name,Item #2 SKU,Item #2 Quantity,Item #2 Price,Item #3 Name",
        ",5.00,Cup,C,2,25.00,Pot,P,1,10.00,",
    ),
    "a number at the end": (
        ",discount_total,product_name_1,product_sku_1,product_qty_1,product_price_1,product_name_2,product_sku_2,product_qty_2,product_price_2",
        ",5.00,Cup,C,2,25.00,Pot,P,1,10.00",
    ),
    "an item a cell": (
        ",order_discount,discount_total,line_item_1,line_item_2",
        ',0,5.00,"name:Cup|product_id:7|sku:C|quantity:2|total:45.00|sub_total:50.00","name:Pot|product_id:8|sku:P|quantity:1|total:10.00|sub_total:10.00"',
    ),
    "all in one cell": (
        ",discount_total,line_items",
        ',5.00,"id:1|name:Cup|product_id:7|sku:C|quantity:2|subtotal:50.00;id:2|name:Pot: big|product_id:8|sku:P|quantity:1|subtotal:10.00"',
    ),
    "JSON": (
        ",discount_total,products",
        ',5.00,"[{""name"": ""Cup"", ""sku"": ""C"", ""quantity"": 2, ""price"": 25.00}, {""name"": ""Pot"", ""sku"": ""P"", ""quantity"": 1, ""price"": 10.0}]"',
    ),
}


@pytest.mark.parametrize("way", ITEMS)
def test_all_items_of_an_order_in_its_row(way: str) -> None:
    head, cells = ITEMS[way]
    parsed = read(f"{HEAD}{head}\n{FACTS}{cells}\n{FACTS.replace('1002', '1003')}{cells}\n")
    assert [o.external_id for o in parsed.orders] == ["1002", "1003"]
    order = parsed.orders[0]
    assert [(line.sku, line.quantity, line.amount_minor) for line in order.lines] == [
        ("C", 2, 5_000),
        ("P", 1, 1_000),
    ]
    assert (order.goods_minor, order.shipping_minor, order.discount_minor) == (6_000, 590, 500)
    assert len({line.row_no for line in parsed.lines}) == len(parsed.lines) == 4
    assert parsed.problems == []
    assert not any(place == "apart" for (_c, _m, place), amount in parsed.sums.items() if amount)


def test_tables_without_items_within_their_rows_stay_as_they_are() -> None:
    assert unfolded([["Item 1", "Item 2"], ["a", "b"]]) is None
    assert unfolded([["Order ID", "Items", "Quantity"], ["1", "2", "3"]]) is None


EBAY = {
    "fr": "Numéro de suivi des ventes;Numéro de commande;Nom d'utilisateur de l'acheteur;Pays de l'acheteur;Numéro de l'objet;Titre de l'objet;Libellé personnalisé;Quantité;Vendu;Livraison et traitement;Prix total;Date de vente;Date de paiement;Date d'expédition\n1;10-1;jo;France;1;Tasse;C;2;1\u202f234,56 EUR;4,90 EUR;2\u202f474,02 EUR;05-mars-26;05-mars-26;\n",
    "it": "Numero della vendita;Numero ordine;Nome utente acquirente;Paese acquirente;Numero oggetto;Titolo oggetto;Etichetta personalizzata;Quantità;Prezzo di vendita;Spedizione e imballaggio;Prezzo totale;Data di vendita;Data di pagamento;Data di spedizione\n1;10-1;jo;Italia;1;Tazza;C;2;€ 1.234,56;€ 4,90;€ 2.474,02;05-mar-26;05-mar-26;\n",
    "es": "Número de registro de ventas;Número de pedido;Nombre de usuario;País de envío;Número de artículo;Título del artículo;Etiqueta;Cantidad;Vendido por;Gastos de envío y manipulación;Precio total;Fecha de venta;Fecha de pago;Fecha de envío\n1;10-1;jo;España;1;Taza;C;2;1.234,56 EUR;4,90 EUR;2.474,02 EUR;05-mar-26;05-mar-26;\n",
    "pt": "Número do registo da venda;Número da encomenda;Título do anúncio;Etiqueta personalizada;Quantidade;Vendido por;Portes de envio;Preço total;Data da venda;Data de pagamento\n1;10-1;Chávena;C;2;1.234,56 EUR;4,90 EUR;2.474,02 EUR;05-mar-26;05-mar-26\n",
    "zh": '销售编号,订单编号,买家用户名,收件国家,物品编号,物品标题,自定义标签,数量,成交价,邮费和手续费,总价格,销售日期,付款日期\n1,10-1,jo,美国,1,杯子,C,２,"ＥＵＲ１，２３４．５６",EUR4.90,"EUR2,474.02",2026-03-05,2026-03-05\n',
    "no sales record": "Bestellnummer;Mitgliedsname;Artikelnummer;Artikelbezeichnung;Bestandseinheit;Anzahl;Verkauft für;Versandkosten;Gesamtpreis;Datum des Verkaufs;Datum der Zahlung;Lieferland\n10-1;jo;1;Tasse;C;2;1.234,56 €;4,90 €;2.474,02 €;05-Mär-26;05-Mär-26;Österreich\n",
}


@pytest.mark.parametrize("language", EBAY)
def test_headers_are_read_by_what_their_words_are_likely_to_mean(language: str) -> None:
    around = Surroundings(UNITS, AROUND.country_codes | {"AT"}, "EUR")
    parsed = read(EBAY[language], around)
    order = parsed.orders[0]
    assert (parsed.kind, parsed.problems) == ("ebay-orders", [])
    assert (order.external_id, order.currency, order.goods_minor, order.shipping_minor) == (
        "10-1",
        "EUR",
        246_912,
        490,
    )
    assert (order.lines[0].sku, str(order.placed_on), order.channel_state) == ("C", "2026-03-05", "paid")
    assert sum(parsed.file_sums.values()) == sum(parsed.sums.values())


def test_a_foreign_table_is_not_taken_for_one_by_its_likeness() -> None:
    shop = "Bestellnummer;Bestelldatum;Artikelbezeichnung;Menge;Einzelpreis\n1;05.03.2026;Tasse;2;3,00\n"
    with pytest.raises(Exception, match=r"file\.unknown"):
        read(shop)


TIKTOK = (
    "订单编号,订单状态,SKU ID,商家 SKU,商品名称,数量,SKU单价原价,SKU折扣前小计,SKU平台折扣,SKU商家折扣,折扣后运费,税费,订单金额,创建时间,发货时间,国家\n"
    "平台唯一订单编号,当前订单状态,平台SKU,商家SKU,名称,售出数量,价,小计,平台,商家,运,税,金额,订单创建的时间,包裹发出的时间,国家\n"
    "576461413038785752,待发货,1729,TEE,衬衫,2,$15.00,$30.00,$3.00,$2.00,$4.00,$2.10,$31.10,01/31/2026 10:00:00 PM,,United States\n"
)


def test_an_asian_platform_in_the_sellers_language_with_its_row_of_explanations() -> None:
    parsed = read(TIKTOK, Surroundings(UNITS, AROUND.country_codes, "USD"))
    order = parsed.orders[0]
    assert [line.outcome for line in parsed.lines] == ["note", "order_line"]
    assert (order.external_id, order.goods_minor, order.discount_minor, order.shipping_minor, order.tax_minor) == (
        "576461413038785752", 3_000, 200, 400, 210,
    )  # fmt: skip
    assert (order.channel_state, str(order.placed_on), order.country) == ("paid", "2026-01-31", "US")


MOMENTS = {
    "2026-03-05 10:11:12 GMT+8": "2026-03-05T10:11:12+08:00", "2026-03-05 10:11 (UTC-7)": "2026-03-05T10:11:00-07:00",
    "2026-03-05T10:11:12+08": "2026-03-05T10:11:12+08:00", "2026-03-05 10:11:12 -0330": "2026-03-05T10:11:12-03:30",
    "2026年3月5日 10時11分": "2026-03-05T10:11:00", "2026年3月5日 9时05分07秒": "2026-03-05T09:05:07",
    "20260305101112": "2026-03-05T10:11:12", "1772705472": "2026-03-05T10:11:12+00:00",
    "1772705472000": "2026-03-05T10:11:12+00:00", "12:30 05-03-2026": "2026-03-05T12:30:00",
    "10:11 05-03-12": "2012-03-05T10:11:00",
}  # fmt: skip


@pytest.mark.parametrize("text", MOMENTS)
def test_moments_in_further_forms(text: str) -> None:
    moment = moment_of(text, "dmy")
    assert moment is not None
    assert moment.isoformat() == MOMENTS[text]


def test_pieces_are_read_by_the_files_decimal_mark() -> None:
    for text, decimal, pieces in (
        ("1,000", ".", 1_000), ("1.000", ".", 1), ("1.000", ",", 1_000), ("1,000", ",", 1), ("1,0", ".", 1),
        ("1.0", ",", 1), ("２", ".", 2), ("1\u202f000", ".", 1_000), ("-1", ".", -1),
    ):  # fmt: skip
        assert whole_of(text, decimal) == pieces, text
    for text in ("1.5", "2 pcs", "two", "1.2.3"):
        with pytest.raises(Unreadable):
            whole_of(text)


def test_an_amount_with_two_signs_is_none() -> None:
    for text in ("-53.52-", "$-1.00-", "(1.00)-"):
        with pytest.raises(Unreadable):
            amount_of(text, ".")
    assert amount_of("₺1.234,56", ",") == (Decimal("1234.56"), "TRY")


@pytest.mark.parametrize("word", ["Total", "TOTALS:", "Summe", "合计", "总 计", "Grand Total"])
def test_sums_below_the_rows_are_no_orders(word: str) -> None:
    last = f"{word},,,,30.00,5.90,0.00,35.90,0,,1,,,,,\n"
    parsed = read(SHOPIFY + SHOPIFY_ROW + last + last.replace(word, "").replace(",1,,,,,", ",,,,,,"))
    assert [order.external_id for order in parsed.orders] == ["2"]
    assert [line.outcome for line in parsed.lines] == ["order_line", "note", "note"]
    assert parsed.file_sums["EUR", "total"] == 359_000
