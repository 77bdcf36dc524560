"""Figures of the orders by period, for the home page and insight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet, Sum, Window

from entrepot.domains.orders.models import Hold, Order
from entrepot.domains.orders.queries.listing import UNDERWAY


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def days_up_to(cls, last: date, days: int) -> Period:
        """The given number of days, the last one being `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """The period of the same length just before."""
        return Period.days_up_to(self.first - timedelta(days=1), self.days)


def latest_day() -> date | None:
    """The day of the newest order; None when there are no orders."""
    newest: date | None = (
        Order.objects.order_by("-placed_at", "-id").values_list("placed_on", flat=True).first()
    )
    return newest


def placed_in(period: Period) -> QuerySet[Order]:
    """Orders placed in a period, found by the index on the instant."""
    since = datetime.combine(period.first - timedelta(days=1), time.min, UTC)
    until = datetime.combine(period.last + timedelta(days=2), time.min, UTC)
    return Order.objects.filter(
        placed_at__gte=since, placed_at__lt=until, placed_on__gte=period.first, placed_on__lte=period.last
    )


def state_counts() -> dict[str, int]:
    """How many orders stand in each state."""
    rows = Order.objects.order_by().values("state").annotate(n=Count("*")).values_list("state", "n")
    return dict(rows)


def holds_open() -> dict[str, int]:
    """How many orders wait for a person, by reason, the most frequent first."""
    rows = Hold.objects.filter(state=Hold.State.OPEN).values("code").annotate(n=Count("pk"))
    return dict(rows.order_by("-n", "code").values_list("code", "n"))


@dataclass(frozen=True)
class LateOrders:
    """Orders past their promise that have not arrived: how many, and those that wait longest."""

    count: int
    first: Sequence[Order]


def late_orders(on: date, *, limit: int = 8) -> LateOrders:
    """What the list shows under "past its promise", counted in the same query."""
    late = Order.objects.filter(state__in=UNDERWAY, promise_on__lt=on).annotate(among=Window(Count("*")))
    first = list(late.order_by("promise_on", "pk")[:limit])
    return LateOrders(first[0].among if first else 0, first)


def orders_and_profit(period: Period) -> tuple[int, int]:
    """How many orders were placed in a period, and what those that stand have earned."""
    stand = ~Q(state__in=("cancelled", "returned"))
    sums = placed_in(period).aggregate(n=Count("*"), profit=Sum("profit_base_minor", filter=stand))
    return sums["n"], sums["profit"] or 0


def daily_orders(period: Period) -> dict[date, int]:
    """Number of orders by day."""
    rows = placed_in(period).order_by().values("placed_on").annotate(n=Count("pk"))
    return dict(rows.values_list("placed_on", "n"))
