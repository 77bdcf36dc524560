"""Accounts and how they stand: list, papers, separation, health, cases, codes of articles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import in_language
from entrepot.core.roles import require
from entrepot.domains.channels import services
from entrepot.domains.channels.forms import accounts as forms
from entrepot.domains.channels.forms import words
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.channels.queries import standing as queries
from entrepot.domains.channels.rules import AccountMetric
from entrepot.domains.channels.rules.standing import window_days
from entrepot.domains.channels.services import standing
from entrepot.domains.channels.services.files import kept_content
from entrepot.domains.channels.views.named import Names

PPM = 1_000_000


@require_GET
@require("channels.view")
def account_list(request: HttpRequest) -> HttpResponse:
    """Every account with what needs attention."""
    names = Names()
    rows = [
        {
            "row": row,
            "named": names.of(row.account),
            "tone": forms.LEVELS[row.level][0],
            "level": forms.LEVELS[row.level][1],
        }
        for row in queries.standings()
    ]
    return render(request, "channels/account_list_page.html", {"rows": rows})


@require_GET
@require("channels.view")
def account_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: checklist, separation, health with its trend, cases, unknown articles."""
    return _page(request, _account(account_id))


def _page(request: HttpRequest, account: ChannelAccount, **bound: Any) -> HttpResponse:
    papers = queries.papers(account, queries.documents_of(account), timezone.localdate())
    choices = [(paper.code, in_language(paper.names)) for paper in papers]
    context = {
        "account": account,
        "named": Names().of(account),
        "papers": [
            {"paper": paper, "name": in_language(paper.names), "tone": tone, "state": state}
            for paper in papers
            for tone, state in [forms.PAPER_STATES[paper.state]]
        ],
        "health": _health(account),
        "shared": queries.shared_traits(account),
        "traits": queries.traits_of(account),
        "cases": list(queries.cases_of(account)[:30]),
        "unknown": queries.unknown_articles(account)[:50],
        "mappings": list(queries.mappings_of(account)[:200]),
        "paper_form": bound.get("paper") or forms.PaperForm(choices=choices),
        "trait_form": bound.get("trait") or forms.TraitForm(),
        "case_form": bound.get("case") or forms.CaseForm(),
        "sku_form": bound.get("sku") or forms.SkuForm(),
        "now": timezone.now(),
    }
    return render(request, "channels/account_page.html", context, status=422 if bound else 200)


