"""Quick: the same world with its tables as lists, for questions of few rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from entrepot.engine import few as pl
from entrepot.engine.few import Column, Few
from entrepot.engine.fx import EPOCH, Rates
from entrepot.engine.world import World

Result = TypeVar("Result")


class _Lists(Mapping[str, pl.DataFrame]):
    """A world's tables, each turned into lists when it is first read."""

    def __init__(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self.tables = tables
        self.read: dict[str, Few] = {}

    def __getitem__(self, name: str) -> Few:
        if name not in self.read:
            self.read[name] = Few.of(self.tables[name]).lasting()
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


class QuickWorld(World):
    """A world whose tables are frames of few rows: what the engine's functions work out on it are such frames too."""

    def once(self, name: str, work: Callable[[], Result], reads: Collection[str] = ()) -> Result:
        """As for any world; frames are kept with the places of their keys."""
        with self.lock:
            if name not in self.kept:
                found = work()
                for part in found if isinstance(found, tuple) else (found,):
                    if isinstance(part, Few):
                        part.lasting()
                self.kept[name] = found
            found_before: Result = self.kept[name]
            return found_before


def quick(world: World) -> World:
    """The world for questions of few rows, made once per world."""
    if isinstance(world, QuickWorld):
        return world
    return world.once("quick", lambda: _made(world))


def _made(world: World) -> QuickWorld:
    made = QuickWorld(_Lists(world.tables))
    made.kept["rates"] = _QuickRates(Rates.of(world))
    made.__dict__["changes"] = Column("changes", world.changes.to_list())
    made.__dict__["hash"] = world.hash
    return made


class _QuickRates(Rates):
    """Exchange rates with their weights in a list."""

    def __init__(self, rates: Rates) -> None:
        self.currencies, self.first, self.days = rates.currencies, rates.first, rates.days
        self.weights: Column = Column("weights", rates.weights.to_list())
        self.places = {name: place for place, name in enumerate(self.currencies.categories)}

    def code(self, currency: str) -> pl.Expr:
        """The number of each currency."""
        return pl.col(currency).map_elements(self.places.get, return_dtype=pl.Int64)

    def attach(self, frame: pl.DataFrame, currency: str, on: str, name: str) -> pl.DataFrame:
        """As for any rates; the place of a weight is worked out row by row."""
        if not isinstance(frame, Few):
            return super().attach(frame, currency, on, name)
        first, days, weights = self.first + EPOCH.toordinal(), self.days, self.weights.kept
        euro = len(self.places) - 1
        found: list[int | None] = []
        for code, on_day in zip(frame.data[currency], frame.data[on], strict=True):
            code = self.places.get(code) if type(code) is str else code
            day = None if on_day is None else on_day.toordinal() - first
            if code is None or day is None or day < 0:
                found.append(None)
            else:
                found.append(weights[-1] if code == euro else weights[code * days + min(day, days - 1)])
        return frame.with_values(name, found)
