"""The report of an import: its charts, and its rows as downloads."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from entrepot.core.roles import require
from entrepot.domains.channels import queries
from entrepot.domains.channels.forms import REASONS, word
from entrepot.domains.channels.frames.figures import exact
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.rules.outcomes import OUTCOMES
from entrepot.domains.channels.views.charts import CHARTS
from entrepot.domains.channels.views.columns import csv_response, problem_rows
from entrepot.domains.channels.views.running import run_or_404


@require_GET
@require("channels.view")
def chart(request: HttpRequest, run_id: int, name: str) -> HttpResponse:
    """One chart of the report, as an ECharts option."""
    run = run_or_404(run_id)
    if name not in CHARTS or not run.report:
        raise Http404
    return JsonResponse(CHARTS[name](run.report))


@require_GET
@require("channels.view")
def report_json(request: HttpRequest, run_id: int) -> HttpResponse:
    """The whole report as data."""
    run = run_or_404(run_id)
    response = JsonResponse(run.report, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.json"'
    return response


@require_GET
@require("channels.view")
def rejects(request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """Refused rows as CSV: row, field, value, reason, remedy."""
    run = run_or_404(run_id)
    rows = ((row.row_no, row.field, row.value, row.reason) for row in queries.iterate_rejects(run))
    return csv_response(f"import-{run.pk}-rejects.csv", problem_rows(rows))


@require_GET
@require("channels.view")
def lines(request: HttpRequest, run_id: int, outcome: str) -> StreamingHttpResponse:
    """Every line of one outcome as CSV: row, reason, pieces, amount, order."""
    run = run_or_404(run_id)
    name = outcome.replace("-", "_")
    if name not in OUTCOMES:
        raise Http404
    return csv_response(f"import-{run.pk}-{outcome}.csv", _line_rows(run, OUTCOMES[name]))


def _line_rows(run: ImportRun, outcome: int) -> Iterator[list[object]]:
    yield [_("Row"), _("Reason"), _("Quantity"), _("Amount"), _("Order")]
    for row_no, reason, quantity, amount_e4, order_id in queries.iterate_lines(run, outcome):
        yield [row_no, word(REASONS, reason), quantity, exact(amount_e4, 4), order_id or ""]
