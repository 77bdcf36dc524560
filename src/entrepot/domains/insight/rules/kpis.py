"""KPIs by their definitions: values of a period out of monthly sums, goals, and how a value stands against its goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from entrepot.domains.insight.rules.facts import ORDER_COUNTS
from entrepot.domains.insight.rules.pivot import ratio

PPM = 1_000_000
STOCK_VALUE = "stock_value"
Monthly = Mapping[date, Mapping[str, int]]


@dataclass(frozen=True)
class Definition:
    """A KPI as its row says."""

    code: str
    unit: str
    is_up_good: bool
    numerator: str
    denominator: str
    scale: int
    warn_ppm: int

    @property
    def is_entered(self) -> bool:
        """Whether people enter its values, since no mart has them."""
        return not self.numerator

    @property
    def is_flow(self) -> bool:
        """Whether months add up: a sum, not a ratio of sums."""
        return bool(self.numerator) and not self.denominator

    @property
    def counts_orders(self) -> bool:
        """Whether it counts whole orders, so that it cannot be told apart by goods."""
        return bool({self.numerator, self.denominator} & set(ORDER_COUNTS))


@dataclass(frozen=True)
class Goal:
    """What a KPI shall be in each month from one to another."""

    first: date
    last: date
    value: int


def value_of(kpi: Definition, sums: Mapping[str, int]) -> int | None:
    """A KPI out of the sums of a group or a period; None where there is nothing to divide by or a sum is not known."""
    if kpi.numerator not in sums or (kpi.denominator and kpi.denominator not in sums):
        return None
    return ratio(sums[kpi.numerator], sums[kpi.denominator] if kpi.denominator else 1, kpi.scale)


def value_in(
    kpi: Definition, months: Sequence[date], monthly: Monthly, readings: Mapping[date, int]
) -> int | None:
    """A KPI over some months: the ratio of their sums, or the last value that was entered for one of them."""
    if kpi.is_entered:
        return next((readings[month] for month in reversed(months) if month in readings), None)
    names = [name for name in (kpi.numerator, kpi.denominator) if name]
    found = [monthly[month] for month in months if month in monthly]
    if not found or any(name not in one for one in found for name in names):
        return None
    return value_of(kpi, {name: sum(one[name] for one in found) for name in names})


def goal_in(kpi: Definition, months: Sequence[date], goals: Sequence[Goal]) -> int | None:
    """The goal of some months: the sum of the months' goals of a flow, else that of the last; None without a goal."""
    each = [_goal_of(month, goals) for month in months]
    if not each or any(one is None for one in (each if kpi.is_flow else each[-1:])):
        return None
    return sum(one or 0 for one in each) if kpi.is_flow else each[-1]


def status(kpi: Definition, value: int | None, goal: int | None) -> str:
    """good, warn, bad or "" (no value or no goal): how far the value is off its goal on the wrong side."""
    if value is None or goal is None:
        return ""
    gap = value - goal if kpi.is_up_good else goal - value
    if gap >= 0:
        return "good"
    return "warn" if -gap * PPM <= abs(goal) * kpi.warn_ppm else "bad"


def change(value: int | None, before: int | None) -> int | None:
    """Change against the period before in ppm; None where there is nothing to compare with."""
    if value is None or not before:
        return None
    return ratio(value - before, abs(before), PPM)


def _goal_of(month: date, goals: Sequence[Goal]) -> int | None:
    """Of several goals of a month the one that began last."""
    fitting = [goal for goal in goals if goal.first <= month <= goal.last]
    return max(fitting, key=lambda goal: goal.first).value if fitting else None
