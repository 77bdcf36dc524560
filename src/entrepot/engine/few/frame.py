"""A frame of few rows: a Polars frame whose columns lie in plain lists until Polars itself asks for them.

Polars takes a tenth of a millisecond and more for each operation, however few the rows: fast on a million, slow on one.
Here an operation on one row costs a few microseconds, and the same functions of the engine run on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import polars as pl

from entrepot.engine.few import values as v
from entrepot.engine.few.asked import PLANS, Planned, flat, labels_of, planned_of
from entrepot.engine.few.column import Column
from entrepot.engine.few.places import Index, Kinds, Places, ordered
from entrepot.engine.few.term import Fixed, OnlyPolars, recorded
from entrepot.engine.few.values import Values

FEW_ROWS = 16  # rows that Polars hands out sooner one by one than column by column


class Few(pl.DataFrame):
    """Columns by name, each a list of the same length that nobody changes.

    A method that is not known here is answered by the Polars frame of the same rows.
    """

    _real: Any = None
    types: Callable[[], Mapping[str, Any]] | None = None  # Polars' types of the columns, where they matter

    def __init__(self, data: dict[str, Values], height: int, places: Places | None = None) -> None:
        self.data, self.size, self.places = data, height, places

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Few:
        """A Polars frame's rows as lists."""
        if isinstance(frame, Few):
            return frame
        if 0 < frame.height <= FEW_ROWS:
            data = dict(zip(frame.columns, map(list, zip(*frame.rows(), strict=True)), strict=True))
        else:
            data = frame.to_dict(as_series=False)
        few = cls(data, frame.height)
        few.types = lambda: frame.schema
        return few

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]]) -> Few:
        """Rows with the same fields, as lists."""
        return cls({name: [row[name] for row in rows] for name in rows[0]}, len(rows))

    def lasting(self) -> Few:
        """The same frame, which remembers the places of its keys: for tables that are asked again and again."""
        self.places = Places(self.data.values())
        return self

    @property
    def _df(self) -> Any:  # type: ignore[override]
        if self._real is None:
            types = self.types() if self.types else None
            overrides = types and {name: types[name] for name in self.data if name in types}
            self._real = pl.DataFrame(self.data, schema_overrides=overrides)._df
        return self._real

    @_df.setter
    def _df(self, real: Any) -> None:
        self._real = real

    @property
    def height(self) -> int:
        return self.size

    @property
    def width(self) -> int:
        return len(self.data)

    @property  # type: ignore[misc]
    def columns(self) -> list[str]:
        return list(self.data)

    @property
    def schema(self) -> Any:
        return Kinds(self.data)

    def is_empty(self) -> bool:
        return not self.size

    def __getitem__(self, name: Any) -> Any:
        return Column(name, self.data[name]) if isinstance(name, str) else super().__getitem__(name)

    def to_series(self, index: int = 0) -> Column:
        name = self.columns[index]
        return Column(name, self.data[name])

    def item(self, row: Any = None, column: Any = None) -> Any:
        if row is None and column is None:
            ((value,),) = self.data.values()
            return value
        return super().item(row, column)

    def row(self, index: Any = None, *, by_predicate: Any = None, named: bool = False) -> Any:
        if by_predicate is not None:
            return self.filter(by_predicate).row(0, named=named)
        values = {name: values[index] for name, values in self.data.items()}
        return values if named else tuple(values.values())

    def rows(self, **more: Any) -> Any:
        if more:
            return super().rows(**more)
        return list(zip(*self.data.values(), strict=True)) if self.data else []

    def iter_rows(self, **more: Any) -> Any:
        return super().iter_rows(**more) if more else iter(self.rows())

    def to_dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.data, row, strict=True)) for row in self.rows()]

    def with_columns(self, *terms: Any, **more: Any) -> Any:
        try:
            if any(isinstance(value, pl.Series) for value in (*terms, *more.values())):
                return self._beside_series(terms, more)
            planned = self._planned(terms, more)
            size = self.size
            if planned.by_row:
                return Few({**self.data, **planned.rows(self.data, size)}, size, self.places)
            if planned.values is not None:
                return Few(
                    {**self.data, **{name: [one] * size for name, one in planned.values}}, size, self.places
                )
            found = planned.run(self.data, size)
        except OnlyPolars:
            return super().with_columns(*terms, **more)
        data = self.data.copy()
        data.update((name, v.stretched(values, size)) for name, values in found)
        return Few(data, size, self.places)

    def with_values(self, name: str, values: Values) -> Few:
        """The frame with one column more, or in its place, of values known already."""
        return Few({**self.data, name: values}, self.size, self.places)

    def meets(self, condition: pl.Expr) -> Values:
        """Whether each row meets a condition; one that cannot be told does not."""
        found = recorded(condition).values(self.data, self.size)
        return v.stretched([one is True for one in found], self.size)

    def _beside_series(self, terms: tuple[Any, ...], more: Mapping[str, Any]) -> Few:
        """As `with_columns`, of values known already and others that are to be worked out."""
        given = {one.label: one for term in flat(terms) for one in recorded(term).expanded(self.columns)}
        given.update((name, recorded(value)) for name, value in more.items())
        known = {name: one.series.to_list() for name, one in given.items() if isinstance(one, Fixed)}
        found = self.with_columns(**{name: one for name, one in given.items() if name not in known})
        values = {
            name: v.stretched(known[name] if name in known else found.data[name], self.size) for name in given
        }
        return Few({**self.data, **values}, self.size, self.places)

    def select(self, *terms: Any, **more: Any) -> Any:
        try:
            planned = self._planned(terms, more)
            if planned.taken is not None:
                data = {name: self.data[label] for name, label in planned.taken}
                return Few(data, self.size if data else 0, self.places)
            if planned.by_row:
                return Few(planned.rows(self.data, self.size), self.size, self.places)
            data = dict(planned.run(self.data, self.size))
        except OnlyPolars:
            return super().select(*terms, **more)
        sizes = {len(values) for values in data.values()}
        if len(sizes) > 1:
            sizes.discard(1)
            (size,) = sizes
            data = {name: v.stretched(values, size) for name, values in data.items()}
        else:
            size = sizes.pop() if sizes else 0
        return Few(data, size, self.places if size == self.size else None)

    def _planned(self, terms: tuple[Any, ...], more: Mapping[str, Any]) -> Planned:
        """How these terms are worked out, kept from the first time they were asked."""
        if len(terms) == 1 and not more and type(terms[0]) is list:
            terms = tuple(terms[0])
        try:
            return PLANS[(len(terms), *terms, *more, *more.values())] if more else PLANS[terms]
        except (KeyError, TypeError):
            return planned_of(tuple(flat(terms)), more, self.data)

    def filter(self, *conditions: Any, **more: Any) -> Any:
        try:
            return self._filtered(conditions)
        except OnlyPolars:
            return super().filter(*conditions, **more)

    def _filtered(self, conditions: Iterable[Any]) -> Few:
        holds: Values | None = None
        for condition in flat(conditions):
            term = Fixed(condition) if isinstance(condition, pl.Series) else condition
            found = v.stretched(recorded(term).values(self.data, self.size), self.size)
            holds = found if holds is None else [bool(a and b) for a, b in zip(holds, found, strict=True)]
        if holds is None or all(holds):
            return self
        return self.at([place for place, held in enumerate(holds) if held])

    def at(self, places: Sequence[int]) -> Few:
        """The rows at some places."""
        if not places:
            return Few({name: [] for name in self.data}, 0)
        if len(places) == self.size == 1 and not places[0]:
            return Few(self.data, 1)
        return Few(
            {name: [values[place] for place in places] for name, values in self.data.items()}, len(places)
        )

    def taken(self, places: Sequence[int | None]) -> Few:
        """The rows at some places; null where there is none."""
        if None not in places:
            return self.at(places)  # type: ignore[arg-type]
        data = {
            name: [None if place is None else values[place] for place in places]
            for name, values in self.data.items()
        }
        return Few(data, len(places))

    def clear(self, n: int = 0) -> Few:
        return Few({name: [None] * n for name in self.data}, n)

    def drop(self, *columns: Any, strict: bool = True) -> Few:
        unwanted = set(flat(columns))
        if strict and not unwanted <= self.data.keys():
            raise pl.exceptions.ColumnNotFoundError(str(unwanted - self.data.keys()))
        data = self.data.copy()
        for name in unwanted:
            data.pop(name, None)
        return Few(data, self.size if data else 0, self.places)

    def rename(self, mapping: Any, *, strict: bool = True) -> Few:
        if strict and not mapping.keys() <= self.data.keys():
            raise pl.exceptions.ColumnNotFoundError(str(mapping))
        data = {mapping.get(name, name): values for name, values in self.data.items()}
        return Few(data, self.size, self.places)

    def hstack(self, columns: Any, *, in_place: bool = False) -> Few:
        added = columns.data if isinstance(columns, Few) else {one.name: one.to_list() for one in columns}
        if not added.keys().isdisjoint(self.data) or in_place:
            raise pl.exceptions.DuplicateError(f"columns twice: {added.keys() & self.data.keys()}")
        return Few({**self.data, **added}, self.size if self.data else len(next(iter(added.values()), [])))

    def with_row_index(self, name: str = "index", offset: int = 0) -> Few:
        return Few({name: list(range(offset, offset + self.size)), **self.data}, self.size)

    def sort(self, by: Any, *more_by: Any, nulls_last: Any = False, **more: Any) -> Any:
        if more:
            return super().sort(by, *more_by, nulls_last=nulls_last, **more)
        if self.size < 2:
            return self
        keys = [recorded(one).values(self.data, self.size) for one in flat((by, *more_by))]
        order = range(self.size)
        ranked = sorted(order, key=lambda place: tuple(ordered(key[place], nulls_last) for key in keys))
        return self.at(ranked)

    def unique(self, subset: Any = None, *, keep: str = "any", maintain_order: bool = False) -> Few:
        if self.size < 2:
            return self
        rows: dict[Any, int] = {}
        for place, key in enumerate(self.keys(subset or self.columns)):
            if keep == "last":
                rows.pop(key, None)
            rows.setdefault(key, place)
        return self.at(sorted(rows.values()) if maintain_order else list(rows.values()))

    def keys(self, columns: Any) -> list[tuple[Any, ...]]:
        """The values of some columns, row by row."""
        named = columns if type(columns) is tuple else tuple(flat((columns,)))
        return list(zip(*[self.data[name] for name in named], strict=True))

    def is_duplicated(self) -> Column:
        keys = self.keys(self.columns)
        return Column("", [keys.count(key) > 1 for key in keys])

    def explode(self, columns: Any, *more_columns: Any, **more: Any) -> Any:
        if more_columns or more or not isinstance(columns, str):
            return super().explode(columns, *more_columns, **more)
        column = columns
        places = [place for place, items in enumerate(self.data[column]) for _item in items or [None]]
        items = chain.from_iterable(values or [None] for values in self.data[column])
        return Few({**self.at(places).data, column: list(items)}, len(places))

    def group_by(self, *by: Any, maintain_order: bool = False, **_: Any) -> Any:
        keys = [recorded(one) for one in flat(by)]
        return Groups(self.with_columns(keys), [term.label for term in keys])

    def sums_of_runs(self, key: str, amounts: Mapping[str, Any]) -> Few:
        """One row per run of equal keys: the key and the sum of each amount; an unknown amount counts as zero."""
        keys = self.data[key]
        starts = [n for n, one in enumerate(keys) if n == 0 or one != keys[n - 1]]
        spans = list(zip(starts, [*starts, self.size][1:], strict=True))
        data: dict[str, Values] = {key: [keys[first] for first in starts]}
        for name, values in self.select(**amounts).data.items():
            data[name] = [sum(value or 0 for value in values[first:end]) for first, end in spans]
        return Few(data, len(starts))

    def index(self, columns: tuple[str, ...], *, nulls_equal: bool) -> Index:
        """The places of each key's rows; for a lasting frame, and those cut from its columns, made once."""
        kept, lists = self.places, [self.data[name] for name in columns]
        name: tuple[int, ...] = ()
        if kept is not None:
            name = (*map(id, lists), nulls_equal)
            if name in kept.found:
                return kept.found[name]
        found: Index = {}
        for place, key in enumerate(zip(*lists, strict=True)):
            if nulls_equal or None not in key:
                found.setdefault(key, []).append(place)
        if kept is not None and kept.own.issuperset(name[:-1]):
            kept.found[name] = found
        return found

    def join(self, other: Any, on: Any = None, how: Any = "inner", **more: Any) -> Any:
        if how == "cross" and not more:
            return self._crossed(Few.of(other))
        if how not in ("inner", "left", "anti", "semi"):
            return super().join(other, on, how, **more)
        own = tuple(flat((on if on is not None else more.pop("left_on"),)))
        theirs = own if on is not None else tuple(flat((more.pop("right_on"),)))
        table = Few.of(other)
        index = table.index(theirs, nulls_equal=more.get("nulls_equal", False))
        keys = self.keys(own)
        if how in ("anti", "semi"):
            return self.at([place for place, key in enumerate(keys) if (key in index) == (how == "semi")])
        none = _NONE[how]
        found = [index.get(key, none) for key in keys]
        if all(len(one) == 1 for one in found):
            data, matches = self.data.copy(), [one[0] for one in found]
        else:
            data = self.at([place for place, one in enumerate(found) for _match in one]).data
            matches = list(chain.from_iterable(found))
        if matches == [0] and table.size == 1:
            beside = ((name if name not in data else f"{name}_right", values)
                     for name, values in table.data.items() if name not in theirs)  # fmt: skip
            return Few({**data, **dict(beside)}, 1)
        sure = None not in matches
        for name, values in table.data.items():
            if name not in theirs:
                added = name if name not in self.data else f"{name}_right"
                data[added] = (
                    [values[place] for place in matches]
                    if sure
                    else [None if place is None else values[place] for place in matches]
                )
        return Few(data, len(matches))

    def _crossed(self, other: Few) -> Few:
        own = self.at([place for place in range(self.size) for _row in range(other.size)])
        return Few(
            {**own.data, **{name: values * self.size for name, values in other.data.items()}}, own.size
        )

    def update(self, other: Any, on: Any = None, how: Any = "left", **more: Any) -> Any:
        include_nulls = more.pop("include_nulls", False)
        if how != "left" or more or not isinstance(on, str):
            return super().update(other, on, how, include_nulls=include_nulls, **more)
        index = other.index((on,), nulls_equal=False)
        places = [index.get((key,), [None])[0] for key in self.data[on]]
        data = dict(self.data)
        for name in other.columns:
            if name != on and name in data:
                data[name] = [
                    old if place is None or ((new := other.data[name][place]) is None and not include_nulls) else new
                    for old, place in zip(data[name], places, strict=True)
                ]  # fmt: skip
        return Few(data, self.size)


_NONE: dict[str, list[Any]] = {"inner": [], "left": [None]}


class Groups:
    """Rows by key."""

    def __init__(self, frame: Few, by: list[str]) -> None:
        self.frame, self.by = frame, by

    def agg(self, *terms: Any, **more: Any) -> Few:
        """One row per key, in the order of the first."""
        index = self.frame.index(tuple(self.by), nulls_equal=True)
        if not index:
            keyed = self.frame.clear().select(*self.by)
            return Few({**keyed.data, **{name: [] for name in labels_of(self.frame.columns, terms, more)}}, 0)
        parts = [
            {**dict(zip(self.by, map(_alone, key), strict=True)), **self.frame.at(rows).select(*terms, **more).data}
            for key, rows in index.items()
        ]  # fmt: skip
        return Few({name: v.joined_together([part[name] for part in parts]) for name in parts[0]}, len(parts))


def _alone(value: Any) -> Values:
    return [value]
