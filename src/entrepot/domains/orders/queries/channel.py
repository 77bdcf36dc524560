"""What a channel is told of its orders: how it calls them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.domains.orders.models import Order


@dataclass(frozen=True)
class ChannelNumber:
    """An order as its channel knows it."""

    order_id: int
    account: str
    external_id: str
    number: str


def channel_numbers(order_ids: Sequence[int]) -> list[ChannelNumber]:
    """Account and channel's number of those orders that came through an account."""
    rows = Order.objects.filter(pk__in=list(order_ids)).exclude(account="").order_by("pk")
    return [ChannelNumber(*row) for row in rows.values_list("pk", "account", "external_id", "number")]


def shipped_through(account: str, limit: int) -> list[int]:
    """The newest orders of an account that have left."""
    rows = Order.objects.filter(account=account, state__in=["shipped", "delivered"])
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:limit])
