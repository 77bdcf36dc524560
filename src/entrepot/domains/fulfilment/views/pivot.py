"""The result of a replay crossed: article, market and channel against one another, by any of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from entrepot.core.pages import numbered_page, page_number
from entrepot.core.roles import require
from entrepot.domains.fulfilment import queries
from entrepot.domains.fulfilment.forms.scenario import shown_name
from entrepot.domains.fulfilment.queries import Cell, Demand
from entrepot.domains.fulfilment.views.replay import (
    CAUSE_NAMES,
    DIMENSIONS,
    asked_demand,
    asked_run,
    names_of,
)

PER_PAGE, COLUMNS = 40, 12
FIGURES = {
    "difference": gettext_lazy("Difference of profit"),
    "profit_before": gettext_lazy("Profit before"),
    "profit_after": gettext_lazy("Profit after"),
    **CAUSE_NAMES,
}


@require_GET
@require("insight.view")
def pivot(request: HttpRequest, run_id: int) -> HttpResponse:
    """Rows by one thing, columns by another, the worst rows first; each cell leads to its order lines."""
    run = asked_run(request, run_id)
    rows, columns, figure = _asked(request)
    demand, only = asked_demand(request), {name: request.GET.get(name, "") for name in DIMENSIONS}
    lines = _sorted(queries.replay_cells(run.pk, (rows,), demand, **only), figure)
    page = numbered_page(len(lines), page_number(request), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    shown = lines[start : start + PER_PAGE]
    heads = _widest(queries.replay_cells(run.pk, (columns,), demand, **only), figure) if columns else []
    crossed = _crossed(run.pk, rows, columns, demand, only) if columns else {}
    names = names_of(rows, [cell.key[0] for cell in shown])
    context = {
        "run": run,
        "title": shown_name(run.name),
        "page": page,
        "rows": [_row(cell, heads, crossed, figure, (rows, columns, only, names)) for cell in shown],
        "heads": [names_of(columns, heads).get(head, head) for head in heads],
        "total": _sums(queries.replay_cells(run.pk, (), demand, **only), figure),
        "totals": [_sums([c for c in crossed.values() if c.key[1] == head], figure) for head in heads],
        "others": _others(queries.replay_cells(run.pk, (columns,), demand, **only), heads, figure)
        if columns
        else None,
        "asked": {"rows": rows, "columns": columns, "figure": figure, **only},
        "dimensions": DIMENSIONS,
        "figures": FIGURES,
        "filters": [(str(DIMENSIONS[name]), code) for name, code in only.items() if code],
        "is_figure_signed": figure not in ("profit_before", "profit_after"),
    }
    return render(request, "fulfilment/replay_pivot_page.html", context)


def figure_of(cell: Cell, name: str) -> int:
    """A figure of a cell: one of its causes, its profit, or the difference."""
    return cell.causes[name] if name in CAUSE_NAMES else int(getattr(cell, name))


def _asked(request: HttpRequest) -> tuple[str, str, str]:
    rows = request.GET.get("rows", "")
    rows = rows if rows in DIMENSIONS else "sku"
    columns = request.GET.get("columns", "market")
    columns = columns if columns in DIMENSIONS and columns != rows else ""
    figure = request.GET.get("figure", "")
    return rows, columns, figure if figure in FIGURES else "difference"


def _sorted(cells: Sequence[Cell], figure: str) -> list[Cell]:
    return sorted(cells, key=lambda cell: (figure_of(cell, figure), cell.key))


def _widest(cells: Sequence[Cell], figure: str) -> list[str]:
    """The columns that have a place of their own: those where the figure is largest, then those of most revenue."""
    ranked = sorted(
        cells, key=lambda cell: (-abs(figure_of(cell, figure)), -cell.sums["revenue_before"], cell.key)
    )
    return [cell.key[0] for cell in ranked[:COLUMNS]]


def _crossed(
    run_id: int, rows: str, columns: str, demand: Demand, only: dict[str, str]
) -> dict[tuple[str, str], Cell]:
    found = queries.replay_cells(run_id, (rows, columns), demand, **only)
    return {(cell.key[0], cell.key[1]): cell for cell in found}


def _row(
    cell: Cell,
    heads: Sequence[str],
    crossed: dict[tuple[str, str], Cell],
    figure: str,
    place: tuple[str, str, dict[str, str], dict[str, str]],
) -> dict[str, Any]:
    rows, columns, only, names = place
    key = cell.key[0]
    given = {name: code for name, code in only.items() if code}
    cells: list[dict[str, Any]] = []
    shown = 0
    for head in heads:
        own = crossed.get((key, head))
        amount = figure_of(own, figure) if own else None
        shown += amount or 0
        cells.append({"amount": amount, "query": urlencode({**given, rows: key, columns: head})})
    whole = figure_of(cell, figure)
    return {
        "code": key,
        "name": names.get(key, ""),
        "cells": cells,
        "other": whole - shown,
        "whole": whole,
        "lines": cell.sums["lines"],
        "query": urlencode({**given, rows: key}),
    }


def _sums(cells: Sequence[Cell], figure: str) -> int:
    return sum(figure_of(cell, figure) for cell in cells)


def _others(cells: Sequence[Cell], heads: Sequence[str], figure: str) -> int | None:
    """What the columns without a place of their own add up to; None when all have one."""
    rest = [cell for cell in cells if cell.key[0] not in heads]
    return _sums(rest, figure) if rest else None
