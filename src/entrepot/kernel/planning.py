"""Stock planning for single values: safety stock, reorder point, order quantity, turnover, classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import NormalDist, fmean, stdev

DAYS = 365
CLASSES = ((Fraction(80, 100), "A"), (Fraction(95, 100), "B"))
STEADY, UNSTEADY = 0.5, 1.0  # coefficient of variation up to which demand is X, and Y


def safety_stock(
    service: float, sd: float, lead: float, *, demand: float = 0.0, lead_sd: float = 0.0
) -> float:
    """Stock kept for bad luck: z × √(lead time × sd² + demand² × sd of the lead time²).

    Units: pieces; demand, its standard deviation and lead time in the same period. Errors: ValueError for a service
    level outside 0 to 1.
    """
    if not 0 < service < 1:
        raise ValueError("a service level lies between 0 and 1")
    return NormalDist().inv_cdf(service) * math.sqrt(lead * sd**2 + demand**2 * lead_sd**2)


def reorder_point(demand: Fraction, lead: Fraction, safety: Fraction) -> Fraction:
    """Stock at which to order again: demand in the lead time and the safety stock."""
    return demand * lead + safety


def order_quantity(demand: float, order_cost: float, holding_cost: float) -> float:
    """The quantity of least cost (Wilson): √(2 × demand × cost of an order / cost of keeping a piece)."""
    return math.sqrt(2 * demand * order_cost / holding_cost)


def turnover(cost_of_sales: Fraction, average_stock: Fraction) -> tuple[Fraction, Fraction]:
    """Turns of the stock in a year, and days that it lasts."""
    turns = cost_of_sales / average_stock
    return turns, DAYS / turns


def by_value(values: Sequence[Fraction]) -> list[tuple[Fraction, str]]:
    """Each item's cumulated share and class, from the greatest value: A to 80 %, B to 95 %, else C.

    An item belongs to the class in which its share starts. Values in any order; the answer is by falling value.
    """
    total, before, found = sum(values, Fraction(0)), Fraction(0), []
    for value in sorted(values, reverse=True):
        name = next((name for limit, name in CLASSES if before / total < limit), "C")
        before += value
        found.append((before / total, name))
    return found


def by_variation(demand: Sequence[float]) -> tuple[float, str]:
    """Coefficient of variation (sample standard deviation / mean) and class: X up to 0.5, Y up to 1, else Z."""
    variation = stdev(demand) / fmean(demand)
    return variation, "X" if variation <= STEADY else "Y" if variation <= UNSTEADY else "Z"
