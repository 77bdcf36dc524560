"""Pairs: the ways of orders in two parts, as rows that stand beside the ways of orders in one piece."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import demand

KEYS = ("warehouse", "service", "ship_on", "promise_on", "parcels", "weight_g")


@dataclass(frozen=True)
class Pairs:
    """What orders may choose besides a way in one piece.

    ways: the parts' priced ways, order_id being the number of the part; batch: the parts as orders, numbered apart from
    all orders; pairs: order_id, split, first and second (rows of `ways`), cost, promise_on, in one order whatever the
    order of the batch's rows.
    """

    ways: pl.DataFrame
    batch: Batch
    pairs: pl.DataFrame

    def needs(self) -> pl.DataFrame:
        """Pieces each part takes of each SKU: order_id (the part's), sku, quantity."""
        return demand(self.batch)

    def pieces(self, first: int, names: dict[str, pl.Enum]) -> pl.DataFrame:
        """Both parts of each pair: row (counted from `first`), part_id, and what limits ask of a way."""
        pairs = self.pairs.select("first", "second").with_row_index("row", first)
        both = pl.concat([pairs.select("row", at="first"), pairs.select("row", at="second")])
        ways = self.ways.select(pl.col("order_id").alias("part_id"), *KEYS)
        found = both.select("row").hstack(ways[both["at"]])
        return found.with_columns(pl.col(name).cast(kind) for name, kind in names.items())

    def keys(self, first: int, names: dict[str, pl.Enum]) -> pl.DataFrame:
        """The pairs as `ranked_keys` gives ways; warehouse, service and the day of leaving are the first part's."""
        ways = self.ways.select("warehouse", "service", "ship_on")
        rows = self.pairs.with_row_index("row", first).hstack(ways[self.pairs["first"]])
        return rows.select(
            "row", "order_id", "ship_on", "promise_on", parcels=pl.lit(0, dtype=pl.Int64),
            weight_g=pl.lit(0, dtype=pl.Int64), cost="cost", waits=pl.lit(0, dtype=pl.Int64),
            **{name: pl.col(name).cast(kind) for name, kind in names.items()},
        )  # fmt: skip

    def chosen(self, picked: pl.DataFrame) -> pl.DataFrame:
        """The parts' ways of picked pairs: columns of `ways`, with waits and chosen_by as picked.

        Shapes: picked row (counted from nought), waits, chosen_by; two rows for each.
        """
        pairs = self.pairs[picked["row"]]
        both = pl.concat([pairs["first"], pairs["second"]])
        marks = pl.concat([picked, picked]).select("waits", "chosen_by")
        return self.ways[both].hstack(marks)
