"""What a file says that nothing was made of: columns, keys and elements, how often filled, with an example."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from entrepot.domains.channels.adapters.markup import Element

SHOWN = 80  # characters of an example
NOTHING: tuple[object, ...] = (None, "", [], {})


class Leftover(NamedTuple):
    """A column (or key, or element) of a file and how many of its filled cells were not taken over."""

    column: str
    cells: int
    example: str


class Watched(dict[str, Any]):
    """A record that remembers which of its keys were asked for."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__({key: watched(value) for key, value in record.items()})
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, which was asked for from now on."""
        self.asked.add(key)
        return super().get(key, default)


def watching(records: Iterable[Any], found: list[Leftover]) -> Iterator[Any]:
    """The records one by one; after the last, `found` has the keys that were not asked of them while it was theirs.

    A key within a key reads `billing_address.phone`; a branch of which nothing was asked counts as one.
    """
    counts: dict[str, Leftover] = {}
    for record in records:
        seen = watched(record)
        yield seen
        for path, example in _unasked(seen, ""):
            _count(counts, Leftover(path, 1, example[:SHOWN]))
    found.extend(counts.values())


def watched(data: Any) -> Any:
    """The same data in records that remember what was asked of them."""
    if isinstance(data, dict):
        return Watched(data)
    return [watched(each) for each in data] if isinstance(data, list) else data


def of_frame(rows: pl.DataFrame, used: Container[str]) -> list[Leftover]:
    """Columns of a table of texts that were not used, in the file's order."""
    found = []
    for name in rows.columns:
        column = rows[name]
        if name in used or column.dtype != pl.String:
            continue
        filled = column.filter(column.fill_null("") != "")
        if len(filled):
            found.append(Leftover(name, len(filled), str(filled[0])[:SHOWN]))
    return found


def of_cells(head: Sequence[str], cells: Iterable[tuple[int, Iterable[str]]]) -> list[Leftover]:
    """Columns by their places, with the cells of each that were not read; those without any are left out."""
    found = []
    for place, texts in cells:
        texts = [text for text in texts if text]
        if texts:
            found.append(Leftover(head[place] or f"column {place + 1}", len(texts), texts[0][:SHOWN]))
    return found


def of_element(root: Element) -> list[Leftover]:
    """Elements of a tree whose text nobody asked for, as `Header.DocumentVersion`."""
    counts: dict[str, Leftover] = {}
    for each in root.inside:
        for path, text in _unread(each, ""):
            _count(counts, Leftover(path, 1, text[:SHOWN]))
    return list(counts.values())


def _count(counts: dict[str, Leftover], one: Leftover) -> None:
    known = counts.setdefault(one.column, one)
    if known is not one:
        counts[one.column] = known._replace(cells=known.cells + one.cells)


def _unasked(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, list):
        for each in data:
            yield from _unasked(each, path)
    elif isinstance(data, Watched):
        for key, value in data.items():
            place = f"{path}.{key}" if path else key
            if key in data.asked:
                yield from _unasked(value, place)
            elif value not in NOTHING:
                yield place, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unread(element: Element, path: str) -> Iterator[tuple[str, str]]:
    place = f"{path}.{element.name}" if path else element.name
    if not element.is_read and element.text.strip():
        yield place, element.text.strip()
    for each in element.inside:
        yield from _unread(each, place)
