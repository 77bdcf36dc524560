"""Short names for the types and the columns that every dated rule has."""

from __future__ import annotations

import polars as pl

from entrepot.engine.frames import Column, column

I64, TXT, DAY, FLAG = pl.Int64, pl.String, pl.Date, pl.Boolean


def dated(*columns: Column) -> tuple[Column, ...]:
    """The columns of a dated rule: its own, then validity (both ends included), source and status."""
    return (
        *columns,
        column("valid_from", DAY),
        column("valid_to", DAY, nullable=True),
        column("source", TXT, default=""),
        column("status", TXT, default="U"),
    )
