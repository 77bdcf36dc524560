"""Origin: whether goods made of parts from elsewhere still count as made here, by the figures of an agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

PPM = 1_000_000


@dataclass(frozen=True)
class Threshold:
    """What an agreement asks: `rvc` at least, or `de_minimis` at most, so many ppm of the FOB value."""

    agreement: str
    test: str
    rate_ppm: int
    valid_from: date
    valid_to: date | None
    source: str
    status: str


def build_down(fob: int, foreign: int) -> Fraction:
    """Regional value content: (FOB - value of non-originating materials) / FOB.

    Units: minor units of one currency. Errors: ValueError without a positive FOB value or with a negative part.
    """
    return _share(fob - foreign, fob, foreign)


def build_up(fob: int, regional: int) -> Fraction:
    """Regional value content: value of originating materials, labour and profit / FOB. Errors as in `build_down`."""
    return _share(regional, fob, regional)


def tolerated(fob: int, unchanged: int) -> Fraction:
    """The share of materials that do not change their heading, for the de-minimis test. Errors as in `build_down`."""
    return _share(unchanged, fob, unchanged)


def _share(part: int, fob: int, given: int) -> Fraction:
    if fob <= 0 or given < 0:
        raise ValueError("the FOB value must be positive and no part negative")
    return Fraction(part, fob)


def meets(share: Fraction, threshold: Threshold) -> bool:
    """Whether a share meets what an agreement asks: the limit itself is inside."""
    limit = Fraction(threshold.rate_ppm, PPM)
    return share >= limit if threshold.test == "rvc" else share <= limit


def threshold_of(rows: list[Threshold], agreement: str, test: str, on: date) -> Threshold | None:
    """The threshold of an agreement in force on a day; None where none is known."""
    fitting = [
        row
        for row in rows
        if row.agreement == agreement
        and row.test == test
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
    ]
    return fitting[-1] if fitting else None
