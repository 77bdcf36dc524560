"""Back-tests between the database and frames: what replayed orders foretold, and what later orders really booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from entrepot.core.frames import Frame, read, unpack
from entrepot.domains.fulfilment.frames.replaying import GONE, Filter, booked_decisions
from entrepot.domains.fulfilment.models import ReplayPart
from entrepot.engine import World
from entrepot.engine.replay import CAUSES

FIGURES = ("duty", "tax", "freight", "profit", "revenue")
COLUMNS = {
    "duty": "duty",
    "tax": "import_tax",
    "freight": "freight",
    "profit": "profit",
    "revenue": "revenue",
}
DAILY = {"fx"}  # changes every day, and says nothing of the rules


def foretold(parts: Sequence[ReplayPart], which: Filter) -> Frame:
    """Orders before a shock by market and warehouse: as booked, and replayed under the rules after it.

    Shapes: market, warehouse (of the way under the new rules), orders, touched (orders whose costs the rules change),
    lost (without a way there: in no figure), and of each figure its sum `*_before` and `*_then` and its sum of squares
    `*_squares`. Units: minor units of the books' currency.
    """
    columns = {name: f"{column}_base_minor" for name, column in COLUMNS.items()}
    touched = pl.any_horizontal(pl.col(name) != 0 for name in CAUSES if name not in ("choice", "route"))
    found = []
    for part in parts:
        if part.orders is None or part.lines is None:
            continue
        then = {f"{name}_then": f"{column}_after" for name, column in COLUMNS.items()}
        orders = unpack(part.orders).select(
            "order_id", "code", warehouse="new_warehouse", touched=touched, **then
        )
        markets = unpack(part.lines).select("order_id", "market").unique("order_id")
        booked = booked_decisions(part.batch_ids, which).select("order_id", **columns)
        found.append(orders.join(markets, on="order_id").join(booked, on="order_id"))
    if not found:
        return pl.DataFrame()
    rows, lost = pl.concat(found), pl.col("code").is_not_null()
    kept = rows.filter(~lost)
    sums = kept.group_by("market", "warehouse").agg(
        pl.len().cast(pl.Int64).alias("orders"),
        pl.col("touched").sum().cast(pl.Int64),
        *(pl.col(name).sum().alias(f"{name}_before") for name in FIGURES),
        *(pl.col(f"{name}_then").sum() for name in FIGURES),
        *((pl.col(f"{name}_then").cast(pl.Int128) ** 2).sum().alias(f"{name}_squares") for name in FIGURES),
    )
    gone = rows.filter(lost).group_by("market").agg(pl.len().cast(pl.Int64).alias("lost"))
    return (
        sums.join(gone, on="market", how="left")
        .with_columns(pl.col("lost").fill_null(0))
        .sort("market", "warehouse")
    )


def booked_by_market(first: date, last: date) -> Frame:
    """Orders of some days by market and warehouse, as booked.

    Shapes: market, warehouse, orders, and of each figure its sum `*_after` and its sum of squares `*_squares`.
    Units: minor units.
    """
    sums = ", ".join(f"sum(d.{column}_base_minor)::bigint" for column in COLUMNS.values())
    squares = ", ".join(
        f"sum(d.{column}_base_minor::numeric * d.{column}_base_minor)::text" for column in COLUMNS.values()
    )
    query = (
        f"SELECT o.dest_country, d.warehouse, count(*), {sums}, {squares} "
        "FROM fulfilment_decision d JOIN orders_order o ON o.id = d.order_id "
        "WHERE d.status = 'confirmed' AND o.state <> ALL(%s) AND o.placed_on BETWEEN %s AND %s "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    names = {f"{name}_after": pl.Int64() for name in COLUMNS} | {
        f"{name}_squares": pl.String() for name in COLUMNS
    }
    schema = {"market": pl.String(), "warehouse": pl.String(), "orders": pl.Int64(), **names}
    return read(query, schema, [list(GONE), first, last])


def rules_begun(world: World, first: date, last: date) -> list[tuple[str, date, int]]:
    """Rules that began on some days: table, day, how many; by day."""
    found = []
    for name, frame in world.tables.items():
        if name in DAILY or "valid_from" not in frame.columns:
            continue
        begun = frame.filter(pl.col("valid_from").is_between(first, last))
        days = begun.group_by("valid_from").agg(pl.len().alias("rules"))
        found += [(name, day, count) for day, count in days.iter_rows()]
    return sorted(found, key=lambda row: (row[1], row[0]))
