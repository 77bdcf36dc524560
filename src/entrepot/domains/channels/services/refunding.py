"""Money that was given back for orders: told by channels, by settlements and by our own returns, and booked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from entrepot.core.company import base_currency
from entrepot.domains.channels.frames import settling as frames
from entrepot.domains.channels.models import ChannelAccount, ChannelRefund, Settlement, SettlementLine
from entrepot.domains.channels.rules import IncomingRefund
from entrepot.domains.channels.services.accepting import account_ref
from entrepot.domains.channels.services.connecting import platform_of
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders.queries import imports
from entrepot.domains.orders.queries.imports import KnownOrder, known_orders, orders_numbered

TOTAL = ":total:"  # all that was given back so far
EVENED = (":evened:", ":returned:")  # what makes the sum right: told by a settlement, or told twice
BOOKED_STATES = ("confirmed", "shipped", "delivered", "returned")


def orders_of(account: ChannelAccount, numbers: Sequence[str]) -> dict[str, KnownOrder]:
    """Orders by the number a channel names them: the account's own; of any account where this one only pays."""
    platform = platform_of(account)
    if platform is not None and platform.reads == "statements":
        return orders_numbered(numbers)
    return known_orders(account_ref(account), numbers)


@transaction.atomic
def keep_refunds(account: ChannelAccount, found: Sequence[IncomingRefund]) -> int:
    """Keep what the channel gave back for orders, each refund once; how many were new.

    The same money may be told one refund at a time, as the sum of all so far, by a settlement, and by a return we
    booked ourselves. What stands in the books is the most that one of these says, and the returns say it better.
    """
    orders = orders_of(account, sorted({refund.order_id for refund in found}))
    new = 0
    for refund in found:
        order = orders.get(refund.order_id)
        told = _told(account, refund.order_id, order.order_id if order else None)
        amount, key = refund.amount_minor, refund.key
        if refund.is_total:
            amount -= told.kept + told.returned
            key = f"{refund.key}:{refund.amount_minor}"
        elif told.singles + amount <= max(told.highest, told.settled):
            continue
        if amount <= 0:
            continue
        _row, is_new = ChannelRefund.objects.get_or_create(
            account=account,
            external_id=key,
            defaults={
                "external_order": refund.order_id, "order_id": order.order_id if order else None,
                "amount_minor": amount, "currency": order.currency if order else refund.currency,
                "refunded_at": refund.refunded_at, "note": refund.note[:500],
            },
        )  # fmt: skip
        new += is_new
        even_out(account, refund.order_id, order.order_id if order else None)
    return new


@transaction.atomic
def count_returns_once(order_ids: Sequence[int]) -> int:
    """Take back of refunds a channel had told what the orders' own returns have booked since; how many were touched.

    A return says more of the same money (its tax, its goods). What the channel gave back beyond it stays booked.
    Doing it again changes nothing.
    """
    known = ChannelRefund.objects.filter(order_id__in=list(order_ids)).select_related("account")
    rows = {row.order_id: row for row in known.order_by("-pk").select_for_update(of=("self",))}
    touched = [
        row.account for row in rows.values() if even_out(row.account, row.external_order, row.order_id)
    ]
    for account in {account.pk: account for account in touched}.values():
        book_refunds(account)
    return len(touched)


@dataclass(frozen=True)
class _Told:
    """What is known of an order's refunds, minor units: one by one, the highest sum, by settlements, by our returns.

    `kept`: what the rows kept of it add up to, in `rows` rows.
    """

    singles: int
    highest: int
    settled: int
    returned: int
    kept: int
    rows: int

    @property
    def missing(self) -> int:
        """What has to be added to what is kept, so that with our returns it is the most that anybody told."""
        return max(max(self.singles, self.highest, self.settled) - self.returned, 0) - self.kept


def _told(account: ChannelAccount, number: str, order_id: int | None) -> _Told:
    """An order that only a payment account knows is told of by two accounts; it is one order all the same."""
    same = Q(account=account, external_order=number)
    known = ChannelRefund.objects.filter(same | Q(order_id=order_id) if order_id else same)
    rows = list(known.values_list("external_id", "amount_minor"))
    totals = [int(key.rpartition(":")[2]) for key, _amount in rows if TOTAL in key]
    plain = [amount for key, amount in rows if not any(mark in key for mark in (TOTAL, *EVENED))]
    settled = returned = 0
    if order_id:
        lines = SettlementLine.objects.filter(order_id=order_id, kind=SettlementLine.Kind.REFUND)
        booked = lines.filter(settlement__state=Settlement.State.BOOKED)
        settled = -(booked.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
        returned = imports.given_back([order_id]).get(order_id, 0)
    kept = sum(amount for _key, amount in rows)
    return _Told(sum(plain), max(totals, default=0), settled, returned, kept, len(rows))


def even_out(
    account: ChannelAccount, number: str, order_id: int | None, settlement: Settlement | None = None
) -> bool:
    """Add the row that makes all that is kept of an order's refunds right; whether one was needed."""
    told = _told(account, number, order_id)
    if not told.missing:
        return False
    found = ChannelRefund.objects.filter(account=account, external_order=number).first()
    on = settlement.paid_on if settlement else None
    ChannelRefund.objects.create(
        account=account, external_id=f"{number}{EVENED[0]}{told.rows}", external_order=number, order_id=order_id,
        amount_minor=told.missing, currency=found.currency if found else settlement.currency if settlement else "",
        refunded_at=datetime(on.year, on.month, on.day, tzinfo=UTC) if on else timezone.now(),
        note=settlement.external_id if settlement else "booked by our own return",
    )  # fmt: skip
    return True


@transaction.atomic
def book_refunds(account: ChannelAccount) -> int:
    """Book refunds whose orders stand in the books by now; how many."""
    waiting = ChannelRefund.objects.filter(account=account, is_booked=False).select_for_update()
    rows = list(waiting)
    orders = orders_of(account, sorted({row.external_order for row in rows}))
    booked = 0
    for row in rows:
        order = orders.get(row.external_order)
        if order is None or order.state not in BOOKED_STATES or order.decided_at is None:
            continue
        entry = frames.legs(
            f"refund:{account.pk}:{row.external_id}", [("channel_refund", row.amount_minor)], row.currency,
            row.refunded_at.date(), ref=("order", order.order_id), memo=row.external_order,
        )  # fmt: skip
        ledger.book_legs(entry, base=base_currency())
        row.order_id, row.is_booked = order.order_id, True
        row.save(update_fields=["order_id", "is_booked"])
        booked += 1
    return booked
