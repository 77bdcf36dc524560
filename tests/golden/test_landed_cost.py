"""The worked table of docs/methods/landed_cost.md, and the shared case files where they are there."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from entrepot.config.demo.world import demo_world
from entrepot.config.golden import evaluate, words
from entrepot.engine.cases import landed_cases

ROOT = Path(__file__).resolve().parents[2]
METHOD = ROOT / "docs" / "methods" / "landed_cost.md"
SHARED = ROOT.parent / "shared" / "facts" / "golden_landed_cost.csv"

# The case states its own exchange rate (1,400 won to the dollar); the world has the central bank's of that day.
OWN_RATE = {"KR-01", "KR-02", "KR-03"}
# The case is in dollars; the profile of Korea cuts won.
OWN_CURRENCY = {"KR-04"}
# The case states a federal state's own tax rate, which its destination does not name.
OWN_STATE = {"BR-04"}


def worked_table() -> list[dict[str, str]]:
    """The rows of the method page's table."""
    lines = [line for line in METHOD.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def test_every_worked_case_comes_out_to_the_cent():
    outcomes = landed_cases(worked_table(), demo_world(), words())
    assert len(outcomes) == 101
    assert {o.case_id: o.differences for o in outcomes if o.verdict != "pass"} == {}


def test_the_worlds_own_rules_find_the_stated_regime():
    outcomes = landed_cases(worked_table(), demo_world(), words())
    assert {o.case_id: o.notes for o in outcomes if o.notes and o.case_id not in OWN_RATE} == {}


def test_without_a_stated_regime_the_worlds_rule_computes_the_same():
    stated = (
        "cv_basis",
        "tax_base_rule",
        "duty_applies",
        "flat_duty_per_line",
        "tax_applies",
        "tax_pct",
        "rounding",
    )
    rows = [
        {**row, **dict.fromkeys(stated, "")}
        for row in worked_table()
        if row["case_id"] not in OWN_RATE | OWN_CURRENCY | OWN_STATE
    ]
    rows = [row for row in rows if not row["fee_rule"]]
    outcomes = landed_cases(rows, demo_world(), words())
    passed = Counter(o.verdict for o in outcomes)
    assert {o.case_id: o.differences for o in outcomes if o.verdict == "fail"} == {}
    assert passed["pass"] == len(rows)


def test_a_wrong_expectation_fails_and_an_unreadable_row_is_unsupported():
    good = worked_table()[0]
    wrong = {**good, "exp_tax": "8.56"}
    broken = {**good, "goods": "forty"}
    verdicts = [o.verdict for o in landed_cases([good, wrong, broken], demo_world(), words())]
    assert verdicts == ["pass", "fail", "unsupported"]


@pytest.mark.skipif(not SHARED.is_file(), reason="needs the shared facts beside the checkout")
def test_the_shared_file_passes_whole():
    with SHARED.open(encoding="utf-8") as source:
        rows = sum(1 for _ in csv.DictReader(source))
    outcomes = evaluate(SHARED, demo_world())
    assert Counter(o.verdict for o in outcomes) == {"pass": rows}
