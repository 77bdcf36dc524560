"""Replays: progress, and the result a seller reads: headline, causes, winners and losers, down to the order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import in_language, numbered_page, page_number
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import country_names, sku_names
from entrepot.domains.fulfilment import jobs, queries, services
from entrepot.domains.fulfilment.forms.scenario import edit_words, shown_name
from entrepot.domains.fulfilment.models import Proposal, ReplayRun
from entrepot.domains.fulfilment.views.charts import causes_chart
from entrepot.domains.fulfilment.views.citing import rules_shown
from entrepot.domains.fulfilment.views.explanation import LABELS
from entrepot.domains.fulfilment.views.files import as_csv, as_excel
from entrepot.domains.orders.queries import order_numbers
from entrepot.domains.payments.queries import channel_names
from entrepot.kernel.money import to_major

PPM, SHOWN, LINES = 1_000_000, 8, 50
CAUSE_NAMES = {
    "price": gettext_lazy("Prices and terms"),
    "fx": gettext_lazy("Exchange rates"),
    "duty": gettext_lazy("Duty"),
    "tax": gettext_lazy("Tax"),
    "freight": gettext_lazy("Freight"),
    "handling": gettext_lazy("Handling"),
    "fee": gettext_lazy("Marketplace and payment fees"),
    "goods": gettext_lazy("Cost of goods"),
    "choice": gettext_lazy("Better ways, open anyhow"),
    "route": gettext_lazy("Other ways, or none"),
    "passed": gettext_lazy("Put on the price"),
    "demand": gettext_lazy("Demand"),
}
DIMENSIONS = {
    "sku": gettext_lazy("Article"),
    "market": gettext_lazy("Market"),
    "channel": gettext_lazy("Channel"),
}


@require_GET
@require("insight.view")
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """One replay: how far it is, and what it found."""
    run = asked_run(request, run_id)
    return render(
        request,
        "fulfilment/replay_page.html",
        {"run": run, "title": shown_name(run.name), **_frame(run), **_result(request, run)},
    )


@require_GET
@require("insight.view")
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The progress of a replay, asked for again and again while it works; the whole page when it is done."""
    run = asked_run(request, run_id)
    if run.state != ReplayRun.State.RUNNING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "fulfilment/replay_progress.html", {"run": run})


@require_POST
@require("insight.change")
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let workers finish the part they are at."""
    services.stop_replay(asked_run(request, run_id), request.user)
    messages.success(request, _("The replay stops after the part at work."))
    return redirect("replay:run", run_id)


@require_POST
@require("insight.change")
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Go on with a stopped or failed replay."""
    run = asked_run(request, run_id)
    services.resume_replay(run, request.user)
    jobs.set_to_work(run)
    return redirect("replay:run", run_id)


@require_POST
@require("insight.change")
def delete(request: HttpRequest, run_id: int) -> HttpResponse:
    """Forget a replay."""
    services.delete_replay(asked_run(request, run_id), request.user)
    messages.success(request, _("The replay is deleted. Orders and books were never touched by it."))
    return redirect("replay:list")


@require_GET
@require("insight.view")
def lines(request: HttpRequest, run_id: int) -> HttpResponse:
    """The order lines behind a figure, the worst difference first."""
    run = asked_run(request, run_id)
    only = {name: request.GET.get(name, "") for name in DIMENSIONS}
    rows, found = services.lines_replayed(run, page_number(request), LINES, **only)
    page = numbered_page(found, page_number(request), LINES)
    numbers = order_numbers([row["order_id"] for row in rows])
    shown = [{**row, "number": numbers.get(row["order_id"], row["order_id"])} for row in rows]
    context = {
        "run": run, "title": shown_name(run.name), "page": page, "rows": shown, "only": _named(only), "found": found,
    }  # fmt: skip
    return render(request, "fulfilment/replay_lines_page.html", context)


@require_GET
@require("insight.view")
def order(request: HttpRequest, run_id: int, order_id: int) -> HttpResponse:
    """One order before and after, both derivations side by side."""
    run = asked_run(request, run_id)
    told = services.order_told_twice(run, order_id)
    if told is None:
        raise Http404(_("This replay does not hold the order."))
    sides = [
        {"title": title, "told": told[name], "rules": rules_shown(told[name]["rules"]) if told[name] else []}
        for name, title in (("before", _("As it was booked")), ("after", _("Under the scenario")))
    ]
    number = order_numbers([order_id]).get(order_id)
    title = shown_name(run.name)
    context = {
        "run": run, "title": title, "told": told, "steps": _steps(told), "sides": sides, "number": number,
    }  # fmt: skip
    return render(request, "fulfilment/replay_order_page.html", context)


