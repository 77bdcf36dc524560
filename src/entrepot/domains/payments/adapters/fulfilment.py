"""The fees of marketplaces' own warehouses that the package ships."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from entrepot.domains.payments.rules.fulfilment import FulfilmentFee

FILE = Path(__file__).parents[1] / "data" / "fulfilment_fees.csv"


@cache
def fulfilment_fees() -> list[FulfilmentFee]:
    """Every row, in the order of its file."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return [
            FulfilmentFee(
                row["programme"],
                row["fee"],
                int(row["over_days"]),
                int(row["to_days"]) if row["to_days"] else None,
                int(row["rate_ppm"]),
                int(row["per_ft3_minor"]),
                int(row["per_unit_minor"]),
                row["currency"],
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["source"],
                row["status"],
            )
            for row in csv.DictReader(source)
        ]
