"""One order of each import regime, by the shipped rules: the page explains every figure with rule, day and source."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from entrepot.config.demo.world import demo_world
from entrepot.domains.fulfilment import services
from tests.company import found_company, stock, take_in
from tests.engine.small import order

pytestmark = pytest.mark.django_db
SWEATER, CASE, POTS = "AP10-M", "PA02-69", "HK02-WH"
OPENED, SPRING, SUMMER, AUTUMN = date(2026, 1, 5), date(2026, 5, 4), date(2026, 8, 10), date(2026, 9, 1)


def regimes() -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The orders by the name of their regime, each with what makes it one."""
    net = {"price_includes_tax": False}
    brazil = {"dest_country": "BR", "dest_region": "SP", "currency": "BRL", **net}
    trade = {
        "channel": "wholesale-b2b",
        "buyer_kind": "b2b",
        "buyer_vat_valid": True,
        "incoterm": "DAP",
        **net,
    }
    asked: dict[str, tuple[list[tuple[str, int, int]], dict[str, Any]]] = {
        "EU IOSS, two lines": ([(SWEATER, 2, 5800), (CASE, 1, 1290)], {"dest_country": "DE", "placed_on": SUMMER}),
        "UK marketplace": ([(SWEATER, 3, 9900)], {"dest_country": "GB", "currency": "GBP", "channel": "amazon-uk"}),
        "US Section 122": ([(SWEATER, 1, 4900)], {"dest_country": "US", "currency": "USD", **net}),
        "US afterwards": ([(SWEATER, 1, 4900)], {"dest_country": "US", "currency": "USD", "placed_on": AUTUMN, **net}),
        "CA courier": ([(SWEATER, 1, 9900)], {"dest_country": "CA", "dest_region": "ON", "currency": "CAD", **net}),
        "AU over 1,000": ([(POTS, 20, 150_000)], {"dest_country": "AU", "currency": "AUD"}),
        "JP 10,000": ([(CASE, 2, 10_000)], {"dest_country": "JP", "currency": "JPY", **net}),
        "BR inside tax": ([(SWEATER, 1, 25_000)], brazil),
        "MX": ([(SWEATER, 1, 250_000)], {"dest_country": "MX", "currency": "MXN", **net}),
        "CH": ([(SWEATER, 3, 15_000)], {"dest_country": "CH", "currency": "CHF"}),
        "B2B reverse charge": ([(POTS, 10, 30_000)], {"dest_country": "DE", **trade}),
    }  # fmt: skip
    buyer = {"dest_region": "", "buyer_kind": "b2c", "buyer_vat_valid": False}
    usual = {"channel": "shopify", "placed_on": SPRING, **buyer}
    return {
        name: order(number, lines, **{**usual, **more})
        for number, (name, (lines, more)) in enumerate(asked.items(), 1)
    }


@pytest.fixture(scope="module")
def decided(for_the_file: Callable[[], Any]) -> dict[str, int]:
    """Our id of each regime's order, decided by the shipped world."""
    orders = regimes()
    with for_the_file():
        found_company(demo_world())
        stock(("SZX", SWEATER, 100), ("SZX", CASE, 100), ("SZX", POTS, 20), ("RTM", POTS, 10), on=OPENED)
        ids = take_in(*orders.values())
        services.decide_pending()
    return {name: ids[head["order_id"]] for name, (head, _) in orders.items()}


