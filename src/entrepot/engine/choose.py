"""Choose: one way per order, least total cost for the whole batch, never more than the stock holds."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import demand

RANKING = ["total_cost_base_minor", "promise_on", "warehouse", "service"]
PLACE = ["warehouse", "sku"]


def choose(ways: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """The way of each order: its cheapest where stock allows, else the next, by priority and by what is lost.

    Shapes: ways m rows; result at most one row per order (key order_id), columns of `ways`. Orders missing from the
    result found no stock left.
    Units: cost in minor units of the books' currency.
    Holds: taken ≤ available for every warehouse and SKU; the same rows in any order give the same choice.
    Method: an order whose cheapest way is uncontended keeps it. The contended ones queue by priority, then by regret
    (what the second-best warehouse would cost more), then by date and number. First all ask for their cheapest
    warehouse and are served along the queue; who finds too little asks for the next (docs/methods/choose.md).
    """
    ranked = _ranked(ways)
    best = ranked.filter((pl.col("order_id") != pl.col("order_id").shift()).fill_null(True))
    needs = demand(batch)
    taken = best.select("order_id", "warehouse").join(needs, on="order_id")
    wanted = taken.group_by(PLACE).agg(pl.col("quantity").sum()).join(batch.stock, on=PLACE, how="left")
    short = wanted.filter(pl.col("quantity") > pl.col("available").fill_null(0)).select(PLACE)
    if short.is_empty():
        return ways[best["row"]]
    fought = taken.join(short, on=PLACE, how="semi").select("order_id").unique()
    settled = best.join(fought, on="order_id", how="anti")
    contended = ranked.join(fought, on="order_id", how="semi", maintain_order="left")
    left = _less(batch.stock, taken.join(fought, on="order_id", how="anti"))
    won = _serve(contended, _queue(contended, batch), needs.join(fought, on="order_id", how="semi"), left)
    return ways[pl.concat([settled["row"], won]).sort()].sort("order_id", maintain_order=True)


def _ranked(ways: pl.DataFrame) -> pl.DataFrame:
    """The ways' keys from cheapest to dearest within each order, with their row; texts compared by their place."""
    names = {name: pl.Enum(ways[name].unique().sort()) for name in ("warehouse", "service")}
    keys = ways.select("order_id", *RANKING).with_columns(
        pl.col(name).cast(kind) for name, kind in names.items()
    )
    ranked = keys.with_row_index("row").sort("order_id", *RANKING)
    return ranked.with_columns(pl.col("warehouse").cast(pl.String))


def _queue(contended: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """Contended orders with their turn: priority, no other warehouse, regret, date, number."""
    cheapest = contended.group_by("order_id", "warehouse").agg(pl.col("total_cost_base_minor").min())
    costs = cheapest.group_by("order_id").agg(
        first=pl.col("total_cost_base_minor").min(),
        second=pl.col("total_cost_base_minor").bottom_k(2).max(),
        places=pl.len(),
    )
    costs = costs.with_columns(alone=pl.col("places") == 1, regret=pl.col("second") - pl.col("first"))
    heads = costs.join(batch.orders.select("order_id", "priority", "placed_on"), on="order_id")
    heads = heads.sort(
        "priority", "alone", "regret", "placed_on", "order_id", descending=[True, True, True, False, False]
    )
    return heads.select("order_id").with_row_index("turn")


def _serve(
    contended: pl.DataFrame, queue: pl.DataFrame, needs: pl.DataFrame, left: pl.DataFrame
) -> pl.Series:
    """Rows of the ways the contended orders get. Warehouse by warehouse of each order's own ranking, along the queue.

    Within a round the queue is walked again until nobody more can be served, so that one large order that finds too
    little does not keep the stock from the smaller ones behind it.
    """
    options = contended.unique(["order_id", "warehouse"], keep="first", maintain_order=True)
    options = options.with_columns(choice=pl.int_range(pl.len()).over("order_id")).join(queue, on="order_id")
    waiting = queue.select("order_id")
    won = [pl.Series("row", [], dtype=contended.schema["row"])]
    for choice in options["choice"].unique().sort():
        asked = options.filter(pl.col("choice") == choice).join(waiting, on="order_id", how="semi")
        lines = asked.select("order_id", "warehouse", "row", "turn").join(needs, on="order_id")
        while lines.height:
            lines = _possible(lines, left)
            served = _first_in_line(lines)
            if served.is_empty():
                break
            won.append(served["row"].unique())
            left = _less(left, served)
            waiting = waiting.join(served, on="order_id", how="anti")
            lines = lines.join(served, on="order_id", how="anti")
    return pl.concat(won)


def _possible(lines: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Lines of the orders that what is left could serve if they stood alone, with what is left."""
    lines = lines.drop("available", strict=False).join(left, on=PLACE, how="left")
    short = lines.filter(pl.col("quantity") > pl.col("available").fill_null(0)).select("order_id")
    return lines.join(short, on="order_id", how="anti")


def _first_in_line(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of the orders that still find enough once everybody before them has taken theirs."""
    lines = lines.sort("turn", "sku").with_columns(upto=pl.col("quantity").cum_sum().over(PLACE))
    late = lines.filter(pl.col("upto") > pl.col("available")).select("order_id")
    return lines.join(late, on="order_id", how="anti").drop("upto")


def _less(stock: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Stock after some lines have been taken from it."""
    used = taken.group_by(PLACE).agg(used=pl.col("quantity").sum())
    rest = stock.join(used, on=PLACE, how="left", maintain_order="left")
    return rest.select(*PLACE, available=pl.col("available") - pl.col("used").fill_null(0))