@require_GET
@require("insight.view")
def export(request: HttpRequest, run_id: int, file_format: str) -> HttpResponseBase:
    """Every cell of article, market and channel with before, after and causes, as a file."""
    run = asked_run(request, run_id)
    head = [str(label) for label in DIMENSIONS.values()] + [
        _("Order lines"), _("Pieces"), _("Revenue before"), _("Revenue after"), _("Profit before"), _("Profit after"),
        *(str(label) for label in CAUSE_NAMES.values()), _("Currency"),
    ]  # fmt: skip
    sums = ("lines", "quantity", "revenue_before", "revenue_after", "profit_before", "profit_after")
    digits = services.digits_of(run.currency)
    rows: list[list[Any]] = []
    for cell in queries.replay_cells(run.pk, demand=asked_demand(request)):
        money = [*(cell.sums[name] for name in sums[2:]), *(cell.causes[name] for name in CAUSE_NAMES)]
        counts = [cell.sums[name] for name in sums[:2]]
        rows.append([*cell.key, *counts, *(to_major(one, digits) for one in money), run.currency])
    make = as_excel if file_format == "xlsx" else as_csv
    table: list[list[Any]] = [head, *rows]
    return make(table, f"replay-{run.pk}.{file_format}")


@require_POST
@require("insight.change")
def advise(request: HttpRequest, run_id: int) -> HttpResponse:
    """Work out what could be done about the articles that lose most."""
    run = asked_run(request, run_id)
    jobs.set_to_advise(run, request.user)
    return redirect(f"{_address(run)}#advice")


@require_GET
@require("insight.view")
def advice_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far the advice is, asked for again and again while it is worked out; the whole page when it is done."""
    run = asked_run(request, run_id)
    if run.advising_at is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "fulfilment/advice_panel.html", {"run": run})


@require_POST
@require("insight.change")
def decide_proposal(request: HttpRequest, run_id: int, proposal_id: int) -> HttpResponse:
    """Accept or dismiss a proposal; what follows from it is said, nothing happens by itself."""
    run = asked_run(request, run_id)
    state = Proposal.State.ACCEPTED if request.POST.get("accept") else Proposal.State.DISMISSED
    if services.decide_proposal(run, proposal_id, state, request.user) is None:
        raise Http404(_("There is no such proposal."))
    return redirect(f"{_address(run)}#advice")


def _address(run: ReplayRun) -> str:
    return f"/replay/runs/{run.pk}/"


def asked_run(request: HttpRequest, run_id: int) -> ReplayRun:
    """The replay of the address.

    Errors: Http404 when there is none that the person may see.
    """
    run = queries.replay_for(request.user, run_id)
    if run is None:
        raise Http404(_("There is no such replay, or it is not shared with you."))
    return run


def _frame(run: ReplayRun) -> dict[str, Any]:
    which = {name: value for name, value in run.filters.items() if value}
    edits = [edit_words(edit) for edit in services.edits_of(run.edits)]
    for one, after in pairwise(edits):
        one["note"] = "" if one["note"] == after["note"] else one["note"]  # said once, under the last step
    return {
        "edits": edits,
        "filters": _named(which),
        "worlds": queries.replay_worlds(run.pk),
        "may_delete": run.created_by_id is not None,
    }


def _result(request: HttpRequest, run: ReplayRun) -> dict[str, Any]:
    """Everything the page shows of the result; empty while nothing is done."""
    if not run.done:
        return {}
    demand = asked_demand(request)
    total = queries.replay_totals(run.pk, demand)
    groups = {}
    for name in ("market", "channel"):
        groups[name] = _group(name, queries.replay_cells(run.pk, (name,), demand))
    articles = queries.replay_cells(run.pk, ("sku",), demand)
    turning = [cell for cell in articles if cell.turns]
    lost, moved = queries.replay_counts(run.pk)
    return {
        "total": total,
        "demand": demand,
        "asked": {name: request.GET.get(name, "") for name in ("elasticity", "passed")},
        "causes": [(str(CAUSE_NAMES[name]), amount) for name, amount in total.causes.items() if amount],
        "chart": causes_chart(total, CAUSE_NAMES, run.currency),
        "groups": groups,
        "losers": _named_cells("sku", [cell for cell in articles if cell.difference < 0][:SHOWN]),
        "winners": _named_cells("sku", [cell for cell in reversed(articles) if cell.difference > 0][:SHOWN]),
        "turning": _named_cells("sku", turning[:20]),
        "turning_count": len(turning),
        "lost": lost,
        "moved": moved,
        "proposals": _proposals(run),
    }


def _group(name: str, cells: list[queries.Cell]) -> dict[str, Any]:
    """The cells that differ, and by name those that do not."""
    shown = _named_cells(name, [cell for cell in cells if cell.difference or any(cell.causes.values())])
    same = [cell.key[0] for cell in cells if not (cell.difference or any(cell.causes.values()))]
    names = names_of(name, same)
    return {
        "cells": shown,
        "same": pgettext("between names", ", ").join(names.get(code, code) for code in same),
    }


def _named_cells(name: str, cells: list[queries.Cell]) -> list[dict[str, Any]]:
    """Cells with the name of their key and their main cause."""
    names = _names(name, [cell.key[0] for cell in cells])
    rows = []
    for cell in cells:
        cause = max(cell.causes, key=lambda one: abs(cell.causes[one]))
        rows.append(
            {
                "code": cell.key[0],
                "name": in_language(names[cell.key[0]]) if cell.key[0] in names else "",
                "cell": cell,
                "cause": CAUSE_NAMES[cause] if cell.causes[cause] else "",
                "query": f"{name}={cell.key[0]}",
            }
        )
    return rows


def names_of(name: str, codes: list[str]) -> dict[str, str]:
    """Names of articles, markets or channels in the reader's language."""
    names = _names(name, codes) if name else {}
    return {code: in_language(names[code]) for code in codes if code in names}


