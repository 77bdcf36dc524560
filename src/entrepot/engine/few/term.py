"""Expressions that are recorded, not run: few rows work them out in plain Python, Polars gets them as its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl

from entrepot.engine.few.plan import (
    ALONG,
    BY_ROW,
    OPERATORS,
    WHOLE,
    Plan,
    Writer,
    written_call,
)
from entrepot.engine.few.values import METHODS, Values

Data = Mapping[str, Values]
Text = str
Made = TypeVar("Made")
MOST = 50_000  # expressions that are kept; later ones are worked out without a plan
ROWS, ONE, OTHER = (
    "rows",
    "one",
    "other",
)  # how many values a term has: one per row, one, or some other number


class OnlyPolars(TypeError):
    """An expression that was not recorded: few rows cannot work it out."""


class Told:
    """What can be told from others by itself once it is kept."""

    is_kept = False


class Term(Told, pl.Expr):
    """An expression over the columns of a frame, each different one made once and kept.

    `values` works it out on few rows; as a Polars expression it is built when Polars first asks. A method that few
    rows do not know gives a plain Polars expression, which only Polars can work out.
    """

    label = "literal"
    size = ROWS
    _plan: Plan | None = None
    _native: pl.Expr | None = None
    __hash__ = object.__hash__  # type: ignore[assignment]

    def values(self, data: Data, height: int) -> Values:
        """One value per row of the data, or a single one for all rows."""
        if self._plan is None:
            if not self.is_kept or self.size != ROWS or self.parts() is None:
                return self.worked_out(data, height)
            self._plan = plan_of([self])
        return self._plan(data, height)[0]

    def worked_out(self, data: Data, height: int) -> Values:
        """The values without a plan, column by column."""
        raise NotImplementedError

    def written(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        """The name of one row's value in a plan."""
        if self not in scope:
            by_row = self.size == ROWS and self.parts() is not None
            scope[self] = (
                self._write(writer, scope, depth)
                if by_row
                else writer.from_all(self, single=self.size == ONE)
            )
        return scope[self]

    def _write(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        raise NotImplementedError

    def parts(self) -> Sequence[Term] | None:
        """The terms it is made of row by row; none where it looks at all rows."""
        return None

    def native(self) -> pl.Expr:
        """The same expression in Polars."""
        raise NotImplementedError

    def expanded(self, _columns: Sequence[Text]) -> Sequence[Term]:
        """The terms this one stands for: itself, or one for each of several columns."""
        return [self]

    @property
    def _pyexpr(self) -> Any:  # type: ignore[override]
        return native(self)._pyexpr

    def alias(self, name: Text) -> Term:
        return kept((self, "alias", name), lambda: Named(self, name))

    @property
    def str(self) -> Any:
        return Space(self, "str")

    @property
    def list(self) -> Any:
        return Space(self, "list")


class Space:
    """The methods of texts or lists of a term."""

    def __init__(self, term: Term, kind: Text) -> None:
        self.term, self.kind = term, kind

    def __getattr__(self, method: Text) -> Callable[..., pl.Expr]:
        known = f"{self.kind}.{method}"
        if known not in METHODS:
            found: Callable[..., pl.Expr] = getattr(getattr(native(self.term), self.kind), method)
            return found
        return lambda *args, **more: call(self.term, known, args, more)


_KEPT: dict[Any, Any] = {}


def kept(key: Any, make: Callable[[], Made]) -> Made:
    """The term of a key, made at most once; one of parts that cannot be told apart is made anew."""
    try:
        found: Made | None = _KEPT.get(key)
    except TypeError:
        return make()
    if found is not None:
        return found
    found = make()
    if len(_KEPT) < MOST and all(part.is_kept for part in key if isinstance(part, Told)):
        if isinstance(found, Told):
            found.is_kept = True
        return _KEPT.setdefault(key, found)  # type: ignore[no-any-return]
    return found


def size_of(terms: Sequence[Any]) -> Text:
    """How many values an expression of these terms has."""
    sizes = {term.size for term in terms if isinstance(term, Term)}
    return OTHER if OTHER in sizes else ROWS if ROWS in sizes else ONE


class Col(Term):
    """A column by its name."""

    def __init__(self, name: Text) -> None:
        self.label = name

    def values(self, data: Data, _height: int) -> Values:
        return data[self.label]

    def parts(self) -> Sequence[Term]:
        return ()

    def _write(self, writer: Writer, _scope: dict[Term, Text], _depth: int) -> Text:
        return writer.column(self.label)

    def native(self) -> pl.Expr:
        return pl.col(self.label)


class Lit(Term):
    """A plain value."""

    size = ONE

    def __init__(self, value: Any, dtype: Any = None) -> None:
        self.value, self.dtype = value, dtype

    def values(self, _data: Data, _height: int) -> Values:
        return [self.value]

    def written(self, writer: Writer, _scope: dict[Term, Text], _depth: int) -> Text:
        return writer.give(self.value)

    def native(self) -> pl.Expr:
        return pl.lit(self.value, dtype=self.dtype)


class Fixed(Term):
    """Values that are known already, one per row."""

    def __init__(self, series: pl.Series) -> None:
        self.series, self.label = series, series.name

    def values(self, _data: Data, _height: int) -> Values:
        return self.series.to_list()

    def native(self) -> pl.Expr:
        return pl.lit(self.series)


class Plain(Term):
    """An expression that was not recorded."""

    size = OTHER

    def __init__(self, expression: pl.Expr) -> None:
        self.expression = expression

    def values(self, _data: Data, _height: int) -> Values:
        raise OnlyPolars(str(self.expression))

    def native(self) -> pl.Expr:
        return self.expression


class Named(Term):
    """A term under another name."""

    def __init__(self, term: Term, name: Text) -> None:
        self.term, self.label, self.size = term, name, term.size

    def values(self, data: Data, height: int) -> Values:
        return self.term.values(data, height)

    def parts(self) -> Sequence[Term] | None:
        return (self.term,)

    def _write(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        return self.term.written(writer, scope, depth)

    def native(self) -> pl.Expr:
        found: pl.Expr = native(self.term).alias(self.label)
        return found


class Call(Term):
    """A method of a term: an operator or any other that few rows know."""

    def __init__(self, term: Term, method: Text, args: tuple[Any, ...], more: dict[Text, Any]) -> None:
        self.term, self.method, self.args, self.more = term, method, args, more
        self.label = term.label
        if method in BY_ROW:
            self.size = size_of((term, *args))
        elif method in ALONG:
            self.size = term.size
        else:
            self.size = ONE if method in WHOLE else OTHER

    def parts(self) -> Sequence[Term] | None:
        return () if self.method in BY_ROW else None

    def _write(self, writer: Writer, scope: dict[Term, Text], depth: int) -> Text:
        operands = [self.term.written(writer, scope, depth)]
        operands += [
            arg.written(writer, scope, depth) if isinstance(arg, Term) else writer.give(arg)
            for arg in self.args
        ]
        return written_call(writer, self.method, operands, self.args, self.more, depth)

    def worked_out(self, data: Data, height: int) -> Values:
        first = self.term.values(data, height)
        return METHODS[self.method](first, *(_given(arg, data, height) for arg in self.args), **self.more)

    def native(self) -> pl.Expr:
        target: Any = native(self.term)
        for part in self.method.split("."):
            target = getattr(target, part)
        found: pl.Expr = target(*map(native, self.args), **self.more)
        return found


class Many(Term):
    """The same term over several columns: those named, or all."""

    size = OTHER

    def __init__(
        self, columns: Sequence[Text] | None, make: Callable[[Term], Term] = lambda term: term
    ) -> None:
        self.columns, self.make = columns, make

    def expanded(self, columns: Sequence[Text]) -> list[Term]:
        chosen = columns if self.columns is None else self.columns
        return [self.make(col(column)) for column in chosen]

    def native(self) -> pl.Expr:
        found: pl.Expr = native(self.make(_Columns(self.columns)))
        return found


class _Columns(Term):
    """The columns of `Many` for Polars."""

    def __init__(self, columns: Sequence[Text] | None) -> None:
        self.columns = columns

    def native(self) -> pl.Expr:
        return pl.all() if self.columns is None else pl.col(list(self.columns))


def col(name: Text) -> Term:
    """A column by its name."""
    try:
        found: Term = _KEPT["col", name]
    except KeyError:
        return kept(("col", name), lambda: Col(name))
    return found


def named(value: Any) -> Term:
    """A column for a text, a plain value for anything else that is no term yet."""
    if isinstance(value, str):
        return col(value)
    return kept(("lit", value, type(value)), lambda: Lit(value))


def recorded(value: Any) -> Term:
    """A term for what may stand where a column can."""
    if isinstance(value, Term):
        return value
    if isinstance(value, pl.Expr):
        return Plain(value)
    return Fixed(value) if isinstance(value, pl.Series) else named(value)


def native(value: Any) -> Any:
    """What Polars takes for a term or a plain value."""
    if isinstance(value, Term):
        if value._native is None:
            value._native = value.native()
        return value._native
    return value


def call(term: Term, method: Text, args: tuple[Any, ...], more: dict[Text, Any]) -> Term:
    """A method of a term; of several columns, a method of each."""
    key: tuple[Any, ...] = (term, method)
    if args:
        key = (*key, *args, *map(type, args))
    if more:
        key = (*key, *more.items(), *map(type, more.values()))
    return kept(key, lambda: _call(term, method, args, more))


def _call(term: Term, method: Text, args: tuple[Any, ...], more: dict[Text, Any]) -> Term:
    if isinstance(term, Many):
        make = term.make
        return Many(term.columns, lambda column: call(make(column), method, args, more))
    return Call(term, method, args, more)


def plan_of(terms: Sequence[Term]) -> Plan:
    """The plan that works out terms with one value per row."""
    writer = Writer()
    scope: dict[Term, Text] = {}
    return writer.plan([term.written(writer, scope, 2) for term in terms])


def _given(value: Any, data: Data, height: int) -> Any:
    if isinstance(value, pl.Expr):
        return recorded(value).values(data, height)
    return value.to_list() if isinstance(value, pl.Series) else value


def _recording(method: Text) -> Callable[..., Term]:
    def record(self: Term, *args: Any, **more: Any) -> Term:
        if not args and not more:
            found: Term | None = _KEPT.get((self, method))
            if found is not None:
                return found
        return call(self, method, args, more)

    return record


def _operator(method: Text) -> Callable[[Term, Any], Term]:
    def record(self: Term, other: Any) -> Term:
        try:
            found: Term = _KEPT[self, method, other, type(other)]
        except (KeyError, TypeError):
            return call(self, method, (other,), {})
        return found

    return record


for _method in METHODS:
    if "." not in _method:
        plain = _method in OPERATORS
        setattr(Term, _method, _operator(_method) if plain else _recording(_method))
