"""Expressions made of several: rows side by side, one of several branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from entrepot.engine.few import values as v
from entrepot.engine.few.plan import Writer
from entrepot.engine.few.term import ONE, ROWS, Data, Many, Term, Text, Told, kept, native, recorded, size_of
from entrepot.engine.few.values import Values


class Over(Term):
    """Several terms taken together, row by row."""

    def __init__(
        self, terms: Sequence[Any], run: Callable[[list[Values]], Values], build: Callable[..., pl.Expr]
    ) -> None:
        self.terms = [one for term in terms for one in _each(recorded(term))]
        self.run, self.build = run, build
        self.label = self.terms[0].label
        self.size = size_of(self.terms)

    def parts(self) -> Sequence[Term] | None:
        return None if any(isinstance(term, Many) for term in self.terms) else ()

    def _write(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        names = [f"[{term.written(writer, scope, depth)}]" for term in self.terms]
        return writer.let(f"{writer.give(self.run)}([{', '.join(names)}])[0]", depth)

    def worked_out(self, data: Data, height: int) -> Values:
        flat = [one for term in self.terms for one in term.expanded(list(data))]
        return self.run([term.values(data, height) for term in flat])

    def native(self) -> pl.Expr:
        return self.build(*map(native, self.terms))


class Height(Term):
    """The number of rows, or their places."""

    label = "len"

    def __init__(self, *, places: bool = False) -> None:
        self.places, self.size = places, ROWS if places else ONE

    def values(self, _data: Data, height: int) -> Values:
        return list(range(height)) if self.places else [height]

    def native(self) -> pl.Expr:
        return pl.int_range(pl.len()) if self.places else pl.len()


class Case(Term):
    """When, then, otherwise: the value of the first condition that is true."""

    def __init__(self, branches: Sequence[tuple[Any, Any]], other: Any) -> None:
        self.branches = [(recorded(condition), recorded(value)) for condition, value in branches]
        self.other = recorded(other)
        self.label = self.branches[0][1].label
        self.size = size_of([self.other, *(term for branch in self.branches for term in branch)])

    def parts(self) -> Sequence[Term]:
        return ()

    def _write(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        name = writer.name()
        for condition, value in self.branches:
            held = condition.written(writer, scope, depth)
            writer.lines.append(f"{'    ' * depth}if {held}:")
            found = value.written(writer, dict(scope), depth + 1)
            writer.lines.append(f"{'    ' * (depth + 1)}{name} = {found}")
            writer.lines.append(f"{'    ' * depth}else:")
            depth, scope = depth + 1, dict(scope)
        found = self.other.written(writer, scope, depth)
        writer.lines.append(f"{'    ' * depth}{name} = {found}")
        return name

    def worked_out(self, data: Data, height: int) -> Values:
        conditions = [condition.values(data, height) for condition, _ in self.branches]
        chosen = [value.values(data, height) for _, value in self.branches]
        chosen.append(self.other.values(data, height))
        lengths = {len(found) for found in (*conditions, *chosen)} - {1}
        size = lengths.pop() if lengths else 1
        result = v.stretched(chosen[-1], size)
        for condition, found in zip(reversed(conditions), reversed(chosen[:-1]), strict=True):
            rows = zip(v.stretched(condition, size), v.stretched(found, size), result, strict=True)
            result = [one if held else two for held, one, two in rows]
        return result

    def native(self) -> pl.Expr:
        chain: Any = pl
        for condition, value in self.branches:
            chain = chain.when(native(condition)).then(native(value))
        found: pl.Expr = chain.otherwise(native(self.other))
        return found


class Then(Case):
    """A `when(…).then(…)` that may go on; so far null where no condition holds."""

    def when(self, condition: Any) -> When:
        return kept((self, "when", condition, type(condition)), lambda: When(condition, self.branches))

    def otherwise(self, value: Any) -> Case:
        return kept((self, "otherwise", value, type(value)), lambda: Case(self.branches, value))


class When(Told):
    """A condition that waits for its value."""

    def __init__(self, condition: Any, before: Sequence[tuple[Any, Any]] = ()) -> None:
        self.condition, self.before = condition, before

    def then(self, value: Any) -> Then:
        key = (self, "then", value, type(value))
        return kept(key, lambda: Then([*self.before, (self.condition, value)], None))


def _each(term: Term) -> Sequence[Term]:
    return term.expanded([]) if isinstance(term, Many) and term.columns is not None else [term]
