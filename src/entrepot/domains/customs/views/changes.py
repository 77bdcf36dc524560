"""The history of rules: who changed what when, and when each value of a rule holds."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from entrepot.core.roles import require
from entrepot.domains.customs import queries
from entrepot.domains.customs.forms.tariffs import ChangesForm
from entrepot.domains.customs.models import DutyLayer, DutyRate
from entrepot.domains.customs.views.shown import major, percent, rate_text

WIDTH = 1000
UNSAID = ("valid_from", "valid_to", "status", "source", "note", "id", "is_edited", "reading", "currency")


@require_GET
@require("customs.view")
def changes(request: HttpRequest) -> HttpResponse:
    """Changes of all rule tables, newest first; an import is one line."""
    asked = ChangesForm(request.GET).asked()
    found = queries.rule_changes(**asked)
    names = dict(
        User.objects.filter(pk__in={one.user_id for one in found if one.user_id}).values_list(
            "pk", "username"
        )
    )
    context = {
        "changes": [(one, names.get(one.user_id or 0)) for one in found],
        "tables": [(name, table.title) for name, table in queries.rule_tables().items()],
        "asked": asked,
    }
    return render(request, "customs/changes_page.html", context)


@require_GET
@require("customs.view")
def periods(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """One rule through time: a bar for each period, with its values, source and certainty."""
    found = queries.periods_of(name, pk)
    if found is None:
        raise Http404
    table, row, rows = found
    today = timezone.localdate()
    first = rows[0].valid_from
    last = max([today, *[one.valid_to or today for one in rows], *[one.valid_from for one in rows]])
    span = max(1, (last - first).days + 1)
    context = {
        "table": table,
        "row": row,
        "today": today,
        "first": first,
        "last": last,
        "today_x": _x(today, first, span),
        "rows": [
            {
                "row": one,
                "value": _value(one),
                "x": _x(one.valid_from, first, span),
                "width": max(4, _x(one.valid_to or last, first, span) - _x(one.valid_from, first, span)),
                "is_now": one.valid_from <= today and (one.valid_to is None or one.valid_to >= today),
            }
            for one in rows
        ],
    }
    return render(request, "customs/periods_page.html", context)


def _x(day: date, first: date, span: int) -> int:
    return min(WIDTH, max(0, (day - first).days * WIDTH // span))


def _value(row: Any) -> str:
    """What a row says, in short."""
    if isinstance(row, DutyRate | DutyLayer):
        return rate_text(row)
    said = []
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.name in UNSAID or value in ("", None, 0, False):
            continue
        if column.name.endswith("_ppm"):
            value = percent(value)
        elif column.name.endswith("_minor"):
            value = major(value, getattr(row, "currency", ""))
        said.append(f"{column.verbose_name}: {value}")
    return " · ".join(said)
