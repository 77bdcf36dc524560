"""Which pieces of an order a parcel takes, by the lines as the channel names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OpenLine = tuple[str, str, int]


def in_parcel(payload: Mapping[str, Any], open_lines: Iterable[OpenLine]) -> dict[str, int]:
    """Pieces of each of the channel's lines in a parcel; without lines in the message it holds all that is open.

    `open_lines`: the line's number, the article's SKU and the pieces that are still open, of every line. A line is
    found by its number; by its SKU where the message has none, as an order's file tells none.
    """
    found = [(number, sku, pieces) for number, sku, pieces in open_lines if pieces > 0]
    if payload.get("lines") is None:
        return {number: pieces for number, _sku, pieces in found}
    taken: dict[str, int] = {}
    for line in payload["lines"]:
        rest = int(line["quantity"])
        by_number = [each for each in found if each[0] == line["line_id"]]
        by_sku = [each for each in found if not line["line_id"] and each[1] == line["sku"]]
        for number, _sku, pieces in by_number or by_sku:
            part = min(rest, pieces - taken.get(number, 0))
            if part > 0:
                taken[number] = taken.get(number, 0) + part
                rest -= part
    return taken
