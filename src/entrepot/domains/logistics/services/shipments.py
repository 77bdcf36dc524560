"""Commands of the way: plan, ship, deliver, call off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from entrepot.core.frames import Frame, stage
from entrepot.domains.logistics import frames


@transaction.atomic
def plan_shipments(plans: Frame) -> None:
    """Plan the shipments of orders (`frames.PLANS`), one for each part.

    Errors: IntegrityError when an order has such a shipment already that was not called off.
    """
    frames.write_shipments(plans)


def planned_loads(first: date, last: date) -> Frame:
    """What is planned to leave, or has left, on the days of a period (frame BOOKED)."""
    return frames.planned(first, last)


def lock_capacities() -> None:
    """Let nobody else plan against capacities until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('logistics.capacity'))")


@transaction.atomic
def mark_shipped(until: date) -> tuple[list[int], list[int]]:
    """Everything planned to leave up to a day has left; gives the orders of which nothing is left to send, and those
    of which a part left now and another is still to be sent."""
    with connection.cursor() as cursor:
        cursor.execute(_SHIP, [until])
        moved = {row[0] for row in cursor.fetchall()}
        cursor.execute(_STILL_PLANNED, [list(moved)])
        begun = {row[0] for row in cursor.fetchall()}
        return sorted(moved - begun), sorted(begun)


@transaction.atomic
def record_deliveries(deliveries: Frame) -> list[int]:
    """Parcels under way arrived, got lost or came back (`frames.DELIVERIES`); gives the orders' ids that changed."""
    table = stage("delivery", frames.DELIVERIES.check(deliveries))
    with connection.cursor() as cursor:
        cursor.execute(_DELIVER.format(table=table))
        return sorted(row[0] for row in cursor.fetchall())


def ended(order_ids: Sequence[int]) -> list[tuple[str, date | None, list[int]]]:
    """Orders among some whose shipments all ended alike: (state, last day, orders' ids) by state and day."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [list(order_ids)])
        return [(state, day, list(ids)) for state, day, ids in cursor.fetchall()]


@transaction.atomic
def cancel_shipments(order_ids: Sequence[int]) -> int:
    """Call off shipments that have not left; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, [list(order_ids)])
        return int(cursor.rowcount)


_SHIP = """
    UPDATE logistics_shipment SET state = 'shipped',
        shipped_at = least((ship_on + time '18:00') AT TIME ZONE 'UTC', now()),
        tracking_no = CASE WHEN tracking_no = '' THEN 'EP' || lpad(id::text, 10, '0') || 'X' ELSE tracking_no END
    WHERE state = 'planned' AND ship_on <= %s RETURNING order_id
"""
_STILL_PLANNED = """
    SELECT DISTINCT order_id FROM logistics_shipment WHERE state = 'planned' AND order_id = ANY(%s)
"""
_ENDED = """
    SELECT state, day, array_agg(order_id ORDER BY order_id) FROM (
        SELECT order_id, min(state) AS state, max(delivered_on) AS day FROM logistics_shipment
        WHERE state <> 'cancelled' AND order_id = ANY(%s) GROUP BY order_id
        HAVING min(state) = max(state) AND min(state) IN ('delivered', 'lost', 'returned')
    ) AS whole GROUP BY state, day ORDER BY state, day
"""
_DELIVER = """
    UPDATE logistics_shipment AS shipment SET state = delivery.state, delivered_on = delivery.delivered_on
    FROM {table} AS delivery
    WHERE shipment.order_id = delivery.order_id AND (delivery.part IS NULL OR delivery.part = shipment.part)
        AND shipment.state IN ('planned', 'shipped') RETURNING shipment.order_id
"""
_CANCEL = "UPDATE logistics_shipment SET state = 'cancelled' WHERE state = 'planned' AND order_id = ANY(%s)"
