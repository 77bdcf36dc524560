"""What is asked of a frame at once: terms by their names, worked out by one plan where they were asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from entrepot.engine.few.plan import Plan
from entrepot.engine.few.term import MOST, ROWS, Col, Many, Term, plan_of, recorded
from entrepot.engine.few.values import Values


class Planned:
    """Terms that are worked out together: those with one value per row by one plan, each of the others alone."""

    def __init__(self, named: Sequence[tuple[str, Term]], *, is_lasting: bool) -> None:
        self.named, self.names = named, [name for name, _ in named]
        self.terms = [term for _, term in named]
        # every term gives a value per row: nothing is to be stretched
        self.by_row = all(term.size == ROWS and term.is_kept for term in self.terms)
        by_row = [is_lasting and term.size == ROWS and type(term) is not Col for term in self.terms]
        self.rows = [number for number, planned in enumerate(by_row) if planned]
        self.alone = [number for number, planned in enumerate(by_row) if not planned]
        self.plan: Plan | None = None
        plain = all(type(term) is Col for term in self.terms)
        # where nothing is worked out: the columns that are taken, by their new names
        self.taken = [(name, term.label) for name, term in named] if plain else None

    def run(self, data: dict[str, Values], size: int) -> Iterable[tuple[str, Values]]:
        """The names and values in the order of the terms."""
        if self.taken is not None:
            return [(name, data[label]) for name, label in self.taken]
        if not self.rows:
            return [(name, term.values(data, size)) for name, term in self.named]
        if self.plan is None:
            self.plan = plan_of([self.terms[number] for number in self.rows])
        if not self.alone:
            return zip(self.names, self.plan(data, size))  # noqa: B905
        found: list[Values] = [[]] * len(self.terms)
        for number, values in zip(self.rows, self.plan(data, size), strict=True):
            found[number] = values
        for number in self.alone:
            found[number] = self.terms[number].values(data, size)
        return zip(self.names, found)  # noqa: B905


PLANS: dict[Any, Planned] = {}


def planned_of(terms: Sequence[Any], more: Mapping[str, Any], columns: Iterable[str]) -> Planned:
    """The plan of these terms for frames of these columns, kept where they can be told from others."""
    key = (*terms, *more, *more.values())
    if (told := all(map(_is_told, key))) and (known := PLANS.get(key)):
        return known
    listed = list(columns)
    pairs = [(one.label, one) for term in terms for one in recorded(term).expanded(listed)]
    pairs += [(name, recorded(term)) for name, term in more.items()]
    everywhere = any(isinstance(term, Many) and term.columns is None for term in terms)
    is_lasting = told and not everywhere and len(PLANS) < MOST and all(term.is_kept for _, term in pairs)
    planned = Planned(pairs, is_lasting=is_lasting)
    if is_lasting:
        PLANS[key] = planned
    return planned


def _is_told(part: Any) -> bool:
    """True for what tells one question from another for good."""
    return isinstance(part, str) or (isinstance(part, Term) and part.is_kept)


def flat(items: Iterable[Any]) -> Iterable[Any]:
    """Items, and those of lists among them."""
    for item in items:
        if type(item) is str or isinstance(item, (str, Term, pl.Series, pl.Expr)):
            yield item
        elif isinstance(item, Iterable):
            yield from item
        else:
            yield item


def labels_of(columns: Sequence[str], terms: Iterable[Any], more: Mapping[str, Any]) -> list[str]:
    """The names of the columns that terms give."""
    found = [one.label for term in flat(terms) for one in recorded(term).expanded(columns)]
    return [*found, *more]
