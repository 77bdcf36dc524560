"""The OFAC lists as they are published: SDN.CSV (entries) and ALT.CSV (other names), no header, -0- for nothing."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field

NOTHING = "-0-"
END_OF_FILE = "\x1a"
SDN_COLUMNS, ALT_COLUMNS = 12, 5
Place = tuple[str, int, str]  # file, row, column
KINDS = {"": "entity", "individual": "individual", "vessel": "vessel", "aircraft": "aircraft"}


class ListRefused(ValueError):
    """A file that is no such list."""


@dataclass(frozen=True)
class Listed:
    """One entry: its number, main name, what it is, programmes and remarks."""

    uid: str
    name: str
    kind: str
    programs: str
    title: str
    remarks: str


@dataclass(frozen=True)
class OtherName:
    """Another name of an entry: a.k.a., f.k.a., n.k.a."""

    uid: str
    kind: str
    name: str


@dataclass
class ListFile:
    """What a list file says; problems as row, column, value, reason, remedy."""

    entries: list[Listed] = field(default_factory=list)
    names: list[OtherName] = field(default_factory=list)
    problems: list[dict[str, object]] = field(default_factory=list)


def parse_list(sdn: bytes, alt: bytes | None = None) -> ListFile:
    """The entries and other names of a list; damaged rows are reported and the good ones go on.

    Errors: ListRefused when hardly a row looks like the list.
    """
    found = ListFile()
    seen: set[str] = set()
    for row_no, row in _rows(sdn, SDN_COLUMNS, "sdn", found):
        uid, name, kind, programs, title, *_rest, remarks = row
        if kind not in KINDS:
            _problem(
                found, ("sdn", row_no, "type"), kind, "unknown type", "kept as an entity; check the file"
            )
        if uid in seen:
            _problem(found, ("sdn", row_no, "ent_num"), uid, "number repeated", "the first row counts")
            continue
        seen.add(uid)
        found.entries.append(Listed(uid, name, KINDS.get(kind, "entity"), programs, title, remarks))
    if not found.entries:
        raise ListRefused("no row of the file looks like an entry of SDN.CSV (12 columns, a number first)")
    for _, row in _rows(alt, ALT_COLUMNS, "alt", found) if alt else ():
        uid, _alt_num, kind, name, _remarks = row
        if uid in seen:
            found.names.append(OtherName(uid, kind or "aka", name))
    return found


def _rows(content: bytes, columns: int, file: str, found: ListFile) -> Iterator[tuple[int, list[str]]]:
    for row_no, raw in enumerate(csv.reader(_text(content).splitlines()), start=1):
        row = ["" if cell.strip() == NOTHING else " ".join(cell.split()) for cell in raw]
        if not any(row) or row == [END_OF_FILE]:
            continue
        if len(row) != columns:
            reason = f"{len(row)} columns instead of {columns}"
            _problem(found, (file, row_no, ""), ",".join(row)[:80], reason, "mend the row and import again")
        elif not row[0].isdigit():
            _problem(
                found, (file, row_no, "ent_num"), row[0], "not a number", "mend the row and import again"
            )
        elif not row[1 if file == "sdn" else 3]:
            _problem(found, (file, row_no, "name"), "", "no name", "mend the row and import again")
        else:
            yield row_no, row


def _problem(found: ListFile, place: Place, value: str, reason: str, remedy: str) -> None:
    file, row_no, column = place
    told = {"file": file, "row": row_no, "field": column, "value": value, "reason": reason, "remedy": remedy}
    found.problems.append(told)


def _text(content: bytes) -> str:
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise ListRefused(f"the file is compressed, and damaged: {error}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
