"""Ledger pages: trial balance, journal, one account, one entry; each with the proof that it balances."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core.company import base_currency
from entrepot.core.pages import page_number, wants_panel
from entrepot.core.roles import require
from entrepot.domains.ledger import queries
from entrepot.domains.ledger.forms import EntryFilterForm, PeriodForm, PostingFilterForm
from entrepot.kernel.money import to_major

PER_PAGE = 50


@require_GET
@require("ledger.view")
def trial_balance(request: HttpRequest) -> HttpResponse:
    """All accounts of a period: before, debit, credit, after; by currency and in the books' currency."""
    form = PeriodForm(request.GET)
    period = form.period()
    context = {
        "form": form,
        "period": period,
        "trial": queries.trial_balance(period),
        "by_currency": request.GET.get("by") == "currency",
        "base_currency": base_currency(),
    }
    return render(request, "ledger/trial_page.html", context)


@require_GET
@require("ledger.view")
def check(request: HttpRequest) -> HttpResponse:
    """The whole journal added up again, posting by posting, and compared with the balances."""
    return render(
        request,
        "ledger/check_panel.html",
        {"proof": queries.journal_proof(), "base_currency": base_currency()},
    )


@require_GET
@require("ledger.view")
def journal(request: HttpRequest) -> HttpResponse:
    """Every entry, the newest first."""
    form = EntryFilterForm(request.GET)
    filters = form.filters()
    page = Paginator(queries.find_entries(**filters), PER_PAGE).get_page(page_number(request))
    context = {
        "form": form,
        "page": page,
        "is_narrowed": any(filters.values()),
        "filters": filters,
        "debits": queries.base_debits([entry.pk for entry in page.object_list]),
        "base_currency": base_currency(),
    }
    name = (
        "ledger/journal_panel.html" if wants_panel(request, "journal-panel") else "ledger/journal_page.html"
    )
    response = render(request, name, context)
    if wants_panel(request, "journal-panel"):
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_GET
@require("ledger.view")
def account(request: HttpRequest, code: str) -> HttpResponse:
    """One account: balances by currency, and its postings."""
    found = queries.account_named(code)
    if found is None:
        raise Http404(_("There is no such account."))
    form = PostingFilterForm(request.GET)
    filters = form.filters()
    postings = queries.account_postings(found, **filters)
    context = {
        "account": found,
        "sums": queries.account_sums(found),
        "form": form,
        "filters": filters,
        "page": Paginator(postings, PER_PAGE).get_page(page_number(request)),
        "base_currency": base_currency(),
    }
    name = (
        "ledger/account_panel.html" if wants_panel(request, "account-panel") else "ledger/account_page.html"
    )
    return render(request, name, context)


@require_GET
@require("ledger.view")
def account_chart(request: HttpRequest, code: str) -> JsonResponse:
    """The account's balance month by month in the books' currency, as an ECharts option."""
    found = queries.account_named(code)
    if found is None:
        raise Http404(_("There is no such account."))
    base = base_currency()
    digits = queries.minor_units_by_currency().get(base, 2)
    months = queries.account_months(found)
    if not months:
        return JsonResponse({"empty": _("No posting yet.")})
    points = [float(to_major(balance, digits)) for _month, balance in months]
    return JsonResponse(
        {
            "tooltip": {"valueFormatter": f"@money:{base}"},
            "xAxis": {"type": "category", "data": [f"{month:%Y-%m}" for month, _balance in months]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
            "series": [{"type": "bar", "data": points}],
        }
    )


@require_GET
@require("ledger.view")
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry with its postings and the proof that it balances."""
    found = queries.entry_with_postings(entry_id)
    if found is None:
        raise Http404(_("There is no such entry."))
    postings = list(found.postings.all())
    proofs, base_difference = queries.postings_proof(postings)
    context = {
        "entry": found,
        "postings": postings,
        "proofs": proofs,
        "base_difference": base_difference,
        "base_currency": base_currency(),
    }
    return render(request, "ledger/entry_page.html", context)
