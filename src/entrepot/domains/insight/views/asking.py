"""Own queries over the marts: a page to write, run, stop and keep them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core import audit
from entrepot.core.exports import FORMATS, as_file
from entrepot.core.pages import wants_panel
from entrepot.core.roles import require
from entrepot.domains.insight import services
from entrepot.domains.insight.queries import asking

EXAMPLE = """SELECT market, sum(revenue_base_minor) / 100.0 AS net_sales, sum(profit_base_minor) / 100.0 AS profit
FROM order_lines
WHERE placed_on >= DATE '2026-01-01'
GROUP BY market
ORDER BY profit DESC"""
SHOWN = 500


@require_GET
@require("insight.query")
def page(request: HttpRequest) -> HttpResponse:
    """The page: the text, the schema beside it, saved queries and the last runs."""
    kept = request.GET.get("saved", "")
    saved = asking.saved_query(request.user, int(kept)) if kept.isdigit() and len(kept) < 10 else None
    return render(request, "insight/sql_page.html", _page(request, saved.query if saved else EXAMPLE, saved))


@require_POST
@require("insight.query")
def run(request: HttpRequest) -> HttpResponseBase:
    """Run the query: the answer as a table, or as a file where one is asked for."""
    query, file_format = request.POST.get("query", ""), request.POST.get("file", "")
    limits = services.Limits(rows=100_000 if file_format in FORMATS else 2_000)
    result: dict[str, Any] = {"ticket": str(uuid4())}
    try:
        answer = services.ask(query, request.user, ticket=_ticket(request), limits=limits)
    except services.QueryRefused as error:
        result["refused"] = str(error)
    except services.QueryStopped as error:
        result["stopped"] = str(error)
    except services.NoMarts:
        result["refused"] = _("Nothing has been exported yet.")
    else:
        if file_format in FORMATS:
            audit.record(request.user, "insight.export_query", query=query[:2_000], format=file_format)
            head = [name for name, _kind in answer.columns]
            return as_file([head, *map(list, answer.rows)], "query", file_format, sheet=_("Query"))
        numbers = [_is_number(row[place] for row in answer.rows) for place in range(len(answer.columns))]
        result |= {
            "answer": answer,
            "heads": list(zip((name for name, _kind in answer.columns), numbers, strict=True)),
            "rows": [list(zip(row, numbers, strict=True)) for row in answer.rows[:SHOWN]],
            "count": len(answer.rows),
            "left": len(answer.rows) - SHOWN,
        }
    if wants_panel(request, "sql-result"):
        return render(request, "insight/sql_result.html", result)
    return render(request, "insight/sql_page.html", {**_page(request, query, None), **result})


def _is_number(values: Iterable[object]) -> bool:
    """Whether a column's first filled cell is a number."""
    first = next((value for value in values if value is not None), None)
    return isinstance(first, int | float | Decimal) and not isinstance(first, bool)


@require_POST
@require("insight.query")
def stop(request: HttpRequest) -> HttpResponse:
    """Tell one's own running query to stop."""
    services.stop_query(_ticket(request), request.user)
    return HttpResponse(status=204)


@require_POST
@require("insight.query")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the query under a name."""
    name, query = request.POST.get("name", "").strip(), request.POST.get("query", "").strip()
    if not name or len(name) > 80 or not query or len(query) > 20_000:
        messages.error(request, _("A name of at most 80 characters and a query are needed."))
        return redirect("insight:sql")
    kept = services.save_query(request.user, name, query, is_shared=bool(request.POST.get("shared")))
    messages.success(request, _("Query “%(name)s” saved.") % {"name": name})
    return redirect(f"/insight/sql/?saved={kept.pk}")


@require_POST
@require("insight.query")
def delete(request: HttpRequest, query_id: int) -> HttpResponse:
    """Forget one's own query."""
    if not services.delete_query(request.user, query_id):
        raise Http404(_("There is no such query, or it is not yours."))
    return redirect("insight:sql")


def _page(request: HttpRequest, query: str, saved: Any) -> dict[str, Any]:
    try:
        schema = asking.schema()
    except services.NoMarts:
        schema = []
    return {
        "query": query, "saved": saved, "schema": schema, "queries": asking.saved_queries(request.user),
        "runs": asking.query_runs(request.user), "ticket": str(uuid4()),
    }  # fmt: skip


def _ticket(request: HttpRequest) -> str:
    """The name the page gave this run; a new one where it makes no sense or was used."""
    try:
        return str(UUID(request.POST.get("ticket", "")))
    except ValueError:
        return str(uuid4())
