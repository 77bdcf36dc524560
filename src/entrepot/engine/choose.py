"""Choose: one way per order, least total cost for the whole batch, never more than the stock holds."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import demand

RANKING = ["total_cost_base_minor", "promise_on", "warehouse", "service"]


def choose(ways: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """The way of each order: its cheapest where stock allows, else the next, by priority and by what is lost.

    Shapes: ways m rows; result at most one row per order (key order_id), columns of `ways`. Orders missing from the
    result found no stock left.
    Units: cost in minor units of the books' currency.
    Holds: taken ≤ available for every warehouse and SKU; the same rows in any order give the same choice.
    Method: an order whose cheapest way is uncontended keeps it. The contended ones queue by priority, then by regret
    (what the second-best warehouse would cost more), then by date and number; those whose first choice still fits
    keep it, the others take the cheapest way that is left, in the same sequence (docs/methods/choose.md).
    """
    ranked = ways.select("order_id", *RANKING).with_row_index("row").sort("order_id", *RANKING)
    first = ranked.filter((pl.col("order_id") != pl.col("order_id").shift()).fill_null(True))
    best = ways[first["row"]]
    needs = demand(batch)
    taken = best.select("order_id", "warehouse").join(needs, on="order_id")
    short = taken.group_by("warehouse", "sku").agg(pl.col("quantity").sum())
    short = short.join(batch.stock, on=["warehouse", "sku"], how="left")
    short = short.filter(pl.col("quantity") > pl.col("available").fill_null(0)).select("warehouse", "sku")
    if short.is_empty():
        return best
    fought = taken.join(short, on=["warehouse", "sku"], how="semi")["order_id"].unique()
    contended = ranked.filter(pl.col("order_id").is_in(fought.implode()))
    sequence = _by_precedence(contended, batch)
    losers = _losers(sequence, taken, batch.stock)
    settled = best.filter(~pl.col("order_id").is_in(losers.implode()))
    queue = sequence.filter(pl.col("order_id").is_in(losers.implode()))
    ways_left = queue.join(contended, on="order_id", maintain_order="left_right")
    won = _serve(ways_left.select("order_id", "warehouse", "service"), needs, batch.stock, settled)
    chosen = ways[contended.join(won, on=["order_id", "warehouse", "service"], how="semi")["row"]]
    return pl.concat([settled, chosen]).sort("order_id")


def _losers(sequence: pl.DataFrame, taken: pl.DataFrame, stock: pl.DataFrame) -> pl.Series:
    """Orders whose first choice does not fit once everybody served before them has taken theirs."""
    lines = taken.join(sequence.with_row_index("turn"), on="order_id", how="left")
    lines = lines.with_columns(pl.col("turn").cast(pl.Int64).fill_null(-1)).sort("turn", "order_id")
    lines = lines.with_columns(upto=pl.col("quantity").cum_sum().over("warehouse", "sku"))
    lines = lines.join(stock, on=["warehouse", "sku"], how="left")
    return lines.filter(pl.col("upto") > pl.col("available").fill_null(0))["order_id"].unique()


def _by_precedence(contended: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """Orders in the sequence they are served."""
    cheapest = contended.group_by("order_id", "warehouse").agg(pl.col("total_cost_base_minor").min())
    costs = cheapest.group_by("order_id").agg(
        first=pl.col("total_cost_base_minor").min(),
        second=pl.col("total_cost_base_minor").bottom_k(2).max(),
        places=pl.len(),
    )
    alone = pl.col("places") == 1
    costs = costs.with_columns(alone=alone, regret=pl.col("second") - pl.col("first"))
    heads = costs.join(batch.orders.select("order_id", "priority", "placed_on"), on="order_id")
    heads = heads.sort(
        "priority", "alone", "regret", "placed_on", "order_id", descending=[True, True, True, False, False]
    )
    return heads.select("order_id")


def _serve(
    ways: pl.DataFrame, needs: pl.DataFrame, stock: pl.DataFrame, settled: pl.DataFrame
) -> pl.DataFrame:
    """Hand out what is left, one order after the other; an order takes the first of its ways that stock covers."""
    used = settled.select("order_id", "warehouse").join(needs, on="order_id")
    used = used.group_by("warehouse", "sku").agg(used=pl.col("quantity").sum())
    left = stock.join(used, on=["warehouse", "sku"], how="left")
    free = {(w, s): a - (u or 0) for w, s, a, u in left.iter_rows()}
    ids = ways["order_id"].unique()
    wanted: dict[int, list[tuple[str, int]]] = {}
    for order_id, sku, quantity in (
        needs.filter(pl.col("order_id").is_in(ids.implode())).sort("order_id", "sku").iter_rows()
    ):
        wanted.setdefault(order_id, []).append((sku, quantity))
    won: list[tuple[int, str, str]] = []
    served: set[int] = set()
    for order_id, warehouse, service in ways.iter_rows():
        if order_id in served:
            continue
        if all(free.get((warehouse, sku), 0) >= quantity for sku, quantity in wanted[order_id]):
            for sku, quantity in wanted[order_id]:
                free[warehouse, sku] -= quantity
            served.add(order_id)
            won.append((order_id, warehouse, service))
    schema = {"order_id": pl.Int64, "warehouse": pl.String, "service": pl.String}
    return pl.DataFrame(won, schema=schema, orient="row")
