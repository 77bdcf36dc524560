"""The tariff: the tree of codes, a search in two languages, and the rates of a code in a country on a day."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language, page_number
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.customs import queries
from entrepot.domains.customs.forms.tariffs import LookupForm
from entrepot.domains.customs.models import HsCode
from entrepot.domains.customs.rules import BadCode, goods_code
from entrepot.domains.customs.views.shown import rate_text

PER_PAGE = 60
FOUND = 15
MOST_DIGITS = 10
LEAST_DIGITS = 4


@require_GET
@require("customs.view")
def tariff_page(request: HttpRequest) -> HttpResponse:
    """Sections and chapters, or what a search finds; a code that is typed opens its own page."""
    form = LookupForm(request.GET)
    text, today = form.text("q"), timezone.localdate()
    on = form.day(today)
    if code := _as_code(text):
        query = request.GET.copy()
        query.pop("q", None)
        response = redirect("customs:code", code)
        response["Location"] += f"?{query.urlencode()}" if query else ""
        return response
    found = [
        {"row": row, "sure": one.confidence_ppm, "words": " ".join(one.words)}
        for row, one in (queries.find_codes(text, on, FOUND) if text else [])
    ]
    chapters = [] if text else queries.hs_children("", on)
    context = {
        **_asked(form, text, on, today),
        "found": found,
        "sections": [
            {
                "code": section.code,
                "name": in_language((section.name_en, section.name_zh or section.name_en)),
                "chapters": [
                    {
                        "code": row.code,
                        "name": in_language((row.description_en, row.description_zh or row.description_en)),
                    }
                    for row in chapters
                    if section.first_chapter <= row.code <= section.last_chapter
                ],
            }
            for section in (queries.sections() if not text else [])
        ],
    }
    return render(request, "customs/tariff_page.html", context)


@require_GET
@require("customs.view")
def code_page(request: HttpRequest, code: str) -> HttpResponse:
    """One code: where it stands, what stands under it, and the rates it meets at the destination on the day."""
    if not _as_code(code, least=2):
        raise Http404
    form, today = LookupForm(request.GET), timezone.localdate()
    on, dest, origin = form.day(today), form.text("dest").upper(), form.text("origin").upper()
    path = queries.hs_path(code, on)
    lines = None
    national: list[dict[str, Any]] = []
    if dest and len(code) >= LEAST_DIGITS:
        lines = Paginator(_lines(code, dest, on), PER_PAGE).get_page(page_number(request))
        rates = queries.ordinary_rates([line.code for line in lines.object_list], dest, on)
        national = [
            {
                "line": line,
                "rate": rates.get(line.code),
                "text": rate_text(rates[line.code]) if line.code in rates else "",
            }
            for line in lines.object_list
        ]
    if not path and not national:
        raise Http404
    found = queries.rates_of(code, dest, on, origin) if dest and len(code) >= LEAST_DIGITS else None
    context = {
        **_asked(form, "", on, today),
        "code": code,
        "path": path,
        "here": path[-1] if path and path[-1].code == code else None,
        "children": queries.hs_children(code, on) if len(code) < 6 else [],  # HS digits
        "page": lines,
        "national": national,
        "rates": _shown(found) if found else None,
        "state": queries.code_state(code, dest if len(code) > 6 else "", on),  # HS digits
    }
    return render(request, "customs/code_page.html", context)


def _lines(code: str, dest: str, on: Any) -> Any:
    for place in queries.places(dest, on):
        found = queries.national_lines(place, code, on)
        if found.exists():
            return found
    return queries.national_lines(dest, code, on)


def _shown(found: queries.Rates) -> dict[str, Any]:
    """Every rate with its text; readings of disputed rules apart."""
    names = country_names()
    layers = [
        {"row": row, "text": rate_text(row), "origin": _country(names, row.origin)} for row in found.layers
    ]
    return {
        "ordinary": [
            {"row": row, "text": rate_text(row), "origin": _country(names, row.origin)}
            for row in found.ordinary
        ],
        "claims": [
            {
                "row": claim.rate,
                "text": rate_text(claim.rate),
                "preference": claim.preference,
                "countries": claim.preference.countries if claim.preference else claim.rate.origin,
            }
            for claim in found.claims
        ],
        "layers": [shown for shown, row in zip(layers, found.layers, strict=True) if not row.reading],
        "readings": [shown for shown, row in zip(layers, found.layers, strict=True) if row.reading],
    }


def _words(row: HsCode) -> str:
    return in_language((row.description_en, row.description_zh or row.description_en))


def _country(names: dict[str, tuple[str, str]], code: str) -> str:
    return in_language(names[code]) if code in names else code


def _asked(form: LookupForm, text: str, on: Any, today: Any) -> dict[str, Any]:
    names = country_names()
    dests = queries.destinations()
    return {
        "q": text,
        "code": "",
        "on": on,
        "today": today,
        "dest": form.text("dest").upper(),
        "origin": form.text("origin").upper(),
        "dests": [(code, _country(names, code)) for code in dests if code],
        "origins": sorted(
            ((code, in_language(pair)) for code, pair in names.items()), key=lambda pair: pair[1]
        ),
    }


def _as_code(text: str, least: int = LEAST_DIGITS) -> str:
    try:
        code = goods_code(text)
    except BadCode:
        return ""
    return code if least <= len(code) <= MOST_DIGITS else ""
