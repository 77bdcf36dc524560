"""Currencies fixed to another: their euro rate follows from the anchor's reference rate of the day."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from entrepot.domains.ledger.adapters import ecb

E6 = 1_000_000
SHIPPED = Path(__file__).resolve().parent.parent / "data" / "pegs.csv"


def pegged(
    rates: Iterable[tuple[str, date, int]], pegs: list[dict[str, str]]
) -> Iterator[tuple[str, date, int, str]]:
    """(currency, day, rate × 1,000,000, source) for every day the anchor has a rate and the peg is in force.

    Units: units of the currency for one euro, half-up to six places.
    """
    by_anchor: dict[str, list[dict[str, str]]] = {}
    for peg in pegs:
        by_anchor.setdefault(peg["anchor"], []).append(peg)
    for anchor, day, rate in rates:
        for peg in by_anchor.get(anchor, ()):
            if peg["valid_from"] <= day.isoformat() and (
                not peg["valid_to"] or day.isoformat() <= peg["valid_to"]
            ):
                crossed = (2 * rate * int(peg["per_anchor_e6"]) + E6) // (2 * E6)
                yield peg["currency"], day, crossed, peg["source"]


def shipped() -> list[dict[str, str]]:
    """The pegs that come with the program."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference_rates(since: date) -> list[tuple[str, date, int, str]]:
    """Every shipped rate from a day on: the bank's own, then those that follow from a peg, each with its source."""
    quoted = ecb.bundled_history(since=since)
    return [*((*rate, ecb.SOURCE) for rate in quoted), *pegged(quoted, shipped())]
