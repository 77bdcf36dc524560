"""What a decision run reads besides the world: the orders, their lines and the stock they may take."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from entrepot.engine.columns import BOOKED, HITS, LINES, ORDERS, STOCK


@dataclass(frozen=True)
class Batch:
    """Orders, lines, stock, what is planned already, likenesses to listed names: checked and in canonical row order."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    stock: pl.DataFrame
    booked: pl.DataFrame = field(default_factory=BOOKED.empty)
    hits: pl.DataFrame = field(default_factory=HITS.empty)

    @classmethod
    def of(
        cls,
        *,
        orders: pl.DataFrame,
        lines: pl.DataFrame,
        stock: pl.DataFrame,
        booked: pl.DataFrame | None = None,
        hits: pl.DataFrame | None = None,
    ) -> Batch:
        """A batch from loose frames, rows in any order.

        Errors: a broken contract raises SchemaError; bad data inside a row is for `review`.
        """
        return cls(
            ORDERS.check(orders).sort("order_id"),
            LINES.check(lines).sort("order_id", "line_no"),
            STOCK.check(stock).sort("warehouse", "sku"),
            BOOKED.check(BOOKED.empty() if booked is None else booked).sort(BOOKED.key),
            HITS.check(HITS.empty() if hits is None else hits).sort(HITS.key),
        )

    def only(self, order_ids: pl.Series) -> Batch:
        """The same batch cut to some orders; the stock stays whole."""
        return Batch(
            self.orders.filter(pl.col("order_id").is_in(order_ids.implode())),
            self.lines.filter(pl.col("order_id").is_in(order_ids.implode())),
            self.stock,
            self.booked,
            self.hits.filter(pl.col("order_id").is_in(order_ids.implode())),
        )
