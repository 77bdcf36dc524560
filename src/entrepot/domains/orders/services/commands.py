"""Commands on orders: take them in, give them their decision, release, refuse, cancel, ship, deliver, take back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from entrepot.core import audit, outbox
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.domains.customs import services as customs
from entrepot.domains.ledger import services as ledger
from entrepot.domains.logistics import services as logistics
from entrepot.domains.orders import events, frames, rules
from entrepot.domains.orders.models import Hold
from entrepot.domains.warehouse import services as warehouse

read_batch = frames.batch_frames
lock_new_orders = frames.lock_new_orders
LEFT = rules.LEFT
QUEUE_ORDER = "priority DESC, placed_at, id"


@transaction.atomic
def insert_customers(customers: Frame) -> Frame:
    """Take customers in (`frames.NEW_CUSTOMERS`); gives `code`, `customer_id` of all, new or known."""
    return frames.write_customers(customers)


@transaction.atomic
def insert_orders(orders: Frame, lines: Frame) -> Frame:
    """Take orders in (`frames.NEW_ORDERS`, `frames.NEW_LINES`); the same order arriving ten times is one order.

    Shapes: n orders (key `ref`), m lines (key `ref`, `line_no`); result one row per order: `ref`, `order_id`, `is_new`.
    Units: minor units of the order's currency; unit price in 1/10000 of the major unit.
    Errors: a broken frame raises SchemaError; strange data is taken in and held by review.
    """
    inserted = frames.write_orders(orders, lines)
    outbox.emit_for(
        events.RECEIVED, "order_id", inserted.filter(inserted["is_new"])["order_id"].unique().sort().to_list()
    )
    return inserted


def pending_ids(
    *, channel: str = "", source: str = "", account: str = "", only: Collection[int] | None = None
) -> list[int]:
    """Orders that wait for a decision, in the order in which they are to be decided."""
    where, params = ["state = 'new'"], list[Any]()
    for column, value in (("channel", channel), ("source", source), ("account", account)):
        if value:
            where.append(f"{column} = %s")
            params.append(value)
    if only is not None:
        where.append("id = ANY(%s)")
        params.append(list(only))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM orders_order WHERE {' AND '.join(where)} ORDER BY {QUEUE_ORDER}", params
        )
        return [row[0] for row in cursor.fetchall()]


def states_of(orders: Frame) -> Frame:
    """The states some orders (`order_id`) are in, locked until the end of the transaction: order_id, state."""
    return frames.states_of(orders["order_id"].to_list())


@transaction.atomic
def apply_decisions(applied: Frame, holds: Frame) -> int:
    """Give new orders their decision (`frames.APPLIED`) and open their holds (`frames.HOLDS`).

    How many orders were still new and got it; a caller that counted on all must look.
    """
    return frames.write_decisions(applied, holds)


class ReasonMissing(ValueError):
    """A hold that the law asks about is released without a reason."""


def buyer_names(order_ids: Sequence[int]) -> Frame:
    """Every name an order is bought or received under (`order_id`, `name`): personal data, to be screened, not kept."""
    return frames.buyer_names(order_ids)


@transaction.atomic
def release_holds(
    order_ids: Sequence[int], user: Actor, *, codes: Sequence[str] | None = None, note: str = ""
) -> int:
    """Let held orders pass: all their open holds, or those of some codes; how many orders were touched.

    An order without open holds left is new again and is decided anew; what was released no longer holds it.
    Errors: ReasonMissing when one of the holds needs a reason and there is no note.
    """
    if not note.strip() and _open_codes(order_ids, codes) & rules.NEEDS_REASON:
        raise ReasonMissing
    touched = _close_holds(order_ids, user, verdict="released", codes=codes, note=note)
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [touched])
        free = [row[0] for row in cursor.fetchall()]
    outbox.emit_for(events.RELEASED, "order_id", free)
    outbox.deliver_soon()
    _log(user, "orders.release_hold", touched, codes=list(codes or ()), note=note)
    return len(touched)


def _held_by_hand(order_ids: Sequence[int]) -> set[int]:
    holds = Hold.objects.filter(order_id__in=order_ids, state=Hold.State.OPEN, code=rules.HELD_BY_HAND)
    return set(holds.values_list("order_id", flat=True))


def _open_codes(order_ids: Sequence[int], codes: Sequence[str] | None) -> set[str]:
    holds = Hold.objects.filter(order_id__in=order_ids, state=Hold.State.OPEN)
    return set((holds.filter(code__in=codes) if codes is not None else holds).values_list("code", flat=True))


@transaction.atomic
def hold_orders(order_ids: Sequence[int], user: Actor, *, note: str = "") -> int:
    """Stop orders that have not left until a person releases them; how many.

    What was booked for confirmed ones is taken back; a released order is decided anew.
    """
    found = _lock(order_ids, rules.HOLDABLE)
    _withdraw([order_id for order_id, state in found if state in rules.BOOKED], on=timezone.localdate())
    held = [order_id for order_id, _state in found]
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [rules.HELD_BY_HAND, note, held])
        cursor.execute(_SHOW_HOLDS, [held])
    outbox.emit_for(events.HELD, "order_id", held)
    _log(user, "orders.hold", held, note=note)
    return len(held)


@transaction.atomic
def reject_orders(
    order_ids: Sequence[int], user: Actor, *, codes: Sequence[str] | None = None, note: str = ""
) -> int:
    """Refuse held orders because of their holds: the holds are closed and the orders cancelled; how many."""
    touched = _close_holds(order_ids, user, verdict="rejected", codes=codes, note=note)
    _cancel(touched, on=timezone.localdate())
    _log(user, "orders.reject", touched, codes=list(codes or ()), note=note)
    return len(touched)


@transaction.atomic
def cancel_orders(order_ids: Sequence[int], user: Actor, *, note: str = "", on: date | None = None) -> int:
    """Cancel orders that have not left, and take back what was booked for confirmed ones; how many were cancelled."""
    cancelled = _cancel(order_ids, on=on or timezone.localdate())
    _log(user, "orders.cancel", cancelled, note=note)
    return len(cancelled)


@transaction.atomic
def reopen_orders(order_ids: Sequence[int], user: Actor, *, note: str = "") -> list[int]:
    """Put orders that have not left before the engine again; what was booked for them is taken back first.

    Those that a person put on hold stay there until they are released.
    """
    found = [one for one in _lock(order_ids, rules.DECIDABLE_AGAIN) if one[0] not in _held_by_hand(order_ids)]
    _withdraw([order_id for order_id, state in found if state in rules.BOOKED], on=timezone.localdate())
    reopened = [order_id for order_id, _state in found]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET state = 'new', holds = '{}' WHERE id = ANY(%s)", [reopened])
        cursor.execute("DELETE FROM orders_hold WHERE state = 'open' AND order_id = ANY(%s)", [reopened])
    _log(user, "orders.reopen", reopened, note=note)
    return reopened


@transaction.atomic
def change_priority(order_ids: Sequence[int], priority: int, user: Actor) -> int:
    """Let orders that are not decided yet go first (or last); how many were changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET priority = %s WHERE id = ANY(%s) AND priority <> %s RETURNING id",
            [priority, sorted(order_ids), priority],
        )
        changed = [row[0] for row in cursor.fetchall()]
    _log(user, "orders.change_priority", changed, priority=priority)
    return len(changed)


