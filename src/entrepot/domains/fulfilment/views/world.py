"""The world's tables: what the engine decides by, to look at, to change by date, to take out as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from entrepot.core import worldrows
from entrepot.core.pages import in_language, page_number, wants_panel
from entrepot.core.roles import require
from entrepot.core.worldtables import GROUPS
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.fulfilment.forms.world import ALL, WORDS, FilterForm, row_form, spoken

PER_PAGE = 50
# Columns a list shows where a table has more than fit; the row's own page shows all
SHORT = {
    "import_rules": "rule dest flow priority mode buyer_kind requires max_minor cv_basis tax_base duty_mode tax_mode "
    "collector valid_from status",
    "services": "service name_en name_zh carrier kind mode divisor max_g battery currency loss_ppm valid_from status",
    "skus": "code name_en hs_code origin weight_g cost_minor list_price_minor battery tax_category fee_category",
    "roundings": "rounding value_step value_rounding duty_step duty_rounding tax_step tax_rounding tax_per source",
}
LONG = ("source", "note")
COUNTRY_COLUMNS = frozenset({"country", "dest", "dest_country", "ship_from", "origin"})


@require_GET
@require("world.view")
def table_list(request: HttpRequest) -> HttpResponse:
    """Every table by group, with its figures."""
    today = timezone.localdate()
    found = sorted(worldrows.summaries(today), key=lambda one: list(GROUPS).index(one.table.group))
    groups = [
        (GROUPS[group], list(members)) for group, members in groupby(found, key=lambda one: one.table.group)
    ]
    totals = {
        "rows": sum(one.rows for one in found),
        "unconfirmed": sum(one.unconfirmed for one in found),
        "edited": sum(one.edited for one in found),
    }
    return render(
        request, "fulfilment/world_list_page.html", {"groups": groups, "totals": totals, "today": today}
    )


@require_GET
@require("world.view")
def table_page(request: HttpRequest, name: str) -> HttpResponse:
    """One table: filtered, sorted, a page at a time."""
    table = _table(name)
    form, found = _narrowed(request, table)
    sort = request.GET.get("sort", "")
    page = Paginator(worldrows.ordered(table, found, sort), PER_PAGE).get_page(page_number(request))
    columns, beside = _shown(table), _beside(table)
    context = {
        "table": table,
        "form": form,
        "sort": sort,
        "page": page,
        "columns": columns,
        "rows": [
            {"row": row, "cells": [_cell(table, column, row, beside) for column in columns]}
            for row in page.object_list
        ],
        "on": form.day(is_dated=table.is_dated),
        "all": ALL,
        "query": request.GET.urlencode(),
        "today": timezone.localdate(),
    }
    is_panel = wants_panel(request, "world-panel")
    response = render(request, f"fulfilment/world_table_{'panel' if is_panel else 'page'}.html", context)
    if is_panel:
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_GET
@require("world.view")
def export(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """The narrowed rows with all columns, in the form of the shipped files."""
    table = _table(name)
    _form, found = _narrowed(request, table)
    lines = worldrows.export(table, worldrows.ordered(table, found, request.GET.get("sort", "")))
    response = StreamingHttpResponse(_csv(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return response


@require_GET
@require("world.view")
def row_page(request: HttpRequest, name: str, pk: str) -> HttpResponse:
    """One row with all its columns and its history."""
    table = _table(name)
    row = _row(table, pk)
    events, beside = worldrows.history(table, row), _beside(table)
    names = dict(
        User.objects.filter(pk__in={event.user_id for event in events}).values_list("pk", "username")
    )
    context = {
        "table": table,
        "row": row,
        "cells": [_cell(table, column, row, beside) for column in table.columns],
        "events": [(event, names.get(event.user_id or 0)) for event in events],
        "today": timezone.localdate(),
    }
    return render(request, "fulfilment/world_row_page.html", context)


@require_http_methods(["GET", "POST"])
@require("world.change")
def add_row(request: HttpRequest, name: str) -> HttpResponse:
    """A new row."""
    table = _editable(name)
    form = row_form(table)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = _attempt(form, lambda: worldrows.add(table, form.cleaned_data, request.user))
        if row is not None:
            messages.success(request, _("The row was added."))
            return redirect("world:row", table.name, row.pk)
    return _form_page(request, table, None, form, _("Add a row"))


@require_http_methods(["GET", "POST"])
@require("world.change")
def change_row(request: HttpRequest, name: str, pk: str) -> HttpResponse:
    """From a day on other values: the old period ends, a new one begins."""
    table = _editable(name)
    row = _row(table, pk)
    if not table.is_dated:
        raise Http404(_("This table has no periods: its rows are corrected."))
    start = {"valid_from": timezone.localdate(), "status": "U", "source": "", "note": ""}
    form = row_form(table, new_period=True)(request.POST or None, instance=row, initial=start)
    if request.method == "POST" and form.is_valid():
        new = _attempt(form, lambda: worldrows.change(table, row, form.cleaned_data, request.user))
        if new is not None:
            messages.success(request, _("The change was entered; the row before it ends the day before."))
            return redirect("world:row", table.name, new.pk)
    return _form_page(request, table, _row(table, pk), form, _("Change from a day on"))


@require_http_methods(["GET", "POST"])
@require("world.change")
def correct_row(request: HttpRequest, name: str, pk: str) -> HttpResponse:
    """The row as it should have been from its beginning."""
    table = _editable(name)
    row = _row(table, pk)
    form = row_form(table)(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        kept = _attempt(
            form, lambda: worldrows.correct(table, _row(table, pk), form.cleaned_data, request.user)
        )
        if kept is not None:
            messages.success(request, _("The row was corrected."))
            return redirect("world:row", table.name, kept.pk)
    return _form_page(request, table, _row(table, pk), form, _("Correct the row"))


def _form_page(
    request: HttpRequest, table: worldrows.Table, row: models.Model | None, form: ModelForm[Any], title: str
) -> HttpResponse:
    context = {"table": table, "row": row, "form": form, "title": title}
    status = 422 if form.is_bound else 200
    return render(request, "fulfilment/world_form_page.html", context, status=status)


def _attempt(form: ModelForm[Any], save: Any) -> models.Model | None:
    """The saved row, or None with the reasons put beside the form's fields."""
    try:
        row: models.Model = save()
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(name if name in form.fields else None, reasons)
        return None
    return row


