"""All items of an order in one cell: JSON, PHP's serialised form, `name:Cup|sku:C|quantity:2`, or words with counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

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
PRICES = ("Item Cost", "Item Subtotal", "Item Total")
SHARE = "share of the row"  # a column of ours: pieces up to this item, of all pieces of a row that has one sum for all
NUMBERED_BLOCK = re.compile(r"【\d+】")
BRACKETS = re.compile(
    r"[(\uff08]\s*([^():\uff1a\uff08]+?)\s*[:\uff1a]\s*(.*?)\s*[)\uff09](?=\s*(?:[(\uff08\n]|$))", re.S
)
BLOCK_HEADS = {"商家编码": "SKU", "产品数量": "Quantity", "merchantsku": "SKU", "sellersku": "SKU", "sku": "SKU",
               "productquantity": "Quantity", "quantity": "Quantity", "qty": "Quantity"}  # fmt: skip
COUNT = r"(?P<{}>\d{{1,6}})"
COUNTED = re.compile(
    rf"^(?:{COUNT.format('before')}\s*[xX*×]\s*(?P<last>\S.*?)|(?P<first>\S.*?)\s*[xX*×]\s*{COUNT.format('after')})$",
    re.S,
)
SKU_BEHIND = re.compile(r"\s*[(\[]\s*(?:sku\s*[:#]?\s*)([^)\]]+)[)\]]\s*$", re.I)
MOST = 10_000  # parts of a serialised value: more is none
Item = dict[str, str]


def key(name: str) -> str:
    """A head without spaces and marks, in small letters."""
    return re.sub(r"[\s_\-.#]+", "", name).lower()


def items_of(cell: str, *, words: bool) -> list[Item]:
    """The items a cell holds, by our heads; none where it holds none. `words`: also names with counts beside them."""
    text = cell.strip()
    if text[:1] in ("[", "{"):
        return _records(_json(text))
    if re.match(r"a:\d+:\{", text):
        return _records(_unserialised(text))
    if NUMBERED_BLOCK.match(text):
        return _blocks(text)
    found = []
    for part in re.split(r"\s*;\s*(?=[\w ]+[:=])|\n|\|\|", text):
        pairs = (PAIR.match(each) for each in part.split("|"))
        if item := _item((pair[1], pair[2]) for pair in pairs if pair):
            found.append(item)
    return found or (_counted(text) if words else [])


def shared(items: list[Item]) -> list[Item]:
    """The items of a row, each told its share where none of them has a price of its own."""
    counts = [item.get("Quantity", "").strip() for item in items]
    if (
        not items
        or any(item.get(name) for item in items for name in PRICES)
        or not all(map(_is_count, counts))
    ):
        return items
    done, whole = 0, sum(map(int, counts))
    for item, count in zip(items, counts, strict=True):
        done += int(count)
        item[SHARE] = f"{done}/{whole}"
    return items


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str)
    except ValueError:
        return []


def _records(data: Any) -> list[Item]:
    """Items of records: a list of them, or records by keys (as PHP keeps its lists)."""
    if isinstance(data, dict) and data and all(isinstance(each, dict) for each in data.values()):
        data = list(data.values())
    told = [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]
    plain = (
        [(k, str(v)) for k, v in each.items() if v is not None and not isinstance(v, dict | list)]
        for each in told
    )
    return [item for pairs in plain if (item := _item(pairs))]


def _item(pairs: Iterable[tuple[str, str]]) -> Item:
    item: Item = {}
    for name, value in pairs:
        if head := HEAD_OF.get(key(name)):
            item.setdefault(head, value.strip())
    return item if "Quantity" in item and item.keys() & {"Item Name", "SKU"} else {}


def _blocks(text: str) -> list[Item]:
    """Blocks with their number in lenticular brackets, and what is told of each in round ones below its name."""
    found = []
    for block in NUMBERED_BLOCK.split(text)[1:]:
        told = BRACKETS.findall(block)
        start = BRACKETS.search(block)
        name = " ".join((block[: start.start()] if start else block).split())
        item: Item = {"Item Name": name} if name else {}
        for label, value in told:
            if head := BLOCK_HEADS.get(key(label)):
                item.setdefault(head, value)
        count = re.match(r"\d+", item.get("Quantity", ""))
        if not item or not count:
            return []
        found.append({**item, "Quantity": count[0]})
    return found


def _counted(text: str) -> list[Item]:
    """`Cup * 2; Pot x 1` or `2× Cup, 1× Pot`; every part must have its count, else none is taken for one."""
    text = text.strip().strip(",;|\n")
    strong = re.search(r"[\n;|]", text)
    marks = [r"\s*[\n;|]\s*"] if strong else [r",\s*(?=\d+\s*[xX*×]\s)", r"(?<=\d),\s*", r"$(?!\s)"]
    for mark in marks:
        found = [COUNTED.match(part.strip()) for part in re.split(mark, text) if part]
        if found and all(found):
            return [_with_sku(each) for each in found if each]
    return []


def _with_sku(found: re.Match[str]) -> Item:
    name = found["first"] or found["last"]
    item = {"Item Name": SKU_BEHIND.sub("", name), "Quantity": found["before"] or found["after"]}
    return item | {"SKU": sku[1].strip()} if (sku := SKU_BEHIND.search(name)) else item


def _unserialised(text: str) -> Any:
    """What PHP's `serialize` wrote: numbers, texts and arrays; an empty list for anything else."""
    try:
        value, _end = _part(text.encode(), 0, [0])
    except (ValueError, IndexError, RecursionError):
        return []
    return value


def _part(data: bytes, at: int, seen: list[int]) -> tuple[Any, int]:
    seen[0] += 1
    if seen[0] > MOST:
        raise ValueError(seen[0])
    kind = data[at : at + 2]
    if kind == b"N;":
        return None, at + 2
    if kind in (b"i:", b"d:", b"b:"):
        end = data.index(b";", at)
        return data[at + 2 : end].decode(), end + 1
    if kind not in (b"s:", b"a:"):
        raise ValueError(kind)
    mark = data.index(b":", at + 2)
    size, at = int(data[at + 2 : mark]), mark + 2
    if kind == b"s:":
        if data[at + size : at + size + 2] != b'";':
            raise ValueError(size)
        return data[at : at + size].decode(), at + size + 2
    found: dict[str, Any] = {}
    for _n in range(size):
        name, at = _part(data, at, seen)
        found[str(name)], at = _part(data, at, seen)
    if data[at : at + 1] != b"}":
        raise ValueError(at)
    return found, at + 1
