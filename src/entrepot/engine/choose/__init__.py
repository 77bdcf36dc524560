"""Choose: one way per order, least total cost for the whole batch, within stock and the capacities of the day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose.allot import CHEAPEST, NAMES, allot
from entrepot.engine.choose.contest import contest
from entrepot.engine.choose.limits import Limits, firsts, ranked_keys
from entrepot.engine.choose.pairs import Pairs
from entrepot.engine.world import World

__all__ = ["Chosen", "Pairs", "choose", "choose_with"]


@dataclass(frozen=True)
class Chosen:
    """The ways of orders that go in one piece, and those of the parts of the others, two of each.

    ways: all that were asked; picked: row (of these), waits and the method's number, by row; parts: columns of `ways`,
    chosen_by and waits.
    """

    ways: pl.DataFrame
    picked: pl.DataFrame
    parts: pl.DataFrame

    def alone(self, *columns: str) -> pl.DataFrame:
        """The ways of orders in one piece, with waits and chosen_by; some of their columns or all."""
        return _waited(self.ways.select(columns) if columns else self.ways, self.picked)


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
    return _waited(ways, _picked(ways, batch, world, None))


def choose_with(ways: pl.DataFrame, batch: Batch, world: World, pairs: Pairs | None) -> Chosen:
    """`choose` where orders may also go in two parts, each from its own warehouse.

    Shapes: as `choose`; of an order in parts both ways are given, with one way of choosing and as many days of waiting.
    Units: as `choose`. Holds: an order goes in one piece or in two parts, never in one part alone.
    """
    if pairs is None:
        return Chosen(ways, _picked(ways, batch, world, None), ways.clear())
    picked = _picked(ways, batch, world, pairs)
    whole = pl.col("row") < ways.height
    some = picked.filter(~whole).with_columns(pl.col("row") - ways.height)
    return Chosen(ways, picked.filter(whole), _dated(pairs.chosen(some)))


def _picked(ways: pl.DataFrame, batch: Batch, world: World, pairs: Pairs | None) -> pl.DataFrame:
    """The row each order takes, with waits and the method's number: row, waits, chosen_by, by row."""
    limits = Limits.of(ways, batch, world, pairs)
    ranked = ranked_keys(ways, pairs)
    best = firsts(ranked)
    fought = contest(ranked, best, limits, batch)
    settled = best if fought is None else best.join(fought.orders, on="order_id", how="anti")
    settled = settled.select(
        "row", waits=pl.lit(0, dtype=pl.Int64), chosen_by=pl.lit(CHEAPEST, dtype=pl.Int8)
    )
    if fought is None:
        return settled.sort("row")
    columns, methods = allot(fought.problem, world)
    won = fought.columns[columns].select("row", "waits", chosen_by=pl.Series(methods, dtype=pl.Int8))
    return pl.concat([settled, won]).sort("row")


def _waited(ways: pl.DataFrame, picked: pl.DataFrame) -> pl.DataFrame:
    return _dated(ways[picked["row"]].hstack(picked.select("waits", "chosen_by")))


def _dated(chosen: pl.DataFrame) -> pl.DataFrame:
    """Chosen ways with their days of waiting in the dates, and the method by name."""
    later = pl.duration(days=pl.col("waits"))
    names = pl.col("chosen_by").replace_strict(NAMES, return_dtype=pl.String)
    days = [pl.col(name) + later for name in ("ship_on", "promise_on") if name in chosen.columns]
    return chosen.with_columns(*days, chosen_by=names)
