"""Whole lists of the room, as they are taken away as files."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from entrepot.domains.channels.models import (
    AccountCase,
    AccountDocument,
    ChannelAccount,
    ChannelListing,
    ChannelRefund,
    DeadLetter,
    HealthFigure,
    Push,
    SettlementLine,
    SkuMapping,
    SyncRun,
)


def health_records() -> QuerySet[HealthFigure]:
    """The newest figure of every metric of every account."""
    same = HealthFigure.objects.filter(account=OuterRef("account"), metric=OuterRef("metric"))
    newest = same.order_by("-measured_on").values("pk")[:1]
    return (
        HealthFigure.objects.select_related("account")
        .filter(pk=Subquery(newest))
        .order_by("account__name", "metric")
    )


def account_records() -> QuerySet[ChannelAccount]:
    """Accounts by name."""
    return ChannelAccount.objects.order_by("name")


def settlement_line_records(settlement: str = "") -> QuerySet[SettlementLine]:
    """Lines of all settlements, or of one by our number."""
    lines = SettlementLine.objects.select_related("settlement__account").order_by("settlement_id", "line_no")
    return lines.filter(settlement_id=int(settlement)) if settlement.isdecimal() else lines


def refund_records() -> QuerySet[ChannelRefund]:
    """What channels gave back, in the order it came."""
    return ChannelRefund.objects.select_related("account").order_by("pk")


def letter_records(account: str = "", state: str = "") -> QuerySet[DeadLetter]:
    """What could not be taken in, of one account (our number) and in one state if they are named."""
    found = DeadLetter.objects.select_related("account").order_by("pk")
    found = found.filter(account_id=int(account)) if account.isdecimal() else found
    return found.filter(state=state) if state else found


def push_records(account: str = "") -> QuerySet[Push]:
    """What was told to channels, or waits to be."""
    found = Push.objects.select_related("account").order_by("pk")
    return found.filter(account_id=int(account)) if account.isdecimal() else found


def exchange_records(account: str = "") -> QuerySet[SyncRun]:
    """Every exchange with a channel."""
    found = SyncRun.objects.select_related("account").order_by("pk")
    return found.filter(account_id=int(account)) if account.isdecimal() else found


def listing_records(account: str = "") -> QuerySet[ChannelListing]:
    """Articles as the channels show them."""
    found = ChannelListing.objects.select_related("account").order_by("account__name", "sku", "pk")
    return found.filter(account_id=int(account)) if account.isdecimal() else found


def case_records() -> QuerySet[AccountCase]:
    """Cases with platforms."""
    return AccountCase.objects.select_related("account").order_by("pk")


def document_records() -> QuerySet[AccountDocument]:
    """Papers of accounts."""
    return AccountDocument.objects.select_related("account").order_by("account__name", "requirement", "pk")


def mapping_records() -> QuerySet[SkuMapping]:
    """The channels' codes of articles beside ours."""
    return SkuMapping.objects.select_related("account").order_by("account__name", "channel_sku")
