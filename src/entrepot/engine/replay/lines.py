"""Lines: figures of an order shared out to its lines, exact to the minor unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from entrepot.engine.arithmetic import cumulative_share, running, width
from entrepot.engine.batch import Batch
from entrepot.engine.price.shares import (
    CARRIAGE,
    CHARGES,
    COST,
    DUTY,
    FEE,
    KEY,
    OWN,
    PIECES,
    REVENUE,
    SHARES,
    TAX,
    VALUE,
    plain_shares,
    several_lines,
)
from entrepot.engine.world import World

__all__ = [
    "CHARGES",
    "COSTS",
    "FIGURES",
    "REVENUE",
    "TAX",
    "VALUE",
    "line_figures",
    "on_lines",
    "several_lines",
]
COSTS = {
    "cogs": COST, "freight": CARRIAGE, "handling": PIECES, "channel_fee": FEE, "payment_fee": VALUE, "duty": DUTY,
    "import_tax": TAX,
}  # fmt: skip
FIGURES = {"revenue": REVENUE, **COSTS}


def on_lines(
    orders: pl.DataFrame,
    by: Mapping[str, str],
    batch: Batch,
    world: World,
    shares: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per order line with its part of each figure.

    Shapes: orders n rows with order_id and the figures named in `by`; result one row per line of these orders:
    the columns of LINES and the figures. `by` says by which of SHARES each figure is shared; `shares`: rows of
    `line_shares`, lines of orders it leaves out are shared out by what they were sold for, weigh and cost.
    Units: those of the figures. Rounding: running totals half-up, lines in the order of their articles, so that the
    order of lines changes no article's part.
    Holds: per order each figure's parts add up to it; no part is off its exact share by a whole minor unit.
    """
    lines = batch.lines.join(orders.select("order_id", *by), on="order_id", maintain_order="left")
    several = several_lines(batch).select(KEY)
    alone = lines.join(several, on=KEY, how="anti", maintain_order="left")
    if alone.height == lines.height:
        return lines
    rows = lines.join(several, on=KEY, how="semi", maintain_order="left").sort("order_id", "sku", "line_no")
    weights = _weights(rows.select(batch.lines.columns), batch, world, shares)
    split = _split(rows.hstack(weights), by).select(lines.columns)
    return pl.concat([alone, split]).sort(KEY)


def line_figures(
    ways: pl.DataFrame,
    batch: Batch,
    world: World,
    shares: pl.DataFrame | None = None,
    more: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """What each line of an order earned and cost on its way.

    Shapes: ways one row per order with `<name>_base_minor` of FIGURES and the columns of `more` (by which of SHARES);
    result as `on_lines`, with profit_base_minor.
    Units: minor units of the books' currency. Holds: per order every figure adds up, and profit = revenue - costs.
    """
    by = {f"{name}_base_minor": share for name, share in FIGURES.items()} | dict(more or {})
    lines = on_lines(ways, by, batch, world, shares)
    costs = pl.sum_horizontal([f"{name}_base_minor" for name in COSTS])
    return lines.with_columns(profit_base_minor=pl.col("revenue_base_minor") - costs)


def _weights(lines: pl.DataFrame, batch: Batch, world: World, shares: pl.DataFrame | None) -> pl.DataFrame:
    """The columns of SHARES of each line, in the lines' order."""
    plain = plain_shares(lines, batch.orders, world)
    if shares is None or shares.is_empty():
        return plain.select(SHARES)
    told = lines.select(KEY).join(shares.select(*KEY, *OWN), on=KEY, how="left", maintain_order="left")
    return plain.with_columns(pl.coalesce(told[name], plain[name]).alias(name) for name in OWN).select(SHARES)


def _split(rows: pl.DataFrame, by: Mapping[str, str]) -> pl.DataFrame:
    for share in SHARES:
        names: Sequence[str] = [name for name, weight in by.items() if weight == share]
        if not names:
            continue
        upto, total = running("order_id", share)
        rows = rows.with_columns(upto=upto, total=total)
        wide = width(rows, [pl.col(name) for name in names], [pl.col("total")])
        rows = rows.with_columns(
            cumulative_share(pl.col(name), pl.col("upto"), pl.col(share), pl.col("total"), wide).alias(name)
            for name in names
        )
    return rows
