"""The marts page: what is exported, how fresh, the exports and their progress."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.roles import require
from entrepot.domains.insight import jobs, queries, services
from entrepot.domains.insight.models import MartRun


@require_GET
@require("insight.view")
def mart_page(request: HttpRequest) -> HttpResponse:
    """Facts, their months and sizes, and the last exports."""
    return render(request, "insight/marts_page.html", {**_exports(), "facts": queries.mart_states()})


@require_GET
@require("insight.view")
def panel(request: HttpRequest) -> HttpResponse:
    """The exports alone, asked for again while one works."""
    return render(request, "insight/marts_panel.html", _exports())


@require_POST
@require("insight.change")
def start(request: HttpRequest) -> HttpResponse:
    """Let a worker export now."""
    jobs.set_to_export(services.start_export(request.user))
    messages.success(request, _("The export begins as soon as a worker is free."))
    return redirect("insight:marts")


@require_POST
@require("insight.change")
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let an export finish the month it is at."""
    run = MartRun.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404(_("There is no such export."))
    services.stop_export(run, request.user)
    messages.success(request, _("The export stops after the month at work; the next one goes on."))
    return redirect("insight:marts")


def _exports() -> dict[str, object]:
    runs = queries.mart_runs()
    return {"runs": runs, "is_working": any(run.state == MartRun.State.RUNNING for run in runs)}
