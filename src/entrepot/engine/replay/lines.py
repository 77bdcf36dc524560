"""Lines: figures of an order shared out to its lines, exact to the minor unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from entrepot.engine.arithmetic import WIDE, cumulative_share, divide, running, width
from entrepot.engine.batch import Batch
from entrepot.engine.fx import Rates
from entrepot.engine.world import World

VALUE, WEIGHT, COST = "by_value", "by_weight", "by_cost"
FINE = 10**12  # costs in several currencies are compared this finely


def on_lines(
    orders: pl.DataFrame, shares: Mapping[str, str], batch: Batch, world: World, keep: Sequence[str] = ()
) -> pl.DataFrame:
    """One row per order line with its part of each figure.

    Shapes: orders n rows with order_id, the figures named in `shares` and the columns to `keep`; result one row per
    line of these orders: order_id, line_no, sku, quantity, amount_minor, `keep`, the figures.
    Units: those of the figures. `shares` says by what each is shared: what the line was sold for, its weight, or what
    its goods cost; a weight of nothing counts as one.
    Holds: per order each figure's parts add up to it.
    """
    lines = batch.lines.join(orders.select("order_id", *keep, *shares), on="order_id", maintain_order="left")
    alone = (pl.col("order_id") != pl.col("order_id").shift()).fill_null(True)
    alone &= (pl.col("order_id") != pl.col("order_id").shift(-1)).fill_null(True)
    mark = lines.select(alone).to_series()
    several = lines.filter(~mark)
    if several.is_empty():
        return lines
    split = _split(several, shares, batch, world).select(lines.columns)
    return pl.concat([lines.filter(mark), split]).sort("order_id", "line_no")


def _split(lines: pl.DataFrame, shares: Mapping[str, str], batch: Batch, world: World) -> pl.DataFrame:
    facts = world["skus"].select("sku", "weight_g", "cost_minor", "cost_currency")
    rows = lines.join(facts, on="sku", how="left", maintain_order="left")
    rows = rows.join(batch.orders.select("order_id", "placed_on"), on="order_id", maintain_order="left")
    rows = Rates.of(world).attach(
        rows.with_columns(pl.col("cost_currency").fill_null("")), "cost_currency", "placed_on", "w"
    )
    worth = divide((pl.col("cost_minor") * pl.col("quantity")).cast(WIDE) * FINE, pl.col("w"))
    rows = rows.with_columns(
        by_value=pl.col("amount_minor").clip(lower_bound=1),
        by_weight=(pl.col("weight_g").fill_null(0) * pl.col("quantity")).clip(lower_bound=1),
        by_cost=worth.cast(pl.Int64).fill_null(0).clip(lower_bound=1),
    )
    for weight in (VALUE, WEIGHT, COST):
        names = [name for name, by in shares.items() if by == weight]
        if not names:
            continue
        upto, total = running("order_id", weight)
        rows = rows.with_columns(upto=upto, total=total)
        wide = width(rows, [pl.col(name) for name in names], [pl.col("total")])
        rows = rows.with_columns(
            cumulative_share(pl.col(name), pl.col("upto"), pl.col(weight), pl.col("total"), wide).alias(name)
            for name in names
        )
    return rows
