"""Any list as a file to take away: CSV as a stream, Excel through a temporary file, both harmless in a spreadsheet.

Rows come one by one from a server-side cursor, so that memory does not grow with the list.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

Cell = str | int | Decimal | date | datetime | None
FORMATS = ("csv", "xlsx")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_ROWS = 2**20 - 1  # the format's own limit, less the head
XLSX_TEXT = 32_767
XLSX_DIGITS = 10**15  # a spreadsheet counts in binary floats; longer numbers stay exact as texts
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 2_000
BLOCK = 2**16


def as_file(rows: Iterable[list[Any]], name: str, file_format: str, *, sheet: str) -> HttpResponseBase:
    """Head and rows as a file of today's date, csv or xlsx."""
    file_name = f"{name}-{timezone.localdate():%Y%m%d}.{file_format}"
    return as_xlsx(rows, file_name, sheet) if file_format == "xlsx" else as_csv(rows, file_name)


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def as_csv(rows: Iterable[list[Any]], name: str) -> StreamingHttpResponse:
    """UTF-8 with the mark that Excel wants."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            yield writer.writerow([harmless(_plain(cell)) for cell in row])

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def as_xlsx(rows: Iterable[list[Any]], name: str, sheet: str) -> StreamingHttpResponse:
    """Texts as texts, numbers as numbers; beyond the format's limit of rows another sheet goes on."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    source = iter(rows)
    head = next(source, [])
    with xlsxwriter.Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
        _write_sheet(book, sheet[:31], chain([head], islice(source, XLSX_ROWS)))
        number = 2
        for first in source:
            rest = islice(source, XLSX_ROWS - 1)
            _write_sheet(book, f"{sheet[:26]} {number}", chain([head, first], rest))
            number += 1
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(file.seek(0, 2)),
    }
    return StreamingHttpResponse(_chunks(file), content_type=XLSX, headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The file piece by piece; gone when it was read, or when nobody wants the rest."""
    with file:
        file.seek(0)
        while chunk := file.read(BLOCK):
            yield chunk


def _write_sheet(book: Any, title: str, rows: Iterable[list[Any]]) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 40, 14)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            cell = _plain_instant(cell)
            if isinstance(cell, bool):
                sheet.write_boolean(y, x, cell)
            elif isinstance(cell, datetime):
                sheet.write_datetime(y, x, cell, instant)
            elif isinstance(cell, date):
                sheet.write_datetime(y, x, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif isinstance(cell, int | Decimal) and -XLSX_DIGITS < cell < XLSX_DIGITS:
                sheet.write_number(y, x, cell)
            elif cell is not None:
                sheet.write_string(y, x, str(cell)[:XLSX_TEXT], bold if y == 0 else None)


def _plain_instant(cell: Any) -> Any:
    """An instant as the company's clock shows it."""
    if isinstance(cell, datetime) and timezone.is_aware(cell):
        return timezone.localtime(cell).replace(tzinfo=None)
    return cell


def _plain(cell: Any) -> Any:
    cell = _plain_instant(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else cell


class _Echo:
    """A file that hands every line straight on."""

    def write(self, line: str) -> str:
        return line