def _days(metric: AccountMetric) -> str:
    """How far back a metric looks."""
    days = window_days(metric, 0)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def _health(account: ChannelAccount) -> list[dict[str, Any]]:
    """Each metric of the platform with its newest figure, limit and trend."""
    known = queries.health_of(account)
    rows = []
    for metric in standing.metrics_of(account, timezone.localdate()):
        figures = known.get(standing.key_of(metric), [])
        last = figures[-1] if figures else None
        level = last.level if last else "none"
        rates = [figure.count * PPM // figure.among for figure in figures if figure.among]
        rows.append(
            {
                "metric": metric,
                "operator": words.OPERATORS.get(metric.operator, metric.operator),
                "consequence": words.word(words.CONSEQUENCES, metric.consequence),
                "name": in_language((metric.name, metric.name_zh or metric.name)),
                "last": last,
                "days": _days(metric),
                "rate_ppm": rates[-1] if rates else None,
                "before_ppm": rates[-2] if len(rates) > 1 else None,
                "tone": forms.LEVELS[level][0],
                "level": forms.LEVELS[level][1],
            }
        )
    return rows


@require_POST
@require("channels.change")
def measure(request: HttpRequest, account_id: int) -> HttpResponse:
    """Measure the account's health now."""
    account = _account(account_id)
    figures = standing.measure_health(account)
    messages.success(request, _("%(count)s metrics measured.") % {"count": len(figures)})
    return redirect("accounts:detail", account.pk)


@require_POST
@require("channels.change")
def add_paper(request: HttpRequest, account_id: int) -> HttpResponse:
    """Keep a document."""
    account = _account(account_id)
    choices = [
        (row["code"], in_language((row["name_en"], row["name_zh"]))) for row in queries.wanted(account)
    ]
    form = forms.PaperForm(request.POST, request.FILES, choices=choices)
    if not form.is_valid():
        return _page(request, account, paper=form)
    file, values = form.cleaned_data["file"], dict(form.cleaned_data)
    values["file_name"] = file.name[:200] if file else ""
    content = file.read() if file else None
    standing.add_document(account, values["requirement"], values, content, request.user)
    messages.success(request, _("Document kept."))
    return redirect("accounts:detail", account.pk)


@require_GET
@require("channels.change")
def paper(request: HttpRequest, account_id: int, document_id: int) -> HttpResponse:
    """A document's file, as a download."""
    found = queries.get_document(account_id, document_id)
    if found is None or not found.file_sha256:
        raise Http404
    response = HttpResponse(kept_content(found.file_sha256), content_type="application/octet-stream")
    name = found.file_name.replace('"', "").replace("\\", "").encode("ascii", "replace").decode()
    response["Content-Disposition"] = f'attachment; filename="{name or "document"}"'
    return response


@require_POST
@require("channels.change")
def add_trait(request: HttpRequest, account_id: int) -> HttpResponse:
    """Note something two accounts must not share."""
    account, form = _account(account_id), forms.TraitForm(request.POST)
    if not form.is_valid():
        return _page(request, account, trait=form)
    standing.add_trait(account, form.cleaned_data["kind"], form.cleaned_data["value"], request.user)
    shared = queries.shared_traits(account)
    if shared:
        messages.warning(request, _("This account shares data with another account of the platform."))
    return redirect("accounts:detail", account.pk)


@require_POST
@require("channels.change")
def forget_trait(request: HttpRequest, account_id: int, trait_id: int) -> HttpResponse:
    """Take a trait away."""
    standing.forget_trait(_account(account_id), trait_id, request.user)
    return redirect("accounts:detail", account_id)


@require_POST
@require("channels.change")
def open_case(request: HttpRequest, account_id: int) -> HttpResponse:
    """Open a case; its clock runs."""
    account, form = _account(account_id), forms.CaseForm(request.POST)
    if not form.is_valid():
        return _page(request, account, case=form)
    said = form.cleaned_data
    standing.open_case(account, said["kind"], said["subject"], said["external_order"], request.user)
    return redirect("accounts:detail", account.pk)


@require_POST
@require("channels.change")
def answer_case(request: HttpRequest, account_id: int, case_id: int) -> HttpResponse:
    """Log an answer, or close the case."""
    case, form = queries.get_case(account_id, case_id), forms.AnswerForm(request.POST)
    if case is None:
        raise Http404
    if form.is_valid():
        said = form.cleaned_data
        standing.write_in_case(case, said["text"], request.user, close=said["close"], lost=said["lost"])
    return redirect("accounts:detail", account_id)


@require_POST
@require("channels.change")
def map_sku(request: HttpRequest, account_id: int) -> HttpResponse:
    """Say which of our articles a code means."""
    account, form = _account(account_id), forms.SkuForm(request.POST)
    if not form.is_valid():
        return _page(request, account, sku=form)
    code, sku = form.cleaned_data["channel_sku"], form.cleaned_data["sku"]
    try:
        lines = services.map_sku(account, code, sku, request.user)
    except services.SkuUnknown:
        form.add_error("sku", _("The catalogue has no such SKU."))
        return _page(request, account, sku=form)
    messages.success(request, _("Mapped; %(count)s lines of waiting orders renamed.") % {"count": lines})
    return redirect("accounts:detail", account.pk)


@require_POST
@require("channels.change")
def forget_sku(request: HttpRequest, account_id: int) -> HttpResponse:
    """Take a mapping back."""
    services.forget_sku(_account(account_id), request.POST.get("channel_sku", ""), request.user)
    return redirect("accounts:detail", account_id)


def _account(account_id: int) -> ChannelAccount:
    account = queries.get_account(account_id)
    if account is None:
        raise Http404
    return account