def _names(name: str, codes: list[str]) -> dict[str, tuple[str, str]]:
    if name == "sku":
        return dict(sku_names(set(codes)))
    return dict(country_names() if name == "market" else channel_names())


def _named(which: dict[str, Any]) -> list[tuple[str, str]]:
    labels = {**DIMENSIONS, "first": _("from"), "last": _("to")}
    return [(str(labels.get(name, name)), str(value)) for name, value in which.items() if value]


def asked_demand(request: HttpRequest) -> queries.Demand:
    """Elasticity and the share put on the price, from the address: `-1.5` and `50` (per cent)."""
    return queries.Demand(
        -abs(_number(request.GET.get("elasticity", ""), PPM, 20 * PPM)),
        _number(request.GET.get("passed", ""), PPM // 100, 10 * PPM),
    )


def _number(text: str, scale: int, most: int) -> int:
    words = text.strip().replace("−", "-").replace(",", ".").lstrip("-")
    if not words.replace(".", "", 1).isdigit() or len(words) > 12:
        return 0
    whole, _dot, part = words.partition(".")
    return min(int(whole or 0) * scale + int((part + "0000000")[:7]) * scale // 10**7, most)


def _proposals(run: ReplayRun) -> list[dict[str, Any]]:
    found = list(queries.proposals_of(run.pk))
    names = sku_names({one.sku for one in found})
    groups: dict[str, dict[str, Any]] = {}
    for one in found:
        name = in_language(names[one.sku]) if one.sku in names else ""
        own = groups.setdefault(one.sku, {"sku": one.sku, "name": name, "rows": [], "hurt": one})
        own["rows"].append(
            {"one": one, "words": services.proposal_words(one), "gain": one.profit_then - one.profit_hurt}
        )
    for own in groups.values():
        own["rows"].sort(key=lambda row: -row["gain"])
    return sorted(groups.values(), key=_by_loss)


def _by_loss(own: dict[str, Any]) -> tuple[int, int]:
    one = own["hurt"]
    return min(one.profit_hurt - one.profit_before, 0), one.profit_hurt


def _steps(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Both waterfalls row by row."""
    after = {step["key"]: step for step in told["after"]["waterfall"]} if told["after"] else {}
    rows = []
    for step in told["before"]["waterfall"]:
        if step["amount_minor"] is None:
            continue
        then = after.get(step["key"])
        amount = then["amount_minor"] if then else None
        rows.append(
            {
                "label": LABELS.get(step["key"], step["key"]),
                "is_total": step["key"] in ("revenue", "profit"),
                "before": step["amount_minor"],
                "after": amount,
                "difference": None if amount is None else amount - step["amount_minor"],
            }
        )
    return rows
