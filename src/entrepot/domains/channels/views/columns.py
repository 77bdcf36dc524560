"""The columns of a table: what was found, what a person says, and a trial that books nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from entrepot.core.roles import require
from entrepot.domains.catalog.queries import category_names
from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.tabular import harmless
from entrepot.domains.channels.forms import (
    FIELD_LABELS,
    FILE_PROBLEMS,
    OUTCOMES,
    REASONS,
    REMEDIES,
    ColumnsForm,
    ProfileForm,
    columns_form,
    example_of,
    word,
)
from entrepot.domains.channels.forms.columns import said_by
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.views.listing import refuse_without_right, start
from entrepot.domains.channels.views.running import run_or_404
from entrepot.domains.payments.queries import channel_names
from entrepot.domains.warehouse.queries import warehouse_names

NAMES = {"generic": channel_names, "products": category_names, "stock": warehouse_names}


@require_http_methods(["GET", "POST"])
@require("channels.import")
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """Choose columns; posting them starts the import (and keeps them as a profile when a name is given)."""
    run = run_or_404(run_id)
    if run.kind not in services.COLUMN_KINDS or run.state == "done":
        return redirect("channels:detail", run.pk)
    refuse_without_right(request, run.kind)
    try:
        preview = services.preview_file(run)
    except services.FileRefused as error:
        return render(
            request,
            "channels/unreadable_page.html",
            {"run": run, "problem": word(FILE_PROBLEMS, error.code)},
            status=422,
        )
    form = _form(run.kind, preview, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _begin(request, run, form):
        return redirect("channels:detail", run.pk)
    context = {
        "run": run,
        "form": form,
        "preview": preview,
        "found": _found(preview),
        "cells": _cells(preview),
    }
    return render(request, "channels/columns_page.html", context, status=422 if form.errors else 200)


@require_POST
@require("channels.import")
def check(request: HttpRequest, run_id: int) -> HttpResponse:
    """What importing with these columns would give; nothing is booked."""
    run = _column_run(request, run_id)
    preview = services.preview_file(run, *said_by(run.kind, request.POST))
    return render(
        request, "channels/check_panel.html", {"run": run, "preview": preview, "found": _found(preview)}
    )


@require_POST
@require("channels.import")
def problems(request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """The problems of the trial as CSV: row, field, value, reason, remedy."""
    run = _column_run(request, run_id)
    rows = services.all_problems(run, *said_by(run.kind, request.POST))
    return csv_response(f"import-{run.pk}-problems.csv", problem_rows(rows))


def problem_rows(rows: Iterator[tuple[int, str, str, str]]) -> Iterator[list[object]]:
    """Refused rows in words, with a head."""
    yield [_("Row"), _("Field"), pgettext("cell", "Value"), _("Reason"), _("What to do")]
    for row_no, field, value, reason in rows:
        remedy = word(REMEDIES, reason) if reason in REMEDIES else ""
        yield [row_no, word(FIELD_LABELS, field), value, word(REASONS, reason), remedy]


def csv_response(name: str, rows: Iterator[list[object]]) -> StreamingHttpResponse:
    """A CSV that Excel opens in UTF-8 and that no spreadsheet runs as formulas, however long."""

    class Echo:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            yield writer.writerow([harmless(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _begin(request: HttpRequest, run: ImportRun, form: ColumnsForm) -> bool:
    """Keep the columns and start; says on the page what is missing."""
    try:
        services.set_reading(run, form.mapping(), form.options(), request.user)
    except services.ColumnsMissing as error:
        names = ", ".join(word(FIELD_LABELS, name) for name in str(error).split(", "))
        form.add_error(None, _("Still to be chosen: %(names)s") % {"names": names})
        return False
    name = ProfileForm({"name": request.POST.get("profile_name", "")})
    if name.is_valid():
        services.save_profile(
            name.cleaned_data["name"], form.mapping(), form.options(), request.user, kind=run.kind
        )
        messages.success(request, _("Profile “%(name)s” saved.") % {"name": name.cleaned_data["name"]})
    start(run.pk)
    return True


def _column_run(request: HttpRequest, run_id: int) -> ImportRun:
    """A run whose columns are chosen by a person; anything else is no address."""
    run = run_or_404(run_id)
    if run.kind not in services.COLUMN_KINDS:
        raise Http404
    refuse_without_right(request, run.kind)
    return run


def _form(kind: str, preview: services.Preview, data: Any = None) -> ColumnsForm:
    initial = {**preview.options, **{f"column_{name}": column for name, column in preview.mapping.items()}}
    return columns_form(kind, data, headers=preview.headers, initial=initial, names=NAMES[kind]())


def _found(preview: services.Preview) -> dict[str, Any]:
    """The trial in words."""
    return {
        "missing": [word(FIELD_LABELS, name) for name in preview.missing],
        "outcomes": [(word(OUTCOMES, name), n) for name, n in sorted(preview.outcomes.items())],
        "reasons": [
            (word(FIELD_LABELS, field), word(REASONS, reason), n) for field, reason, n in preview.reasons
        ],
        "problems": [
            {
                **row,
                "field": word(FIELD_LABELS, row["field"]),
                "text": word(REASONS, row["reason"]),
                "remedy": word(REMEDIES, row["reason"]) if row["reason"] in REMEDIES else "",
            }
            for row in preview.problems
        ],
        "date_example": example_of(preview.date_format) if preview.date_format else "",
    }


def _cells(preview: services.Preview) -> list[list[str]]:
    return [[row[name] for name in preview.headers] for row in preview.sample]
