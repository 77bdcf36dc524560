"""Order tables that keep all items of an order in its one row: numbered columns, or cells with whole items in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

NUMBERED = re.compile(
    r"^(?:line[ _-]?item|order[ _-]?item|item|product)s?[ _-]*#?[ _-]*(\d+)(?:[ _:.#-]+(.+))?$", re.I
)
TRAILING = re.compile(r"^(?:line[ _-]?item|item|product)[ _-]+(.+?)[ _-]*#?[ _-]*(\d+)$", re.I)
PACKED = re.compile(
    r"^(?:order[ _-]?|line[ _-]?)?(?:items?|products?)(?:[ _-]?(?:data|details|list))?$", re.I
)
PAIR = re.compile(r"^\s*([\w ]+?)\s*[:=]\s*(.*)$", re.S)
ITEM_HEADS = {
    "Item Name": "name title product productname itemname producttitle",
    "SKU": "sku productsku itemsku",
    "Quantity": "quantity qty quantityordered count",
    "Item Cost": "price cost unitprice itemprice unitcost",
    "Item Subtotal": "subtotal linesubtotal",
    "Item Total": "total linetotal amount itemtotal",
    "item_tax": "tax totaltax linetax",
    "Product ID": "productid",
}
HEAD_OF = {word: head for head, words in ITEM_HEADS.items() for word in words.split()}
Item = dict[str, str]


def unfolded(rows: Sequence[Sequence[str]]) -> list[tuple[int, list[str]]] | None:
    """The table with a row an item, each with its number; None for a table that has no items within its rows.

    The first item of a row keeps the row's number; the further ones are numbered on from the last row.
    """
    for place, head in enumerate(rows[:30]):
        numbered, packed = _item_columns(head)
        body = rows[place + 1 :]
        packed = [n for n in packed if any(_items(row[n]) for row in body[:50] if n < len(row))]
        if len({name for _n, name in numbered}) < 2 and not packed:
            continue
        gone = {column for column, _of in numbered} | set(packed)
        taken = {_key(name) for name in ITEM_HEADS}
        kept = [n for n, name in enumerate(head) if n not in gone and _key(name) not in taken]
        out = [(place + 1, [*(head[n] for n in kept), *ITEM_HEADS])]
        further = len(rows)
        for number, row in enumerate(body, start=place + 2):
            cells = [row[n] if n < len(row) else "" for n in kept]
            for nth, item in enumerate(_of_row(row, numbered, packed) or [{}]):
                further += nth > 0
                out.append(
                    (further if nth else number, [*cells, *(item.get(name, "") for name in ITEM_HEADS)])
                )
        return out
    return None


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
        elif (meant := HEAD_OF.get(_key(field))) is not None:
            numbered.append((column, (number, meant)))
    return numbered, packed


def _of_row(
    row: Sequence[str], numbered: Sequence[tuple[int, tuple[int, str]]], packed: Sequence[int]
) -> list[Item]:
    items: dict[int, Item] = {}
    for column, (number, field) in numbered:
        if column < len(row) and row[column].strip():
            items.setdefault(number, {})[field] = row[column].strip()
    found = [item for _n, item in sorted(items.items()) if item.keys() & {"Item Name", "SKU", "Quantity"}]
    for column in packed:
        found += _items(row[column]) if column < len(row) else []
    return found


def _items(cell: str) -> list[Item]:
    """Items written into one cell: JSON, or `name:Cup|sku:C|quantity:2`, several parted by semicolons or lines."""
    text = cell.strip()
    if text[:1] in ("[", "{"):
        try:
            data = json.loads(text, parse_float=str)
        except ValueError:
            return []
        told = [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]
        return [
            item for each in told if (item := _item((k, str(v)) for k, v in each.items() if v is not None))
        ]
    found = []
    for part in re.split(r"\s*;\s*(?=[\w ]+[:=])|\n|\|\|", text):
        pairs = (PAIR.match(each) for each in part.split("|"))
        if item := _item((pair[1], pair[2]) for pair in pairs if pair):
            found.append(item)
    return found


def _item(pairs: Iterable[tuple[str, str]]) -> Item:
    item: Item = {}
    for name, value in pairs:
        if head := HEAD_OF.get(_key(name)):
            item.setdefault(head, value.strip())
    return item if "Quantity" in item and item.keys() & {"Item Name", "SKU"} else {}


def _key(name: str) -> str:
    return re.sub(r"[\s_\-.#]+", "", name).lower()
