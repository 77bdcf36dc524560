"""Operations on the values of a column in plain lists, with the meaning Polars gives them: what is unknown stays so."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import accumulate, chain, repeat
from typing import Any

import polars as pl

Values = list[Any]
DAY_ZERO = date(1970, 1, 1).toordinal()


def stretched(values: Values, size: int) -> Values:
    """A single value as often as its companions are many."""
    return values * size if len(values) == 1 and size != 1 else values


def paired(op: Callable[[Any, Any], Any]) -> Callable[[Values, Any], Values]:
    """An operator on two columns or a column and a plain value; null on either side gives null."""

    def run(left: Values, right: Any) -> Values:
        if type(right) is not list:
            return [None if one is None else op(one, right) for one in left]
        if len(left) != len(right):
            if len(left) == 1:
                one = left[0]
                return [None if one is None or two is None else op(one, two) for two in right]
            right = stretched(right, len(left))
        return [
            None if one is None or two is None else op(one, two) for one, two in zip(left, right, strict=True)
        ]

    return run


def swapped(op: Callable[[Any, Any], Any]) -> Callable[[Values, Any], Values]:
    """The operator with its sides exchanged."""
    return paired(lambda one, two: op(two, one))


def _whole(one: Any, two: Any) -> Any:
    return one // two if two else None


def _rest(one: Any, two: Any) -> Any:
    return one % two if two else None


def _both(left: Values, right: Any) -> Values:
    """And: false as soon as one side is, whatever the other."""
    pairs = _pairs(left, right)
    return [
        False if one is False or two is False else None if one is None or two is None else one & two
        for one, two in pairs
    ]


def _either(left: Values, right: Any) -> Values:
    """Or: true as soon as one side is, whatever the other."""
    pairs = _pairs(left, right)
    return [
        True if one is True or two is True else None if one is None or two is None else one | two
        for one, two in pairs
    ]


def _pairs(left: Values, right: Any) -> list[tuple[Any, Any]]:
    if type(right) is not list:
        return list(zip(left, repeat(right)))
    size = len(left) if len(right) == 1 else len(right)
    return list(zip(stretched(left, size), stretched(right, size), strict=True))


def _not(values: Values) -> Values:
    return [None if value is None else not value for value in values]


def fill_null(values: Values, other: Any) -> Values:
    """Another value where one is unknown."""
    if None not in values:
        return values if type(other) is not list or len(values) != 1 else stretched(values, len(other))
    return [two if one is None else one for one, two in _pairs(values, other)]


def shift(values: Values, by: int = 1, *, fill_value: Any = None) -> Values:
    """Every value some places further down."""
    size = len(values)
    if by >= 0:
        return [*repeat(fill_value, min(by, size)), *values[: max(size - by, 0)]]
    return [*values[-by:], *repeat(fill_value, min(-by, size))]


def _cum_sum(values: Values) -> Values:
    total, sums = 0, []
    for value in values:
        total += value or 0
        sums.append(None if value is None else total)
    return sums


def _forward(values: Values) -> Values:
    return list(accumulate(values, lambda last, value: last if value is None else value))


def _backward(values: Values) -> Values:
    return _forward(values[::-1])[::-1]


def _clip(values: Values, lower_bound: Any = None, upper_bound: Any = None) -> Values:
    if lower_bound is not None:
        values = [None if value is None else max(value, lower_bound) for value in values]
    if upper_bound is not None:
        values = [None if value is None else min(value, upper_bound) for value in values]
    return values


def known(values: Values) -> Values:
    """The values that are known."""
    return [value for value in values if value is not None]


def distinct(values: Values) -> Values:
    """Each value once, in the order of the first."""
    return list(dict.fromkeys(values))


def in_order(value: Any) -> Any:
    """A key that sorts unknown values first, also inside a row."""
    if value is None:
        return (False, 0)
    return (True, tuple(map(in_order, value)) if type(value) is tuple else value)


def rank(values: Values, method: str = "dense") -> Values:
    """The place of each value among the distinct ones, from one."""
    if method != "dense":
        raise NotImplementedError(method)
    if len(values) == 1:
        return [None if values[0] is None else 1]
    places = {value: place for place, value in enumerate(sorted(set(known(values)), key=in_order), 1)}
    return [None if value is None else places[value] for value in values]


def cast(values: Values, dtype: Any, *, strict: bool = True) -> Values:
    """Whole numbers, texts or words of a list; a text that is none is an error, or null where not strict."""
    if isinstance(dtype, pl.Enum):
        if strict:
            return values
        words = set(dtype.categories)
        return [value if value in words else None for value in values]
    kind = plain_kind(dtype)
    if kind is None or {*map(type, values)} <= {kind, type(None)}:
        return values
    return [None if value is None else _as(kind, value, strict=strict) for value in values]


_PLAIN: dict[Any, type] = {
    pl.Int64: int, pl.Int128: int, pl.UInt32: int, pl.Int32: int, pl.String: str, pl.Boolean: bool, pl.Date: date,
}  # fmt: skip


def plain_kind(dtype: Any) -> type | None:
    """The Python type of a column's values; none where any will do."""
    return _PLAIN.get(dtype if isinstance(dtype, type) else type(dtype))


