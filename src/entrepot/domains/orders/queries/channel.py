"""What a channel is told of its orders: how it calls them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.domains.orders.models import Order, OrderLine


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


@dataclass(frozen=True)
class ChannelLine:
    """A line as its channel knows it: its number there, the article's SKU here and there, the pieces we are to send."""

    line_id: str
    sku: str
    channel_sku: str
    pieces: int


def channel_lines(order_ids: Sequence[int]) -> dict[int, list[ChannelLine]]:
    """The lines of some orders, by order, in their order; what the channel had sent before is not ours to send."""
    found: dict[int, list[ChannelLine]] = {}
    rows = OrderLine.objects.filter(order_id__in=list(order_ids)).order_by("order_id", "line_no")
    for order, line_id, sku, channel_sku, quantity, sent in rows.values_list(
        "order_id", "channel_line_id", "sku__code", "channel_sku", "quantity", "sent"
    ):
        line = ChannelLine(line_id, sku or "", channel_sku or sku or "", quantity - sent)
        found.setdefault(order, []).append(line)
    return found


def shipped_through(account: str, limit: int) -> list[int]:
    """The newest orders of an account that have left."""
    rows = Order.objects.filter(account=account, state__in=["shipped", "delivered"])
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:limit])
