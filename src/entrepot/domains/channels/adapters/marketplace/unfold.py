"""Order tables that keep all items of an order in its one row: numbered columns, or cells with whole items in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from entrepot.domains.channels.adapters.marketplace.packed import (
    HEAD_OF,
    ITEM_HEADS,
    SHARE,
    Item,
    items_of,
    key,
    shared,
)

NUMBERED = re.compile(
    r"^(?:line[ _-]?item|order[ _-]?item|item|product)s?[ _-]*#?[ _-]*(\d+)(?:[ _:.#-]+(.+))?$", re.I
)
TRAILING = re.compile(r"^(?:line[ _-]?item|item|product)[ _-]+(.+?)[ _-]*#?[ _-]*(\d+)$", re.I)
PACKED = re.compile(
    r"^(?:order[ _-]?|line[ _-]?)?(?:items?|products?|goods)(?:[ _-]?(?:data|details|list|info|information|names?))?$"
    r"|^(?:产品|商品)(?:信息|明细|详情|列表)$",
    re.I,
)
COUNTS = (
    "quantity",
    "qty",
    "productquantity",
    "itemquantity",
    "quantityordered",
    "数量",
    "产品数量",
    "商品数量",
)


def unfolded(rows: Sequence[Sequence[str]]) -> list[tuple[int, list[str]]] | None:
    """The table with a row an item, each with its number; None for a table that has no items within its rows.

    The first item of a row keeps the row's number; the further ones are numbered on from the last row.
    """
    for place, head in enumerate(rows[:30]):
        numbered, packed = _item_columns(head)
        body = rows[place + 1 :]
        words = not _has_counts(head, body[:50])
        packed = [n for n in packed if _all_hold_items(body[:50], n, words=words)]
        if len({name for _n, name in numbered}) < 2 and not packed:
            continue
        gone = {column for column, _of in numbered} | set(packed)
        taken, heads = {key(name) for name in ITEM_HEADS}, (*ITEM_HEADS, SHARE)
        kept = [n for n in range(len(head)) if n not in gone]
        names = [f"{head[n]} (order)" if key(head[n]) in taken else head[n] for n in kept]
        out = [(place + 1, [*names, *heads])]
        further = len(rows)
        for number, row in enumerate(body, start=place + 2):
            cells = [row[n] if n < len(row) else "" for n in kept]
            for nth, item in enumerate(shared(_of_row(row, numbered, packed, words=words)) or [{}]):
                further += nth > 0
                out.append((further if nth else number, [*cells, *(item.get(name, "") for name in heads)]))
        return out
    return None


def _has_counts(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a column of the table says how many pieces: a count within a name is then part of the name."""
    columns = [n for n, name in enumerate(head) if key(name) in COUNTS]
    return any(n < len(row) and row[n].strip() for row in body for n in columns)


def _all_hold_items(body: Sequence[Sequence[str]], column: int, *, words: bool) -> bool:
    """Whether a column holds items in its cells: in some, and where items are mere words, in every filled one."""
    cells = [row[column] for row in body if column < len(row) and row[column].strip()]
    if any(items_of(cell, words=False) for cell in cells):
        return True
    return words and bool(cells) and all(items_of(cell, words=True) for cell in cells)


def _item_columns(head: Sequence[str]) -> tuple[list[tuple[int, tuple[int, str]]], list[int]]:
    """Columns of one field of one item, as (item, field), and columns of which a cell holds whole items."""
    numbered, packed = [], []
    for column, text in enumerate(head):
        name = text.strip()
        if found := NUMBERED.match(name):
            number, field = int(found[1]), found[2] or ""
        elif found := TRAILING.match(name):
            number, field = int(found[2]), found[1]
        else:
            if PACKED.match(name):
                packed.append(column)
            continue
        if not field:
            packed.append(column)
        elif (meant := HEAD_OF.get(key(field))) is not None:
            numbered.append((column, (number, meant)))
    return numbered, packed


def _of_row(
    row: Sequence[str],
    numbered: Sequence[tuple[int, tuple[int, str]]],
    packed: Sequence[int],
    *,
    words: bool,
) -> list[Item]:
    items: dict[int, Item] = {}
    for column, (number, field) in numbered:
        if column < len(row) and row[column].strip():
            items.setdefault(number, {})[field] = row[column].strip()
    found = [item for _n, item in sorted(items.items()) if item.keys() & {"Item Name", "SKU", "Quantity"}]
    for column in packed:
        found += items_of(row[column], words=words) if column < len(row) else []
    return found
