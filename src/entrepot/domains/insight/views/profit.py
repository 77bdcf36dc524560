"""The profit explorer: any dimensions against any measures, a waterfall, heat, and the orders behind each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core import audit, saved_views
from entrepot.core.charts import waterfall_chart
from entrepot.core.exports import FORMATS, as_file
from entrepot.core.pages import numbered_page, page_number, wants_panel
from entrepot.core.roles import require
from entrepot.domains.insight import queries
from entrepot.domains.insight.forms.figures import shown
from entrepot.domains.insight.forms.profit import State, read_state
from entrepot.domains.insight.forms.sheets import names_of, ranked_rows, table
from entrepot.domains.insight.forms.words import DIMENSIONS, MEASURES, STEPS, Names
from entrepot.domains.insight.queries import pivot
from entrepot.domains.insight.rules.pivot import FALL, Sums, heat, sums_for, waterfall
from entrepot.domains.insight.rules.pivot import MEASURES as UNITS
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.orders.queries import order_numbers

PAGE, SHOWN_ROWS, SHOWN_COLUMNS, LINES = "insight.profit", 200, 14, 50
CARDS = ("revenue", "profit", "margin", "orders")
PER_ORDER = ("basket", "profit_per_order")
FACETS = ("market", "channel", "category", "warehouse", "service", "state")


@dataclass(frozen=True)
class Scale:
    """How money is written: decimals of the books' currency, and whether they are shown at all."""

    digits: int
    whole: bool


@require_GET
@require("insight.view")
def explorer(request: HttpRequest) -> HttpResponse:
    """The explorer as its address says; for htmx its panel alone."""
    span = pivot.period()
    if span is None:
        return render(request, "insight/no_marts_page.html", {"title": _("Profit explorer")})
    state = read_state(request.GET, span)
    context = panel(state)
    if wants_panel(request, "profit-panel"):
        return render(request, "insight/profit_panel.html", context)
    context |= {
        "facets": _facets(state),
        "dimensions": list(DIMENSIONS.items()),
        "row_choices": [(place, name) for place, name in enumerate((*state.question.rows, "")[:3])],
        "measure_choices": [(name, label, name in state.measures) for name, label in MEASURES.items()],
        "saved": saved_views.list_views(request.user, PAGE),
        "as_of": queries.marts_as_of(),
    }
    return render(request, "insight/profit_page.html", context)


@require_GET
@require("insight.view")
def lines(request: HttpRequest) -> HttpResponse:
    """The order lines behind a figure."""
    state = _state(request)
    sort = request.GET.get("order", "profit")
    found, count = pivot.lines_of(state.question, page=page_number(request), per_page=LINES, sort=sort)
    numbers = order_numbers([line.order_id for line in found])
    context = {
        "rows": [{"line": line, "number": numbers.get(line.order_id, line.order_id)} for line in found],
        "page": numbered_page(count, page_number(request), LINES),
        "count": count, "state": state, "chips": chips(state, names_of(state, ())), "currency": pivot.books_currency(),
        "order": sort,
    }  # fmt: skip
    return render(request, "insight/profit_lines_page.html", context)