@transaction.atomic
def mark_shipped(order_ids: Sequence[int]) -> int:
    """The goods of confirmed orders have left."""
    return _move_on(events.SHIPPED, "state = 'shipped'", "state = 'confirmed'", order_ids)


@transaction.atomic
def mark_delivered(order_ids: Sequence[int], delivered_on: date) -> int:
    """The goods of some orders arrived on a day."""
    return _move_on(
        events.DELIVERED,
        f"state = 'delivered', delivered_on = '{delivered_on.isoformat()}'",
        "state IN ('confirmed', 'shipped')",
        order_ids,
    )


@transaction.atomic
def mark_returned(order_ids: Sequence[int]) -> int:
    """Everything of some orders came back."""
    return _move_on(
        events.RETURNED, "state = 'returned'", "state IN ('confirmed', 'shipped', 'delivered')", order_ids
    )


@transaction.atomic
def record_returns(returns: Frame) -> Frame:
    """Record what came back (`frames.NEW_RETURNS`), once; gives the rows that were new.

    Goods and money are booked by `fulfilment.services.book_returns`, which calls this.
    """
    return frames.write_returns(returns)


def fully_returned(order_ids: Sequence[int]) -> list[int]:
    """Which of some orders have come back piece by piece as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(_FULLY_RETURNED, [list(order_ids), list(order_ids)])
        return [row[0] for row in cursor.fetchall()]


def _close_holds(
    order_ids: Sequence[int], user: Actor, *, verdict: str, codes: Sequence[str] | None, note: str
) -> list[int]:
    held = [order_id for order_id, _state in _lock(order_ids, rules.REVIEWABLE)]
    person = getattr(user, "pk", None)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [verdict, person, note, held, codes is None, list(codes or ())])
        return sorted({row[0] for row in cursor.fetchall()})


def _cancel(order_ids: Sequence[int], *, on: date) -> list[int]:
    found = _lock(order_ids, rules.CANCELLABLE)
    _withdraw([order_id for order_id, state in found if state in rules.BOOKED], on=on)
    cancelled = [order_id for order_id, _state in found]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET state = 'cancelled', holds = '{}' WHERE id = ANY(%s)", [cancelled]
        )
        cursor.execute(
            "UPDATE orders_hold SET state = 'rejected', closed_at = now() WHERE state = 'open' AND order_id = ANY(%s)",
            [cancelled],
        )
    outbox.emit_for(events.CANCELLED, "order_id", cancelled)
    return cancelled


def _withdraw(order_ids: list[int], *, on: date) -> None:
    if order_ids:
        logistics.cancel_shipments(order_ids)
        customs.reverse_taxes(order_ids, on=on)
        warehouse.reverse_moves("order", order_ids, on=on)
        ledger.reverse_entries("order", order_ids, on=on)


def _lock(order_ids: Sequence[int], states: Collection[str]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM orders_order WHERE id = ANY(%s) AND state = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [list(order_ids), sorted(states)],
        )
        return list(cursor.fetchall())


def _move_on(event: str, change: str, condition: str, order_ids: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE orders_order SET {change} WHERE id = ANY(%s) AND {condition} RETURNING id",
            [sorted(order_ids)],
        )
        moved = [row[0] for row in cursor.fetchall()]
    outbox.emit_for(event, "order_id", moved)
    return len(moved)


def _log(user: Actor, action: str, order_ids: Sequence[int], **detail: object) -> None:
    audit.record_many(user, action, [f"order:{order_id}" for order_id in order_ids], **detail)


_CLOSE = """
    UPDATE orders_hold SET state = %s, closed_at = now(), closed_by_id = %s, note = %s
    WHERE order_id = ANY(%s) AND state = 'open' AND (%s OR code = ANY(%s)) RETURNING order_id
