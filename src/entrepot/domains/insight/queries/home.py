"""How we are doing: the figures of the home page, gathered from the rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from entrepot.domains.fulfilment.queries import ProfitFigures, profit_by
from entrepot.domains.logistics.queries import shipment_states
from entrepot.domains.orders.queries import (
    LateOrders,
    Period,
    holds_open,
    late_orders,
    latest_day,
    orders_and_profit,
    state_counts,
)

SPAN = 30
STALE_AFTER = 7


@dataclass(frozen=True)
class Today:
    """Everything the home page says in words; money in minor units of the books' currency."""

    on: date
    is_past: bool
    day: ProfitFigures
    week: ProfitFigures
    month: ProfitFigures
    orders_before: int
    profit_before: int
    states: dict[str, int]
    holds: dict[str, int]
    late: LateOrders
    late_states: dict[int, str]

    @property
    def total(self) -> int:
        """Orders of all times."""
        return sum(self.states.values())


def reference_day(today: date) -> date:
    """The day the figures look back from: today, or the newest order's day where orders ended long ago."""
    newest = latest_day()
    return newest if newest and newest < today - timedelta(days=STALE_AFTER) else today


def today_figures(today: date) -> Today:
    """The home page's figures in a fixed number of queries."""
    on = reference_day(today)
    month = Period.days_up_to(on, SPAN)
    days = profit_by("day", month)
    orders_before, profit_before = orders_and_profit(month.before)
    late = late_orders(on)
    return Today(
        on=on,
        is_past=on != today,
        day=days.get(on, ProfitFigures()),
        week=_sum(days, Period.days_up_to(on, 7)),
        month=_sum(days, month),
        orders_before=orders_before,
        profit_before=profit_before,
        states=state_counts(),
        holds=holds_open(),
        late=late,
        late_states=shipment_states([order.pk for order in late.first]),
    )


def profit_series(on: date, days: int) -> Sequence[tuple[date, ProfitFigures]]:
    """Each day of a period with its figures, days without orders included."""
    period = Period.days_up_to(on, days)
    found = profit_by("day", period)
    return [(day, found.get(day, ProfitFigures())) for day in _days(period)]


def profit_groups(dimension: str, on: date, days: int, *, limit: int = 12) -> list[tuple[Any, ProfitFigures]]:
    """Markets or channels by profit, the best first; the figures of the rest under None."""
    found = profit_by(dimension, Period.days_up_to(on, days))
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].profit, str(pair[0])))
    shown, rest = ranked[:limit], ranked[limit:]
    return [*shown, (None, _add([figures for _name, figures in rest]))] if rest else shown


def _days(period: Period) -> list[date]:
    return [period.first + timedelta(days=n) for n in range(period.days)]


def _sum(days: dict[Any, ProfitFigures], period: Period) -> ProfitFigures:
    return _add([days[day] for day in _days(period) if day in days])


def _add(parts: Sequence[ProfitFigures]) -> ProfitFigures:
    names = ProfitFigures.__dataclass_fields__
    return ProfitFigures(**{name: sum(getattr(part, name) for part in parts) for name in names})
