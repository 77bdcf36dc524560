"""An edit: one change of the world somebody asks about, as plain values; what each kind of edit takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from entrepot.engine.columns import WORLD
from entrepot.engine.world import World

Sort = Literal["code", "text", "ppm", "minor", "whole", "day", "choice"]


class EditError(ValueError):
    """An edit that cannot be carried out: `code` says why, `field` where, `value` what was given."""

    def __init__(self, code: str, name: str = "", value: object = "") -> None:
        super().__init__(f"{code}: {name} {value}".strip())
        self.code, self.field, self.value = code, name, value


@dataclass(frozen=True)
class Field:
    """One value an edit takes. `source` is the column of the world (table.column) a code must stand in."""

    name: str
    sort: Sort = "code"
    required: bool = False
    source: str = ""
    choices: tuple[str, ...] = ()
    low: int | None = None


@dataclass(frozen=True)
class Edit:
    """A change from one day to another (both included, open where None); `values` by the names of its kind's fields."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    def text(self, name: str) -> str:
        """A code or text; empty where none was given."""
        return str(self.values.get(name) or "")

    def number(self, name: str) -> int | None:
        """A whole number, None where none was given."""
        value = self.values.get(name)
        return None if value is None or value == "" else int(value)

    def whole(self, name: str) -> int:
        """A whole number, zero where none was given."""
        return self.number(name) or 0

    def record(self) -> dict[str, Any]:
        """As plain values for keeping; `from_record` reads them."""
        days = {"since": self.since, "until": self.until}
        return {
            "kind": self.kind,
            "values": dict(self.values),
            **{name: day.isoformat() if day else None for name, day in days.items()},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Edit:
        """An edit as it was kept. Errors: EditError for a record that is none."""
        try:
            days = [
                date.fromisoformat(record[name]) if record.get(name) else None for name in ("since", "until")
            ]
            return cls(str(record["kind"]), dict(record.get("values") or {}), *days)
        except (KeyError, TypeError, ValueError) as error:
            raise EditError("scenario.unreadable", value=str(record)[:80]) from error


Compile = Callable[[Edit, World], World]


@dataclass(frozen=True)
class Kind:
    """A kind of edit: its fields, whether it has days, and how it is carried out."""

    name: str
    fields: tuple[Field, ...]
    compile: Compile
    is_dated: bool = True
    any_of: tuple[str, ...] = ()  # at least one of these must be given


def check(edit: Edit, kind: Kind, world: World) -> None:
    """Refuse an edit whose values do not fit its kind or the world.

    Shapes: reads code columns of the world. Units: none. Errors: EditError with the first thing wrong.
    """
    if edit.since and edit.until and edit.since > edit.until:
        raise EditError("scenario.days_crossed", "until", edit.until)
    if not kind.is_dated and (edit.since or edit.until):
        raise EditError("scenario.no_days", "since", edit.since or edit.until)
    unknown = set(edit.values) - {one.name for one in kind.fields}
    if unknown:
        raise EditError("scenario.field_unknown", min(unknown))
    for one in kind.fields:
        _check_value(edit, one, world)
    if kind.any_of and not any(edit.values.get(name) not in (None, "") for name in kind.any_of):
        raise EditError("scenario.one_needed", kind.any_of[0], " ".join(kind.any_of))


def _check_value(edit: Edit, one: Field, world: World) -> None:
    value = edit.values.get(one.name)
    if value is None or value == "":
        if one.required:
            raise EditError("scenario.required", one.name)
        return
    if one.sort in ("ppm", "minor", "whole"):
        if not isinstance(value, int) or isinstance(value, bool):
            raise EditError("scenario.no_number", one.name, value)
        if one.low is not None and value < one.low:
            raise EditError("scenario.too_low", one.name, value)
    elif one.sort == "day":
        _day(one.name, value)
    elif one.choices and value not in one.choices:
        raise EditError("scenario.no_choice", one.name, value)
    if one.source and str(value) not in known_codes(one.source, world):
        raise EditError("scenario.not_in_world", one.name, value)


def _day(name: str, value: object) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        raise EditError("scenario.no_day", name, value) from None


def known_codes(source: str, world: World) -> list[str]:
    """Codes that stand in some columns of the world, such as `services.service`; several with `|` between.

    Shapes: distinct values, sorted, the empty one left out.
    """
    found: set[str] = set()
    for place in source.split("|"):
        table, column = place.split(".")
        found |= set(world[table][column].drop_nulls().to_list())
    return sorted(found - {""})


def key_of(table: str) -> list[str]:
    """The key of a table of the world."""
    return list(WORLD[table].key)


def added(world: World, table: str, rows: Sequence[Mapping[str, Any]]) -> World:
    """The world with more rows in a table; columns left out take their default.

    Shapes: one row per mapping. Errors: SchemaError where a row repeats a key.
    """
    contract = WORLD[table]
    schema = {name: dtype for name, dtype in contract.schema.items() if any(name in row for row in rows)}
    more = contract.check(pl.DataFrame(list(rows), schema=schema))
    return world.replace(**{table: pl.concat([world[table], more])})


def is_code(column: str, code: str) -> pl.Expr:
    """True for rows of a code; for all rows where none is asked for."""
    return pl.lit(True) if not code else pl.col(column) == code
