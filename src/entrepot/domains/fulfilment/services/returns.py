"""Goods that come back: recorded once, put on the shelf, and their money given back in the books."""

from __future__ import annotations

from django.db import transaction

from entrepot.core import outbox
from entrepot.core.frames import Frame
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames.returns import return_bookings
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders import events
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import services as warehouse
from entrepot.engine.policy import company_text


@transaction.atomic
def book_returns(returns: Frame) -> int:
    """Book returned lines: orders' `frames.NEW_RETURNS`; how many were new. The same file twice changes nothing.

    A line without an order is booked in money only, unless it names the warehouse it came to. An order whose every
    piece came back becomes `returned`.
    """
    new = orders.record_returns(returns)
    if new.is_empty():
        return 0
    now = world.current()
    moves, legs = return_bookings(new, now)
    touched = new["order_id"].drop_nulls().unique().sort().to_list()
    orders.mark_returned(orders.fully_returned(touched))
    outbox.emit_for(events.RETURN_BOOKED, "order_id", touched)
    warehouse.book_moves(moves)
    ledger.book_legs(legs, base=company_text(now, "company.base_currency"))
    return new.height
