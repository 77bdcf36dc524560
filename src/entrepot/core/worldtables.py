"""Which tables the world is compiled from. Each room registers its own when Django starts.

A world table has the name and columns of its contract in `engine/columns.py`; the room says which model holds it and,
where it is more than a plain table, how its frame is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule
from entrepot.core.frames import Frame, contract_columns, read
from entrepot.engine.columns import WORLD

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

GROUPS = {
    "tax": _("Tax and customs"),
    "logistics": _("Logistics and warehouses"),
    "sales": _("Channels and payment"),
    "books": _("Money and books"),
    "goods": _("Goods"),
    "policy": _("Policies"),
}

Reader = Callable[[date], Frame]


@dataclass(frozen=True)
class WorldTable:
    """One table of the world: contract name, model, key columns (of the model), title, group."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    title: str | _StrPromise
    group: str
    sources: Mapping[str, str] = field(default_factory=dict)
    reader: Reader | None = None

    @property
    def is_dated(self) -> bool:
        """Whether its rows have periods."""
        return issubclass(self.model, DatedRule)

    def frame(self, on: date) -> Frame:
        """The table as the engine reads it; `on` matters only to tables that are computed for a day."""
        if self.reader:
            return self.reader(on)
        contract = WORLD[self.name]
        query = f"SELECT {contract_columns(contract, self.sources)} FROM {self.model._meta.db_table}"
        return read(query, contract.schema)


@dataclass(frozen=True)
class BesideTable:
    """A table of dated rules that people keep like the world's, though the engine does not read it."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    title: str | _StrPromise
    group: str


_tables: dict[str, WorldTable] = {}
_beside: dict[str, BesideTable] = {}


def register(*tables: WorldTable) -> None:
    """Make tables known; the same name again replaces the earlier one."""
    for table in tables:
        if table.name not in WORLD:
            raise ValueError(f"{table.name} is no table of the world")
        if table.group not in GROUPS:
            raise ValueError(f"{table.group} is no group of world tables")
        _tables[table.name] = table


def register_beside(*tables: BesideTable) -> None:
    """Make tables known that are shown, changed, shipped and exported like those of the world, and are none of it."""
    for table in tables:
        if table.name in WORLD or table.group not in GROUPS:
            raise ValueError(f"{table.name} is of the world, or {table.group} no group")
        _beside[table.name] = table


def beside_tables() -> dict[str, BesideTable]:
    """Every registered table beside the world, by name."""
    return dict(_beside)


def all_tables() -> dict[str, WorldTable]:
    """Every registered table by name, in the order of the contracts."""
    return {name: _tables[name] for name in WORLD if name in _tables}


def get_table(name: str) -> WorldTable:
    """One table. Errors: KeyError when no room has it."""
    return _tables[name]
