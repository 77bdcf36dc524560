"""Settlements and refunds of channels: kept line by line, tied to their orders, booked when they add up."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from entrepot.core.company import base_currency
from entrepot.domains.channels.adapters.marketplace.parsed import IncomingSettlement
from entrepot.domains.channels.frames import settling as frames
from entrepot.domains.channels.models import (
    ChannelAccount,
    ChannelRefund,
    ImportRun,
    Settlement,
    SettlementLine,
)
from entrepot.domains.channels.rules import IncomingRefund
from entrepot.domains.channels.services.accepting import account_ref
from entrepot.domains.channels.services.connecting import platform_of
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders.queries import imports
from entrepot.domains.orders.queries.imports import KnownOrder, known_orders, orders_numbered

BATCH = 2_000
BY_RETURN = ":returned:"  # marks what a return of ours says better
BOOKED_STATES = ("confirmed", "shipped", "delivered", "returned")
OF_ORDER = ("sale", "refund", "tax")


@transaction.atomic
def keep_settlements(
    account: ChannelAccount, found: Sequence[IncomingSettlement], run: ImportRun | None = None
) -> list[Settlement]:
    """Keep an account's settlements and book those whose lines add up to what was paid; once each.

    A settlement that differed is replaced when it comes again complete. Booked is one balanced entry a settlement:
    sales and tax leave the receivable, fees what we owe the channel, lines without a known order wait on an account
    of their own, the payout reaches the bank.
    """
    return [_keep(account, each, run) for each in found]


def _keep(account: ChannelAccount, found: IncomingSettlement, run: ImportRun | None) -> Settlement:
    known = Settlement.objects.select_for_update().filter(account=account, external_id=found.key).first()
    if known and known.state == Settlement.State.BOOKED:
        return known
    settlement = known or Settlement(account=account, external_id=found.key)
    settlement.currency, settlement.run = found.currency, run
    settlement.start_on, settlement.end_on, settlement.paid_on = found.start_on, found.end_on, found.paid_on
    settlement.total_minor, settlement.lines_minor = found.total_minor, found.sum_minor
    differs = found.total_minor is not None and found.total_minor != found.sum_minor
    paid = found.total_minor is not None and found.paid_on is not None
    settlement.state = Settlement.State.DIFFERS if differs else Settlement.State.OPEN
    settlement.save()
    settlement.lines.all().delete()
    _keep_lines(account, settlement, found)
    if paid and not differs:
        _book(account, settlement)
    return settlement


def _keep_lines(account: ChannelAccount, settlement: Settlement, found: IncomingSettlement) -> None:
    orders = _orders_of(account, sorted({row.order_id for row in found.rows if row.order_id}))
    SettlementLine.objects.bulk_create(
        (
            SettlementLine(
                settlement=settlement, line_no=number, kind=row.kind, what=row.what, external_order=row.order_id,
                order_id=orders[row.order_id].order_id if row.order_id in orders else None, sku=row.sku,
                quantity=row.quantity, amount_minor=row.amount_minor, posted_on=row.posted_on,
            )
            for number, row in enumerate(found.rows, start=1)
        ),
        batch_size=BATCH,
    )  # fmt: skip


def _book(account: ChannelAccount, settlement: Settlement) -> None:
    on = settlement.paid_on or settlement.end_on
    if on is None:
        return
    rows = list(settlement.lines.exclude(kind="transfer").values_list("kind", "order_id", "amount_minor"))
    known = {order for _kind, order, _amount in rows if order}
    refunds = ChannelRefund.objects.filter(account=account, order_id__in=known, is_booked=True)
    refunded = {*refunds.values_list("order_id", flat=True), *imports.given_back(sorted(known))}
    legs = [
        (frames.leg_of(kind, tied=order is not None, refund_booked=order in refunded), amount)
        for kind, order, amount in rows
        if kind != "reserve"  # what is held back stays where it is: with the channel, until it is paid out
    ]
    legs.append(("settled_payout", settlement.total_minor or 0))
    entry = frames.legs(
        f"settlement:{account.pk}:{settlement.external_id}", legs, settlement.currency, on,
        ref=("settlement", settlement.pk), memo=f"{account.name} {settlement.external_id}",
    )  # fmt: skip
    ledger.book_legs(entry, base=base_currency())
    settlement.state = Settlement.State.BOOKED
    settlement.save(update_fields=["state"])


def _orders_of(account: ChannelAccount, numbers: Sequence[str]) -> dict[str, KnownOrder]:
    """Orders by the number a settlement names them: the account's own; of any account where this one only pays."""
    platform = platform_of(account)
    if platform is not None and platform.reads == "statements":
        return orders_numbered(numbers)
    return known_orders(account_ref(account), numbers)


