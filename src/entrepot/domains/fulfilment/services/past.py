"""Orders that had left before they came to us: what they earned is booked, and nothing is moved or sent for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from entrepot.core.company import base_currency
from entrepot.domains.customs import services as customs
from entrepot.domains.fulfilment import frames, world
from entrepot.domains.fulfilment.frames import past
from entrepot.domains.fulfilment.models import Batch as BatchRow
from entrepot.domains.fulfilment.models import Run
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders import services as orders
from entrepot.engine import ENGINE_VERSION, Batch, decide

KIND = "past"


@transaction.atomic
def book_past(order_ids: Sequence[int]) -> int:
    """Give orders that have left elsewhere their figures: tax, cost, fees, profit, as if they had left by our best way.

    Their goods were on no shelf of ours any more when our books began: no stock moves, no shipment, no hold; their
    cost comes from an opening entry of its own. Orders the engine cannot price (an unknown article, no way there) stay
    without figures and are tried again when they are asked for again. How many were booked.
    """
    heads, lines = orders.read_batch(order_ids, states=sorted(orders.LEFT))
    if heads.is_empty():
        return 0
    now = world.current()
    digest = world.keep(now)
    lines = past.as_one(lines)
    batch = Batch.of(orders=past.let_pass(heads), lines=lines, stock=past.enough(lines, now))
    booked = past.only_confirmed(frames.bookings(batch, decide(batch, now)))
    if booked.applied.is_empty():
        return 0
    done = timezone.now()
    run = Run.objects.create(
        kind=KIND, state=Run.State.DONE, total=heads.height, done=booked.applied.height, finished_at=done
    )
    row = BatchRow(
        run=run, order_ids=heads["order_id"].to_list(), order_count=booked.applied.height, finished_at=done,
        state=BatchRow.State.DONE, world_hash=digest, engine_version=ENGINE_VERSION,
    )  # fmt: skip
    frames.keep_batch(row, batch)
    row.save()
    orders.apply_decisions(
        past.as_it_is(booked.applied, orders.states_of(booked.applied)), booked.holds.clear()
    )
    frames.write_decisions(booked.decisions, row.pk, digest, ENGINE_VERSION)
    customs.book_taxes(booked.taxes)
    ledger.post_entries(booked.entries, booked.postings)
    ledger.book_legs(past.opening_legs(booked.decisions, heads), base=base_currency())
    return int(booked.applied.height)
