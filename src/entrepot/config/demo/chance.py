"""Seeded chance over whole columns: the same key, stream and seed always give the same draw.

A draw belongs to a key (an order, a buyer, an article), not to a place in a sequence; so a duplicate of an
order draws what its original drew, and rows may be made in any order. SplitMix64 over 64-bit columns;
nothing depends on the hash functions of a library.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import polars as pl

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_BELOW_ONE = 1 - 2**-32


def _u64(number: int) -> pl.Expr:
    return pl.lit(number & (2**64 - 1), dtype=pl.UInt64)


def mixed(key: pl.Expr, salt: int) -> pl.Expr:
    """64 well mixed bits for each key (wraps on purpose)."""
    z = key.cast(pl.UInt64) * _u64(_GOLDEN) + _u64(salt * _FIRST + _GOLDEN)
    z = (z ^ (z // _u64(1 << 30))) * _u64(_FIRST)
    z = (z ^ (z // _u64(1 << 27))) * _u64(_SECOND)
    return z ^ (z // _u64(1 << 31))


@dataclass(frozen=True)
class Chance:
    """All draws of one seed."""

    seed: int

    def bits(self, key: str, stream: str) -> pl.Expr:
        """64 random bits for each value of the column `key`."""
        return mixed(pl.col(key), self.seed * 1_000_003 + zlib.crc32(stream.encode()))

    def share(self, key: str, stream: str) -> pl.Expr:
        """A number from 0 to below 1 for each value of the column `key`."""
        return (self.bits(key, stream) // _u64(2048)).cast(pl.Float64) / 2**53 * _BELOW_ONE

    def shares(self, frame: pl.DataFrame, key: str, stream: str) -> pl.Series:
        """The shares of a frame's rows."""
        return frame.select(self.share(key, stream)).to_series()

    def happens(self, key: str, stream: str, ppm: int) -> pl.Expr:
        """True for so many of a million keys."""
        return self.bits(key, stream) % _u64(1_000_000) < ppm

    def whole(self, key: str, stream: str, low: int, high: int) -> pl.Expr:
        """A whole number from low to high, both included."""
        return (self.bits(key, stream) % _u64(high - low + 1)).cast(pl.Int64) + low


@dataclass(frozen=True)
class Urns:
    """Weighted choices by group: `table` holds `group` (0, 1, 2 …) and `weight` beside what can be drawn."""

    table: pl.DataFrame
    edges: pl.Series

    @classmethod
    def of(cls, table: pl.DataFrame) -> Urns:
        """Urns from loose rows; rows of weight nought are never drawn, every group needs one that is not.

        Shapes: any rows in; the choices of a group keep their order.
        """
        table = table.filter(pl.col("weight") > 0).sort("group", maintain_order=True)
        weight = pl.col("weight").cast(pl.Float64)
        edges = table.select(
            pl.col("group") + (weight.cum_sum().over("group") / weight.sum().over("group")).clip(0, 1)
        ).to_series()
        return cls(table.drop("group", "weight"), edges)

    @classmethod
    def single(cls, table: pl.DataFrame) -> Urns:
        """One urn, of rows with a `weight`."""
        return cls.of(table.with_columns(pl.lit(0, dtype=pl.Int64).alias("group")))

    def draw(self, share: pl.Series, group: pl.Series | None = None) -> pl.DataFrame:
        """One row of the table for each share (and group); as many rows as `share`, in its order."""
        place = share if group is None else share + group.cast(pl.Float64)
        return self.table[self.edges.search_sorted(place, side="right")]
