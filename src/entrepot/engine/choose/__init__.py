"""Choose: one way per order, least total cost for the whole batch, within stock and the capacities of the day."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose.allot import CHEAPEST, NAMES, allot
from entrepot.engine.choose.contest import contest
from entrepot.engine.choose.limits import Limits, firsts, ranked_keys
from entrepot.engine.world import World

__all__ = ["choose"]


def choose(ways: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """The way of each order: as many orders as can be, those of high priority first, then least cost of all.

    Shapes: ways m rows; result at most one row per order (key order_id), columns of `ways` with `chosen_by` (cheapest,
    optimum, solver or heuristic) and `waits` (days the order waits for a free capacity; ship_on and promise_on are
    moved by them). Orders missing from the result found no stock or no capacity.
    Units: cost in minor units of the books' currency; waits in days.
    Method: whose cheapest way touches nothing scarce keeps it. The others are shared out by the solver, group by group.
    Holds: taken ≤ available for every warehouse and SKU, sent ≤ capacity for every day; the same rows in any order
    give the same choice.
    Source: docs/methods/choose.md.
    """
    limits = Limits.of(ways, batch, world)
    ranked = ranked_keys(ways)
    best = firsts(ranked)
    fought = contest(ranked, best, limits, batch)
    if fought is None:
        return _waited(ways[best["row"].sort()], waits=0, chosen_by=CHEAPEST)
    settled = best.join(fought.orders, on="order_id", how="anti").select(
        "row", waits=pl.lit(0, dtype=pl.Int64), chosen_by=pl.lit(CHEAPEST, dtype=pl.Int8)
    )
    columns, methods = allot(fought.problem, world)
    won = fought.columns[columns].select("row", "waits", chosen_by=pl.Series(methods, dtype=pl.Int8))
    picked = pl.concat([settled, won]).sort("row")
    return _waited(ways[picked["row"]], waits=picked["waits"], chosen_by=picked["chosen_by"])


def _waited(chosen: pl.DataFrame, *, waits: pl.Series | int, chosen_by: pl.Series | int) -> pl.DataFrame:
    """Chosen ways with their days of waiting in the dates, and the method by name."""
    rows = chosen.with_columns(
        waits=pl.lit(waits, dtype=pl.Int64) if isinstance(waits, int) else waits,
        chosen_by=pl.lit(chosen_by, dtype=pl.Int8) if isinstance(chosen_by, int) else chosen_by,
    )
    later = pl.duration(days=pl.col("waits"))
    names = pl.col("chosen_by").replace_strict(NAMES, return_dtype=pl.String)
    return rows.with_columns(pl.col("ship_on") + later, pl.col("promise_on") + later, chosen_by=names)