def _table(name: str) -> worldrows.Table:
    try:
        return worldrows.tables()[name]
    except KeyError:
        raise Http404(_("There is no such table.")) from None


def _editable(name: str) -> worldrows.Table:
    table = _table(name)
    if not table.can_edit:
        raise Http404(_("The rows of this table come in by another door."))
    return table


def _row(table: worldrows.Table, pk: str) -> models.Model:
    try:
        return table.model._default_manager.get(pk=pk)
    except (table.model.DoesNotExist, ValueError):  # type: ignore[attr-defined]
        raise Http404(_("There is no such row.")) from None


def _narrowed(request: HttpRequest, table: worldrows.Table) -> tuple[FilterForm, Any]:
    form = FilterForm(request.GET)
    found = worldrows.rows(
        table,
        text=request.GET.get("q", "").strip()[:100],
        on=form.day(is_dated=table.is_dated),
        status=request.GET.get("status", ""),
        edited=request.GET.get("edited") == "on",
    )
    return form, found


def _shown(table: worldrows.Table) -> list[models.Field[Any, Any]]:
    short = SHORT.get(table.name)
    by_name = {column.name: column for column in table.columns}
    return (
        [by_name[name] for name in short.split()] if short else [c for c in table.columns if c.name != "note"]
    )


@dataclass(frozen=True)
class _Beside:
    """What cells need from other tables: currency by service, country name by code."""

    currencies: dict[str, str]
    countries: dict[str, str]


def _beside(table: worldrows.Table) -> _Beside:
    names = {column.name for column in table.columns}
    currencies: dict[str, str] = {}
    if "service" in names and "currency" not in names:
        services = worldrows.tables()["services"].model
        currencies = dict(services._default_manager.values_list("service", "currency"))
    wants_names = bool(names & COUNTRY_COLUMNS)
    countries = {code: in_language(pair) for code, pair in country_names().items()} if wants_names else {}
    return _Beside(currencies, countries)


def _cell(
    table: worldrows.Table, column: models.Field[Any, Any], row: models.Model, beside: _Beside
) -> dict[str, Any]:
    """A value with what the page needs to show it: its kind, and the currency of an amount."""
    value = getattr(row, column.name)
    kind = "text"
    if column.name == "status":
        kind = "status"
    elif (table.name, column.name) in WORDS:
        kind, value = "word", spoken(table.name, column.name, value)
    elif isinstance(column, models.BooleanField):
        kind = "flag"
    elif isinstance(column, models.DateField):
        kind = "day"
    elif column.name.endswith("_ppm"):
        kind = "ppm"
    elif column.name.endswith("_minor"):
        kind = "money"
    elif isinstance(column, models.IntegerField):
        kind = "number"
    currency = _currency_of(column.name, row, beside.currencies) if kind == "money" else ""
    return {
        "name": column.name,
        "label": column.verbose_name,
        "value": value,
        "kind": kind if currency or kind != "money" else "number",
        "currency": currency,
        "digits": _digits(value) if kind == "ppm" else 0,
        "country": beside.countries.get(str(value), "") if column.name in COUNTRY_COLUMNS else "",
        "is_long": column.name in LONG,
        "is_empty": value is None or value == "" or value is False,
    }


def _digits(ppm: int | None) -> int:
    """As many decimals as the percentage needs: 19.0, 10.25, 0.3464."""
    if not ppm or ppm % 1_000 == 0:
        return 1
    return 2 if ppm % 100 == 0 else 4


def _currency_of(name: str, row: Any, currencies: dict[str, str]) -> str:
    """The currency an amount of the row is in, where the row says it."""
    if name in ("min_minor", "max_minor") and getattr(row, "limit_currency", None):
        return str(row.limit_currency)
    for candidate in (
        name.replace("_minor", "_currency"),
        name.replace("_price_minor", "_currency"),
        "currency",
    ):
        if candidate != name and getattr(row, candidate, None):
            return str(getattr(row, candidate))
    return currencies.get(getattr(row, "service", ""), "")


class _Echo:
    def write(self, text: str) -> str:
        return text


def _csv(lines: Any) -> Iterator[str]:
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff"
    for line in lines:
        yield writer.writerow(line)
