"""Which kind of file this is, by its content: encoding, delimiter, and the header row among the first lines."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from entrepot.domains.channels.adapters.encodings import decoded
from entrepot.domains.channels.adapters.marketplace.unfold import unfolded
from entrepot.domains.channels.adapters.markup import Element, html_rows, sheet_of, xml_tree
from entrepot.domains.channels.adapters.tables import FileRefused, table, unpacked
from entrepot.domains.channels.adapters.tabular import sheet_rows

DELIMITERS = ("\t", ",", ";", "|")
HEADER_WITHIN, MOST_LINES = 30, 200


@dataclass(frozen=True)
class Kind:
    """A known kind of file (data/file_kinds.csv): its layout, and the fields without which it is not of the kind."""

    name: str
    platform: str
    layout: str
    holds: str
    least: frozenset[str]
    dates: str


@dataclass(frozen=True)
class Recognised:
    """A table of a known kind: which cells are which field, and the rows below the header, as wide and stripped.

    Rows numbered beyond `height` are further items of a row of the file.
    """

    kind: Kind
    columns: dict[str, tuple[int, ...]]
    rows: list[tuple[int, list[str]]]
    encoding: str
    delimiter: str
    head: tuple[str, ...] = ()
    height: int = 10**9


@cache
def kinds() -> dict[str, Kind]:
    """Every known kind by its name."""
    return {
        row["kind"]: Kind(
            row["kind"],
            row["platform"],
            row["layout"],
            row["holds"],
            frozenset(row["least"].split()),
            row["dates"],
        )
        for row in table("file_kinds").iter_rows(named=True)
    }


@cache
def headers() -> dict[str, dict[str, list[str]]]:
    """Kind to header (as compared) to the fields it may mean, in the order of data/file_columns.csv."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, name, header in table("file_columns").iter_rows():
        found.setdefault(kind, {}).setdefault(squeezed(header), []).append(name)
    return found


@lru_cache(8192)
def squeezed(header: str) -> str:
    """A header for comparison: case, spaces and marks do not count, but `#` does."""
    text = header.strip().strip("\ufeff\"'").lower()
    return re.sub(r"[\s_\-./:*’'`´°º()]+", "", text)


def recognise(content: bytes) -> Recognised | Element | dict[str, Any] | list[Any]:
    """The table with its kind, the tree of an XML file, or the data of a JSON file.

    Errors: FileRefused: file.empty, file.encoding, file.json, file.xml, file.unknown (which names the headers found and
    the kind that comes nearest with the columns it lacks).
    """
    content = unpacked(content)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileRefused("file.empty")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _of_rows(sheet_rows(content), "", "xlsx")
    text, encoding = decoded(content)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    if text.lstrip()[:1] == "<":
        return _marked_up(text, encoding)
    refusal: FileRefused | None = None
    for delimiter in sorted(DELIMITERS, key=lambda mark: -text[:4000].count(mark)):
        try:
            return _of_rows(_rows(text, delimiter), encoding, delimiter)
        except FileRefused as error:
            refusal = refusal or error
    raise refusal or FileRefused("file.unknown")


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Rows of a text. Where tabs part the cells, a quotation mark mostly is just one: it quotes if it does in all."""
    csv.field_size_limit(10_000_000)
    text = text.replace("\x00", "")
    if delimiter == "\t" and not _quotes(text):
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    width = max((len(row) for row in rows[:HEADER_WITHIN]), default=0)
    if any(len(row) != width and any("\n" in cell for cell in row) for row in rows) or _hold_rows(
        rows, delimiter, width
    ):
        return _mended(text.splitlines(), delimiter, width)
    return rows


def _hold_rows(rows: list[list[str]], delimiter: str, width: int) -> bool:
    """Whether whole rows of the table stand in one cell."""
    cells = (cell for row in rows for cell in row if "\n" in cell)
    return any(line.count(delimiter) >= width - 1 > 1 for cell in cells for line in cell.splitlines()[1:])


def _mended(lines: list[str], delimiter: str, width: int) -> list[list[str]]:
    """Rows of a table where a quotation mark that is never closed swallowed the rows below it.

    Such a row is read as if it had no marks; the rows below it stand by themselves again.
    """
    rows, at = list[list[str]](), 0
    while at < len(lines):
        end, marks = at + 1, lines[at].count('"')
        while marks % 2 and end < len(lines) and end - at < MOST_LINES:
            marks += lines[end].count('"')
            end += 1
        found = _record("\n".join(lines[at:end]), delimiter)
        alone = _record(lines[at].replace('"', ""), delimiter)
        if end > at + 1 and (
            marks % 2 or len(alone[0]) == width != len(found[0]) or _hold_rows(found, delimiter, width)
        ):
            found, end = alone, at + 1
        rows += found
        at = end
    return rows


def _record(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) or [[]]


def _quotes(text: str) -> bool:
    """Whether every cell that begins with a quotation mark ends with one, on its own line or a later one."""
    if not (opened := len(re.findall(r'(?:^|\t)"', text, re.MULTILINE))):
        return False
    closed = re.findall(r'(?:^|\t)"(?:[^"]|"")*"(?=\t|\r?$)', text, re.MULTILINE)
    return opened == len(closed) and not any("\t" in cell.lstrip("\t") for cell in closed)


def _marked_up(text: str, encoding: str) -> Recognised | Element:
    """A page with a table, a workbook saved as XML, or XML of a platform's own."""
    if "<Workbook" not in text[:4000] and re.search(r"<(!doctype\s+html|html|table)\b", text[:4000], re.I):
        return _of_rows(html_rows(text), encoding, "html")
    root = xml_tree(text)
    rows = sheet_of(root)
    return root if rows is None else _of_rows(rows, encoding, "xml")


