"""Worked cases of duty and tax, evaluated by the engine over the rules the package ships."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from entrepot.engine.cases import Outcome, Words, landed_cases
from entrepot.engine.world import World

HERE = Path(__file__).parent


def words() -> Words:
    """What the words of a case file mean, from the tables beside this module."""
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
    if rows and {"case_id", "scheme", "goods"} <= rows[0].keys():
        return landed_cases(rows, world, words())
    return [
        Outcome(row.get("case_id") or row.get("case") or "?", "unsupported", ("no evaluator",))
        for row in rows
    ]
