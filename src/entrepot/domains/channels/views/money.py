"""What channels paid out: the list of settlements, and one of them line by line."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from entrepot.core.pages import page_number
from entrepot.core.roles import require
from entrepot.domains.channels import queries

PER_PAGE, LINES_PER_PAGE = 50, 100


@require_GET
@require("ledger.view")
def settlements(request: HttpRequest) -> HttpResponse:
    """Settlements of all accounts, the newest first."""
    page = Paginator(queries.find_settlements(), PER_PAGE).get_page(page_number(request))
    return render(request, "channels/settlement_list_page.html", {"page": page})


@require_GET
@require("ledger.view")
def settlement(request: HttpRequest, settlement_id: int) -> HttpResponse:
    """One settlement: sums by kind, and its lines; those without an order can be shown alone."""
    found = queries.get_settlement(settlement_id)
    if found is None:
        raise Http404
    loose = request.GET.get("loose") == "1"
    page = Paginator(queries.settlement_lines(found, loose=loose), LINES_PER_PAGE).get_page(
        page_number(request)
    )
    context = {"settlement": found, "page": page, "loose": loose, "sums": queries.settlement_sums(found)}
    return render(request, "channels/settlement_page.html", context)
