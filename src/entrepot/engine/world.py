"""The world: an immutable, content-addressed set of dated rule tables the engine decides by."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from entrepot.engine.columns import WORLD
from entrepot.engine.frames import SchemaError

Result = TypeVar("Result")


def frame_hash(name: str, frame: pl.DataFrame) -> str:
    """SHA-256 of a table's content: same rows, same hash, whatever their order."""
    ordered = frame.sort(frame.columns, nulls_last=True)
    head = f"{name}|{'|'.join(f'{c}:{t}' for c, t in frame.schema.items())}\n"
    return hashlib.sha256(head.encode() + ordered.write_csv(null_value="\\N").encode()).hexdigest()


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A table that keeps its contract, in canonical row order."""
    if name not in WORLD:
        raise SchemaError(f"world: unknown table {name}")
    return WORLD[name].check(frame).sort(WORLD[name].key)


@dataclass(frozen=True)
class World:
    """Every table of `columns.WORLD`, checked and in canonical row order."""

    tables: Mapping[str, pl.DataFrame]
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what was worked out on it
    reads: dict[str, frozenset[str]] = field(
        default_factory=dict, compare=False, repr=False
    )  # tables behind it
    lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame]) -> World:
        """A world from loose frames: checked against the contracts, missing tables empty.

        Shapes: any row order in; rows are put in canonical order.
        Errors: an unknown table or a broken contract raises SchemaError.
        """
        unknown = set(tables) - set(WORLD)
        if unknown:
            raise SchemaError(f"world: unknown table {', '.join(sorted(unknown))}")
        checked = {}
        for name, contract in WORLD.items():
            checked[name] = _checked(name, tables[name]) if name in tables else contract.empty()
        return cls(checked)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    def replace(self, **tables: pl.DataFrame) -> World:
        """The same world with some tables changed: what a scenario does.

        Errors: an unknown table or a broken contract raises SchemaError.
        """
        changed = {name: _checked(name, frame) for name, frame in tables.items()}
        with self.lock:
            still = {name: reads for name, reads in self.reads.items() if not reads & tables.keys()}
            kept = {name: self.kept[name] for name in still}
        return World({**self.tables, **changed}, kept, still)

    def once(self, name: str, work: Callable[[], Result], reads: Collection[str] = ()) -> Result:
        """What some work on this world answers; the world never changes, so it is done once and kept.

        Shapes: as the work's. A second thread that asks meanwhile waits. Where the tables the work reads are named,
        a world with other tables replaced keeps the answer.
        """
        with self.lock:
            if name not in self.kept:
                self.kept[name] = work()
                if reads:
                    self.reads[name] = frozenset(reads)
            return self.kept[name]

    @cached_property
    def changes(self) -> pl.Series:
        """Every day on which some dated rule begins or has just ended, in order."""
        days = []
        for frame in self.tables.values():
            if "valid_from" in frame.columns:
                days += [frame["valid_from"], frame["valid_to"].drop_nulls().dt.offset_by("1d")]
        return pl.concat(days).unique().sort()

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Content hash of every table."""
        return {name: frame_hash(name, frame) for name, frame in self.tables.items()}

    @cached_property
    def hash(self) -> str:
        """Content hash of the whole world."""
        text = "\n".join(f"{name} {value}" for name, value in sorted(self.hashes.items()))
        return hashlib.sha256(text.encode()).hexdigest()
