"""Orders as a file to take away: CSV as a stream, Excel through a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from entrepot.core import audit
from entrepot.core.company import base_currency
from entrepot.core.exports import XLSX_ROWS, Cell, as_file
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
    return as_file(rows, "orders", file_format, sheet=_("Orders"))


def table(orders: Any) -> Iterator[list[Cell]]:
    """Head and rows of the file; amounts in major units, exact."""
    digits, base = minor_units_by_currency(), base_currency()
    yield [
        pgettext("order", "Number"), _("Placed"), _("Channel"), _("Channel's number"), _("Country"), _("Region"),
        _("Postcode"), _("City"), _("Buyer"), _("Pieces"), _("Currency"), _("Goods"), _("Shipping"), _("Discount"),
        _("Total"), _("State"), _("Holds"), _("Warehouse"), _("Service"), _("Promise"),
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