def _json(text: str) -> dict[str, Any] | list[Any]:
    try:
        data: dict[str, Any] | list[Any] = json.loads(text, parse_float=str)
    except ValueError as error:
        try:  # an object a line
            return [json.loads(line, parse_float=str) for line in text.splitlines() if line.strip()]
        except ValueError:
            raise FileRefused("file.json", str(error)[:200]) from error
    return data


def _of_rows(rows: list[list[str]], encoding: str, delimiter: str) -> Recognised:
    """The kind of a table; one that keeps all items of an order in its row is read with a row an item."""
    numbered = unfolded(rows)
    if numbered is not None:
        try:
            found = _numbered([row for _n, row in numbered], [n for n, _row in numbered], encoding, delimiter)
            return replace(found, height=len(rows))
        except FileRefused:
            pass  # no item columns after all
    return _numbered(rows, list(range(1, len(rows) + 1)), encoding, delimiter)


def _numbered(rows: list[list[str]], numbers: list[int], encoding: str, delimiter: str) -> Recognised:
    """The kind whose header stands among the first rows; of several the one that knows the most columns."""
    best: tuple[int, int, Kind, dict[str, tuple[int, ...]]] | None = None
    near: tuple[int, str, list[str]] = (0, "", [])
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if sum(bool(cell.strip()) for cell in row) < 3:
            continue
        for kind in kinds().values():
            columns = _columns(kind.name, row)
            lacking = _lacking(kind, columns)
            if not lacking and (best is None or len(columns) > best[0]):
                best = (len(columns), place, kind, columns)
            elif lacking and len(columns) > near[0]:
                near = (len(columns), kind.name, lacking)
    if best is None:
        _refuse_known(rows)
        best = _by_likeness(rows)
    if best is None:
        shown = ", ".join(cell.strip() for cell in next((row for row in rows if len(row) > 1), [""])[:8])
        hint = f" · {near[1]}: {', '.join(near[2])}" if near[0] >= 3 else ""
        raise FileRefused("file.unknown", f"{shown[:200]}{hint}")
    _count, place, kind, columns = best
    columns = _with_likely(kind.name, rows[place], columns)
    head, width = [cell.strip() for cell in rows[place]], len(rows[place])
    body = []
    for number, row in zip(numbers[place + 1 :], rows[place + 1 :], strict=True):
        cells = [cell.strip() for cell in row]
        if any(cells) and cells != head:
            body.append((number, cells + [""] * (width - len(cells))))
    return Recognised(kind, columns, body, encoding, delimiter, tuple(head))


def _lacking(kind: Kind, columns: Mapping[str, object]) -> list[str]:
    """Fields without which a table is not of the kind; of `a|b` one is enough."""
    return sorted(need for need in kind.least if not any(name in columns for name in need.split("|")))


def _refuse_known(rows: list[list[str]]) -> None:
    """Refuse a table that holds sums alone, with the reason that says what to take instead (data/file_refused.csv)."""
    for row in rows[:HEADER_WITHIN]:
        heads = {squeezed(cell) for cell in row if cell.strip()}
        for reason, needed, without, _source in table("file_refused").iter_rows():
            if _squeezed(needed) <= heads and heads.isdisjoint(_squeezed(without)):
                raise FileRefused(reason)


@lru_cache
def _squeezed(headers: str) -> frozenset[str]:
    return frozenset(squeezed(each) for each in headers.split("|") if each)


def _by_likeness(rows: list[list[str]]) -> tuple[int, int, Kind, dict[str, tuple[int, ...]]] | None:
    """The kind whose fields the words of a header row are likely to mean, where no list has those words."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        for name in dict.fromkeys(kind for kind, _field, _pattern in patterns()):
            columns = _with_likely(name, row, _columns(name, row))
            if not _lacking(kinds()[name], columns):
                return len(columns), place, kinds()[name], columns
    return None


def _with_likely(
    kind: str, row: list[str], columns: dict[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Columns no list names, as the fields their words are likely to mean (data/file_patterns.csv, first row first).

    What is named stays as it is; a field that has a column already takes no likely one.
    """
    known, found = headers()[kind], dict(columns)
    for place, cell in enumerate(row):
        key = _folded(cell)
        if not key or squeezed(cell) in known:
            continue
        field = next((f for of, f, pattern in patterns() if of == kind and pattern.search(key)), "")
        if field and field not in columns:
            found[field] = (*found.get(field, ()), place)
    return found


@cache
def patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """Kind, field and the pattern of headers that are likely to mean it; without a field: that mean none."""
    return [(kind, name, re.compile(text)) for kind, name, text in table("file_patterns").iter_rows()]


@lru_cache(8192)
def _folded(header: str) -> str:
    """A header as patterns see it: squeezed, full-width letters made plain, accents taken off."""
    parts = unicodedata.normalize("NFKD", header.replace("ł", "l").replace("Ł", "l"))
    return squeezed("".join(char for char in parts if not unicodedata.combining(char)))


def _columns(kind: str, row: list[str]) -> dict[str, tuple[int, ...]]:
    """Field to the cells it is read from, the first filled one counts; in the order of the shipped list."""
    known, ranks = headers()[kind], _ranks(kind)
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(row):
        key = squeezed(cell)
        for name in known.get(key, ()):
            found.setdefault(name, []).append((ranks[name, key], place))
    return {name: tuple(place for _rank, place in sorted(places)) for name, places in found.items()}


@cache
def _ranks(kind: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for place, (of, name, header) in enumerate(table("file_columns").iter_rows()):
        if of == kind:
            found.setdefault((name, squeezed(header)), place)
    return found
