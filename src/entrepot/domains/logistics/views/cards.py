"""Rate cards: the list, one card as a grid to look at and to change, two versions compared, files brought in."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from entrepot.core.pages import in_language, page_number
from entrepot.core.roles import require
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics import queries, services
from entrepot.domains.logistics.forms import UploadForm
from entrepot.domains.logistics.services.words import FILE_PROBLEMS, KIND_NAMES, REASONS, REMEDIES, word
from entrepot.kernel.money import to_major

PER_PAGE = 50
ALL = "all"
MOST_FINDINGS = 300


@require_GET
@require("logistics.view")
def card_list(request: HttpRequest) -> HttpResponse:
    """Cards by carrier, service and version, those in force today first asked for."""
    text, when = request.GET.get("q", "").strip()[:100], request.GET.get("on", "")
    on = None if when == ALL else _day(when) or timezone.localdate()
    page = Paginator(queries.card_rows(text, on), PER_PAGE).get_page(page_number(request))
    names = {code: in_language(pair) for code, pair in queries.service_names().items()}
    context = {"page": page, "names": names, "text": text, "on": on, "files": queries.rate_files()[:10]}
    return render(request, "logistics/card_list_page.html", context | {"kinds": KIND_NAMES, "all": ALL})


@require_http_methods(["GET", "POST"])
@require("logistics.view")
def card(request: HttpRequest) -> HttpResponse:
    """One card as a grid of zones and weights; those who may, change prices from a day on."""
    service, tier = request.GET.get("service", ""), request.GET.get("tier", "")
    on = _day(request.GET.get("on", "")) or timezone.localdate()
    shown = services.card_on(service, on, tier)
    known = queries.service_on(service, on)
    if known is None or not queries.versions_of(service, tier):
        raise Http404(_("There is no such card."))
    digits = minor_units_by_currency().get(known.currency, 2)
    problem = ""
    if request.method == "POST":
        if not request.user.has_perm("logistics.change"):
            return HttpResponse(status=403)
        problem, first = _save(request, shown, digits)
        if not problem:
            address = reverse("logistics:card")
            return redirect(
                f"{address}?{urlencode({'service': service, 'tier': tier, 'on': first.isoformat()})}"
            )
    context = {
        "card": shown,
        "known": known,
        "name": in_language((known.name_en or service, known.name_zh or known.name_en or service)),
        "versions": queries.versions_of(service, tier),
        "tiers": queries.tiers_of(service),
        "grid": _grid(shown, request, digits),
        "findings": _worded(shown.findings),
        "today": timezone.localdate(),
        "problem": problem,
        "step": str(to_major(1, digits)),
    }
    return render(request, "logistics/card_page.html", context, status=422 if problem else 200)


@require_GET
@require("logistics.view")
def difference(request: HttpRequest) -> HttpResponse:
    """What changed between two versions of a card."""
    service, tier = request.GET.get("service", ""), request.GET.get("tier", "")
    versions = queries.versions_of(service, tier)
    known = queries.service_on(service, timezone.localdate())
    if known is None or not versions:
        raise Http404(_("There is no such card."))
    after = _day(request.GET.get("after", "")) or versions[0]
    before = _day(request.GET.get("before", "")) or next(
        (day for day in versions if day < after), versions[-1]
    )
    changes = services.compare_cards(
        services.card_on(service, before, tier), services.card_on(service, after, tier)
    )
    rows = [{"change": one, "ppm": _growth(one)} for one in changes]
    context = {
        "known": known,
        "name": in_language((known.name_en or service, known.name_zh or known.name_en or service)),
        "tier": tier,
        "versions": versions,
        "before": before,
        "after": after,
        "rows": rows,
    }
    return render(request, "logistics/card_difference_page.html", context)


@require_http_methods(["GET", "POST"])
@require("logistics.change")
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a rate file. A table whose columns are not found is asked for them, with the file to be chosen again."""
    file = request.FILES.get("file")
    headers: list[str] = []
    guessed: dict[str, str] = {}
    if file and request.POST.get("kind") == "generic":
        try:
            headers, guessed = services.columns_of(file.read())
        except services.FileRefused:
            headers = []
        file.seek(0)
    guesses = {f"column_{name}": column for name, column in guessed.items()}
    data = {**guesses, **request.POST.dict()} if request.method == "POST" else None
    wanted = {"kind": request.GET.get("kind", "")}
    form = UploadForm(data, request.FILES or None, headers=headers, initial=wanted)
    if request.method == "POST" and form.is_valid():
        done = _import(request, form)
        if done is not None:
            messages.success(request, _("The file was read."))
            return redirect("logistics:report", done.pk)
    return render(request, "logistics/upload_page.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@require("logistics.view")
def report(request: HttpRequest, file_id: int) -> HttpResponse:
    """What a file brought, and every row that is doubted."""
    one = get_object_or_404(queries.rate_files(), pk=file_id)
    found = one.report.get("findings", [])
    counts: dict[str, int] = {}
    for finding in found:
        counts[finding["code"]] = counts.get(finding["code"], 0) + 1
    context = {
        "file": one,
        "kind": word(KIND_NAMES, one.kind),
        "report": one.report,
        "refused": sum(not finding["is_used"] for finding in found),
        "counts": [
            (word(REASONS, code), count) for code, count in sorted(counts.items(), key=lambda c: -c[1])
        ],
        "findings": [_with_words(finding) for finding in found[:MOST_FINDINGS]],
        "more": max(0, len(found) - MOST_FINDINGS),
    }
    return render(request, "logistics/report_page.html", context)


@require_GET
@require("logistics.view")
def findings(request: HttpRequest, file_id: int) -> HttpResponse:
    """All findings of a file as a table for a spreadsheet."""
    one = get_object_or_404(queries.rate_files(), pk=file_id)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="findings-{one.pk}.csv"'
    writer = csv.writer(response)
    writer.writerow(["row", "field", "value", "used", "reason", "remedy"])
    for finding in one.report.get("findings", []):
        shown = _with_words(finding)
        value = f"'{shown['value']}" if shown["value"][:1] in ("=", "+", "-", "@") else shown["value"]
        writer.writerow(
            [shown["row"], shown["field"], value, shown["is_used"], shown["reason"], shown["remedy"]]
        )
    return response


def _import(request: HttpRequest, form: UploadForm) -> Any:
    """The imported file, or None with the reason beside the form's field."""
    said = form.cleaned_data
    options = services.RateOptions(
        valid_from=said["valid_from"],
        ship_from=said["ship_from"],
        service=said["service"],
        currency=said["currency"].upper(),
        unit=said["unit"],
        mapping=form.mapping(),
        zones=said["zones"].read() if said["zones"] else b"",
        is_open=said["is_open"],
    )
    try:
        file = said["file"]
        return services.import_rates(said["kind"], file.name, file.read(), options, user=request.user)  # type: ignore[arg-type]
    except services.FileRefused as error:
        form.add_error("file", f"{word(FILE_PROBLEMS, error.code)} {error.detail}")
    except services.ReferenceMissing:
        form.add_error(None, _("Countries and currencies are not loaded yet."))
    return None


def _save(request: HttpRequest, shown: services.Card, digits: int) -> tuple[str, date]:
    """Why the card was not saved, or nothing; and the first day of the change."""
    first = _day(request.POST.get("valid_from", "")) or shown.on
    prices = {}
    for rate in shown.prices.values():
        text = request.POST.get(f"price-{rate.pk}", "")
        amount = services.read_price(text, digits) if text else rate.base_minor
        if amount is None:
            return _("%(price)s is no price in this currency.") % {"price": text[:20]}, first
        prices[rate.pk] = amount
    try:
        changed = services.save_card(shown, prices, first, user=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        return " ".join(error.messages), first
    messages.success(request, _("%(count)s prices were changed.") % {"count": changed})
    return "", first


def _grid(shown: services.Card, request: HttpRequest, digits: int) -> list[dict[str, Any]]:
    """Rows of the grid: a weight band with a cell per zone; what was just typed stays typed."""
    rows = []
    for over, to in shown.bands:
        cells = []
        for zone in shown.zones:
            rate = shown.prices.get((zone, (over, to)))
            typed = request.POST.get(f"price-{rate.pk}") if rate else None
            value = typed or (str(to_major(rate.base_minor, digits)) if rate else "")
            cells.append({"zone": zone, "rate": rate, "value": value})
        rows.append({"over": over, "to": to, "cells": cells})
    return rows


def _worded(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "zone": one.field,
            "value": one.value,
            "reason": word(REASONS, one.code),
            "remedy": word(REMEDIES, one.code),
        }
        for one in found
    ]


def _with_words(finding: dict[str, Any]) -> dict[str, Any]:
    return {
        **finding,
        "reason": word(REASONS, finding["code"]),
        "remedy": word(REMEDIES, finding["code"]),
    }


def _growth(one: services.Change) -> int | None:
    if not one.before or one.after is None:
        return None
    return (one.after - one.before) * 1_000_000 // one.before


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
