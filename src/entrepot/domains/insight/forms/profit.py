"""The explorer's address: what it shows, read from behind the question mark and written there again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.http import QueryDict
from django.utils.http import urlencode

from entrepot.domains.insight.rules.facts import DIMENSIONS
from entrepot.domains.insight.rules.pivot import (
    MEASURES,
    MOST_MEASURES,
    MOST_ROWS,
    USUAL,
    Question,
    month_end,
    months_on,
)

LONGEST, MOST_VALUES = 64, 200
DRILL = ("market", "channel", "category", "sku")


@dataclass(frozen=True)
class State:
    """What the explorer shows: the question, the measures, and by which of them it is sorted."""

    question: Question
    measures: tuple[str, ...]
    sort: str

    @property
    def query(self) -> str:
        """The shortest address that means the same."""
        asked = self.question
        pairs: list[tuple[str, str]] = [("from", asked.first.isoformat()), ("to", asked.last.isoformat())]
        pairs += [("rows", name) for name in asked.rows]
        pairs += [("column", asked.column)] if asked.column else []
        pairs += [("m", name) for name in self.measures]
        pairs += [(name, value) for name in DIMENSIONS for value in asked.filters.get(name, ())]
        return urlencode([*pairs, ("sort", self.sort)])

    def narrowed(self, name: str, value: str) -> State:
        """One value of a dimension, told apart by the next dimension that is not told apart yet."""
        return replace(self, question=self.question.only(**{name: value})).drilled(name)

    def drilled(self, name: str) -> State:
        """The next dimension in the place of one."""
        asked = self.question
        used = {
            *asked.rows,
            asked.column,
            *(dim for dim, values in asked.filters.items() if len(values) == 1),
        }
        following = next((dim for dim in DRILL if dim not in used), "")
        rows = tuple(dim for dim in (following if dim == name else dim for dim in asked.rows) if dim)
        return replace(self, question=replace(asked, rows=rows))

    def without(self, name: str, value: str) -> State:
        """One filter value less."""
        left = tuple(one for one in self.question.filters.get(name, ()) if one != value)
        filters = {**self.question.filters, name: left}
        return replace(self, question=replace(self.question, filters=filters))


def read_state(data: QueryDict, span: tuple[date, date]) -> State:
    """The state an address means; what makes no sense is left out, never an error. `span`: oldest and newest month."""
    last = _day(data.get("to", "")) or month_end(span[1])
    first = _day(data.get("from", "")) or max(span[0], months_on(last, -11))
    if first > last:
        first, last = last, first
    rows = tuple(dict.fromkeys(name for name in data.getlist("rows") if name in DIMENSIONS))[:MOST_ROWS]
    column = data.get("column", "")
    column = column if column in DIMENSIONS and column not in rows else ""
    measures = tuple(dict.fromkeys(name for name in data.getlist("m") if name in MEASURES))[:MOST_MEASURES]
    sort = data.get("sort", "")
    filters = {name: values for name in DIMENSIONS if (values := _values(data, name))}
    measures = measures or USUAL
    return State(
        Question(first, last, rows or ("market",), column, filters),
        measures,
        sort if sort.lstrip("-") in {*MEASURES, "key"} else f"-{measures[0]}",
    )


def _values(data: QueryDict, name: str) -> tuple[str, ...]:
    found = (value.strip() for value in data.getlist(name)[:MOST_VALUES])
    kept = (value for value in found if value and len(value) <= LONGEST and "\x00" not in value)
    if name == "month":
        kept = (day.isoformat() for value in kept if (day := _day(value)))
    return tuple(dict.fromkeys(kept))


def _day(text: str) -> date | None:
    """A day, or a month's first day for `2026-03`."""
    try:
        found = date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None
    return found if date(1990, 1, 1) <= found <= date(2200, 1, 1) else None
