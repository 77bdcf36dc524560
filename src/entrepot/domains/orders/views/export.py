"""Orders as a file to take away: CSV as a stream, Excel through a temporary file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from entrepot.core import audit
from entrepot.core.company import base_currency
from entrepot.core.roles import require
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.orders.queries import (
    count_rows,
    export_rows,
    find_orders,
    list_rows,
    read_search,
    sorted_orders,
)
from entrepot.domains.orders.views.listing import back_to_list
from entrepot.kernel.money import to_major

Cell = str | int | Decimal | date | datetime | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_ROWS = 2**20 - 1  # the format's own limit, less the head
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
@require("orders.export")
def export(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """What the filters find (GET) or the ticked orders (POST), as CSV or Excel."""
    data = request.POST if request.method == "POST" else request.GET
    query = data.get("query", "") if request.method == "POST" else request.GET.urlencode()
    search = read_search(QueryDict(query))
    ids = [int(one) for one in data.getlist("ids") if one.isdigit()]
    ticked = request.method == "POST" and data.get("scope") != "all"
    chosen: Any = ids if ticked else find_orders(search).values("pk")
    found = list_rows().filter(pk__in=chosen)
    if file_format == "xlsx" and count_rows(found).rows > XLSX_ROWS:
        messages.error(
            request,
            _("Excel takes at most %(n)s rows; narrow the filters or export CSV.") % {"n": f"{XLSX_ROWS:,}"},
        )
        return redirect(back_to_list(request))
    audit.record(
        request.user,
        "orders.export",
        "orders",
        query=query,
        format=file_format,
        ticked=len(ids) if ticked else None,
    )
    rows = table(sorted_orders(found, search.sort))
    name = f"orders-{timezone.localdate():%Y%m%d}.{file_format}"
    return _csv(rows, name) if file_format == "csv" else _xlsx(rows, name)


def table(orders: Any) -> Iterator[list[Cell]]:
    """Head and rows of the file; amounts in major units, exact."""
    digits, base = minor_units_by_currency(), base_currency()
    yield [
        _("Number"), _("Placed"), _("Channel"), _("Channel's number"), _("Country"), _("Region"), _("Postcode"),
        _("City"), _("Buyer"), _("Pieces"), _("Currency"), _("Goods"), _("Shipping"), _("Discount"), _("Total"),
        _("State"), _("Holds"), _("Warehouse"), _("Service"), _("Promise"),
        _("Delivered"), f"{_('Profit')} {base}", _("Margin %"),
    ]  # fmt: skip
    for order in export_rows(orders):
        own, books = digits.get(order.currency, 2), digits.get(base, 2)
        amounts = (order.goods_minor, order.shipping_minor, order.discount_minor, order.total_minor)
        yield [
            order.number, timezone.localtime(order.placed_at).replace(tzinfo=None), order.channel, order.external_id,
            order.dest_country, order.dest_region, order.dest_postcode, order.dest_city,
            order.recipient_name or (order.customer.name if order.customer else ""), order.items, order.currency,
            *(to_major(amount, own) for amount in amounts),
            order.get_state_display(), " ".join(order.holds), order.warehouse, order.service, order.promise_on,
            order.delivered_on,
            None if order.profit_base_minor is None else to_major(order.profit_base_minor, books),
            None if order.margin_ppm is None else Decimal(order.margin_ppm).scaleb(-4),
        ]  # fmt: skip


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


class _Echo:
    """A file that hands every line straight on."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Iterable[list[Cell]], name: str) -> HttpResponseBase:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"  # Excel reads UTF-8 only with it
        for row in rows:
            yield writer.writerow([harmless(_plain(cell)) for cell in row])

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=_as_file(name))


def _xlsx(rows: Iterable[list[Cell]], name: str) -> HttpResponse | FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
        sheet = book.add_worksheet(_("Orders")[:31])
        head, day, instant = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 22, 14)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(y, x, cell, head if y == 0 else None)
                elif isinstance(cell, datetime):
                    sheet.write_datetime(y, x, cell, instant)
                elif isinstance(cell, date):
                    sheet.write_datetime(y, x, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif cell is not None:
                    sheet.write_number(y, x, cell)
    file.seek(0)
    return FileResponse(file, content_type=XLSX, as_attachment=True, filename=name)


def _plain(cell: Cell) -> Cell:
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else cell


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
