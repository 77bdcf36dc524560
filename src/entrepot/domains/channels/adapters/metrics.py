"""The limits of marketplaces on an account's rates that the package ships."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from entrepot.domains.channels.rules import AccountMetric

FILE = Path(__file__).parents[1] / "data" / "account_metrics.csv"


@cache
def account_metrics() -> list[AccountMetric]:
    """Every row, in the order of its file."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return [
            AccountMetric(
                row["marketplace"],
                row["metric"],
                row["name"],
                row["level"],
                row["window"],
                row["operator"],
                int(row["threshold_ppm"]),
                int(row["least_count"] or 0),
                row["consequence"],
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["source"],
                row["status"],
            )
            for row in csv.DictReader(source)
        ]
