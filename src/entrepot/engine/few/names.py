"""Words for expressions over frames: on a million rows Polars' own, on few rows worked out in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import polars as pl

from entrepot.engine.few import term
from entrepot.engine.few import values as v
from entrepot.engine.few.combined import Height, Over, When
from entrepot.engine.few.frame import Few
from entrepot.engine.few.term import Lit, Many, Term, kept

Given = ParamSpec("Given")
Made = TypeVar("Made")
MOST_BUILT = 4_096


def col(*names: Any) -> Term:
    """A column, or several that are treated alike."""
    try:
        return _COLUMNS[names]
    except (KeyError, TypeError):
        return _columns(names)


def _columns(names: tuple[Any, ...]) -> Term:
    if len(names) == 1 and isinstance(names[0], str):
        return _COLUMNS.setdefault(names, term.col(names[0]))
    flat = [name for part in names for name in ([part] if isinstance(part, str) else part)]
    return kept(("columns", *flat), lambda: Many(flat))


_COLUMNS: dict[tuple[Any, ...], Term] = {}


def remembered(build: Callable[Given, Made]) -> Callable[Given, Made]:
    """A function that builds an expression and is asked for the same ones again and again: the latest are kept."""
    keep = lru_cache(MOST_BUILT)(build)

    @wraps(build)
    def found(*args: Given.args, **more: Given.kwargs) -> Made:
        try:
            return keep(*args, **more)  # type: ignore[arg-type]
        except TypeError:  # of Polars' own expressions none tells whether it is another's equal
            return build(*args, **more)

    return found


def every() -> Term:
    """Every column of the frame."""
    return kept("every column", lambda: Many(None))


def lit(value: Any, dtype: Any = None) -> Term:
    """A plain value."""
    return kept(("lit", value, type(value), dtype), lambda: Lit(value, dtype))


def when(condition: Any) -> When:
    """The beginning of `when(…).then(…).otherwise(…)`."""
    return kept(("when", condition, type(condition)), lambda: When(condition))


def height() -> Term:
    """The number of rows."""
    return kept("height", Height)


def int_range(_end: Any) -> Term:
    """The place of each row."""
    return kept("places", lambda: Height(places=True))


def struct(*terms: Any) -> Term:
    """Several columns as one, row by row."""
    return kept(
        ("struct", *terms), lambda: Over(terms, lambda columns: list(zip(*columns, strict=True)), pl.struct)
    )


def coalesce(*terms: Any) -> Term:
    """The first that is known."""
    return _across(lambda known: known[0], pl.coalesce, terms)


def max_horizontal(*terms: Any) -> Term:
    """The greatest that is known."""
    return _across(max, pl.max_horizontal, terms)


def min_horizontal(*terms: Any) -> Term:
    """The least that is known."""
    return _across(min, pl.min_horizontal, terms)


def sum_horizontal(*terms: Any) -> Term:
    """The sum of those that are known."""
    flat = _flat(terms)

    def run(columns: list[v.Values]) -> v.Values:
        return [value or 0 for value in v.horizontal(sum, columns)]

    return kept(("sum", *flat), lambda: Over(flat, run, pl.sum_horizontal))


def any_horizontal(*terms: Any) -> Term:
    """True where one is."""
    flat = _flat(terms)
    return kept(("any", *flat), lambda: Over(flat, v.any_horizontal, pl.any_horizontal))


def concat(frames: Sequence[Any], **more: Any) -> Any:
    """Frames one under the other."""
    if not isinstance(frames[0], Few):
        return pl.concat(frames, **more)
    rows = [frame for frame in frames if frame.size]
    if len(rows) < 2:
        return (rows or frames)[0]
    data = {name: v.joined_together([frame.data[name] for frame in rows]) for name in rows[0].data}
    return Few(data, sum(frame.size for frame in rows))


def _flat(terms: Sequence[Any]) -> list[Any]:
    return [one for term in terms for one in ([term] if isinstance(term, (str, pl.Expr)) else term)]


def _across(choose: Callable[[list[Any]], Any], build: Callable[..., pl.Expr], terms: Sequence[Any]) -> Term:
    flat = _flat(terms)
    return kept((build, *flat), lambda: Over(flat, lambda columns: v.horizontal(choose, columns), build))
