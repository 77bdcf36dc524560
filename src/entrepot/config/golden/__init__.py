"""Worked cases from a file, evaluated by the product's own rules over the data the package ships.

Three formats are known by their columns: landed cost (one column per input), and cases with `inputs` and `expected` as
JSON, by area or by source. A rule is found by the names of a case's inputs, never by its number.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from entrepot.config.golden import (
    batteries,
    customs,
    documents,
    estimates,
    exports,
    fees,
    freight,
    fx,
    money,
    payments,
    stock,
)
from entrepot.config.golden.case import Case, read
from entrepot.config.golden.methods import Method, judge
from entrepot.engine.cases import Outcome, Words, landed_cases
from entrepot.engine.world import World

HERE = Path(__file__).parent
METHODS: list[Method] = [
    method
    for module in (
        money,
        fx,
        customs,
        exports,
        fees,
        freight,
        documents,
        payments,
        stock,
        batteries,
        estimates,
    )
    for method in module.METHODS
]


def words() -> Words:
    """What the words of a landed-cost case mean, from the tables beside this module."""
    tables = {
        name: pl.read_csv(HERE / f"{name}.csv", infer_schema=False)
        for name in ("schemes", "roundings", "fees")
    }
    return Words(**tables)


def evaluate(path: Path, world: World) -> list[Outcome]:
    """The verdict on every row of a case file; rows of a format not known are `unsupported`.

    Errors: OSError when the file cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = [
            {key: (value or "").strip() for key, value in row.items() if key}
            for row in csv.DictReader(source)
        ]
    return outcomes(rows, world)


def outcomes(rows: list[dict[str, str]], world: World) -> list[Outcome]:
    """The verdict on rows, whichever of the formats they have."""
    if rows and {"case_id", "scheme", "goods"} <= rows[0].keys():
        return landed_cases(rows, world, words())
    cases = [_case(row) for row in rows]
    given = {case.case_id: case.inputs for case in cases if isinstance(case, Case)}
    return [
        judge(replace(case, others=given), METHODS, world) if isinstance(case, Case) else case
        for case in cases
    ]


def _case(row: Mapping[str, str]) -> Case | Outcome:
    try:
        return read(row)
    except ValueError as error:
        return Outcome(row.get("case_id") or row.get("case") or "?", "unsupported", (str(error),))
