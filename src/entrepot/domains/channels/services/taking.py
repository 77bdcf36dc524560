"""Take pages of orders in: all or nothing with the cursor that leads on, and no bad order stops a good one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, OperationalError, transaction

from entrepot.domains.channels.adapters.port import Cursor, Page, Refusal
from entrepot.domains.channels.models import ChannelAccount, SyncCursor
from entrepot.domains.channels.rules import Accepted, IncomingOrder
from entrepot.domains.channels.services import letters, refunding
from entrepot.domains.channels.services.accepting import accept

ORDERS = "orders"
TRIES = 8


@dataclass(frozen=True)
class Taken:
    """What became of a page."""

    seen: int
    added: int
    changed: int
    refused: int
    order_ids: tuple[int, ...]

    @classmethod
    def of(cls, accepted: Accepted, refused: int) -> Taken:
        """Counted from the answer."""
        changed = sum(accepted.count(outcome) for outcome in ("updated", "cancelled"))
        count = len(accepted.outcomes)
        return cls(count + refused, accepted.count("new"), changed, refused, accepted.order_ids)


def take_page(
    account: ChannelAccount, page: Page, source: str, also: Callable[[Taken], None] | None = None
) -> Taken:
    """Book a page and move the cursor in one transaction; `also` is done in it too.

    A page that collides with another worker's is tried again. An order the database refuses becomes a dead letter.
    """
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _take(account, page, source, also)
        except OperationalError:  # a deadlock: nothing was done
            if attempt + 1 == TRIES:
                raise
    raise AssertionError("unreachable")


def save_cursor(account: ChannelAccount, stream: str, cursor: Cursor) -> None:
    """How far the stream is read."""
    SyncCursor.objects.update_or_create(account=account, stream=stream, defaults={"value": dict(cursor)})


def cursor_of(account: ChannelAccount, stream: str) -> Cursor:
    """Where to go on reading; empty at the beginning."""
    found = SyncCursor.objects.filter(account=account, stream=stream).values_list("value", flat=True).first()
    return dict(found or {})


def _take(account: ChannelAccount, page: Page, source: str, also: Callable[[Taken], None] | None) -> Taken:
    accepted, poison = _accept_what_can(account, page.orders, source)
    refunding.keep_refunds(account, [order.refund() for order in page.orders if order.refunded_minor])
    refused = letters.keep(account, ORDERS, [*page.refused, *poison])
    bad = {refusal.external_id for refusal in poison}
    letters.solve(account, ORDERS, [o.external_id for o in page.orders if o.external_id not in bad])
    if page.cursor:
        save_cursor(account, ORDERS, page.cursor)
    taken = Taken.of(accepted, refused)
    if also:
        also(taken)
    return taken


def _accept_what_can(
    account: ChannelAccount, orders: Sequence[IncomingOrder], source: str
) -> tuple[Accepted, list[Refusal]]:
    """All at once; where that fails, half by half, so that one bad order is found and set aside."""
    if not orders:
        return Accepted(), []
    try:
        with transaction.atomic():
            return accept(orders, account, source=source), []
    except OperationalError:
        raise
    except (DatabaseError, ValueError, OverflowError, TypeError) as error:
        if len(orders) == 1:
            detail = f"{type(error).__name__}: {error}"[:500]
            return Accepted(), [
                Refusal(orders[0].external_id, "order.not_bookable", detail, _record(orders[0]))
            ]
    middle = len(orders) // 2
    first, bad_first = _accept_what_can(account, orders[:middle], source)
    second, bad_second = _accept_what_can(account, orders[middle:], source)
    ids, outcomes = first.order_ids + second.order_ids, first.outcomes + second.outcomes
    return Accepted(ids, outcomes), bad_first + bad_second


def _record(order: IncomingOrder) -> dict[str, str]:
    return {
        "external_id": order.external_id,
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
    }