@transaction.atomic
def tie_lines(account: ChannelAccount) -> int:
    """Tie settlement lines whose orders have come in since; what waited on its own account clears the receivable."""
    loose = SettlementLine.objects.filter(settlement__account=account, order_id=None).exclude(
        external_order=""
    )
    lines = list(loose.select_related("settlement").select_for_update(of=("self",)))
    orders = _orders_of(account, sorted({line.external_order for line in lines}))
    tied = [line for line in lines if line.external_order in orders]
    for line in tied:
        line.order_id = orders[line.external_order].order_id
        settlement = line.settlement
        if settlement.state == Settlement.State.BOOKED and line.kind in OF_ORDER and settlement.paid_on:
            entry = frames.legs(
                f"settlement-tie:{line.pk}", [("settled_tied", line.amount_minor)], settlement.currency,
                settlement.paid_on, ref=("settlement", settlement.pk), memo=line.external_order,
            )  # fmt: skip
            ledger.book_legs(entry, base=base_currency())
    SettlementLine.objects.bulk_update(tied, ["order_id"], batch_size=BATCH)
    return len(tied)


@transaction.atomic
def keep_refunds(account: ChannelAccount, found: Sequence[IncomingRefund]) -> int:
    """Keep what the channel gave back for orders, each refund once; how many were new.

    A total of all refunds so far adds only what is not known yet, be it from a refund of the channel's own or from a
    return we booked ourselves; a refund told by itself adds only what neither a total nor a return has told before.
    """
    orders = _orders_of(account, sorted({refund.order_id for refund in found}))
    returned = imports.given_back(sorted({order.order_id for order in orders.values()}))
    new = 0
    for refund in found:
        order = orders.get(refund.order_id)
        amount, key = refund.amount_minor, refund.key
        singles, kept, total = _told(account, refund.order_id)
        if refund.is_total:
            amount -= kept + (returned.get(order.order_id, 0) if order else 0)
            key = f"{refund.key}:{refund.amount_minor}"
        elif singles + amount <= total:
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
    count_returns_once(sorted(returned))
    return new


def _told(account: ChannelAccount, external_order: str) -> tuple[int, int, int]:
    """What was told of an order's refunds: the sum of those told one by one, of all that is kept, the highest total."""
    known = ChannelRefund.objects.filter(account=account, external_order=external_order)
    rows = list(known.values_list("external_id", "amount_minor"))
    totals = [int(key.rpartition(":")[2]) for key, _amount in rows if ":total:" in key]
    singles = sum(amount for key, amount in rows if ":total:" not in key and BY_RETURN not in key)
    return singles, sum(amount for _key, amount in rows), max(totals, default=0)


@transaction.atomic
def count_returns_once(order_ids: Sequence[int]) -> int:
    """Take back of refunds a channel had told what the orders' own returns have booked since; how many were touched.

    A return says more of the same money (its tax, its goods). What the channel gave back beyond it stays booked.
    Doing it again changes nothing.
    """
    known = ChannelRefund.objects.filter(order_id__in=list(order_ids))
    rows = list(known.select_related("account").order_by("pk").select_for_update(of=("self",)))
    returned = imports.given_back(order_ids)
    touched = list[ChannelAccount]()
    for first in {row.order_id: row for row in reversed(rows)}.values():
        singles, kept, total = _told(first.account, first.external_order)
        ours = returned.get(first.order_id or 0, 0)
        told = max(singles, total)
        excess = kept - max(told - ours, 0) if ours else 0
        if excess <= 0:
            continue
        ChannelRefund.objects.create(
            account=first.account, external_id=f"{first.external_order}{BY_RETURN}{ours}:{told}",
            external_order=first.external_order, order_id=first.order_id, amount_minor=-excess,
            currency=first.currency, refunded_at=timezone.now(), note="booked by our own return",
        )  # fmt: skip
        touched.append(first.account)
    for account in {account.pk: account for account in touched}.values():
        book_refunds(account)
    return len(touched)


@transaction.atomic
def book_refunds(account: ChannelAccount) -> int:
    """Book refunds whose orders stand in the books by now; how many."""
    waiting = ChannelRefund.objects.filter(account=account, is_booked=False).select_for_update()
    rows = list(waiting)
    orders = _orders_of(account, sorted({row.external_order for row in rows}))
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
