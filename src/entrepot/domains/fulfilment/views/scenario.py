"""Scenarios: the gallery of real shocks, one's own edits, and the start of a replay."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import in_language, numbered_page, page_number
from entrepot.core.roles import require
from entrepot.domains.fulfilment import jobs, queries, services, world
from entrepot.domains.fulfilment.forms.scenario import (
    KIND_NAMES,
    EditForm,
    ReplayForm,
    ScenarioForm,
    edit_words,
    problem_text,
    shock_name,
    shown_name,
)
from entrepot.domains.fulfilment.models import Scenario
from entrepot.domains.orders.queries import filter_choices
from entrepot.engine.scenario import KINDS, EditError

PER_PAGE = 20
FIRST_KIND = "duty_layer"


@require_GET
@require("insight.view")
def scenario_list(request: HttpRequest) -> HttpResponse:
    """What if: real shocks to choose from, scenarios of one's own, and what was replayed."""
    runs = queries.replays_for(request.user).filter(shock="")
    number = page_number(request)
    page = numbered_page(runs.count(), number, PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    days = queries.decided_days()
    shocks = [
        {
            "code": shock.code,
            "name": in_language(shock.name),
            "note": in_language(shock.note),
            "rows": shock.rows,
            "on": shock.on,
            "reach": _reach(shock, days),
        }
        for shock in queries.gallery().values()
    ]
    context = {
        "shocks": shocks,
        "scenarios": [(shown_name(one.name), one) for one in queries.scenarios_for(request.user)[:50]],
        "runs": [(shown_name(run.name), run) for run in runs[start : start + PER_PAGE]],
        "page": page,
    }
    return render(request, "fulfilment/scenario_list_page.html", context)


def _reach(shock: queries.Shock, days: tuple[date | None, date | None]) -> str:
    """Which of the orders lie after a shock: `all`, `none` or `some`; empty without orders."""
    first, last = days
    if first is None or last is None:
        return ""
    return "all" if shock.on <= first.isoformat() else "none" if shock.on > last.isoformat() else "some"


@require_GET
@require("insight.view")
def scenario_page(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """One scenario: its edits in words, one more edit, and which orders to replay."""
    return _page(request, _scenario(request, scenario_id))


@require_POST
@require("insight.change")
def create(request: HttpRequest) -> HttpResponse:
    """A scenario of one's own: empty, of a shock of the gallery, or a copy of another one."""
    shock = queries.gallery().get(request.POST.get("shock", ""))
    copied = request.POST.get("copy", "")
    if shock:
        direction = "undone" if request.POST.get("direction") == "undone" else "held"
        edits = services.edits_of(shock.records(direction))
        draft = services.Draft(shock_name(shock, direction), edits, shock=shock.code)
    elif copied.isdigit():
        model = _scenario(request, int(copied))
        name = pgettext("scenario", "Copy of %(name)s") % {"name": shown_name(model.name)}
        draft = services.Draft(name[:120], services.edits_of(model.edits), model.note, shock=model.shock)
    else:
        draft = services.Draft(request.POST.get("name", "").strip()[:120] or _("New scenario"), [])
    try:
        scenario = services.save_scenario(draft, request.user)
    except EditError as error:
        messages.error(request, problem_text(error))
        return redirect("replay:list")
    return redirect("replay:scenario", scenario.pk)


@require_POST
@require("insight.change")
def change(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Another name or note, or shared with the company."""
    scenario = _own(request, scenario_id)
    form = ScenarioForm(request.POST)
    if not form.is_valid():
        return _page(request, scenario, form=form, status=422)
    data = form.cleaned_data
    draft = services.Draft(data["name"], services.edits_of(scenario.edits), data["note"], data["is_shared"])
    return _saved(request, scenario, draft)


@require_POST
@require("insight.change")
def add_edit(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """One edit more, checked against the world as it stands."""
    scenario = _own(request, scenario_id)
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404(_("There is no such kind of edit."))
    form = EditForm(kind, world.current(), request.POST)
    if not form.is_valid():
        return _page(request, scenario, edit_form=form, status=422)
    edits = [*services.edits_of(scenario.edits), form.edit()]
    wrong = services.check_edits(edits)
    if wrong:
        error = wrong[-1][1]
        form.add_error(error.field if error.field in form.fields else None, problem_text(error))
        return _page(request, scenario, edit_form=form, status=422)
    return _saved(request, scenario, services.Draft(scenario.name, edits, scenario.note, scenario.is_shared))


@require_POST
@require("insight.change")
def remove_edit(request: HttpRequest, scenario_id: int, place: int) -> HttpResponse:
    """One edit less."""
    scenario = _own(request, scenario_id)
    edits = services.edits_of(scenario.edits)
    if place < len(edits):
        del edits[place]
    return _saved(request, scenario, services.Draft(scenario.name, edits, scenario.note, scenario.is_shared))


@require_POST
@require("insight.change")
def delete(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Forget a scenario; replays of it stay."""
    scenario = _own(request, scenario_id)
    services.delete_scenario(scenario, request.user)
    messages.success(request, _("The scenario is deleted; replays made of it stay."))
    return redirect("replay:list")


@require_POST
@require("insight.change")
def start(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Replay past orders under the scenario."""
    scenario = _scenario(request, scenario_id)
    form = _replay_form(request.POST)
    if not form.is_valid():
        return _page(request, scenario, replay_form=form, status=422)
    edits = services.edits_of(scenario.edits)
    wish = services.Wish(
        scenario.name, edits, form.which(), form.cleaned_data["reading"], scenario, scenario.is_shared
    )
    if not services.orders_to_replay(wish.which):
        form.add_error(None, _("No decided order is found by these filters; widen them."))
        return _page(request, scenario, replay_form=form, status=422)
    try:
        run = services.start_replay(wish, request.user)
    except EditError as error:
        form.add_error("reading", problem_text(error))
        return _page(request, scenario, replay_form=form, status=422)
    jobs.set_to_work(run)
    return redirect("replay:run", run.pk)


def _page(
    request: HttpRequest,
    scenario: Scenario,
    *,
    form: ScenarioForm | None = None,
    edit_form: EditForm | None = None,
    replay_form: ReplayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = world.current()
    kind = request.GET.get("kind", FIRST_KIND)
    edit_form = edit_form or EditForm(kind if kind in KINDS else FIRST_KIND, now)
    edits = services.edits_of(scenario.edits)
    wrong = {place: problem_text(error) for place, error in services.check_edits(edits)}
    shock = queries.gallery().get(scenario.shock)
    given = {"name": shown_name(scenario.name), "note": scenario.note, "is_shared": scenario.is_shared}
    context = {
        "scenario": scenario,
        "title": shown_name(scenario.name),
        "edits": [{**edit_words(edit), "problem": wrong.get(place, "")} for place, edit in enumerate(edits)],
        "kinds": [(name, KIND_NAMES.get(name, name)) for name in KINDS],
        "form": form or ScenarioForm(initial=given),
        "edit_form": edit_form,
        "kind": edit_form.kind.name,
        "replay_form": replay_form or _replay_form(None),
        "may_change": services.may_change(scenario, request.user),
        "shock": shock,
        "runs": queries.replays_for(request.user).filter(scenario=scenario)[:10],
    }
    return render(request, "fulfilment/scenario_page.html", context, status=status)


def _replay_form(data: object) -> ReplayForm:
    return ReplayForm(data, markets=[code for code, _name in filter_choices()["country"]])


def _saved(request: HttpRequest, scenario: Scenario, draft: services.Draft) -> HttpResponse:
    try:
        services.save_scenario(draft, request.user, scenario)
    except EditError as error:
        messages.error(request, problem_text(error))
    return redirect("replay:scenario", scenario.pk)


def _scenario(request: HttpRequest, scenario_id: int) -> Scenario:
    scenario = queries.scenario_for(request.user, scenario_id)
    if scenario is None:
        raise Http404(_("There is no such scenario, or it is not shared with you."))
    return scenario


def _own(request: HttpRequest, scenario_id: int) -> Scenario:
    scenario = _scenario(request, scenario_id)
    if not services.may_change(scenario, request.user):
        raise Http404(_("There is no such scenario, or it is not yours."))
    return scenario
