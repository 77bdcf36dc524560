"""Where rows of few stand: the places of keys, the order of values, the types of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from entrepot.engine.few import values as v
from entrepot.engine.few.values import Values

Index = dict[Any, list[int]]
KINDS = {int: pl.Int64, str: pl.String, bool: pl.Boolean, list: pl.List}


class Kinds(Mapping[str, Any]):
    """The types of columns, each found when it is asked for."""

    def __init__(self, data: Mapping[str, Values]) -> None:
        self.data = data

    def __getitem__(self, name: str) -> Any:
        return _kind(self.data[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class Places:
    """Where the keys of a lasting frame are found, by the columns asked for."""

    def __init__(self, columns: Iterable[Values]) -> None:
        self.columns = list(columns)  # held, so that their identity stays theirs
        self.own = set(map(id, self.columns))
        self.found: dict[tuple[int, ...], Index] = {}


def _kind(values: Values) -> Any:
    found = next((value for value in values if value is not None), None)
    return KINDS.get(type(found), pl.Date if found is not None else pl.Null)


def ordered(value: Any, nulls_last: bool) -> Any:
    """A key that sorts unknown values first or last."""
    if value is None:
        return (nulls_last, 0)
    return (not nulls_last, v.in_order(value) if type(value) is tuple else value)
