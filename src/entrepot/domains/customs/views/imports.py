"""Tariff files: the list of imports, the upload, a run with its progress and report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from entrepot.core.pages import page_number
from entrepot.core.roles import require
from entrepot.domains.customs import jobs, queries, services
from entrepot.domains.customs.forms.tariffs import (
    FILE_PROBLEMS,
    KINDS,
    OUTCOMES,
    STAGES,
    TariffUploadForm,
    fact_text,
    reason_text,
    word,
)
from entrepot.domains.customs.models import TariffRun

PER_PAGE = 30


@require_GET
@require("customs.view")
def run_list(request: HttpRequest) -> HttpResponse:
    """Imports of tariffs, the newest first."""
    page = Paginator(queries.find_runs(), PER_PAGE).get_page(page_number(request))
    rows = [{"run": run, "kind": KINDS[run.kind][0]} for run in page.object_list]
    return render(request, "customs/tariff_run_list_page.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
@require("customs.change")
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a tariff file."""
    form = TariffUploadForm(request.POST or None, request.FILES or None, initial={"kind": "us-hts"})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        run = services.receive_tariff(
            form.cleaned_data["kind"],
            file.name,
            file.read(),
            valid_from=form.cleaned_data["valid_from"],
            user=request.user,
        )
        if run.state == TariffRun.State.DONE:
            messages.info(request, _("This very file was imported before; nothing was changed."))
        else:
            transaction.on_commit(lambda: jobs.import_tariff.defer(run_id=run.pk))
        return redirect("customs:run", run.pk)
    kinds = [
        {"code": code, "name": name, "text": text, "icon": icon} for code, (name, text, icon) in KINDS.items()
    ]
    context = {"form": form, "kinds": kinds, "chosen": form["kind"].value()}
    return render(request, "customs/tariff_upload_page.html", context, status=422 if form.errors else 200)


@require_GET
@require("customs.view")
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run: how far it is, what became of the lines, what is in the tables, and why some lines give no rate."""
    run = _run(run_id)
    return render(request, "customs/tariff_run_page.html", _context(run))


@require_GET
@require("customs.view")
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The progress panel; once the run has ended the page is loaded anew."""
    context = _context(_run(run_id))
    response = render(request, "customs/tariff_progress_panel.html", context)
    if not context["is_moving"]:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@require("customs.view")
def report(request: HttpRequest, run_id: int) -> JsonResponse:
    """The report as data."""
    run = _run(run_id)
    about = {"kind": run.kind, "file": run.file_name, "valid_from": run.valid_from, "state": run.state}
    return JsonResponse({**about, **run.report}, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_GET
@require("customs.view")
def problems(request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """Every line that gives no rate, as a file."""
    found = queries.find_problems(_run(run_id), request.GET.get("reason", ""))
    response = StreamingHttpResponse(_lines(found.iterator(2_000)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="lines-without-a-rate.csv"'
    return response


def _run(run_id: int) -> TariffRun:
    run = queries.get_run(run_id)
    if run is None:
        raise Http404
    return run


def _context(run: TariffRun) -> dict[str, Any]:
    found = run.report
    stages = list(services.STAGES)
    place = stages.index(run.stage) + 1 if run.stage in stages else 0
    code, _sep, detail = run.error.partition(": ")
    return {
        "run": run,
        "kind": KINDS[run.kind][0],
        "is_moving": run.state in (TariffRun.State.WAITING, TariffRun.State.RUNNING),
        "percent": 100 if run.state == TariffRun.State.DONE else place * 100 // len(stages),
        "stage": word(STAGES, stages[min(place, len(stages) - 1)]),
        "error": f"{word(FILE_PROBLEMS, code)} {detail}" if code in FILE_PROBLEMS else run.error,
        "outcomes": [(word(OUTCOMES, name), number) for name, number in found.get("outcomes", {}).items()],
        "laid": [(word(STAGES, name), found[name]) for name in stages[1:] if found.get(name, {}).get("rows")],
        "problems": [{**row, "text": reason_text(row["reason"])} for row in found.get("problems", [])],
        "facts": [(fact_text(fact), number) for fact, number in found.get("facts", {}).items()],
    }


class _Echo:
    """A file that hands each written line back."""

    def write(self, value: str) -> str:
        return value


def _lines(found: Iterator[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["row", "code", "column", "value", "reason", "meaning"])
    for row in found:
        value = f"'{row.value}" if row.value[:1] in ("=", "+", "-", "@") else row.value
        yield writer.writerow([row.row_no, row.code, row.field, value, row.reason, reason_text(row.reason)])
