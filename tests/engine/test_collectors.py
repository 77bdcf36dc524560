"""Who collects the duty follows the import rule; who bears it the Incoterm; the books hold what is ours to hand on."""

import polars as pl
import pytest
from small import batch, import_rule, order, rows, small_world

from entrepot.engine import decide

ENTRY = {"currency": "USD", "cv_basis": "FOB", "tax_base": "CV", "tax_mode": "fixed", "tax_ppm": 100_000}


def decided(place: str, **head: object):
    """An order of 50.00 dollars to a country that has duty (5 %) and tax (10 %) collected at `place`; with a fee."""
    rule = import_rule("ENTRY", "US", **ENTRY, collector=place, duty_collector=place, fees="MPF")
    world = small_world(import_rules=rows("import_rules", rule))
    asked = {"dest_country": "US", "currency": "USD", "price_includes_tax": False, **head}
    return decide(batch(order(1, [("TEE", 1, 5000)], **asked)), world)


@pytest.mark.parametrize(
    ("place", "head", "collectors"),
    [
        ("sale", {}, ("seller", "seller", "carrier")),
        ("sale", {"channel": "amazon"}, ("marketplace", "marketplace", "carrier")),
        ("sale", {"incoterm": "DAP"}, ("seller", "seller", "buyer")),
        ("border", {}, ("carrier", "carrier", "carrier")),
        ("border", {"incoterm": "DAP"}, ("buyer", "buyer", "buyer")),
        ("border", {"incoterm": "DAP", "duties_charged": True}, ("carrier", "carrier", "carrier")),
    ],
)
def test_each_charge_names_who_collects_it(place, head, collectors) -> None:
    found = decided(place, **head).tax_entries
    said = {row["kind"]: row["collector"] for row in found.to_dicts()}
    assert (said["duty"], said["tax"], said["fee"]) == collectors


@pytest.mark.parametrize(
    ("place", "head", "owed"),
    [
        ("sale", {}, 250 + 269),  # duty and fee are our cost
        ("sale", {"incoterm": "DAP"}, 250),  # taken from the buyer at the sale, handed on by us
        ("sale", {"incoterm": "DAP", "channel": "amazon"}, 0),  # the marketplace takes and hands it on
        ("border", {"incoterm": "DAP"}, 0),
        ("border", {"incoterm": "DAP", "duties_charged": True}, 250 + 269 + 500),
    ],
)
def test_the_books_owe_what_we_collect_or_bear_and_balance(place, head, owed) -> None:
    found = decided(place, **head).postings
    assert -found.filter(account="2210")["amount_minor"].sum() == owed
    sums = found.group_by("order_id", "currency").agg(pl.col("amount_minor", "base_minor").sum())
    assert (sums["amount_minor"] == 0).all()
    assert (sums["base_minor"] == 0).all()


def test_a_rule_written_before_duty_had_a_place_of_its_own_means_the_border() -> None:
    old = rows("import_rules", import_rule("ENTRY", "US", **ENTRY, collector="sale"))
    assert old["duty_collector"].to_list() == ["border"]
