"""Which row of a dated rule table is in force: joins by key and day."""

from __future__ import annotations

import polars as pl


def in_force(on: str = "on") -> pl.Expr:
    """True where the day in column `on` lies inside valid_from … valid_to, both included."""
    return (pl.col("valid_from") <= pl.col(on)) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col(on))
    )


def latest(left: pl.DataFrame, rules: pl.DataFrame, by: list[str], on: str) -> pl.DataFrame:
    """Each row of `left` with the rule of its key that began last on or before its day and has not ended.

    Shapes: n rows in, n rows out, same order; rule columns null where none is in force.
    Errors: rules of one key must not overlap (the database refuses that).
    """
    days = left.select([*by, on]).unique()
    found = days.join(rules, on=by, how="inner").filter(in_force(on))
    found = found.drop("valid_from", "valid_to", "source", "status", strict=False)
    return left.join(found, on=[*by, on], how="left", maintain_order="left", nulls_equal=True)
