"""A run: how far it is, stop and go on, and its report once there is one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.roles import require
from entrepot.domains.channels import queries, services
from entrepot.domains.channels.adapters.sheets import SHEETS
from entrepot.domains.channels.forms import (
    FIELD_LABELS,
    FILE_PROBLEMS,
    KINDS,
    REASONS,
    REMEDIES,
    STAGES,
    word,
)
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.views.listing import start
from entrepot.domains.channels.views.shown import shown_report, shown_sheet

SHOWN_REJECTS = 25


@require_GET
@require("channels.view")
def import_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """The run with its progress; its report below."""
    run = run_or_404(run_id)
    if services.is_waiting_for_columns(run):
        return redirect("channels:columns", run.pk)
    rejected, is_sheet = queries.rejected_rows(run), run.kind in SHEETS
    context = {
        **progress_context(run),
        "kind": KINDS[run.kind][0],
        "report": shown_report(run.report) if run.report and not is_sheet else None,
        "sheet": shown_sheet(run.report) if run.report and is_sheet else None,
        "rejects": [
            {
                "row_no": row.row_no,
                "field": word(FIELD_LABELS, row.field),
                "value": row.value,
                "reason": word(REASONS, row.reason),
                "remedy": word(REMEDIES, row.reason) if row.reason in REMEDIES else "",
            }
            for row in rejected[:SHOWN_REJECTS]
        ],
        "rejected": rejected.count(),
    }
    return render(request, "channels/import_page.html", context)


@require_GET
@require("channels.view")
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The progress panel; once the run has ended the page is loaded anew, with its report."""
    run = run_or_404(run_id)
    context = progress_context(run)
    response = render(request, "channels/progress_panel.html", context)
    if not context["is_moving"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@require("channels.import")
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let the worker stop after the piece it is at."""
    services.stop_import(run_or_404(run_id), request.user)
    messages.info(request, _("The import stops after the piece it is at; what was booked stays."))
    return redirect("channels:detail", run_id)


@require_POST
@require("channels.import")
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Go on where the run was stopped, failed or was killed."""
    run = run_or_404(run_id)
    if run.state != "done" and not services.is_under_way(run.pk):
        services.queue_again(run, request.user)
        start(run.pk)
    return redirect("channels:detail", run_id)


def run_or_404(run_id: int) -> ImportRun:
    """The run, or the page that says there is none."""
    run = queries.get_run(run_id)
    if run is None:
        raise Http404
    return run


def error_text(error: str) -> str:
    """Why a run failed, in words where it is the file's fault."""
    code, _sep, detail = error.partition(": ")
    return f"{word(FILE_PROBLEMS, code)} {detail}".strip() if code in FILE_PROBLEMS else error


def progress_context(run: ImportRun) -> dict[str, Any]:
    """Where the run stands, and which buttons make sense."""
    stages = services.stages_of(run.kind)
    found = queries.progress_of(run, stages)
    working = services.is_under_way(run.pk)
    is_moving = run.state in ("running", "uploaded")
    return {
        "run": run,
        "progress": found,
        "stage": word(STAGES, found.stage),
        "steps": [
            {
                "name": word(STAGES, name),
                "is_done": number < found.number,
                "is_now": number == found.number and is_moving,
            }
            for number, name in enumerate(stages)
        ],
        "is_moving": is_moving,
        "is_working": working,
        "error": error_text(run.error),
        "can_resume": run.state in ("stopped", "failed") or (run.state == "running" and not working),
    }
