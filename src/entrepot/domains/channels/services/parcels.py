"""What is in each parcel of an order that goes in parts, in the words of the channel it came through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.domains.fulfilment import queries as fulfilment
from entrepot.domains.orders.queries import channel as orders

Lines = list[dict[str, Any]]


def goods_of_parts(order_ids: Sequence[int]) -> dict[int, dict[int, Lines]]:
    """By order and part: the channel's lines in it, as `line_id`, `sku` (the channel's) and `quantity`.

    An article that stands in several lines fills them in their order.
    """
    parts = fulfilment.part_goods(order_ids)
    lines = orders.channel_lines(sorted(parts))
    return {order: _split(goods, lines.get(order, [])) for order, goods in parts.items()}


def _split(parts: dict[int, dict[str, int]], lines: Sequence[orders.ChannelLine]) -> dict[int, Lines]:
    left = [line.pieces for line in lines]
    found: dict[int, Lines] = {}
    for part, goods in sorted(parts.items()):
        of_part: Lines = []
        for sku, pieces in goods.items():
            for place, line in enumerate(lines):
                taken = min(pieces, left[place]) if line.sku == sku else 0
                if taken > 0:
                    of_part.append({"line_id": line.line_id, "sku": line.channel_sku, "quantity": taken})
                    left[place] -= taken
                    pieces -= taken
        found[part] = of_part
    return found
