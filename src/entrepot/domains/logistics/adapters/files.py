"""A rate file as rows of text: CSV in the usual encodings, or the longest sheet of a workbook."""

from __future__ import annotations

import csv
import io

from python_calamine import CalamineError, CalamineWorkbook

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
DELIMITERS = ",;\t|"
Row = dict[str, str]


class FileRefused(ValueError):
    """A file that cannot be read as a table: `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


def rows_of(content: bytes) -> list[tuple[int, Row]]:
    """Every filled row with its number in the file, cells stripped, by the header's names.

    Errors: FileRefused (file.empty, file.workbook, file.no_header).
    """
    if not content.strip():
        raise FileRefused("file.empty")
    table = _sheet(content) if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else _csv(content)
    start = next((n for n, row in enumerate(table) if sum(bool(cell.strip()) for cell in row) > 1), None)
    if start is None:
        raise FileRefused("file.no_header")
    names = [cell.strip() for cell in table[start]]
    found = []
    for nth, row in enumerate(table[start + 1 :], start=start + 2):
        cells = [cell.strip() for cell in row]
        if any(cells):
            cells += [""] * (len(names) - len(cells))
            found.append((nth, dict(zip(names, cells, strict=False))))
    return found


def needs(rows: list[tuple[int, Row]], *names: str) -> None:
    """Errors: FileRefused (file.columns) with the columns that are missing."""
    missing = [name for name in names if not rows or name not in rows[0][1]]
    if missing:
        raise FileRefused("file.columns", ", ".join(missing))


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = content.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _sheet(content: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except (CalamineError, ValueError, OSError) as error:
        raise FileRefused("file.workbook", str(error)[:200]) from error
    return [[_cell(cell) for cell in row] for row in max(sheets, key=len, default=[])]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "" if value is None else str(value)
