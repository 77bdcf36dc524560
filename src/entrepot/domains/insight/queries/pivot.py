"""The profit explorer's answers: pivots, totals, and the order lines behind a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from entrepot.domains.insight.adapters import duck, store
from entrepot.domains.insight.adapters.duck import NoMarts
from entrepot.domains.insight.rules.facts import CUBE, DIMENSIONS, LINES
from entrepot.domains.insight.rules.pivot import SUM_NAMES, Question, Sums, plan, where

__all__ = [
    "Line",
    "NoMarts",
    "Pivot",
    "Question",
    "Sums",
    "books_currency",
    "choices",
    "lines_of",
    "period",
    "pivot",
    "sums",
]

ORDERS = {
    "profit": "profit_base_minor, order_id, line_no",
    "-profit": "profit_base_minor DESC, order_id, line_no",
}


@dataclass(frozen=True)
class Pivot:
    """Groups by row and column, with the sums of rows, columns and all."""

    rows: Mapping[tuple[str, ...], Sums]
    columns: Mapping[str, Sums]
    cells: Mapping[tuple[tuple[str, ...], str], Sums]
    total: Sums


@dataclass(frozen=True)
class Line:
    """An order line behind a figure; money in minor units of the books' currency."""

    order_id: int
    line_no: int
    placed_on: date
    market: str
    channel: str
    sku: str
    state: str
    quantity: int
    revenue: int
    profit: int


def books_currency() -> str:
    """The currency the marts are kept in; empty where there are none."""
    return store.read_manifest().currency


def period() -> tuple[date, date] | None:
    """The first day of the oldest and of the newest month with orders; None without marts."""
    months = [date.fromisoformat(part.month) for part in store.read_manifest().of(LINES)]
    return (months[0], months[-1]) if months else None


def pivot(question: Question, names: Sequence[str] = SUM_NAMES) -> Pivot:
    """Sums by rows and columns of a question, with all totals: one query. Errors: NoMarts."""
    rows, column = question.rows, question.column
    sets = [question.dims] if not column else [question.dims, rows, (column,)]
    sets = [*dict.fromkeys([*map(tuple, sets), ()])]
    found = _grouped(question, sets, names)
    flat = found[rows]
    return Pivot(
        rows={one.key: one for one in flat},
        columns={one.key[0]: one for one in found[(column,)]} if column else {},
        cells=_cells(found[question.dims], rows, column) if column else {},
        total=found[()][0] if found[()] else _nothing(names),
    )


def sums(question: Question, names: Sequence[str] = SUM_NAMES) -> list[Sums]:
    """Sums by the question's rows, without totals. Errors: NoMarts."""
    return _grouped(question, [question.rows], names)[question.rows]


def choices(names: Sequence[str]) -> dict[str, list[str]]:
    """The values each dimension has anywhere in the marts."""
    found = {}
    for name in names:
        if name in DIMENSIONS:
            rows = duck.ask(f"SELECT DISTINCT {name}::VARCHAR FROM {CUBE} ORDER BY 1")
            found[name] = [row[0] for row in rows if row[0]]
    return found


def lines_of(question: Question, *, page: int, per_page: int, sort: str = "profit") -> tuple[list[Line], int]:
    """Order lines behind a figure, the worst profit first (or the newest), and how many there are."""
    test, params = where(question, LINES)
    order = ORDERS.get(sort, "placed_on DESC, order_id DESC, line_no")
    rows = duck.ask(
        "SELECT order_id, line_no, placed_on, market, channel, sku, state, quantity, revenue_base_minor, "
        f"profit_base_minor FROM {LINES} WHERE {test} ORDER BY {order} "
        "LIMIT ? OFFSET ?",
        [*params, per_page, (max(page, 1) - 1) * per_page],
    )
    count = duck.ask(f"SELECT count(*) FROM {LINES} WHERE {test}", params)[0][0]
    return [Line(*row) for row in rows], int(count)


def _grouped(
    question: Question, sets: Sequence[Sequence[str]], names: Sequence[str]
) -> dict[tuple[str, ...], list[Sums]]:
    """Sums by each set of dimensions, keys in the order the set names them."""
    asked = plan(question, sets, names)
    found: dict[tuple[str, ...], list[Sums]] = {one: [] for one in asked.sets}
    for row in duck.ask(asked.sql, asked.params):
        which, one = asked.read(row)
        found[which].append(one)
    return found


def _cells(
    found: Sequence[Sums], rows: Sequence[str], column: str
) -> dict[tuple[tuple[str, ...], str], Sums]:
    at = len(rows)
    return {(one.key[:at], one.key[at]): one for one in found}


def _nothing(names: Sequence[str]) -> Sums:
    return Sums((), dict.fromkeys(names, 0))
