"""Any table file: encoding, delimiter, sheet, decimal mark and date order are found by looking."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from entrepot.domains.channels.adapters.encodings import decoded
from entrepot.domains.channels.adapters.tables import FileRefused, unpacked

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 50
DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f%:z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b-%d-%y",
    "%d %b %Y",
    "%Y%m%d",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """A table as text: its columns, its rows (Polars, one text column each) and how it was read."""

    rows: pl.DataFrame
    encoding: str
    delimiter: str

    @property
    def headers(self) -> list[str]:
        """Column names as in the file."""
        return self.rows.columns


def read_table(content: bytes, *, encoding: str = "", delimiter: str = "") -> Table:
    """The file's first table; what is not said is found out.

    Errors: FileRefused with a code (file.empty, file.packed, file.no_header, file.encoding, file.workbook).
    """
    content = unpacked(content)
    if not content.strip():
        raise FileRefused("file.empty")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return Table(_table(sheet_rows(content)), "", "xlsx")
    text, encoding = _decode(content, encoding)
    delimiter = delimiter or _delimiter(text)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return Table(_table(rows), encoding, delimiter)


def _decode(content: bytes, encoding: str) -> tuple[str, str]:
    """The text by an encoding that was named, else by the one it is found to be in."""
    if not encoding or content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decoded(content)
    try:
        return content.decode(encoding), encoding
    except (UnicodeDecodeError, LookupError):
        raise FileRefused("file.encoding", encoding) from None


def _delimiter(text: str) -> str:
    """The mark that cuts the first lines into the most columns, equally many in each."""
    sample = "\n".join(text.splitlines()[:SAMPLE_LINES])

    def score(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample), delimiter=mark) if row)
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        return (times * (width > 1), width)

    return max(DELIMITERS, key=score)


def sheet_rows(content: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except (CalamineError, ValueError, OSError) as error:
        raise FileRefused("file.workbook", str(error)[:200]) from error
    cells = max(sheets, key=len, default=[])
    return [[_cell(cell) for cell in row] for row in cells]


def _cell(value: object) -> str:
    """A cell as its text; whole numbers without `.0`, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _table(rows: list[list[str]]) -> pl.DataFrame:
    """Header is the first row with two filled cells; empty rows are left out but counted in `row_no`."""
    start = next((n for n, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) >= 2), None)
    if start is None:
        raise FileRefused("file.no_header")
    names: list[str] = []
    for place, cell in enumerate(rows[start], start=1):
        name = cell.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    width = len(names)
    body = [
        (n, row)
        for n, row in enumerate(rows[start + 1 :], start=start + 2)
        if any(cell.strip() for cell in row)
    ]
    columns = {
        name: [row[place].strip() if place < len(row) else "" for _n, row in body]
        for place, name in enumerate(names[:width])
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return (
        frame.insert_column(0, pl.Series(ROW, [n for n, _row in body], dtype=pl.Int64))
        if ROW not in names
        else frame
    )


ROW = "row_no"


def guess_decimal(values: list[str]) -> str:
    """`,` when more numbers can only be read with a decimal comma than only with a point."""
    comma = sum(1 for v in values if _ends_with_cents(v, ","))
    point = sum(1 for v in values if _ends_with_cents(v, "."))
    return "," if comma > point else "."


def _ends_with_cents(value: str, mark: str) -> bool:
    """`12,5` or `1.234,50` for the comma; three digits after the only mark say nothing (`1,234`)."""
    head, found, tail = value.strip().rpartition(mark)
    digits = "".join(char for char in tail if char.isdigit())
    other = "." if mark == "," else ","
    return (
        bool(found) and mark not in head and other not in tail and (len(digits) in (1, 2, 4) or other in head)
    )


def guess_date_format(values: list[str]) -> str:
    """The format that reads the most of the values; among equals the day-first one before the month-first."""
    column = pl.Series("v", [v for v in values if v][:1000], dtype=pl.String)
    if not len(column):
        return DATE_FORMATS[0]
    return max(DATE_FORMATS, key=lambda fmt: parse_dates(column, fmt).is_not_null().sum())


def parse_dates(column: pl.Series, fmt: str) -> pl.Series:
    """Moments (UTC where the text carries an offset, else as written), null where the format does not fit."""
    zoned = "%z" in fmt or "%:z" in fmt
    frame = column.to_frame("v")
    if zoned:
        parsed = (
            pl.col("v").str.strptime(pl.Datetime("us", "UTC"), fmt, strict=False).dt.replace_time_zone(None)
        )
    elif "%H" in fmt:
        parsed = pl.col("v").str.strptime(pl.Datetime("us"), fmt, strict=False)
    else:
        parsed = pl.col("v").str.strptime(pl.Date, fmt, strict=False).cast(pl.Datetime("us"))
    return frame.select(parsed)["v"]


def harmless(cell: object) -> str:
    """A cell for an export that no spreadsheet will run as a formula; plain numbers stay numbers."""
    text = "" if cell is None else str(cell)
    if text.startswith(FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    body = text[1:] if text[:1] in "+-" else text
    return body.replace(".", "", 1).isdigit() and body.isascii()