RULES = {
    "EU IOSS, two lines": "EU-FLAT3-IOSS",
    "UK marketplace": "UK-LVI-135-OMP",
    "US Section 122": "US-INFORMAL",
    "US afterwards": "US-INFORMAL",
    "CA courier": "CA-OVER20",
    "AU over 1,000": "AU-BORDER",
    "JP 10,000": "JP-06-RETAIL",
    "BR inside tax": "BR-PRC-3000",
    "MX": "MX-33.5",
    "CH": "CH-IMPORT",
    "B2B reverse charge": "EU-B2B-RC",
}
LEVIED = {  # kind and code of each charge at the border and the till
    "EU IOSS, two lines": [("duty", "EU-FLAT3-IOSS"), ("tax", "standard")],
    "UK marketplace": [("tax", "standard")],
    "US Section 122": [
        ("duty", "611030"),
        ("layer", "US-122"),
        ("layer", "US-301-CN"),
        ("fee", "US-MPF-INF"),
    ],
    "US afterwards": [("duty", "611030"), ("layer", "US-301-CN"), ("fee", "US-MPF-INF")],
    "CA courier": [("duty", "611030"), ("tax", "standard")],
    "AU over 1,000": [("duty", "732393"), ("tax", "standard")],
    "JP 10,000": [],
    "BR inside tax": [("duty", "BR-PRC-3000"), ("tax", "standard")],
    "MX": [("tax", "standard")],
    "CH": [("duty", "611030"), ("tax", "standard")],
    "B2B reverse charge": [],
}
BEHIND = {"duty": "duty_rates", "layer": "duty_layers", "fee": "import_fees", "tax": "vat_rates"}


def test_each_regime_is_explained_with_rule_day_and_source(
    decided: dict[str, int], client: Client, ada: Any
) -> None:
    client.force_login(ada)
    for name, order_id in decided.items():
        page = client.get(f"/fulfilment/orders/{order_id}/explanation/")
        told, rules = page.context["told"], page.context["rules"]
        text = page.content.decode()

        assert page.context["differences"] == [], name
        assert told.decision["import_rule"] == RULES[name]
        assert [(charge["kind"], charge["code"]) for charge in told.charges] == LEVIED[name], name
        assert all(rule["source"] for rule in rules), name
        assert all(not rule["from"] or rule["from"] <= told.decision["ship_on"] for rule in rules), name
        undated = {rule["table"] for rule in rules if not rule["from"]}
        assert undated == {"roundings", "warehouses"}, name
        cited = {(rule["table"], rule["key"].split(" · ")[0]) for rule in rules}
        assert ("import_rules", RULES[name]) in cited, name
        for kind, code in LEVIED[name]:
            stated = (BEHIND[kind], code)  # a rule of its own, or the import rule's flat one
            own_tax = told.parts[0].way["tax_mode"] == "fixed"
            place = (
                ("import_rules", RULES[name])
                if own_tax
                else ("vat_rates", regimes()[name][0]["dest_country"])
            )
            assert {stated, place if kind == "tax" else ("import_rules", code)} & cited, (name, kind, code)
        for rule in rules:
            assert rule["key"] in text, (name, rule["key"])


def test_the_rule_is_told_in_words_even_where_nothing_is_due(
    decided: dict[str, int], client: Client, ada: Any
) -> None:
    client.force_login(ada)

    def words(name: str) -> list[str]:
        page = client.get(f"/fulfilment/orders/{decided[name]}/explanation/")
        return list(page.context["parts"][0]["rule_words"])

    assert words("JP 10,000") == [
        "JP-06-RETAIL holds up to 10,000 JPY inclusive (60 % of the retail price).",
        "JP-06-RETAIL holds beyond the limit of JP-10000, 10,000 JPY (goods, freight and insurance).",
        "No duty.",
        "No tax is levied.",
    ]
    assert "Duty: 3.00 EUR for each tariff line, 2 lines." in words("EU IOSS, two lines")
    assert "20.00 USD is taken off the duty." in words("BR inside tax")
    assert "Duty is collected at the sale, not at the border." in words("BR inside tax")
    assert "A tax of at most 5.00 CHF is not levied." in words("CH")
    assert words("AU over 1,000")[0] == (
        "AU-BORDER holds beyond the limit of AU-LVG, AU-LVG-UNREG, 1,000.00 AUD (value of the goods)."
    )
    assert words("BR inside tax")[1] == (
        "BR-PRC-3000 holds beyond the limit of BR-PRC-50, 50.00 USD (goods, freight and insurance)."
    )
    reverse = "No tax is levied: the buyer has a VAT number and accounts for it (reverse charge)."
    assert words("B2B reverse charge")[-1] == reverse


