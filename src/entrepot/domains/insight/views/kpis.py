"""KPIs: the tree with goals and trends, and one of them level by level down to the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.roles import require
from entrepot.domains.insight import queries, services
from entrepot.domains.insight.forms.figures import cell, figure
from entrepot.domains.insight.forms.kpis import GoalForm, ReadingForm
from entrepot.domains.insight.forms.profit import DRILL, State, read_state
from entrepot.domains.insight.forms.sheets import formula_of, name_of, period_words
from entrepot.domains.insight.forms.words import DIMENSIONS, Names, month_words
from entrepot.domains.insight.models import Kpi
from entrepot.domains.insight.queries import kpis, pivot
from entrepot.domains.insight.rules.facts import GOODS
from entrepot.domains.insight.rules.pivot import month_end, months_on
from entrepot.domains.insight.views.charts import trend_chart
from entrepot.domains.ledger.queries import minor_units_by_currency

COUNTS = (1, 3, 12)
SHOWN, WIDTH, HEIGHT = 60, 118, 24
BY = ("market", "channel", "category", "product", "sku", "warehouse", "service", "month")
FORMATTERS = {"ppm": "@percent", "money": "@money", "count": "@integer"}


@require_GET
@require("insight.view")
def tree(request: HttpRequest) -> HttpResponse:
    """Every KPI with value, change, goal, status and trend."""
    span = pivot.period()
    if span is None:
        return render(request, "insight/no_marts_page.html", {"title": _("KPIs")})
    view = read_view(request, span)
    names = Names()
    names.load("market", ())
    names.load("channel", ())
    context = {
        **tree_context(view),
        "counts": [(count, _address(replace(view, count=count))) for count in COUNTS],
        "months": [(month, month_words(month.isoformat())) for month in _months(span)],
        "markets": _options(names, "market"), "channels": _options(names, "channel"),
        "as_of": queries.marts_as_of(),
    }  # fmt: skip
    return render(request, "insight/kpi_tree_page.html", context)


def tree_context(view: kpis.View) -> dict[str, Any]:
    """The tree's rows in words, for the page and for mails."""
    currency = pivot.books_currency()
    digits = minor_units_by_currency().get(currency, 2)
    rows = []
    for one in kpis.kpi_tree(view):
        unit = one.kpi.unit
        rows.append(
            {
                "state": one, "name": name_of(one.kpi), "formula": formula_of(one.kpi),
                "value": figure(unit, one.value, digits, currency),
                "goal": "" if one.goal is None else figure(unit, one.goal, digits, currency),
                "before": figure(unit, one.before, digits, currency), "change": one.change_ppm,
                "spark": spark(one.trend), "href": f"{reverse('insight:kpi', args=[one.kpi.code])}?{view_query(view)}",
            }
        )  # fmt: skip
    return {
        "rows": rows,
        "view": view,
        "period": period_words(view),
        "currency": currency,
        "query": view_query(view),
    }


@require_GET
@require("insight.view")
def kpi_page(request: HttpRequest, code: str) -> HttpResponse:
    """One KPI: its course with goals, told apart by a dimension, and the way down to the orders."""
    kpi, span = _kpi(code), pivot.period()
    if span is None:
        return render(request, "insight/no_marts_page.html", {"title": name_of(kpi)})
    return render(request, "insight/kpi_page.html", _page(request, kpi, read_view(request, span), {}))


@require_POST
@require("insight.change")
def set_goal(request: HttpRequest, code: str) -> HttpResponse:
    """Set a goal, or say what is wrong with it."""
    kpi = _kpi(code)
    form = GoalForm(request.POST, kpi=kpi, digits=_digits())
    if not form.is_valid():
        return _again(request, kpi, goal_form=form)
    values = form.cleaned_data
    wish = services.GoalWish(values["first_month"], values["last_month"], values["value"], values["owner"])
    services.set_goal(kpi, wish, request.user)
    messages.success(request, _("The goal is set."))
    return redirect("insight:kpi", code)


@require_POST
@require("insight.change")
def delete_goal(request: HttpRequest, code: str, goal_id: int) -> HttpResponse:
    """Take a goal away."""
    if not services.delete_goal(_kpi(code), goal_id, request.user):
        raise Http404(_("There is no such goal."))
    return redirect("insight:kpi", code)


