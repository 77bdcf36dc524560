"""Frame contracts: what a table is called, which columns it has, in which unit, and what identifies a row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from entrepot.engine import few as pl
from entrepot.engine.few import Few
from entrepot.engine.few.values import cast

__all__ = ["Column", "Contract", "SchemaError", "column", "pick"]


class SchemaError(ValueError):
    """A frame that breaks its contract: says which frame, which column and why."""


@dataclass(frozen=True)
class Column:
    """One column of a contract: its type, its unit and whether it may be empty."""

    name: str
    dtype: pl.DataType
    unit: str = ""
    nullable: bool = False
    default: object = None
    doc: str = ""


def column(
    name: str, dtype: type[pl.DataType], unit: str = "", *, nullable: bool = False, default: object = None
) -> Column:
    """Shorthand for a `Column`; a column with a default may be missing from the input."""
    return Column(name, dtype(), unit, nullable, default)


def pick(
    frame: pl.DataFrame, condition: pl.Expr, *columns: str | pl.Expr, **named: pl.Expr | str
) -> pl.DataFrame:
    """Rows that meet a condition, cut to some columns: of a wide frame only those columns are copied."""
    if isinstance(frame, Few):
        return _picked(frame, frame.meets(condition), columns, named)
    meets = frame.select(condition.fill_null(False)).to_series()
    if meets.all():
        return frame.select(*columns, **named)
    if not meets.any():
        return frame.clear().select(*columns, **named)
    return frame.select(*columns, **named).filter(meets)


def _picked(
    frame: Few, meets: list[bool], columns: tuple[str | pl.Expr, ...], named: dict[str, pl.Expr | str]
) -> Few:
    found: Few = frame.select(*columns, **named)
    return found if all(meets) else found.at([place for place, met in enumerate(meets) if met])


@dataclass(frozen=True)
class Contract:
    """The shape of one frame: columns in order and the key that is unique."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, in contract order."""
        return {c.name: c.dtype for c in self.columns}

    def empty(self) -> pl.DataFrame:
        """A frame of this shape without rows."""
        return self._empty

    @cached_property
    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)

    def check(self, frame: pl.DataFrame, *, unique: bool = True) -> pl.DataFrame:
        """The frame with exactly the contract's columns, in order and type, or a SchemaError.

        Shapes: n rows in, n rows out, same order. Units: none changed.
        Errors: missing column, lossy cast, null in a required column, repeated key.
        """
        frame = self._complete(frame)
        if isinstance(frame, Few):
            return self._checked(frame, unique=unique)
        try:
            frame = frame.select(*self._typed)
        except pl.exceptions.PolarsError as error:
            raise SchemaError(f"{self.name}: {error}") from error
        if frame.height:
            counts = frame.select(*self._nulls).row(0, named=True)
            bad = [name for name, count in counts.items() if count]
            if bad:
                raise SchemaError(f"{self.name}: empty values in {', '.join(bad)}")
            if unique and self.key and frame.select(self.key).is_duplicated().any():
                raise SchemaError(f"{self.name}: rows repeat the key ({', '.join(self.key)})")
        return frame

    def _checked(self, frame: Few, *, unique: bool) -> Few:
        """As `check`, column by column."""
        data, empty = {}, []
        for name, dtype, nullable in self._kinds:
            try:
                data[name] = values = cast(frame.data[name], dtype, strict=True)
            except pl.exceptions.PolarsError as error:
                raise SchemaError(f"{self.name}: {error}") from error
            if not nullable and None in values:
                empty.append(name)
        if empty:
            raise SchemaError(f"{self.name}: empty values in {', '.join(empty)}")
        checked = Few(data, frame.height)
        if unique and self.key and len(set(checked.keys(self.key))) < frame.height:
            raise SchemaError(f"{self.name}: rows repeat the key ({', '.join(self.key)})")
        return checked

    @cached_property
    def _kinds(self) -> list[tuple[str, pl.DataType, bool]]:
        return [(c.name, c.dtype, c.nullable) for c in self.columns]

    @cached_property
    def _typed(self) -> list[pl.Expr]:
        return [pl.col(c.name).cast(c.dtype, strict=True) for c in self.columns]

    @cached_property
    def _nulls(self) -> list[pl.Expr]:
        return [pl.col(c.name).null_count() for c in self.columns if not c.nullable]

    def _complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        known = set(frame.columns)
        missing = [c for c in self.columns if c.name not in known]
        hopeless = [c.name for c in missing if c.default is None and not c.nullable]
        if hopeless:
            raise SchemaError(f"{self.name}: column {', '.join(hopeless)} is missing")
        if not missing:
            return frame
        return frame.with_columns([pl.lit(c.default, dtype=c.dtype).alias(c.name) for c in missing])
