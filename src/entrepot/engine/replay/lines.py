"""Lines: figures of an order shared out to its lines, exact to the minor unit."""

from __future__ import annotations

from collections.abc import Mapping

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
    PIECES,
    REVENUE,
    SHARES,
    TAX,
    VALUE,
    alone_lines,
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
    "alone_lines",
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
    several = several_lines(lines)
    if several.is_empty():
        return lines
    rows = several.sort("order_id", "sku", "line_no")
    weights = _weights(rows.select(batch.lines.columns), batch, world, shares)
    split = _split(rows.hstack(weights), by).select(lines.columns)
    if several.height == lines.height:
        return split.sort(KEY)
    return pl.concat([alone_lines(lines), split]).sort(KEY)


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
    if shares is None or shares.is_empty():
        return plain_shares(lines, batch.orders, world).select(SHARES)
    told = lines.select(KEY).join(shares.select(*KEY, *SHARES), on=KEY, how="left", maintain_order="left")
    untold = told.select(pl.any_horizontal(pl.col(SHARES).is_null())).to_series()
    if not untold.any():
        return told.select(SHARES)
    plain = plain_shares(lines.filter(untold), batch.orders, world).select(*KEY, *SHARES)
    told = told.join(plain, on=KEY, how="left", maintain_order="left", suffix="_plain")
    return told.select(pl.coalesce(name, f"{name}_plain").alias(name) for name in SHARES)


def _split(rows: pl.DataFrame, by: Mapping[str, str]) -> pl.DataFrame:
    weights = [share for share in SHARES if share in by.values()]
    sums = {share: running("order_id", share) for share in weights}
    rows = rows.with_columns(
        *(upto.alias(f"upto_{share}") for share, (upto, _) in sums.items()),
        *(total.alias(f"total_{share}") for share, (_, total) in sums.items()),
    )
    for share in weights:
        names = [name for name, weight in by.items() if weight == share]
        upto, total = pl.col(f"upto_{share}"), pl.col(f"total_{share}")
        wide = width(rows, [pl.col(name) for name in names], [total])
        rows = rows.with_columns(
            cumulative_share(pl.col(name), upto, pl.col(share), total, wide).alias(name) for name in names
        )
    return rows