def test_the_waterfall_says_in_its_own_currency_what_the_buyer_pays_and_what_the_border_takes(
    decided: dict[str, int],
) -> None:
    def steps(name: str) -> dict[str, tuple[int | None, str | None]]:
        rows = services.explain_order(decided[name]).waterfall
        return {row["key"]: (row["original_minor"], row["original_currency"]) for row in rows}

    brazil, charges = (
        steps("BR inside tax"),
        services.explain_order(decided["BR inside tax"]).charges,
    )
    taken = {charge["kind"]: charge["amount"] for charge in charges}
    assert brazil["duty"] == (-taken["duty"], "USD")
    assert brazil["import_tax"] == (0, "USD")  # paid by the buyer at the sale
    paid, handed = brazil["paid"], brazil["tax_sale"]
    assert (paid[0] or 0) + (handed[0] or 0) == 25_000
    assert (handed[0] or 0) < 0
    assert paid[1] == handed[1] == "BRL"
    levied = services.explain_order(decided["US afterwards"]).charges
    assert steps("US afterwards")["duty"] == (-sum(charge["amount"] for charge in levied), "USD")
    assert "tax_sale" not in steps("US afterwards")


def test_every_figure_says_its_rate_its_rule_and_each_charge_who_collects_it(
    decided: dict[str, int], client: Client, ada: Any
) -> None:
    client.force_login(ada)

    def page(name: str) -> Any:
        return client.get(f"/fulfilment/orders/{decided[name]}/explanation/")

    def charges(name: str) -> list[tuple[str, str, str]]:
        shown = page(name).context["parts"][0]["charges"]
        return [(one["rule"], one["rate"], one["collector"]) for one in shown]

    assert charges("EU IOSS, two lines") == [
        ("EU-FLAT3-IOSS", "3.00 EUR per line × 2", "carrier"),
        ("DE · standard", "19.00 %", "seller"),
    ]
    assert charges("UK marketplace") == [("GB · standard", "20.00 %", "marketplace")]
    assert charges("US Section 122")[-1] == ("US-MPF-INF", "2.69 USD", "carrier")
    assert ">0.00 %<" not in page("US Section 122").content.decode()
    until = {rule["key"].split(" · ")[0]: rule["to"] for rule in page("US Section 122").context["rules"]}
    assert until["US-122"] == date(2026, 7, 23)
    assert charges("BR inside tax")[0] == ("BR-PRC-3000", "60.00 % − 20.00 USD", "seller")
    assert charges("MX") == [("MX-33.5", "33.50 %", "carrier")]

    mexico = {f"{rule['table']} {rule['key']}": rule["figure"] for rule in page("MX").context["rules"]}
    assert mexico["import_rules MX-33.5"] == "33.50 %"
    assert "vat_rates MX · standard" not in mexico  # its 16 % is not what is levied
    assert {key.split()[0] for key, figure in mexico.items() if figure} >= {
        "warehouses", "rates", "lanes", "payment_fees", "channel_fees", "fx",
    }  # fmt: skip
    assert all(" + " in figure for key, figure in mexico.items() if key.startswith("payment_fees"))


def test_two_lines_owe_the_flat_duty_twice_and_the_surcharge_ends_with_its_law(
    decided: dict[str, int],
) -> None:
    def amounts(name: str) -> dict[str, int]:
        return {charge["code"]: charge["amount"] for charge in services.explain_order(decided[name]).charges}

    assert amounts("EU IOSS, two lines")["EU-FLAT3-IOSS"] == 2 * 300
    during, after = amounts("US Section 122"), amounts("US afterwards")
    assert during.pop("US-122") == 490
    assert during == after
