# ruff: noqa: E501  (rows stand as the platform writes them)
"""Amazon's date range report: a column for each kind of amount, in the language of the seller's account."""

import pytest

from entrepot.domains.channels.adapters.marketplace import Surroundings
from tests.domains.channels.test_marketplace_files import AROUND, UNITS, read

TRANSACTIONS = {
    "de": """"Umfasst Amazon Marketplace-, Fulfillment by Amazon (FBA)- und Amazon Webstore-Transaktionen"
"Alle Beträge in EURO sofern nicht anders gekennzeichnet"
"Definitionen:"
"Datum/Uhrzeit","Abrechnungsnummer","Typ","Bestellnummer","SKU","Beschreibung","Menge","Marketplace","Versand","Ort der Bestellung","Bundesland","Postleitzahl","Umsätze","Produktumsatzsteuer","Gutschrift für Versandkosten","Steuer auf Versandgutschrift","Gutschrift für Geschenkverpackung","Steuer auf Geschenkverpackungsgutschriften","Rabatte aus Werbeaktionen","Steuer auf Aktionsrabatte","Einbehaltene Steuer auf Marketplace","Verkaufsgebühren","Gebühren zu Versand durch Amazon","Andere Transaktionsgebühren","Andere","Gesamt"
"01.03.2026 00:12:33 UTC","17600001","Bestellung","302-1","A","Tasse","1","amazon.de","Amazon","Bonn","","53113","25,20","4,79","0","0","0","0","0","0","0","-4,50","-3,10","0","0","22,39"
"02.03.2026 00:12:33 UTC","17600001","Erstattung","302-2","A","Tasse","1","amazon.de","Amazon","Bonn","","53113","-25,20","-4,79","0","0","0","0","0","0","0","3,60","0","0","0","-26,39"
"03.03.2026 00:12:33 UTC","17600001","Servicegebühr","","","Abo","","","","","","","0","0","0","0","0","0","0","0","0","0","0","-39,00","0","-38,00"
"04.03.2026 00:12:33 UTC","17600001","Übertrag","","","Auf Konto","","","","","","","0","0","0","0","0","0","0","0","0","0","0","0","43,00","43,00"
""",
    "us": """"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"
"All amounts in USD, unless specified"
"Definitions:"
"date/time","settlement id","type","order id","sku","description","quantity","marketplace","account type","fulfillment","order city","order state","order postal","tax collection model","product sales","product sales tax","shipping credits","shipping credits tax","gift wrap credits","giftwrap credits tax","Regulatory Fee","Tax On Regulatory Fee","promotional rebates","promotional rebates tax","marketplace withheld tax","selling fees","fba fees","other transaction fees","other","total"
"Mar 1, 2026 12:15:03 AM PST","17600002","Order","113-1","A","Cup","1","amazon.com","Standard Orders","Amazon","Austin","TX","78701","MarketplaceFacilitator","1,029.99","2.47","0","0","0","0","0","0","0","0","-2.47","-4.50","-3.22","0","0","1,022.27"
"Mar 2, 2026 12:15:03 AM PST","17600002","Refund","113-2","A","Cup","1","amazon.com","Standard Orders","Amazon","Austin","TX","78701","MarketplaceFacilitator","-29.99","-2.47","0","0","0","0","0","0","0","0","2.47","3.60","0","0","0","-26.39"
"Mar 3, 2026 12:15:03 AM PST","17600002","Transfer","","","To your account ending in: 123","","","","","","","","","0","0","0","0","0","0","0","0","0","0","0","0","0","0","-995.88","-995.88"
""",
    "jp": "日付/時間,決済番号,トランザクションの種類,注文番号,SKU,説明,数量,Amazon 出品サービス,商品売上,配送料,Amazonポイントの費用,プロモーション割引額,手数料,FBA 手数料,トランザクションに関するその他の手数料,その他,合計\n"
    '2026/03/01 9:12:33JST,176,注文,249-1,A,茶碗,1,amazon.jp,"1,234",0,-12,0,-123,-434,0,0,665\n'
    '2026/03/02 9:12:33JST,176,注文外料金,,,月額,,,0,0,0,0,0,0,"-4,900",0,"-4,900"\n'
    '2026/03/03 9:12:33JST,176,振込み,,,口座,,,0,0,0,0,0,0,0,"4,235","4,235"\n',
}


@pytest.mark.parametrize(
    ("language", "currency", "state"),
    [("de", "EUR", "differs"), ("us", "USD", "adds up"), ("jp", "JPY", "adds up")],
)
def test_the_date_range_report_in_its_languages(language: str, currency: str, state: str) -> None:
    parsed = read(TRANSACTIONS[language], Surroundings(UNITS | {"JPY": 0}, AROUND.country_codes, currency))
    found = parsed.settlements[0]
    assert (parsed.kind, found.currency, parsed.problems) == ("amazon-transactions", currency, [])
    assert (found.total_minor == found.sum_minor) == (state == "adds up")
    sums: dict[str, int] = {}
    for row in found.rows:
        sums[row.kind] = sums.get(row.kind, 0) + row.amount_minor
    assert (
        sums
        == {
            "de": {"sale": 2_520, "tax": 0, "fee": -4_200, "refund": -2_520, "transfer": 4_300},
            "us": {"sale": 102_999, "tax": 0, "fee": -412, "refund": -2_999, "transfer": -99_588},
            "jp": {"sale": 1_222, "fee": -5_457, "transfer": 4_235},
        }[language]
    )
