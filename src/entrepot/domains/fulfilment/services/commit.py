"""Decide one batch and book it, all in one transaction: everything or nothing, never oversold."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from entrepot.core import outbox
from entrepot.core.company import base_currency
from entrepot.domains.customs import services as customs
from entrepot.domains.fulfilment import frames, world
from entrepot.domains.fulfilment.frames import past
from entrepot.domains.fulfilment.models import Batch as BatchRow
from entrepot.domains.ledger import services as ledger
from entrepot.domains.logistics import services as logistics
from entrepot.domains.orders import events
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import services as warehouse
from entrepot.engine import ENGINE_VERSION, Batch, World, decide

DUPLICATE_DAYS = "review.duplicate_days"


class OrdersChanged(RuntimeError):
    """An order of the batch was cancelled or decided by somebody else meanwhile."""


class CapacityTaken(RuntimeError):
    """Somebody else planned parcels for a day whose capacity was counted on."""


def claim_batch(run_id: int) -> BatchRow | None:
    """The next open batch of a running run that nobody works on; its row is locked until the transaction ends.

    The lock is the claim: it dies with the worker's connection, and the batch is open as before.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [run_id])
        row = cursor.fetchone()
    return BatchRow.objects.get(pk=row[0]) if row else None


def decide_batch(row: BatchRow) -> int:
    """Decide and book a claimed batch; how many orders it decided.

    First without holding anything: the engine works on the stock as seen. When somebody took goods or changed an order
    before the booking, nothing of it remains, and it is done again while orders and stock are held.
    """
    now = world.current()
    digest = world.keep(now)
    try:
        with transaction.atomic():
            decided = _decide_and_book(row, now, digest)
    except (warehouse.OutOfStock, OrdersChanged, CapacityTaken):
        with transaction.atomic():
            decided = _decide_and_book(row, now, digest, hold=True)
    row.state, row.finished_at, row.order_count = BatchRow.State.DONE, timezone.now(), decided
    row.world_hash, row.engine_version = digest, ENGINE_VERSION
    row.save()
    return decided


def _decide_and_book(row: BatchRow, now: World, digest: str, *, hold: bool = False) -> int:
    if hold:
        orders.lock_new_orders(row.order_ids)
    new, lines = orders.read_batch(row.order_ids, duplicate_days=frames.policy_value(now, DUPLICATE_DAYS, 0))
    if new.is_empty():
        return 0
    skus = lines["sku"].unique().sort().to_list()
    days = frames.ship_days(new, now)
    if hold:
        warehouse.lock_stock(skus)
        if days:
            logistics.lock_capacities()
    hits = customs.screen_names(orders.buyer_names(row.order_ids)) if frames.has_lists(now) else None
    loads = logistics.planned_loads(*days) if days else None
    batch = Batch.of(orders=new, lines=lines, stock=warehouse.stock_of(skus), booked=loads, hits=hits)
    booked = frames.bookings(batch, decide(batch, now))
    if days and loads is not None and not hold:
        logistics.lock_capacities()
        if frames.is_over_capacity(logistics.planned_loads(*days), booked.plans, now):
            raise CapacityTaken(f"batch {row.pk}")
    _book(row, booked, digest)
    if (batch.lines["sent"] > 0).any():
        ledger.book_legs(past.sent_legs(batch, booked.decisions, now), base=base_currency())
    frames.keep_batch(row, batch)
    return new.height


def _book(row: BatchRow, booked: frames.Bookings, digest: str) -> None:
    """Locks are taken in one order everywhere: orders, stock levels, balances."""
    if orders.apply_decisions(booked.applied, booked.holds) != booked.applied.height:
        raise OrdersChanged(f"batch {row.pk}")
    frames.write_decisions(booked.decisions, row.pk, digest, ENGINE_VERSION)
    logistics.plan_shipments(booked.plans)
    customs.book_taxes(booked.taxes)
    for status, ids in sorted(booked.ids_by_status.items()):
        outbox.emit_for(events.OF_STATUS[status], "order_id", ids)
    warehouse.book_moves(booked.moves)
    ledger.post_entries(booked.entries, booked.postings)


_CLAIM = """
    SELECT batch.id FROM fulfilment_batch AS batch
    JOIN fulfilment_run AS run ON run.id = batch.run_id
    WHERE batch.run_id = %s AND batch.state = 'open' AND run.state = 'running'
    ORDER BY batch.id LIMIT 1 FOR UPDATE OF batch SKIP LOCKED
"""
