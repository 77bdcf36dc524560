"""Which kind of file this is, by its content: encoding, delimiter, and the header row among the first lines."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from entrepot.domains.channels.adapters.tables import FileRefused, table, unpacked
from entrepot.domains.channels.adapters.tabular import looks_chinese, sheet_rows

ENCODINGS = ("utf-8", "cp932", "gb18030", "cp1252")
DELIMITERS = ("\t", ",", ";", "|")
HEADER_WITHIN = 30
KANA = re.compile("[\u3040-\u30ff]")


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
    """A table of a known kind: which cells are which field, and the rows below the header, as wide and stripped."""

    kind: Kind
    columns: dict[str, tuple[int, ...]]
    rows: list[tuple[int, list[str]]]
    encoding: str
    delimiter: str


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


def recognise(content: bytes) -> Recognised | dict[str, Any] | list[Any]:
    """The table with its kind, or the data of a JSON file.

    Errors: FileRefused: file.empty, file.encoding, file.json, file.unknown (which names the headers found and the
    kind that comes nearest with the columns it lacks).
    """
    content = unpacked(content)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileRefused("file.empty")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _of_rows(sheet_rows(content), "", "xlsx")
    text, encoding = decoded(content)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    refusal: FileRefused | None = None
    for delimiter in sorted(DELIMITERS, key=lambda mark: -text[:4000].count(mark)):
        try:
            return _of_rows(_rows(text, delimiter), encoding, delimiter)
        except FileRefused as error:
            refusal = refusal or error
    raise refusal or FileRefused("file.unknown")


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else the first encoding that fits and looks right."""
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "replace"), "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), "utf-16"
    if (zeros := content[:400].count(0)) > 100:
        name = "utf-16-le" if content[1:400:2].count(0) * 2 > zeros else "utf-16-be"
        return content.decode(name, "replace"), name
    for name in ENCODINGS:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if (name == "gb18030" and not looks_chinese(text)) or (name == "cp932" and not KANA.search(text)):
            continue
        return text, name
    return content.decode("cp1252", "replace"), "cp1252"


def _rows(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(10_000_000)
    bare = delimiter == "\t" and '\t"' not in text[:20_000] and text[:1] != '"'
    lines = io.StringIO(text.replace("\x00", ""), newline="")
    if bare:
        return list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return list(csv.reader(lines, delimiter=delimiter))


def _json(text: str) -> dict[str, Any] | list[Any]:
    try:
        data: dict[str, Any] | list[Any] = json.loads(text, parse_float=str)
    except ValueError as error:
        raise FileRefused("file.json", str(error)[:200]) from error
    return data


def _of_rows(rows: list[list[str]], encoding: str, delimiter: str) -> Recognised:
    """The kind whose header stands among the first rows; of several the one that knows the most columns."""
    best: tuple[int, int, Kind, dict[str, tuple[int, ...]]] | None = None
    near: tuple[int, str, list[str]] = (0, "", [])
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if sum(bool(cell.strip()) for cell in row) < 3:
            continue
        for kind in kinds().values():
            columns = _columns(kind.name, row)
            lacking = sorted(kind.least - columns.keys())
            if not lacking and (best is None or len(columns) > best[0]):
                best = (len(columns), place, kind, columns)
            elif lacking and len(columns) > near[0]:
                near = (len(columns), kind.name, lacking)
    if best is None:
        shown = ", ".join(cell.strip() for cell in next((row for row in rows if len(row) > 1), [""])[:8])
        hint = f" · {near[1]}: {', '.join(near[2])}" if near[0] >= 3 else ""
        raise FileRefused("file.unknown", f"{shown[:200]}{hint}")
    _count, place, kind, columns = best
    head, width = [cell.strip() for cell in rows[place]], len(rows[place])
    body = []
    for number, row in enumerate(rows[place + 1 :], start=place + 2):
        cells = [cell.strip() for cell in row]
        if any(cells) and cells != head:
            body.append((number, cells + [""] * (width - len(cells))))
    return Recognised(kind, columns, body, encoding, delimiter)


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
    rows = table("file_columns").iter_rows()
    return {(name, squeezed(header)): n for n, (of, name, header) in enumerate(rows) if of == kind}