"""
_HOLD = """
    INSERT INTO orders_hold AS hold (order_id, code, detail, state, opened_at, note)
    SELECT id, %s, %s, 'open', now(), '' FROM unnest(%s::bigint[]) AS id
    ON CONFLICT (order_id, code) DO UPDATE
        SET state = 'open', detail = excluded.detail, opened_at = now(), closed_at = NULL, closed_by_id = NULL
"""
_SHOW_HOLDS = """
    UPDATE orders_order AS o SET state = 'held', holds = open.codes
    FROM (SELECT order_id, array_agg(code ORDER BY code) AS codes FROM orders_hold
          WHERE state = 'open' AND order_id = ANY(%s) GROUP BY 1) AS open
    WHERE o.id = open.order_id
"""
_RELEASE = """
    WITH holds AS (
        SELECT order_id,
            coalesce(array_agg(code ORDER BY code) FILTER (WHERE state = 'open'), '{}') AS open,
            coalesce(array_agg(code ORDER BY code) FILTER (WHERE state = 'released'), '{}') AS released
        FROM orders_hold WHERE order_id = ANY(%s) GROUP BY order_id
    ), changed AS (
        UPDATE orders_order AS o SET holds = holds.open, released = holds.released,
            state = CASE WHEN holds.open = '{}' THEN 'new' ELSE o.state END
        FROM holds WHERE o.id = holds.order_id RETURNING o.id, o.state
    )
    SELECT id FROM changed WHERE state = 'new' ORDER BY id
"""
_FULLY_RETURNED = """
    SELECT order_id FROM (
        SELECT order_id, sum(quantity) AS pieces FROM orders_orderline WHERE order_id = ANY(%s) GROUP BY 1
    ) AS sold JOIN (
        SELECT order_id, sum(quantity) AS pieces FROM orders_returnline WHERE order_id = ANY(%s) GROUP BY 1
    ) AS back USING (order_id)
    WHERE back.pieces >= sold.pieces ORDER BY 1
"""
