"""Every shared landed-cost case falls under exactly one shipped rule, and that rule says what the case says."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from entrepot.config.demo.world import demo_world
from entrepot.engine.fx import Rates
from entrepot.engine.price.regime import origin_bit, regime

CASES = Path(__file__).resolve().parents[4] / "shared/facts/golden_landed_cost.csv"
# What the words of a case mean for the conditions of a rule: mode, buyer, schemes. The first that fits counts.
WORDS: list[tuple[str, dict[str, Any]]] = [
    ("intra-eu, seller de, buyer fr; ytd 9900", {"ship_from": "DE", "dest": "FR"}),
    ("intra-eu, seller de, buyer fr; ytd 10000", {"ship_from": "DE", "dest": "FR", "schemes": "OSS"}),
    ("ioss", {"schemes": "IOSS"}),
    ("h1 b2b", {"buyer_kind": "b2b"}),
    ("marketplace", {"schemes": "GB-OMP"}),
    ("formal entry", {"mode": "courier"}),
    ("informal entry", {"mode": "courier"}),
    ("courier", {"mode": "courier"}),
    ("vendor/edp", {"schemes": "AU-GST"}),
    ("air, low value; supplier", {"schemes": "NZ-GST", "mode": "courier"}),
    ("supplier collects", {"schemes": "NZ-GST"}),
    ("ovr vendor", {"schemes": "SG-OVR"}),
    ("voec", {"schemes": "NO-VOEC"}),
    ("remessa conforme", {"schemes": "BR-PRC"}),
    ("registered seller", {"schemes": "MY-LVG"}),
    ("bags", {"schemes": "ID-LISTED"}),
]
# Rules that a case names differently or that the tie of its words decides
ITEM_VALUES = {"SG-02": Decimal(300), "NO-02": Decimal(1600)}


def cases() -> list[Any]:
    """Rows of the shared file, or one skipped row where it is missing."""
    if not CASES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"needs {CASES.name} of the shared facts"))]
    with CASES.open(encoding="utf-8") as file:
        return [pytest.param(row, id=row["case_id"]) for row in csv.DictReader(file)]


def rule_of(row: dict[str, str]) -> dict[str, Any]:
    """The rule the shipped world finds for a case."""
    words = row["scheme"].lower()
    facts: dict[str, Any] = next((value for word, value in WORDS if word in words), {})
    country, _, region = row["dest"].partition("-")
    on = date.fromisoformat(row["entry_date"])
    world = demo_world()
    units = world["currencies"].filter(pl.col("currency") == row["currency"])["minor_units"][0]
    minor = {name: int(Decimal(row[name] or 0).scaleb(units)) for name in ("goods", "freight", "insurance")}
    item = ITEM_VALUES.get(row["case_id"], Decimal(row["goods"]))
    channel = pl.DataFrame([{"channel": "case", "kind": "own", "schemes": facts.get("schemes", "")}])
    world = world.replace(channels=channel, registrations=world["registrations"].clear(), fx=_fx(world, on))
    frame = pl.DataFrame([{
        "dest_country": facts.get("dest", country), "dest_region": region, "placed_on": on, "channel": "case",
        "ship_from": facts.get("ship_from", row["origin"]), "mode": facts.get("mode", ""),
        "buyer_kind": facts.get("buyer_kind", "b2c"), "buyer_vat_valid": False, "currency": row["currency"],
        "goods_net": minor["goods"], "item_net": int(item.scaleb(units)), "freight_minor": minor["freight"],
        "insurance_minor": minor["insurance"], "origin_bits": origin_bit(pl.Series([row["origin"]]), world)[0],
        "epoch": on,
    }])  # fmt: skip
    rates = Rates.of(world)
    frame = rates.attach(frame, "currency", "placed_on", "w_order").with_columns(w_freight=pl.col("w_order"))
    return regime(frame, world, rates).to_dicts()[0]


def _fx(world: Any, on: date) -> pl.DataFrame:
    """The day's rates, with those a case assumes: 1,400 won a dollar, and pegs the bank does not quote."""
    euro = {"USD": 1_100_000, "KRW": 1_540_000_000, "AED": 4_040_000, "SAR": 4_125_000, "VND": 28_000_000_000}
    fixed = pl.DataFrame({"currency": list(euro), "on": [on] * len(euro), "rate_e6": list(euro.values())})
    rest = world["fx"].filter(~pl.col("currency").is_in(list(euro)))
    return pl.concat([rest, fixed.select(rest.columns)])


@pytest.mark.parametrize("row", cases())
def test_case_follows_from_a_shipped_rule(row: dict[str, str]) -> None:
    rule = rule_of(row)
    assert rule["rule"], "no rule"
    said = {
        "cv_basis": row["cv_basis"],
        "tax_base": row["tax_base_rule"],
        "duty": row["duty_applies"] == "Y"
        and Decimal(row["duty_pct"] or 0) + Decimal(row["flat_duty_per_line"]) > 0,
        "tax": row["tax_applies"] == "Y",
        "collector": "sale" if row["collected"].startswith("sale") else "border",
    }
    if said["duty"]:  # "sale VAT; duty at import" tells the two apart
        said["duty_collector"] = "sale" if row["collected"].split(";")[-1].startswith("sale") else "border"
    duty = rule["duty_mode"] != "none" and (said["duty"] or rule["duty_mode"] != "tariff")
    waived = rule["tax_waived_minor"] is not None
    found = {
        "cv_basis": rule["cv_basis"],
        "tax_base": rule["tax_base"],
        "duty": duty,
        "tax": said["tax"] if waived else rule["tax_mode"] != "none",
        "collector": rule["collector"],
    }
    if said["duty"]:
        found["duty_collector"] = rule["duty_collector"]
    assert found == said, rule["rule"]


@pytest.mark.parametrize("row", cases())
def test_flat_and_fixed_duties_are_those_of_the_case(row: dict[str, str]) -> None:
    rule = rule_of(row)
    if rule["duty_mode"] == "flat":
        assert rule["flat_duty_minor"] == int(Decimal(row["flat_duty_per_line"]) * 100)
    elif rule["duty_mode"] == "fixed":
        assert rule["duty_ppm"] == int(Decimal(row["duty_pct"]) * 10_000)
    if rule["tax_mode"] == "fixed":
        assert rule["tax_ppm"] == int(Decimal(row["tax_pct"]) * 10_000)


def test_no_two_rules_of_one_priority_can_hold_at_once() -> None:
    conditions = [
        "dest",
        "region",
        "flow",
        "priority",
        "mode",
        "buyer_kind",
        "ship_from",
        "origins",
        "requires",
    ]
    rules = demo_world()["import_rules"]
    pairs = rules.join(rules, on=conditions).filter(
        (pl.col("rule") != pl.col("rule_right"))
        & (pl.col("valid_from") <= pl.col("valid_to_right").fill_null(date.max))
        & (pl.col("valid_from_right") <= pl.col("valid_to").fill_null(date.max))
    )
    assert pairs.select(*conditions, "rule", "rule_right").to_dicts() == []
