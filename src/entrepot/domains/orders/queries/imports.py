"""What the importers read of the orders they brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from entrepot.core.frames import Frame
from entrepot.domains.orders import frames
from entrepot.domains.orders.models import OrderLine

WAITING = ("new", "held", "pending")


def orders_by_number(channel: str, external_ids: Sequence[str], account: str = "") -> Frame:
    """The orders of a channel's account among some of its numbers (columns of `frames.IMPORTED`)."""
    return frames.orders_by_number(channel, external_ids, account)


@dataclass(frozen=True)
class UnknownSku:
    """A channel's code of an article that the catalogue does not have: what it is called, and how many orders wait."""

    account: str
    channel_sku: str
    description: str
    orders: int


def unknown_skus(account: str) -> list[UnknownSku]:
    """Codes of an account's articles that nobody knows yet, those of the most orders first."""
    lines = OrderLine.objects.filter(sku=None, order__account=account, order__state__in=WAITING)
    rows = lines.values("channel_sku").annotate(n=Count("order", distinct=True), text=Max("description"))
    return [
        UnknownSku(account, row["channel_sku"], row["text"], row["n"])
        for row in rows.order_by("-n", "channel_sku")
    ]


def waiting_for_sku(account: str, channel_sku: str) -> list[int]:
    """Orders of an account, not confirmed yet, with a line of one of the channel's codes."""
    lines = OrderLine.objects.filter(
        channel_sku=channel_sku, order__account=account, order__state__in=WAITING
    )
    return list(lines.order_by("order_id").values_list("order_id", flat=True).distinct())
