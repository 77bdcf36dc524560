"""Back-tests: how well replay would have foretold what a past shock did."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import in_language, numbered_page, page_number
from entrepot.core.roles import require
from entrepot.core.worldtables import all_tables
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.fulfilment import jobs, queries, services
from entrepot.domains.fulfilment.forms.backtest import BackTestForm
from entrepot.domains.fulfilment.forms.scenario import shown_name
from entrepot.domains.fulfilment.models import ReplayRun
from entrepot.domains.fulfilment.views.charts import sides_chart

PER_PAGE, IN_CHART, RULES = 20, 10, 12
FIGURE_NAMES = {
    "duty": gettext_lazy("Duty"),
    "tax": gettext_lazy("Import tax"),
    "freight": gettext_lazy("Freight"),
    "profit": gettext_lazy("Profit"),
    "revenue": gettext_lazy("Revenue"),
}
COSTS = ("duty", "tax", "freight")


@require_GET
@require("insight.view")
def backtest_list(request: HttpRequest) -> HttpResponse:
    """Which shock to test, and the tests made."""
    return _list(request, BackTestForm(initial={"shock": _first_testable(request)}))


@require_POST
@require("insight.change")
def start_backtest(request: HttpRequest) -> HttpResponse:
    """Test a shock: the orders before it are replayed under its rules."""
    form = BackTestForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = form.cleaned_data
    name = in_language(queries.gallery()[data["shock"]].name)
    run = services.start_back_test(data["shock"], data["days"], data["reading"], name, request.user)
    jobs.set_to_work(run)
    return redirect("replay:backtest", run.pk)


def _list(request: HttpRequest, form: BackTestForm, status: int = 200) -> HttpResponse:
    runs = queries.replays_for(request.user).exclude(shock="")
    page = numbered_page(runs.count(), page_number(request), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    rows = [
        {"run": run, "title": shown_name(run.name), "window": services.window_of(run)}
        for run in runs[start : start + PER_PAGE]
    ]
    context = {"form": form, "rows": rows, "page": page, "days": queries.decided_days()}
    return render(request, "fulfilment/backtest_list_page.html", context, status=status)


@require_GET
@require("insight.view")
def backtest_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """One back-test: before, foretold, and what came, per order and market."""
    run = queries.replay_for(request.user, run_id)
    if run is None or not run.shock:
        raise Http404(_("There is no such back-test, or it is not shared with you."))
    context: dict[str, Any] = {
        "run": run, "title": shown_name(run.name), "window": services.window_of(run), "shock": _shock(run),
    }  # fmt: skip
    if run.state == ReplayRun.State.DONE and run.done:
        context |= _found(request, run)
    return render(request, "fulfilment/backtest_page.html", context)


def _found(request: HttpRequest, run: ReplayRun) -> dict[str, Any]:
    test = services.back_test(run)
    name = request.GET.get("figure", "")
    if name not in FIGURE_NAMES:
        name = _most_changed(test)
    names = country_names()

    def market_name(code: str) -> str:
        return in_language(names[code]) if code in names else code

    rows = [
        {
            "name": market_name(row.market),
            "row": row,
            "figure": row.figures[name],
        }
        for row in test.touched
    ]
    figure = test.total.figures[name] if test.total else None
    tables = all_tables()
    rules = [{"table": str(tables[table].title) if table in tables else table, "on": on, "count": count}
             for table, on, count in test.rules if on != test.window.on]  # fmt: skip
    return {
        "test": test,
        "figure": name,
        "figure_name": FIGURE_NAMES[name],
        "figures": FIGURE_NAMES,
        "rows": rows,
        "total": figure,
        "missed": _missed(figure),
        "revenue": test.total.figures["revenue"] if test.total else None,
        "calm": sum(row.after for row in test.others),
        "alone": [market_name(code) for code in test.alone],
        "rules": rules[:RULES],
        "more_rules": max(len(rules) - RULES, 0),
        "chart": sides_chart(
            [(market_name(row.market), row.figures[name]) for row in test.touched[:IN_CHART]], run.currency
        ),
    }


def _missed(figure: services.Figure | None) -> tuple[int, int] | None:
    """How far off the replay was, and how far expecting no change would have been: shares without a sign."""
    if figure is None or figure.miss_ppm is None or figure.naive_ppm is None:
        return None
    return abs(figure.miss_ppm), abs(figure.naive_ppm)


def _most_changed(test: services.BackTest) -> str:
    """The cost that the shock changes most."""
    if test.total is None:
        return COSTS[0]
    figures = test.total.figures
    return max(COSTS, key=lambda name: abs(figures[name].then - figures[name].before))


def _shock(run: ReplayRun) -> dict[str, Any] | None:
    shock = queries.gallery().get(run.shock)
    if shock is None:
        return None
    return {"name": in_language(shock.name), "note": in_language(shock.note), "rows": shock.rows}


def _first_testable(request: HttpRequest) -> str:
    """The shock asked for, else the first of the gallery that lies within the orders."""
    wanted = request.GET.get("shock", "")
    if wanted in queries.gallery():
        return wanted
    first, last = queries.decided_days()
    for code, shock in queries.gallery().items():
        if first and last and first.isoformat() < shock.on <= last.isoformat():
            return code
    return ""
