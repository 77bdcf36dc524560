"""Buyers' names against the lists in force, and those lists as a table of the world."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from entrepot.core.frames import Frame, read
from entrepot.domains.customs.rules.names import NameIndex
from entrepot.engine.columns import HITS, SANCTION_LISTS

FLOOR = 80  # less alike than this is never told; what holds an order is policy


def lists(_on: object) -> Frame:
    """The newest version of each list (frame SANCTION_LISTS)."""
    return read(_LISTS, SANCTION_LISTS.schema)


def hits(names: Frame, index: NameIndex, about: Callable[[int], dict[str, object]]) -> Frame:
    """The listed name most like each order's names (frame HITS), if one is at least as like as FLOOR.

    Shapes: names order_id, name, any number of rows an order. `about` gives list, version, uid, listed, alias, programs
    of a number of the index.
    """
    best: dict[str, tuple[int, int]] = {}
    for text in names["name"].unique().sort().to_list():
        found = index.find(text, FLOOR)
        if found:
            best[text] = found[0]
    rows = [
        {"order_id": order_id, "score": best[text][0], **about(best[text][1])}
        for order_id, text in names.select("order_id", "name").iter_rows() if text in best
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=HITS.schema) if rows else HITS.empty()
    frame = frame.sort("order_id", -pl.col("score"), "list", "uid", "alias")
    return HITS.check(frame.unique(HITS.key, keep="first", maintain_order=True))


_LISTS = """
    SELECT DISTINCT ON (source) source, version, digest FROM customs_sanctionlist ORDER BY source, version DESC
"""