@require_POST
@require("insight.change")
def enter_reading(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a month's value of a KPI that no mart can give."""
    kpi = _kpi(code)
    form = ReadingForm(request.POST, kpi=kpi, digits=_digits())
    if kpi.numerator:
        raise Http404(_("This KPI is computed; nothing is entered."))
    if not form.is_valid():
        return _again(request, kpi, reading_form=form)
    values = form.cleaned_data
    services.enter_reading(kpi, values["month"], values["value"], values["source"], request.user)
    messages.success(request, _("The value is entered."))
    return redirect("insight:kpi", code)


def read_view(request: HttpRequest, span: tuple[date, date]) -> kpis.View:
    """Months and narrowing as the address says; what makes no sense is left out."""
    data = request.GET
    count = int(data["n"]) if data.get("n", "").isdigit() and int(data["n"]) in COUNTS else 12
    try:
        last = date.fromisoformat(f"{data.get('month', '')[:7]}-01")
    except ValueError:
        last = span[1]
    return kpis.View(
        last,
        count,
        data.get("market", "")[:64].replace("\x00", ""),
        data.get("channel", "")[:64].replace("\x00", ""),
    )


def view_query(view: kpis.View) -> str:
    """The address of a view."""
    pairs = [
        ("month", f"{view.last:%Y-%m}"),
        ("n", str(view.count)),
        ("market", view.market),
        ("channel", view.channel),
    ]
    return urlencode([pair for pair in pairs if pair[1]])


def spark(values: Sequence[int | None]) -> str:
    """Points of a small line, the newest value at the right."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step, room = WIDTH / max(len(values) - 1, 1), (high - low) or 1
    points = [
        f"{1 + place * step:.1f},{1 + (HEIGHT - 2) * (high - value) / room:.1f}"
        for place, value in enumerate(values)
        if value is not None
    ]
    return " ".join(points)


def _page(request: HttpRequest, kpi: Kpi, view: kpis.View, forms: dict[str, Any]) -> dict[str, Any]:
    currency, digits = pivot.books_currency(), _digits()
    course = kpis.kpi_course(kpi, view)
    state = next(one for one in kpis.kpi_tree(view) if one.kpi.pk == kpi.pk)
    return {
        "kpi": kpi, "name": name_of(kpi), "formula": formula_of(kpi), "view": view,
        "period": period_words(view), "currency": currency, "state": state, "query": view_query(view),
        "value": figure(kpi.unit, state.value, digits, currency),
        "goal": figure(kpi.unit, state.goal, digits, currency),
        "before": figure(kpi.unit, state.before, digits, currency),
        "chart": _course_chart(kpi, course, digits, currency),
        "goals": [(goal, figure(kpi.unit, goal.value, digits, currency)) for goal in kpis.goals_of(kpi)],
        "readings": [(one, figure(kpi.unit, one.value, digits, currency)) for one in kpis.readings_of(kpi)],
        "goal_form": GoalForm(kpi=kpi, digits=digits), "reading_form": ReadingForm(kpi=kpi, digits=digits),
        **({} if kpi.numerator == "" else _apart(request, kpi, view)), **forms,
    }  # fmt: skip


def _apart(request: HttpRequest, kpi: Kpi, view: kpis.View) -> dict[str, Any]:
    """The KPI by one dimension: each group leads one level deeper, the last to its order lines."""
    digits, currency = _digits(), pivot.books_currency()
    asked = kpis.definition(kpi)
    usable = (
        [name for name in BY if not (asked.counts_orders and name in GOODS)]
        if kpi.numerator != "stock_value"
        else []
    )
    if not usable:
        return {}
    data = request.GET.copy()
    data.setlist("from", [view.months[0].isoformat()])
    data.setlist("to", [month_end(view.last).isoformat()])
    by = data.get("by", "")
    state = read_state(data, (view.months[0], view.last))
    open_dims = [name for name in usable if len(state.question.filters.get(name, ())) != 1]
    by = (
        by
        if by in open_dims
        else next((name for name in DRILL if name in open_dims), open_dims[0] if open_dims else "")
    )
    if not by:
        return {}
    state = replace(state, question=replace(state.question, rows=(by,), column=""))
    groups = sorted(kpis.kpi_by(kpi, state.question), key=lambda one: (by != "month" and -one[2], one[0]))
    names = Names()
    names.load(by, {one[0] for one in groups})
    for name, values in state.question.filters.items():
        names.load(name, values)
    most = max([abs(value) for _code, value, _weight in groups if value], default=1)
    rows = []
    for code, value, _weight in groups[:SHOWN]:
        only = replace(state, question=state.question.only(**{by: code}) if code else state.question)
        rows.append({
            "name": names.of(by, code), "code": code, "text": figure(kpi.unit, value, digits, currency),
            "share": abs(value or 0) * 100 // most, "is_loss": (value or 0) < 0,
            "href": _deeper(kpi, view, only, usable), "lines": f"{reverse('insight:lines')}?{only.query}",
        })  # fmt: skip
    filters = [
        (str(DIMENSIONS[name]), names.of(name, value))
        for name, values in state.question.filters.items()
        for value in values
    ]
    choices = [(name, DIMENSIONS[name], f"?{_kept(view, state, name)}") for name in open_dims]
    return {"groups": rows, "groups_left": len(groups) - SHOWN, "by": by, "by_name": DIMENSIONS[by], "choices": choices,
            "filters": filters, "lines": f"{reverse('insight:lines')}?{state.query}"}  # fmt: skip


def _deeper(kpi: Kpi, view: kpis.View, state: State, usable: Sequence[str]) -> str:
    """The same KPI for one group, by the next dimension; the order lines where there is none."""
    fixed = {name for name, values in state.question.filters.items() if len(values) == 1}
    following = next((name for name in DRILL if name in usable and name not in fixed), "")
    if not following:
        return f"{reverse('insight:lines')}?{state.query}"
    return f"{reverse('insight:kpi', args=[kpi.code])}?{_kept(view, state, following)}"


def _kept(view: kpis.View, state: State, by: str) -> str:
    pairs = [("month", f"{view.last:%Y-%m}"), ("n", str(view.count)), ("by", by)]
    pairs += [
        (name, value)
        for name, values in state.question.filters.items()
        if name != "month"
        for value in values
    ]
    return urlencode(pairs)


def _course_chart(
    kpi: Kpi, course: Sequence[tuple[date, int | None, int | None]], digits: int, currency: str
) -> dict[str, Any]:
    def plain(value: int | None) -> float | None:
        found = cell(kpi.unit, value, digits)
        return None if found is None else float(found)

    if not any(value is not None for _month, value, _goal in course):
        return {"empty": _("No value in these months.")}
    formatter = FORMATTERS.get(kpi.unit, "@money")
    return trend_chart(
        [month_words(month.isoformat()) for month, _value, _goal in course],
        [plain(value) for _month, value, _goal in course],
        [plain(goal) for _month, _value, goal in course],
        (name_of(kpi), _("Goal")),
        f"{formatter}:{currency}" if kpi.unit == "money" else formatter,
    )


def _again(request: HttpRequest, kpi: Kpi, **forms: Any) -> HttpResponse:
    span = pivot.period()
    if span is None:
        messages.error(request, _("Nothing has been exported yet."))
        return redirect("insight:kpis")
    context = _page(request, kpi, read_view(request, span), forms)
    return render(request, "insight/kpi_page.html", context, status=422)


def _kpi(code: str) -> Kpi:
    kpi = kpis.kpi_coded(code)
    if kpi is None:
        raise Http404(_("There is no such KPI."))
    return kpi


def _months(span: tuple[date, date]) -> list[date]:
    found, month = [], span[1]
    while month >= span[0]:
        found.append(month)
        month = months_on(month, -1)
    return found


def _options(names: Names, dimension: str) -> list[tuple[str, str]]:
    return sorted(
        ((code, names.of(dimension, code)) for code in pivot.choices([dimension])[dimension]),
        key=lambda one: one[1],
    )


def _address(view: kpis.View) -> str:
    return f"?{view_query(view)}"


def _digits() -> int:
    return minor_units_by_currency().get(pivot.books_currency(), 2)
