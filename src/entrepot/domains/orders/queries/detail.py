"""One order with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from entrepot.core.models import AuditLog
from entrepot.domains.customs.queries import taxes_of_order
from entrepot.domains.ledger.queries import entries_of
from entrepot.domains.logistics.queries import shipments_of_order
from entrepot.domains.orders.models import Hold, Order, OrderLine, ReturnLine
from entrepot.domains.orders.queries.review import RELEASABLE
from entrepot.domains.warehouse.queries import moves_of

CAUSES = ("order", "return")
TOLD_BY_HOLDS = ("orders.release_hold", "orders.reject")


@dataclass(frozen=True)
class Happening:
    """One line of an order's timeline; `what` says which kind, `about` carries the record."""

    at: datetime
    what: str
    about: Any


@dataclass(frozen=True)
class OrderFile:
    """An order with its lines, holds, shipments, stock moves, taxes, entries, returns and actions."""

    order: Order
    lines: Sequence[OrderLine]
    holds: Sequence[Hold]
    shipments: Sequence[Any]
    moves: Sequence[Any]
    taxes: Sequence[Any]
    entries: Sequence[Any]
    returns: Sequence[ReturnLine]
    actions: Sequence[AuditLog]

    @property
    def open_holds(self) -> list[tuple[Hold, bool]]:
        """Holds a person has still to decide on, and whether each may be released at all."""
        return [(hold, hold.code in RELEASABLE) for hold in self.holds if hold.state == Hold.State.OPEN]

    @property
    def timeline(self) -> list[Happening]:
        """What happened, in order: placed, held, decided, booked, acted on, shipped."""
        found = [Happening(self.order.placed_at, "placed", self.order)]
        found += [Happening(hold.opened_at, "held", hold) for hold in self.holds]
        found += [Happening(hold.closed_at, hold.state, hold) for hold in self.holds if hold.closed_at]
        if self.order.decided_at:
            found.append(Happening(self.order.decided_at, "decided", self.order))
        found += [Happening(entry.booked_at, "booked", entry) for entry in self.entries]
        told = TOLD_BY_HOLDS if self.holds else ()
        found += [
            Happening(action.at, "action", action) for action in self.actions if action.action not in told
        ]
        found += [
            Happening(parcel.shipped_at, "shipped", parcel) for parcel in self.shipments if parcel.shipped_at
        ]
        return sorted(found, key=lambda one: one.at)


def ids_of_number(number: str) -> list[int]:
    """Orders with this number, ours or the channel's own."""
    return list(Order.objects.filter(Q(number=number) | Q(external_id=number)).values_list("pk", flat=True))


def order_with_lines(order_id: int) -> Order | None:
    """An order with its customer, lines and holds: three queries; None when there is no such order."""
    found = Order.objects.select_related("customer").filter(pk=order_id)
    return found.prefetch_related("lines", "hold_rows").first()


def order_numbers(order_ids: Sequence[int]) -> dict[int, str]:
    """Our number of each of some orders."""
    return dict(Order.objects.filter(pk__in=order_ids).values_list("pk", "number"))


def order_file(order_id: int) -> OrderFile | None:
    """Everything about one order, in a fixed number of queries; None when there is no such order."""
    order = Order.objects.select_related("customer").filter(pk=order_id).first()
    if order is None:
        return None
    return OrderFile(
        order=order,
        lines=list(order.lines.select_related("sku__product__category").order_by("line_no")),
        holds=list(order.hold_rows.select_related("closed_by").order_by("opened_at", "pk")),
        shipments=shipments_of_order(order_id),
        moves=moves_of(CAUSES, order_id),
        taxes=taxes_of_order(order_id),
        entries=entries_of(CAUSES, order_id),
        returns=list(order.returns.order_by("received_on", "pk")),
        actions=list(
            AuditLog.objects.filter(room="orders", object_ref=f"order:{order_id}")
            .select_related("actor")
            .order_by("pk")
        ),
    )