@require_GET
@require("insight.view")
def export(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """Every row of the pivot with every measure as a file."""
    if file_format not in FORMATS:
        raise Http404(_("There is no such format."))
    state = _state(request)
    audit.record(request.user, "insight.export_profit", query=state.query, format=file_format)
    return as_file(table(state), "profit", file_format, sheet=_("Profit"))


@require_POST
@require("insight.view")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what is shown under a name of the user's own."""
    name, query = request.POST.get("name", "").strip()[:60], request.POST.get("query", "")[:2_000]
    span = pivot.period()
    if name and span:
        query = read_state(QueryDict(query), span).query
        saved_views.save_view(request.user, PAGE, name, query)
        messages.success(request, _("View “%(name)s” saved.") % {"name": name})
    else:
        messages.error(request, _("The view needs a name of at most 60 characters."))
    return redirect(f"{reverse('insight:profit')}?{query}")


@require_POST
@require("insight.view")
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a saved view; only one's own."""
    saved_views.delete_view(request.user, PAGE, view_id)
    return redirect("insight:profit")


def panel(state: State) -> dict[str, Any]:
    """Everything the panel shows, in the reader's language."""
    found = pivot.pivot(state.question, sums_for([*state.measures, *CARDS]) + FALL)
    currency, scale = pivot.books_currency(), _scale(found)
    digits = scale.digits
    names = names_of(state, found.rows)
    ranked = ranked_rows(found, state)
    columns = (
        sorted(found.columns)[:SHOWN_COLUMNS] if state.question.column == "month" else _greatest(found, state)
    )
    steps = [(str(STEPS[name]), amount, is_level) for name, amount, is_level in waterfall(found.total)]
    return {
        "state": state, "query": state.query, "currency": currency, "digits": digits,
        "chips": chips(state, names),
        "heads": [DIMENSIONS[name] for name in state.question.rows],
        "measures": [(name, MEASURES[name]) for name in state.measures],
        "columns": [(code, names.of(state.question.column, code)) for code in columns],
        "columns_left": len(found.columns) - len(columns),
        "rows": _rows(found, ranked[:SHOWN_ROWS], columns, state, names),
        "rows_left": len(ranked) - SHOWN_ROWS,
        "total": _figures(found.total, state.measures, scale),
        "total_cells": [_cell(found.columns[code], state.measures[0], scale) for code in columns],
        "cards": [(MEASURES[name], _cell(found.total, name, scale)["text"], UNITS[name][0] == "money")
                  for name in CARDS],
        "steps": steps, "chart": waterfall_chart(steps, digits),
        "is_empty": not found.total.values["lines"],
    }  # fmt: skip


def chips(state: State, names: Names) -> list[dict[str, str]]:
    """Each filter in words, with the address that drops it."""
    return [
        {
            "label": str(DIMENSIONS[name]),
            "value": names.of(name, value),
            "query": state.without(name, value).query,
        }
        for name, values in state.question.filters.items()
        for value in values
    ]


def _state(request: HttpRequest) -> State:
    span = pivot.period()
    if span is None:
        raise Http404(_("Nothing has been exported yet."))
    return read_state(request.GET, span)


def _facets(state: State) -> list[dict[str, Any]]:
    found, facets = pivot.choices(FACETS), []
    names = Names()
    for name in FACETS:
        names.load(name, ())
        chosen = state.question.filters.get(name, ())
        options = sorted((names.of(name, code), code, code in chosen) for code in {*found[name], *chosen})
        facets.append({"name": name, "label": DIMENSIONS[name], "options": options, "count": len(chosen)})
    return facets


def _greatest(found: pivot.Pivot, state: State) -> list[str]:
    """The columns that weigh most in the first measure."""
    name = state.measures[0]
    ranked = sorted(found.columns, key=lambda code: -abs(found.columns[code].measure(name) or 0))
    return ranked[:SHOWN_COLUMNS]


def _rows(
    found: pivot.Pivot,
    ranked: Sequence[tuple[tuple[str, ...], Sums]],
    columns: Sequence[str],
    state: State,
    names: Names,
) -> list[dict[str, Any]]:
    scale = _scale(found)
    first = state.measures[0]
    spread = [one.measure(first) or 0 for one in (found.cells.values() if columns else found.rows.values())]
    low, high = min([0, *spread]), max([0, *spread])
    made = []
    for key, sums in ranked:
        own, keys = state, []
        for name, code in zip(state.question.rows, key, strict=True):
            own = own.narrowed(name, code) if code else own.drilled(name)
            keys.append({"code": code, "name": names.of(name, code)})
        open_lines = f"{reverse('insight:lines')}?{_only(state, state.question.rows, key).query}"
        deeper = f"{reverse('insight:profit')}?{own.query}" if own.question.rows else open_lines
        cells = []
        for code in columns:
            one = found.cells.get((key, code))
            shade = heat(one.measure(first), low, high) if one else 0
            where = _only(state, (*state.question.rows, state.question.column), (*key, code)).query
            cells.append(
                {
                    **_cell(one, first, scale),
                    "shade": _shade(shade),
                    "href": f"{reverse('insight:lines')}?{where}",
                }
            )
        shade = 0 if columns else heat(sums.measure(first), low, high)
        figures = _figures(sums, state.measures, scale)
        made.append({"keys": keys, "href": deeper, "lines": open_lines, "cells": cells, "figures": figures,
                     "shade": _shade(shade)})  # fmt: skip
    return made


def _only(state: State, dims: Sequence[str], key: Sequence[str]) -> State:
    """The state narrowed to a group; a month narrows the period."""
    question = state.question.only(**{name: code for name, code in zip(dims, key, strict=True) if code})
    return replace(state, question=question)


def _figures(sums: Sums, measures: Sequence[str], scale: Scale) -> list[dict[str, Any]]:
    return [{"label": MEASURES[name], **_cell(sums, name, scale)} for name in measures]


def _scale(found: pivot.Pivot) -> Scale:
    """Sales of 10,000 and more are shown without decimals, all alike."""
    digits = minor_units_by_currency().get(pivot.books_currency(), 2)
    return Scale(digits, abs(found.total.values["revenue"]) >= 10_000 * 10**digits)


def _cell(sums: Sums | None, name: str, scale: Scale) -> dict[str, Any]:
    value = sums.measure(name) if sums else None
    whole = scale.whole and name not in PER_ORDER
    return {"text": shown(name, value, scale.digits, whole=whole), "is_loss": bool(value and value < 0)}


def _shade(step: int) -> str:
    return "" if not step else f"heat-{'p' if step > 0 else 'n'}{abs(step)}"
