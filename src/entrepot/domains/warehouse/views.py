"""Stock pages: levels by SKU and warehouse, and the journal behind each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language, numbered_page, page_number, wants_panel
from entrepot.core.roles import require
from entrepot.domains.warehouse import queries
from entrepot.domains.warehouse.forms import StockFilterForm

PER_PAGE = 50


@require_GET
@require("warehouse.view")
def stock_list(request: HttpRequest) -> HttpResponse:
    """Stock by SKU, one column a warehouse."""
    form = StockFilterForm(request.GET)
    search = form.search(timezone.localdate() - timedelta(days=queries.SOLD_DAYS), queries.SOLD_DAYS)
    page = page_number(request)
    window = queries.stock_window(search, page=page, per_page=PER_PAGE)
    context = {
        "form": form,
        "search": search,
        "sort": search.sort,
        "window": window,
        "page": numbered_page(window.total, page, PER_PAGE),
        "is_narrowed": bool(
            search.text or search.warehouse or search.category or search.low_days is not None
        ),
    }
    if wants_panel(request, "stock-panel"):
        response = render(request, "warehouse/stock_panel.html", {**context, "is_panel": True})
        response["HX-Push-Url"] = request.get_full_path()
        return response
    return render(request, "warehouse/stock_page.html", context)


@require_GET
@require("warehouse.view")
def check(request: HttpRequest) -> HttpResponse:
    """The proof over everything: stock on hand beside the sum of all moves."""
    return render(request, "warehouse/check_panel.html", {"checks": queries.all_checks()})


@require_GET
@require("warehouse.view")
def sku_page(request: HttpRequest, sku_id: int) -> HttpResponse:
    """One SKU: where it stands, its lots, and every move with the balance after it."""
    sku = queries.sku_with_product(sku_id)
    if sku is None:
        raise Http404(_("There is no such SKU."))
    warehouse = request.GET.get("warehouse", "")
    paginator = Paginator(queries.moves_of_sku(sku_id, warehouse), PER_PAGE)
    context = {
        "sku": sku,
        "checks": queries.sku_checks(sku_id),
        "lots": queries.lots_of_sku(sku.code),
        "warehouse": warehouse,
        "page": paginator.get_page(page_number(request)),
    }
    if wants_panel(request, "moves-panel"):
        return render(request, "warehouse/moves_panel.html", context)
    return render(request, "warehouse/sku_page.html", context)


@require_GET
@require("warehouse.view")
def sku_chart(request: HttpRequest, sku_id: int) -> JsonResponse:
    """Pieces on hand over time, one line a warehouse, as an ECharts option."""
    names = queries.warehouse_names()
    lines: dict[str, list[list[Any]]] = {}
    for day, code, level in queries.stock_by_day(sku_id):
        lines.setdefault(code, []).append([day.isoformat(), level])
    if not lines:
        return JsonResponse({"empty": _("No move yet.")})
    series = [
        {
            "type": "line",
            "step": "end",
            "showSymbol": False,
            "name": in_language(names.get(code, (code, code))),
            "data": points,
        }
        for code, points in sorted(lines.items())
    ]
    return JsonResponse(
        {
            "legend": {},
            "xAxis": {"type": "time"},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
            "series": series,
        }
    )
