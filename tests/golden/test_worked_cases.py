"""The worked tables of the method pages, further cases of the same rules, and the shared files where they are there."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from entrepot.config.demo.world import demo_world
from entrepot.config.golden import evaluate, outcomes

ROOT = Path(__file__).resolve().parents[2]
METHODS = sorted((ROOT / "docs" / "methods").glob("*.md"))
SHARED = ROOT.parent / "shared" / "facts"
HEAD = ["case", "area", "rule", "inputs", "expected"]


def worked_rows(page: Path) -> list[dict[str, str]]:
    """The rows of every table of cases on a page."""
    rows, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        inside = cells == HEAD or (inside and line.startswith("|"))
        if inside and cells != HEAD and not line.startswith("|---"):
            rows.append(dict(zip(HEAD, cells, strict=True)))
    return rows


PAGES = [page for page in METHODS if worked_rows(page)]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_worked_case_of_a_page_comes_out(page):
    found = outcomes(worked_rows(page), demo_world())
    assert {o.case_id: o.differences for o in found if o.verdict != "pass"} == {}


def one(inputs: str, expected: str, rule: str = "", area: str = ""):
    row = {"case": "here", "area": area, "rule": rule, "inputs": inputs, "expected": expected}
    return outcomes([row], demo_world())[0]


FURTHER = [
    ("money", "half up and half even", '{"value": 2.345}', '{"half_up": 2.35, "half_even": 2.34}'),
    ("money", "a sum of decimals", '{"values": [0.1, 0.2]}', '{"sum": 0.3}'),
    ("fx", "closing day", '{"date": "2026-10-31"}', '{"rate_date": "2026-10-30"}'),
    ("customs", "both bases", '{"fob": 10000, "freight": 800, "insurance": 50}', '{"de": 10850, "us": 10000}'),
    ("customs", "refund as a share", '{"purchase_net": 10000, "refund_rate": 0.13}', '{"refund": 1300}'),
    ("customs", "MPF, formal", '{"value": 5000, "date": "2026-03-10"}', '{"mpf": 33.58}'),
    ("freight", "FedEx international", '{"cm": [40.2, 30.1, 25], "kg": 4.2}', '{"chargeable_kg": 6.5}'),
    ("freight", "air cargo", '{"cm": [60, 40, 40], "pieces": 10, "kg": 150}', '{"chargeable_kg": 160}'),
    ("money", "split", '{"weights": [1, 1, 1], "amount": 100}', '{"shares": [33.34, 33.33, 33.33]}'),
    ("money", "minor units", '{"bhd": 1.2345, "krw": 10.5, "usd": 2.675}', '{"bhd": 1.235, "krw": 11, "usd": 2.68}'),
    ("money", "half even", '{"eur": 1.005}', '{"eur": 1.0}'),
    ("fx", "no rate on closing days", '{"cny": 46, "date": "2026-10-31"}', '{"eur": 6.19}'),
    ("fx", "last earlier day", '{"currency": "USD", "date": "2026-10-25"}', '{"rate_date": "2026-10-23"}'),
    ("fx", "cross rate", '{"usd": 100, "eur_usd": 1.25, "eur_cny": 7.5}', '{"cny": 600}'),
    ("fx", "the last rate stays", '{"hrk": 753.65}', '{"eur": 100}'),
    ("customs", "FOB to CIF", '{"fob": 10000, "freight": 800, "insurance": 50}', '{"cif": 10850}'),
    ("customs", "CIF to FOB", '{"cif": 10850, "freight": 800, "insurance": 50}', '{"fob": 10000}'),
    ("customs", "FOB value", '{"fob": 10000, "freight": 800, "insurance": 50}', '{"customs_value": 10850}'),
    ("customs", "EXW", '{"term": "EXW", "price": 9, "origin_costs": 1, "freight": 2}', '{"cif": 12, "fob": 10}'),
    ("customs", "DDP", '{"ddp_incl_vat": 12730, "inland": 0, "duty_pct": 7, "vat_pct": 19}', '{"duty": 699.83}'),
    ("customs", "CIF", '{"cif": 20000, "duty_pct": 6, "ad_pct": 48.5, "vat_pct": 23}', '{"ad": 9700, "vat": 7107}'),
    ("customs", "RVC build-up", '{"fob": 100, "vom": 39.99}', '{"rvc_pct": 39.99, "rcep_40_ok": false}'),
    ("customs", "CTC de minimis", '{"fob": 1000, "non_ctc": 100}', '{"pct": 10, "ok": true}'),
    ("customs", "EU flat duty", '{"items": ["610910", "610990", "850760"]}', '{"lines": 3, "duty_eur": 9}'),
    (
        "customs", "export refund, trading company", '{"purchase_ex_vat": 10000, "refund_pct": 13}', '{"refund": 1300}',
    ),
    (
        "customs", "export refund, producer",
        '{"fob": 1000000, "vat_pct": 13, "refund_pct": 9, "output_vat": 26000, "input_vat": 130000}',
        '{"not_creditable": 40000, "payable": -64000, "unused_credit": 64000, "refund": 64000, "carried": 0}',
    ),
    ("customs", "EU duty, H1, HS10", '{"items": ["6109100010", "6109100090"]}', '{"lines": 2, "duty_eur": 6}'),
    ("customs", "EU duty, H7, HS6", '{"items": ["6109100010", "6109100090"]}', '{"lines": 1, "duty_eur": 3}'),
    ("customs", "MPF", '{"value": [9694, 188078], "date": "2026-03-10"}', '{"mpf": [33.58, 651.5]}'),
    ("customs", "19 CFR 159.3", '{"value": [80.49, 80.5]}', '{"entered": [80, 81]}'),
    ("customs", "ICMS inside", '{"value": 100, "ii": 40, "icms_pct": 17}', '{"icms": 28.67, "total": 168.67}'),
    ("fees", "card 2.9% + 0.30", '{"amount": 50.5, "pct": 2.9, "fixed": 0.3}', '{"fee": 1.76, "net": 48.74}'),
    ("fees", "without tax", '{"item": 20, "shipping": 5, "gift_wrap": 3, "tax": 2, "pct": 15}', '{"fee": 4.2}'),
    ("fees", "jewelry 20% to 250, 5% above", '{"price": 300}', '{"fee": 52.5}'),
    ("fees", "beauty 8% to 10, else 15%", '{"price": [10, 10.01]}', '{"fee": [0.8, 1.5]}'),
    ("fees", "item, shipping and gift wrap", '{"price": 20, "shipping": 5, "gift_wrap": 3, "pct": 15}', '{"fee": 4.2}'),
    ("fees", "fuel surcharge", '{"fee": 6, "date": "2026-04-16"}', '{"surcharge": 0, "total": 6}'),
    ("fees", "aged inventory", '{"days": 181, "ft3": 2}', '{"fee": 1}'),
    ("fees", "Amazon order defect rate", '{"defects": [1, 2], "orders": 150}', '{"ok": [true, false]}'),
    ("stock", "FIFO", '{"receipts": [[1, 2.5], [3, 4]], "sales": [2]}', '{"cogs": [6.5], "stock_value": 8}'),
    ("freight", "air cargo 6000", '{"cm": [40, 30, 25], "kg": 4.2, "div": 6000}', '{"chargeable_kg": 5}'),
    ("freight", "USPS", '{"inch": [15, 15, 22], "lb": 10, "date": "2026-07-12"}', '{"chargeable_lb": 36}'),
    ("freight", "pieces: sum, then round", '{"pieces": [[40, 30, 25, 4.2], [20, 20, 20, 1]]}', '{"chargeable_kg": 8}'),
    ("freight", "UPS", '{"inch": [97, 10, 10], "lb": 20}', '{"large": true, "chargeable_lb": 90}'),
    ("freight", "road", '{"cbm": 2, "kg": 400}', '{"chargeable_kg": 666.6667}'),
    ("documents", "S10", '{"serial": "47312482", "service": "RR", "country": "EE"}', '{"id": "RR473124829EE"}'),
    ("documents", "S10 ids", '{"ids": ["RR473124829EE", "RR473124828EE"]}', '{"valid": [true, false]}'),
    ("inventory", "EOQ", '{"D": 12000, "S": 50, "H": 2.4}', '{"eoq": 707.11}'),
    ("abtest", "Wald SPRT", '{"alpha": 0.05, "beta": 0.2}', '{"upper": 2.7726, "lower": -1.5581}'),
    ("inventory", "XYZ", '{"values": [10, 12, 8, 11, 9]}', '{"cv": 0.1581, "cls": "X"}'),
    ("pricing", "elasticity", '{"p": [10, 12], "q": [100, 85]}', '{"arc": -0.8919, "log": -0.8914}'),
    ("documents", "CN22", '{"value_sdr": [300, 300.01, 1], "kg": [2, 1, 2.1]}', '{"form": ["CN22", "CN23", "CN23"]}'),
    ("payments", "IBAN", '{"iban": ["DE89370400440532013000", "DE0"]}', '{"valid": [true, false]}'),
    ("payments", "SCA", '{"previous_eur": [1, 1, 1, 1, 1], "next_eur": 5, "counter": "count"}', '{"exempt": false}'),
]  # fmt: skip


@pytest.mark.parametrize(("area", "rule", "inputs", "expected"), FURTHER, ids=[case[1] for case in FURTHER])
def test_the_same_rules_answer_other_numbers(area, rule, inputs, expected):
    outcome = one(inputs, expected, rule, area)
    assert (outcome.verdict, outcome.differences) == ("pass", ())


@pytest.mark.parametrize(
    ("inputs", "expected", "verdict"),
    [
        ('{"gross": 119, "pct": 19}', '{"net": 100.01}', "fail"),
        ('{"gross": 119, "pct": 19, "moon": 3}', '{"net": 100}', "unsupported"),
        ('{"gross": "many", "pct": 19}', '{"net": 100}', "unsupported"),
        ('{"gross": 119, "pct": 19}', '{"colour": 100}', "unsupported"),
        ('{"weights": 1000000000000, "amount": 1}', '{"sum": 1}', "unsupported"),
        ('{"gross": 119, "pct": 19}', '{"net": 100', "unsupported"),
        ('{"gross": NaN, "pct": 19}', '{"net": 100}', "unsupported"),
        ("[]", "{}", "unsupported"),
        ("", "", "unsupported"),
    ],
)
def test_what_is_wrong_fails_and_what_is_not_known_says_so(inputs, expected, verdict):
    outcome = one(inputs, expected, "VAT out of a gross price", "money")
    assert outcome.verdict == verdict
    assert outcome.differences


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared facts beside the checkout")
def test_every_shared_peer_case_passes():
    found = evaluate(SHARED / "peer_cases.csv", demo_world())
    assert Counter(o.verdict for o in found) == {"pass": 22}


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared facts beside the checkout")
def test_every_shared_case_of_the_areas_in_scope_passes():
    with (SHARED / "golden_misc.csv").open(encoding="utf-8") as source:
        wanted = {row["case_id"] for row in csv.DictReader(source) if row["area"] in SCOPE}
    found = {o.case_id: o for o in evaluate(SHARED / "golden_misc.csv", demo_world())}
    assert {case: found[case].differences for case in wanted if found[case].verdict != "pass"} == {}
    assert not [o.case_id for o in found.values() if o.verdict == "fail"]


SCOPE = (
    "money", "freight", "customs", "documents", "fx", "fees", "payments", "dangerous goods", "inventory", "forecast",
    "abtest", "association",
)  # fmt: skip
