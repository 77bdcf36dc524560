"""Account health: whether a rate of defects, late or lost parcels is within what a marketplace allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

PPM = 1_000_000
TESTS = {
    "<": lambda rate, limit: rate < limit,
    "<=": lambda rate, limit: rate <= limit,
    ">": lambda rate, limit: rate > limit,
    ">=": lambda rate, limit: rate >= limit,
}


@dataclass(frozen=True)
class AccountMetric:
    """What a marketplace asks of a rate, dated. `least_count`: fewer cases than this never count as a breach."""

    marketplace: str
    metric: str
    name: str
    level: str
    window: str
    operator: str
    threshold_ppm: int
    least_count: int
    consequence: str
    valid_from: date
    valid_to: date | None
    source: str
    status: str
    name_zh: str = ""


def rate_of(count: int, of: int) -> Fraction:
    """The rate; nothing of nothing is nothing. Errors: ValueError for a negative number."""
    if count < 0 or of < 0:
        raise ValueError("a count is negative")
    return Fraction(count, of) if of else Fraction(0)


def is_met(metric: AccountMetric, count: int, of: int) -> bool:
    """Whether a rate is within the limit: eBay's defect rate breaks it above 2 % and with 5 defects or more only."""
    if count < metric.least_count:
        return True
    return TESTS[metric.operator](rate_of(count, of), Fraction(metric.threshold_ppm, PPM))


def metric_of(
    rows: Iterable[AccountMetric], marketplace: str, metric: str, level: str, on: date
) -> AccountMetric | None:
    """The row of a marketplace's metric in force on a day; None where none is known."""
    fitting = [
        row
        for row in rows
        if (row.marketplace, row.metric, row.level) == (marketplace, metric, level)
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
    ]
    return fitting[-1] if fitting else None
