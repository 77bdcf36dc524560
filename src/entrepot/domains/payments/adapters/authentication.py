"""The limits of the low-value exemption that the package ships."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from entrepot.domains.payments.rules.authentication import LowValue

FILE = Path(__file__).parents[1] / "data" / "low_value_limits.csv"


@cache
def low_value_limits() -> dict[str, LowValue]:
    """Limits by currency."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return {
            row["currency"]: LowValue(
                row["currency"],
                int(row["payment_minor"]),
                int(row["sum_minor"]),
                int(row["count"]),
                row["source"],
                row["status"],
            )
            for row in csv.DictReader(source)
        }
