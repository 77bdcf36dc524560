"""The review queue: open holds, why they are there and how long they have waited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from entrepot.domains.orders.models import Hold
from entrepot.domains.orders.queries.listing import Count as RowCount
from entrepot.domains.orders.queries.listing import count_rows, list_rows
from entrepot.engine.review import UNRELEASABLE
from entrepot.kernel.issue import ISSUES

RELEASABLE = tuple(code for code in ISSUES if code not in UNRELEASABLE)


@dataclass(frozen=True)
class HoldReason:
    """One reason for which orders wait: how many there are and since when the oldest has waited."""

    code: str
    orders: int
    oldest: datetime


@dataclass(frozen=True)
class HeldOrder:
    """One open hold with its order as the queue shows it."""

    hold: Hold
    order: Any

    @property
    def may_release(self) -> bool:
        """Whether a person's word is enough to let the order pass."""
        return self.hold.code in RELEASABLE


def hold_reasons() -> list[HoldReason]:
    """Reasons with open holds, the fullest first."""
    rows = (
        Hold.objects.filter(state="open")
        .values("code")
        .annotate(n=Count("pk"), oldest=Min("opened_at"))
        .order_by("-n", "code")
    )
    return [HoldReason(row["code"], row["n"], row["oldest"]) for row in rows]


def open_holds(code: str = "") -> QuerySet[Hold]:
    """Open holds, of one reason or all, the longest waiting first."""
    holds = Hold.objects.filter(state="open")
    return (holds.filter(code=code) if code else holds).order_by("opened_at", "pk")


def held_orders(code: str, *, page: int, per_page: int = 50) -> tuple[Sequence[HeldOrder], RowCount]:
    """One page of the queue and its length: three queries whatever the number of rows."""
    holds = open_holds(code)
    start = (max(page, 1) - 1) * per_page
    shown = list(holds[start : start + per_page])
    orders = {order.pk: order for order in list_rows().filter(pk__in=[hold.order_id for hold in shown])}
    return [HeldOrder(hold, orders[hold.order_id]) for hold in shown], count_rows(holds)


def holds_by_code(hold_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Order and reason of the open holds among the given ones."""
    return list(
        Hold.objects.filter(pk__in=hold_ids, state="open")
        .order_by("order_id", "code")
        .values_list("order_id", "code")
    )
