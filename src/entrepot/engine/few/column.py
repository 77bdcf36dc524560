"""A column of few rows: a Polars series whose values lie in a plain list until Polars itself asks for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import polars as pl

from entrepot.engine.few import values as v
from entrepot.engine.few.values import METHODS, Values

WHOLE = ("any", "all", "max", "min", "sum", "null_count", "first")  # methods that answer with one value


class Column(pl.Series):
    """Values in a list. A method that is not known here is answered by the Polars series of the same values."""

    _real: Any = None

    def __init__(self, name: str, values: Values) -> None:
        self.label, self.kept = name, values

    @property
    def _s(self) -> Any:  # type: ignore[override]
        if self._real is None:
            self._real = pl.Series(self.label, self.kept)._s
        return self._real

    @_s.setter
    def _s(self, real: Any) -> None:
        self._real = real

    @property
    def name(self) -> str:
        return self.label

    def to_list(self) -> Values:
        return self.kept

    def __len__(self) -> int:
        return len(self.kept)

    def len(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Any:
        return iter(self.kept)

    def is_empty(self, **_: Any) -> bool:
        return not self.kept

    def __getitem__(self, place: Any) -> Any:
        return self.kept[place]

    def alias(self, name: str) -> Column:
        return Column(name, self.kept)

    def scatter(self, places: Any, values: Any) -> Column:
        """Values at some places exchanged, in place as in Polars; frames that share the list keep theirs."""
        self.kept = list(self.kept)
        for place, value in zip(places, values, strict=True):
            self.kept[place] = value
        return self

    def search_sorted(self, element: Any, side: Any = "any", **_: Any) -> Any:
        """Where each value would stand among these, behind its equals."""
        if side != "right":
            raise NotImplementedError(side)
        return Column(self.label, [bisect_right(self.kept, value) for value in element])

    def arg_unique(self) -> Column:
        first: dict[Any, int] = {}
        for place, value in enumerate(self.kept):
            first.setdefault(value, place)
        return Column(self.label, list(first.values()))


def _answer(method: str) -> Callable[..., Any]:
    run = METHODS[method]
    whole = method in WHOLE

    def work(self: Column, *args: Any, **more: Any) -> Any:
        found = run(
            self.kept, *(arg.to_list() if isinstance(arg, pl.Series) else arg for arg in args), **more
        )
        return found[0] if whole else Column(self.label, found)

    return work


for _method in METHODS:
    if "." not in _method:
        setattr(Column, _method, _answer(_method))


def column(values: Values, name: str = "") -> Column:
    """A column of a list."""
    return Column(name, v.stretched(values, 1))
