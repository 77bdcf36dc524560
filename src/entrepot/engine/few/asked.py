"""What is asked of a frame at once: terms by their names, worked out by one plan where they were asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from entrepot.engine.few.plan import RowsPlan, Writer
from entrepot.engine.few.term import MOST, ROWS, Col, Lit, Many, Named, Term, recorded
from entrepot.engine.few.values import Values


class Planned:
    """Terms that are worked out together: those with one value per row by one plan, each of the others alone."""

    def __init__(self, named: Sequence[tuple[str, Term]], *, is_lasting: bool) -> None:
        self.named = named
        terms = [_bare(term) for _, term in named]
        fixed = [type(term) is Lit for term in terms]
        # nothing but plain values: as many as there are rows, or one where they are all that is asked for
        self.values = [(name, term.value) for name, term in zip(named_of(named), terms, strict=True)
                       if isinstance(term, Lit)] if all(fixed) else None  # fmt: skip
        by_row = all(known or term.size == ROWS for known, term in zip(fixed, terms, strict=True))
        # every term gives a value per row: nothing is to be stretched
        self.by_row = is_lasting and by_row and self.values is None
        self.plan: RowsPlan | None = None
        plain = all(type(term) is Col for term in terms)
        # where nothing is worked out: the columns that are taken, by their new names
        self.taken = (
            [(name, term.label) for name, term in zip(named_of(named), terms, strict=True)] if plain else None
        )

    def rows(self, data: Mapping[str, Values], size: int) -> dict[str, Values]:
        """The columns by their names, where every term gives a value per row."""
        if self.plan is None:
            self.plan = _rows_plan(self.named)
        return self.plan(data, size)

    def run(self, data: Mapping[str, Values], size: int) -> list[tuple[str, Values]]:
        """The names and values in the order of the terms, as many of each as it has."""
        return [(name, term.values(data, size)) for name, term in self.named]


def named_of(pairs: Sequence[tuple[str, Term]]) -> list[str]:
    """The names of terms."""
    return [name for name, _ in pairs]


PLANS: dict[Any, Planned] = {}


def planned_of(terms: tuple[Any, ...], more: Mapping[str, Any], columns: Iterable[str]) -> Planned:
    """The plan of these terms for frames of these columns, kept where they can be told from others."""
    key = (len(terms), *terms, *more, *more.values()) if more else terms
    if (told := all(map(_is_told, (*terms, *more.values())))) and (known := PLANS.get(key)):
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


def _bare(term: Term) -> Term:
    """The term without the names given to it."""
    while type(term) is Named:
        term = term.term
    return term


def _rows_plan(named: Sequence[tuple[str, Term]]) -> RowsPlan:
    """The plan that works out named terms, each with one value per row or one for all rows."""
    writer = Writer()
    scope: dict[Term, str] = {}
    outputs = []
    for name, term in named:
        plain = _bare(term)
        if type(plain) is Col:
            outputs.append((name, plain.label, "column"))
        else:
            kind = "alike" if type(plain) is Lit else "row"
            outputs.append((name, plain.written(writer, scope, 2), kind))
    return writer.rows_plan(outputs)


def _is_told(part: Any) -> bool:
    """True for what tells one question from another for good."""
    return isinstance(part, str) or (isinstance(part, Term) and part.is_kept)


def flat(items: Iterable[Any]) -> Iterable[Any]:
    """Items, and those of lists among them."""
    for item in items:
        if type(item) is str or isinstance(item, (Term, str, pl.Series, pl.Expr)):
            yield item
        elif isinstance(item, Iterable):
            yield from item
        else:
            yield item


def labels_of(columns: Sequence[str], terms: Iterable[Any], more: Mapping[str, Any]) -> list[str]:
    """The names of the columns that terms give."""
    found = [one.label for term in flat(terms) for one in recorded(term).expanded(columns)]
    return [*found, *more]
