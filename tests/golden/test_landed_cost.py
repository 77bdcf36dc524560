"""The worked table of docs/methods/landed_cost.md, and the shared case files where they are there."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from entrepot.config.demo.world import demo_world
from entrepot.config.golden import evaluate, words
from entrepot.engine.cases import Outcome, landed_cases

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


@cache
def of_the_table() -> list[Outcome]:
    """What becomes of every row of the method page."""
    return landed_cases(worked_table(), demo_world(), words())


def test_every_worked_case_comes_out_to_the_cent():
    outcomes = of_the_table()
    assert len(outcomes) == 101
    assert {o.case_id: o.differences for o in outcomes if o.verdict != "pass"} == {}


def test_the_worlds_own_rules_find_the_stated_regime():
    outcomes = of_the_table()
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


@pytest.mark.parametrize(
    ("column", "wrong", "said"),
    [
        ("goods", "-150.01", "negative"), ("goods", "NaN", "no figure"), ("goods", "1e400", "no figure"),
        ("goods", "150.015", "decimals"), ("freight", "ten", "no number"), ("duty_pct", "-12", "negative"),
        ("addl_pct", "5+x", "no number"), ("tariff_lines", "1.5", "decimals"), ("fee_rule", "FIX:-3", "negative"),
        ("fee_rule", "TOLL", "unknown fee"), ("duty_applies", "Q", "none of Y, N"), ("rounding", "odd", "none of"),
        ("cv_basis", "BOGUS", "none of GOODS"), ("tax_base_rule", "BOGUS", "none of PRICE"), ("origin", "", "empty"),
        ("entry_date", "2026-13-40", "month"), ("currency", "XXQ", "unknown"), ("exp_tax", "much", "no number"),
    ],
)  # fmt: skip
def test_a_wrong_figure_or_word_is_named_and_nothing_is_computed(column, wrong, said):
    (outcome,) = landed_cases([{**worked_table()[0], column: wrong}], demo_world(), words())
    assert outcome.verdict == "unsupported"
    assert said in outcome.differences[0]


@pytest.mark.parametrize(
    ("words_of", "duty"), [("2dp half-even", "0.04"), ("2dp half-up", "0.05"), ("truncated", "0.04")]
)
def test_a_case_is_rounded_as_it_says(words_of, duty):
    case = {**worked_table()[0], "goods": "0.45", "duty_pct": "10", "cv_basis": "CIF", "freight": "0"}
    stated = {"duty_applies": "Y", "flat_duty_per_line": "0", "rounding": words_of, "exp_duty": duty}
    asked = {name: "" for name in case if name.startswith("exp_")}
    (outcome,) = landed_cases([{**case, **asked, **stated}], demo_world(), words())
    assert (outcome.verdict, outcome.differences) == ("pass", ())


@pytest.mark.skipif(not SHARED.is_file(), reason="needs the shared facts beside the checkout")
def test_the_shared_file_passes_whole():
    with SHARED.open(encoding="utf-8") as source:
        rows = sum(1 for _ in csv.DictReader(source))
    outcomes = evaluate(SHARED, demo_world())
    assert Counter(o.verdict for o in outcomes) == {"pass": rows}
