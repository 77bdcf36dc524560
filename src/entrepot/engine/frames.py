"""Frame contracts: what a table is called, which columns it has, in which unit, and what identifies a row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from entrepot.engine import few as pl

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
    meets = frame.select(condition.fill_null(False)).to_series()
    if meets.all():
        return frame.select(*columns, **named)
    if not meets.any():
        return frame.clear().select(*columns, **named)
    return frame.select(*columns, **named).filter(meets)


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

    @cached_property
    def _typed(self) -> list[pl.Expr]:
        return [pl.col(c.name).cast(c.dtype, strict=True) for c in self.columns]

    @cached_property
    def _nulls(self) -> list[pl.Expr]:
        return [pl.col(c.name).null_count() for c in self.columns if not c.nullable]

    def _complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        missing = [c for c in self.columns if c.name not in frame.columns]
        hopeless = [c.name for c in missing if c.default is None and not c.nullable]
        if hopeless:
            raise SchemaError(f"{self.name}: column {', '.join(hopeless)} is missing")
        return frame.with_columns([pl.lit(c.default, dtype=c.dtype).alias(c.name) for c in missing])
