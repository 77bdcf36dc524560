"""The origin thresholds that the package ships."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from entrepot.domains.customs.rules.origin import Threshold

FILE = Path(__file__).parents[1] / "data" / "origin_thresholds.csv"


@cache
def thresholds() -> list[Threshold]:
    """Every threshold, in the order of its file."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return [
            Threshold(
                row["agreement"],
                row["test"],
                int(row["rate_ppm"]),
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["source"],
                row["status"],
            )
            for row in csv.DictReader(source)
        ]