def _as(kind: type, value: Any, *, strict: bool) -> Any:
    try:
        if kind is date or (kind is str and type(value) is bool):
            raise ValueError(value)
        if kind is int and not isinstance(value, (int, str)) and value != int(value):
            raise ValueError(value)
        return kind(value)
    except (TypeError, ValueError) as error:
        if not strict:
            return None
        raise pl.exceptions.InvalidOperationError(f"{value!r} is no {kind.__name__}") from error


def _to_physical(values: Values) -> Values:
    return [value.toordinal() - DAY_ZERO if isinstance(value, date) else value for value in values]


def _replace_strict(values: Values, old: Any, new: Any = None, *, default: Any = None, **_: Any) -> Values:
    table = old if isinstance(old, Mapping) else dict(zip(list(old), list(new), strict=True))
    return [table.get(value, default) for value in values]


def _is_in(values: Values, others: Any) -> Values:
    inner = others[0] if len(others) == 1 and isinstance(others[0], (list, tuple)) else others
    table = set(inner)
    return [None if value is None else value in table for value in values]


def _contains(values: Values, item: Any) -> Values:
    return [None if one is None else two in one for one, two in _pairs(values, item)]


def _extract(values: Values, pattern: str) -> Values:
    found = [None if value is None else re.search(pattern, value) for value in values]
    return [None if match is None else match.group(1) for match in found]


def _slice(values: Values, start: int, length: Any = None) -> Values:
    return [None if value is None else value[start:][:size] for value, size in _pairs(values, length)]


def _each(function: Callable[..., Any]) -> Callable[..., Values]:
    return lambda values, *more: [None if value is None else function(value, *more) for value in values]


def _map_elements(values: Values, function: Callable[[Any], Any], **_: Any) -> Values:
    return [None if value is None else function(value) for value in values]


def _gather(values: Values, places: Sequence[Any]) -> Values:
    return [None if place is None else values[place] for place in places]


def _sort_by(values: Values, keys: Values) -> Values:
    order = sorted(range(len(values)), key=lambda place: in_order(keys[place]))
    return [values[place] for place in order]


def _filter(values: Values, holds: Values) -> Values:
    return [value for value, held in _pairs(values, holds) if held]


def _extreme(choose: Callable[[Values], Any]) -> Callable[[Values], Values]:
    return lambda values: [choose(found) if (found := known(values)) else None]


def horizontal(choose: Callable[[Values], Any], columns: Sequence[Values]) -> Values:
    """One value per row from those of several columns that are known; null where none is."""
    size = max((len(values) for values in columns if len(values) != 1), default=1)
    rows = zip(*(stretched(values, size) for values in columns), strict=True)
    return [choose(found) if (found := known(list(row))) else None for row in rows]


def any_horizontal(columns: Sequence[Values]) -> Values:
    """Whether one of several columns is true, row by row."""
    result = columns[0]
    for values in columns[1:]:
        result = _either(result, values)
    return result


def joined_together(parts: Sequence[Values]) -> Values:
    """The values of several columns one after the other."""
    return list(chain.from_iterable(parts))


METHODS: dict[str, Callable[..., Values]] = {
    "__add__": paired(operator.add), "__radd__": swapped(operator.add), "__sub__": paired(operator.sub),
    "__rsub__": swapped(operator.sub), "__mul__": paired(operator.mul), "__rmul__": swapped(operator.mul),
    "__floordiv__": paired(_whole), "__rfloordiv__": swapped(_whole), "__mod__": paired(_rest),
    "__and__": _both, "__rand__": _both, "__or__": _either, "__ror__": _either, "__invert__": _not,
    "__eq__": paired(operator.eq), "__ne__": paired(operator.ne), "__lt__": paired(operator.lt),
    "__le__": paired(operator.le), "__gt__": paired(operator.gt), "__ge__": paired(operator.ge),
    "__neg__": _each(operator.neg), "abs": _each(abs), "sign": _each(lambda value: (value > 0) - (value < 0)),
    "fill_null": fill_null, "shift": shift, "cum_sum": _cum_sum, "forward_fill": _forward,
    "backward_fill": _backward, "clip": _clip, "rank": rank, "cast": cast, "to_physical": _to_physical,
    "replace_strict": _replace_strict, "is_in": _is_in, "map_elements": _map_elements, "gather": _gather,
    "sort_by": _sort_by, "filter": _filter, "unique": lambda values, **_: distinct(values),
    "sort": lambda values: sorted(values, key=in_order), "drop_nulls": known, "implode": lambda values: [values],
    "is_null": lambda values: [value is None for value in values],
    "is_not_null": lambda values: [value is not None for value in values],
    "pow": paired(operator.pow), "sum": lambda values: [sum(known(values))], "max": _extreme(max), "min": _extreme(min),
    "first": lambda values: [values[0] if values else None], "any": lambda values: [True in values],
    "all": lambda values: [False not in values], "null_count": lambda values: [values.count(None)],
    "str.split": _each(lambda value, by: value.split(by)), "str.len_chars": _each(len), "str.extract": _extract,
    "str.slice": _slice, "list.contains": _contains,
    "list.get": _each(lambda value, place: value[place]),
}  # fmt: skip
