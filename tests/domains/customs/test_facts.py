"""Every row of the collected facts stands in the shipped tables: thresholds, rates by day, nexus, money, terms."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from entrepot.config.demo.world import demo_world

FACTS = Path(__file__).resolve().parents[4] / "shared/facts"
pytestmark = pytest.mark.skipif(not FACTS.exists(), reason="the collected facts are not beside this checkout")
TODAY = date(2026, 11, 22)
# What a row of low_value_rules is called in the tables: (country, scheme or note begins, first day) → rules of that day
EU_150 = ("EU-IOSS-PRE2607", "EU-LOW-IMPORTVAT")
RULES: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("EU", "none", "2010-01-01"): ("EU-RELIEF-150",),
    ("EU", "IOSS optional", "2021-07-01"): EU_150,
    ("EU", "IOSS / special", "2026-07-01"): ("EU-FLAT3-IOSS", "EU-FLAT3-IMPORTVAT"),
    ("EU", "IOSS", "2028-07-01"): ("EU-IMPORT",),
    ("FR", "national", "2026-03-01"): ("FR-FEE-IOSS-PRE2607", "FR-FEE-LOW-IMPORTVAT"),
    ("IT", "national", "2026-07-01"): ("IT-FEE-FLAT3-IOSS", "IT-FEE-FLAT3-IMPORTVAT"),
    ("RO", "national", "2026-01-01"): ("RO-FEE-IOSS-PRE2607", "RO-FEE-LOW-IMPORTVAT"),
    ("EU", "Union", "2026-11-01"): ("EU-HANDLING-FLAT3-IOSS", "EU-HANDLING-FLAT3-IMPORTVAT"),
    ("GB", "seller", "2021-01-01"): ("UK-LVI-135", "UK-LVI-135-OMP", "UK-LVI-135-RC", "UK-LVI-135-UNREG"),
    ("US", "section 321", "2016-03-10"): ("US-DEMIN-OLD",),
    ("US", "entry type", "2025-08-29"): ("US-INFORMAL", "US-FORMAL", "US-POST"),
    ("CA", "courier from US", "2020-07-01"): ("CA-COURIER-40", "CA-COURIER-150"),
    ("CA", "courier from else", "2020-07-01"): ("CA-20",),
    ("AU", "vendor", "2018-07-01"): ("AU-LVG", "AU-LVG-UNREG"),
    ("NZ", "supplier", "2019-12-01"): ("NZ-LVG", "NZ-LVG-UNREG"),
    ("NZ", "supplier", "2026-04-01"): ("NZ-LVG-AIR", "NZ-LVG-POST", "NZ-LVG-SEA"),
    ("JP", "", ""): ("JP-10000", "JP-06-RETAIL"),
    ("JP", "seller", "2028-04-01"): ("JP-2028",),
    ("KR", "list clearance, personal", ""): ("KR-150",),
    ("KR", "list clearance from", "2012-03-15"): ("KR-200-US",),
    ("SG", "OVR", "2023-01-01"): ("SG-LVG", "SG-400"),
    ("CH", "mail-order", "2024-01-01"): ("CH-IMPORT",),
    ("NO", "VOEC", "2024-01-01"): ("NO-VOEC",),
    ("MX", "USMCA", "2025-08-15"): ("MX-USMCA-50",),
    ("MX", "courier, origin", "2025-08-15"): ("MX-TIPAT-1",),
    ("MX", "courier, other", "2025-08-15"): ("MX-33.5",),
    ("BR", "Remessa Conforme <=", "2024-08-01"): ("BR-PRC-50",),
    ("BR", "Remessa Conforme 50", "2024-08-01"): ("BR-PRC-3000",),
    ("BR", "not certified", ""): ("BR-NOPRC",),
    ("TH", "", ""): ("TH-1500",),
    ("TH", "", "2024-07-05"): ("TH-2025",),
    ("TH", "platforms", "2026-01-01"): ("TH-FROM-2026",),
    ("MY", "LVG", "2024-01-01"): ("MY-LVG", "MY-500"),
    ("VN", "", ""): ("VN-1000000",),
    ("VN", "", "2025-02-18"): ("VN-FROM-2025",),
    ("ID", "consignment", "2025-03-05"): ("ID-3USD",),
    ("SA", "", ""): ("SA-1000",),
    ("AE", "", "2023-01-01"): ("AE-300",),
    ("AE", "", "2023-03-01"): ("AE-1000",),
}
# Limits that the row says elsewhere than in its threshold: the scheme, or what the threshold compares
LIMITS = {
    "EU-IMPORT": None, "EU-FLAT3-IOSS": 150, "EU-FLAT3-IMPORTVAT": 150, "FR-FEE-IOSS-PRE2607": 150,
    "FR-FEE-LOW-IMPORTVAT": 150, "IT-FEE-FLAT3-IOSS": 150, "IT-FEE-FLAT3-IMPORTVAT": 150, "RO-FEE-IOSS-PRE2607": 150,
    "RO-FEE-LOW-IMPORTVAT": 150, "EU-HANDLING-FLAT3-IOSS": 150, "EU-HANDLING-FLAT3-IMPORTVAT": 150,
    "US-INFORMAL": 2500, "US-POST": 2500, "US-FORMAL": None, "CA-COURIER-40": 40, "CH-IMPORT": None, "MX-33.5": 2500,
    "BR-PRC-50": 50, "BR-PRC-3000": 3000, "BR-NOPRC": 3000, "TH-FROM-2026": None, "VN-FROM-2025": None,
    "JP-2028": 10000,
}  # fmt: skip

LEVIED = {"ID": "11"}  # 12 % on eleven twelfths of the value


@pytest.fixture(scope="module")
def world() -> Any:
    return demo_world()


def facts(name: str) -> list[dict[str, str]]:
    if not FACTS.exists():
        return []
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_force(table: pl.DataFrame, on: date) -> pl.DataFrame:
    ended = pl.col("valid_to").is_null() | (pl.col("valid_to") >= on)
    return table.filter((pl.col("valid_from") <= on) & ended)


def named(row: dict[str, str]) -> tuple[str, ...]:
    """The rules of a fact: the entry whose country, first day and beginning of the scheme fit best."""
    fitting = [
        (len(scheme), rules)
        for (country, scheme, first), rules in RULES.items()
        if (country, first) == (row["country"], row["valid_from"]) and row["scheme"].startswith(scheme)
    ]
    return max(fitting)[1]


def limit_of(text: str) -> Decimal | None:
    """The figure a threshold begins with; some add the name of the scheme."""
    found = re.match(r"[\d.]+", text)
    return Decimal(found[0]) if found else None


def day_of(row: dict[str, str]) -> date:
    """A day the row speaks of: its first, or its last where it only says until when."""
    if row["valid_from"]:
        return date.fromisoformat(row["valid_from"])
    return date.fromisoformat(row["valid_to"]) if row["valid_to"] else TODAY


@pytest.mark.parametrize(
    "row",
    facts("low_value_rules.csv"),
    ids=lambda row: f"{row['country']} {row['scheme'][:18]} {row['valid_from']}",
)
def test_a_low_value_rule_is_in_force_with_its_limit(world: Any, row: dict[str, str]) -> None:
    table = in_force(world["import_rules"], day_of(row)).filter(pl.col("region") == "")
    units = dict(world["currencies"].select("currency", "minor_units").iter_rows())
    for rule in named(row):
        found = table.filter(pl.col("rule") == rule).to_dicts()
        assert len(found) == 1, (rule, day_of(row))
        one = found[0]
        limit = LIMITS[rule] if rule in LIMITS else limit_of(row["duty_threshold"])
        currency = one["limit_currency"] or one["currency"]
        wanted = None if limit is None else int(Decimal(limit).scaleb(units[currency]))
        assert one["max_minor"] == wanted, rule
        assert one["max_excluded"] == (rule == "NO-VOEC"), "only Norway says under; all others say not over"
        assert one["status"] == row["status"] or one["status"] in "CDGU"
        assert one["source"]
        if row["valid_to"] and row["country"] not in ("US", "FR"):
            assert one["valid_to"] is None or one["valid_to"] <= date.fromisoformat(row["valid_to"])


def test_after_its_last_day_a_rule_is_gone(world: Any) -> None:
    for row in facts("low_value_rules.csv"):
        if not row["valid_to"]:
            continue
        after = date.fromisoformat(row["valid_to"]) + timedelta(days=1)
        table = in_force(world["import_rules"], after).filter(pl.col("region") == "")
        old = set(named(row)) & set(table["rule"])
        if row["country"] == "NZ":  # the limit stayed, a levy came on top of it
            assert old == {"NZ-LVG", "NZ-LVG-UNREG"}
            continue
        assert not old, (row["country"], after)


@pytest.mark.parametrize(
    "row", facts("vat_rates.csv"), ids=lambda row: f"{row['country']} {row['valid_from']}"
)
def test_a_tax_rate_holds_from_its_first_day_to_its_last(world: Any, row: dict[str, str]) -> None:
    if not row["standard"]:
        pytest.skip("no national rate")
    first = date.fromisoformat(row["valid_from"]) if row["valid_from"] else TODAY
    last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else TODAY
    rates = world["vat_rates"].filter(
        pl.col("country") == row["country"], pl.col("region") == "", pl.col("tax_category") == "standard"
    )
    for day in (first, last):
        found = in_force(rates, day)["rate_ppm"].to_list()
        levied = LEVIED.get(row["country"], row["standard"])
        assert found == [int(Decimal(levied) * 10_000)], day


@pytest.mark.parametrize(
    "row", facts("vat_rates.csv"), ids=lambda row: f"{row['country']} {row['valid_from']}"
)
def test_reduced_rates_of_today_stand_there(world: Any, row: dict[str, str]) -> None:
    if row["valid_to"] or not row["reduced"]:
        pytest.skip("no reduced rate, or a period of the past")
    today = in_force(world["vat_rates"].filter(pl.col("country") == row["country"]), TODAY)
    known = set(today["rate_ppm"].to_list())
    national = {"AT": {"19"}, "FR": {"0.9", "1.05", "8.5", "13"}, "GR": {"17"}, "PT": {"16", "22"}}
    wanted = set(row["reduced"].split()) - national.get(
        row["country"], set()
    )  # rates of islands and enclaves
    assert {int(Decimal(rate) * 10_000) for rate in wanted} <= known


@pytest.mark.parametrize("row", facts("us_economic_nexus.csv"), ids=lambda row: row["state"])
def test_the_nexus_of_a_state(world: Any, row: dict[str, str]) -> None:
    found = in_force(world["nexus"], TODAY).filter(pl.col("state") == row["state"]).to_dicts()
    assert len(found) == 1
    wanted = int(row["sales_usd"]) * 100 if row["sales_usd"] else None
    assert found[0]["sales_minor"] == wanted
    assert found[0]["transactions"] == (int(row["transactions"]) if row["transactions"] else None)
    assert found[0]["joined"] == ("AND" in row["note"])
    assert (found[0]["status"], found[0]["source"]) == (row["status"], row["source"])


def test_minor_units_of_every_currency(world: Any) -> None:
    known = dict(world["currencies"].select("currency", "minor_units").iter_rows())
    for row in facts("iso4217_minor_units.csv"):
        code, units = row["code"], row["minor_units"]
        if units.isdigit():
            assert known[code] == int(units), code


def test_the_incoterms_say_who_bears_what(world: Any) -> None:
    known = {row["term"]: row for row in world["incoterms"].to_dicts()}
    renamed = {"carry_to_named_destination": "carry_to_destination", "unload_at_destination": "unload"}
    for row in facts("incoterms2020.csv"):
        one = known[row["term"]]
        for name, value in row.items():
            column = renamed.get(name, name)
            if value in ("S", "B", "N"):
                assert one[column] == value, (row["term"], name)
        assert one["risk_passes"] == row["risk_passes"]


def test_disputed_rules_count_only_where_the_policy_names_them(world: Any) -> None:
    from entrepot.engine.policy import adopted

    for table in ("import_rules", "duty_layers"):
        assert world[table].filter(pl.col("reading") != "").height
        assert set(adopted(world, table)["reading"]) == {""}
    policies = world["policies"].with_columns(
        text=pl.when(pl.col("key") == "customs.readings")
        .then(pl.lit("AE-300 US-122-EXTENDED"))
        .otherwise("text")
    )
    followed = world.replace(policies=policies)
    assert set(adopted(followed, "import_rules")["reading"]) == {"", "AE-300"}
    assert set(adopted(followed, "duty_layers")["reading"]) == {"", "US-122-EXTENDED"}
    unsure = world["import_rules"].filter((pl.col("reading") != "") & (pl.col("status") != "U"))
    assert unsure.is_empty()
