"""Tables as files to take away."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO

import xlsxwriter
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | Decimal
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def as_csv(rows: Sequence[Sequence[Cell]], name: str) -> HttpResponse:
    """Rows as CSV that Excel reads as UTF-8."""
    file = StringIO()
    csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def as_excel(rows: Sequence[Sequence[Cell]], name: str) -> FileResponse:
    """Rows as an Excel sheet, the head fixed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet, bold = book.add_worksheet(_("Replay")[:31]), book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 24, 14)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(y, x, cell, bold if y == 0 else None)
                else:
                    sheet.write_number(y, x, cell)
    file.seek(0)
    return FileResponse(file, content_type=XLSX, as_attachment=True, filename=name)
