"""Settlements of channels: kept line by line, tied to their orders, booked when they add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from entrepot.core.company import base_currency
from entrepot.domains.channels.adapters.marketplace.parsed import IncomingSettlement
from entrepot.domains.channels.frames import settling as frames
from entrepot.domains.channels.models import ChannelAccount, ImportRun, Settlement, SettlementLine
from entrepot.domains.channels.services import refunding
from entrepot.domains.ledger import services as ledger

BATCH = 2_000
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
    orders = refunding.orders_of(account, sorted({row.order_id for row in found.rows if row.order_id}))
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
    legs = [
        (frames.leg_of(kind, tied=order is not None), amount)
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
    _give_back(account, settlement.lines.filter(kind="refund").select_related("settlement"))


def _give_back(account: ChannelAccount, lines: Iterable[SettlementLine]) -> None:
    """Book what settlements say was given back of known orders, as far as nobody else has told of it."""
    refunds = {line.order_id: line for line in lines if line.kind == "refund" and line.order_id is not None}
    for order_id, line in refunds.items():
        refunding.even_out(account, line.external_order, order_id, line.settlement)
    if refunds:
        refunding.book_refunds(account)


@transaction.atomic
def tie_lines(account: ChannelAccount) -> int:
    """Tie settlement lines whose orders have come in since; what waited on its own account clears the receivable."""
    loose = SettlementLine.objects.filter(settlement__account=account, order_id=None).exclude(
        external_order=""
    )
    lines = list(loose.select_related("settlement").select_for_update(of=("self",)))
    orders = refunding.orders_of(account, sorted({line.external_order for line in lines}))
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
    _give_back(account, (line for line in tied if line.settlement.state == Settlement.State.BOOKED))
    return len(tied)
