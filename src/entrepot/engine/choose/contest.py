"""Contest: the orders whose ways touch what is scarce, cut out of the batch; all others keep their cheapest way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose.limits import RANKING, Limits
from entrepot.engine.choose.problem import Problem, penalties, starts

MOST_TAKEN = 1 << 40  # no column takes so much of a limit


@dataclass(frozen=True)
class Contest:
    """Contested orders, the columns (way and days of waiting) open to each, and the same as numbers.

    orders: order_id. columns: row (of the ways), waits; in the order of the problem's columns.
    """

    orders: pl.DataFrame
    columns: pl.DataFrame
    problem: Problem


def contest(ranked: pl.DataFrame, best: pl.DataFrame, limits: Limits, batch: Batch) -> Contest | None:
    """What must be decided together; None when the cheapest ways of all orders fit within every limit.

    Shapes: ranked m rows, sorted; best one row per order.
    Holds: whatever the contest allots, the orders outside keep their cheapest way and no limit is broken. A limit
    counts as scarce when those who want it first and those the scarce ones could push there exceed it together.
    """
    at_best = limits.uses(best.with_row_index("col"))
    scarce = _over(at_best.select("limit", "amount"), limits)
    if scarce.is_empty():
        return None
    if limits.capacity.is_empty():  # then the dearer of two ways out of one warehouse never wins
        ranked = _first_of_each(ranked, limits)
    reach = _reach(ranked, limits)
    waits = False
    while True:
        fighting = at_best.filter(pl.col("limit").is_in(scarce.implode())).select("order_id").unique()
        pushed = [reach.join(fighting, on="order_id", how="semi")]
        if not limits.capacity.is_empty():
            sent = limits.loads(_open(ranked, fighting, limits, waits=waits))
            pushed.append(sent.group_by("order_id", "limit").agg(pl.col("amount").max()))
        pushed.append(at_best.join(fighting, on="order_id", how="anti"))
        grown = _over(pl.concat([part.select("limit", "amount") for part in pushed]), limits)
        wait = bool(limits.wait_days and (grown >= limits.stock.height).any())
        if grown.len() == scarce.len() and wait == waits:
            break
        scarce, waits = grown, wait
    columns = _open(ranked, fighting, limits, waits=waits)
    uses = limits.uses(columns).filter(pl.col("limit").is_in(scarce.implode()))
    return _shaped(columns, uses, scarce.sort(), limits, batch)


def _first_of_each(ranked: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The cheapest way out of each warehouse, and all in parts."""
    return ranked.filter(_origin(ranked, limits).is_first_distinct())


def _origin(ranked: pl.DataFrame, limits: Limits) -> pl.Expr:
    """Each order's warehouse as one whole number, each pair as one below nought: cheaper to tell apart than keys."""
    warehouse = (
        pl.col("warehouse").to_physical() + pl.col("order_id") * len(ranked.schema["warehouse"].categories)  # type: ignore[attr-defined]
    )
    return pl.when(pl.col("row") < limits.alone).then(warehouse).otherwise(-1 - pl.col("row").cast(pl.Int64))


def _reach(ranked: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The most an order can take of the stock of any warehouse, whichever way it goes: order_id, limit, amount."""
    alone = ranked.filter((pl.col("row") < limits.alone) & _origin(ranked, limits).is_first_distinct())
    whole = limits.goods(alone.select("order_id", "warehouse")).select("order_id", "limit", "amount")
    if limits.pieces is None:
        return whole
    both = ranked.select("row", own="order_id").join(limits.pieces, on="row")
    parts = limits.goods(both.select("own", "warehouse", order_id="part_id")).drop("order_id")
    parts = parts.select("limit", "amount", order_id="own").select(whole.columns)
    either = pl.col("order_id").is_in(parts["order_id"].unique().implode())
    found = pl.concat([whole.filter(either), parts]).group_by("order_id", "limit").agg(pl.col("amount").max())
    return pl.concat([whole.filter(~either), found])


def _open(ranked: pl.DataFrame, orders: pl.DataFrame, limits: Limits, *, waits: bool) -> pl.DataFrame:
    """The numbered columns open to some orders, those of waiting among them where capacities are fought for."""
    columns = ranked.join(orders, on="order_id", how="semi", maintain_order="left")
    if waits:
        columns = limits.waiting(columns).sort("order_id", *RANKING)
    return columns.with_row_index("col")


def _over(wanted: pl.DataFrame, limits: Limits) -> pl.Series:
    load = wanted.group_by("limit").agg(pl.col("amount").sum()).join(limits.left, on="limit")
    return load.filter(pl.col("amount") > pl.col("available"))["limit"]


def _shaped(
    columns: pl.DataFrame, uses: pl.DataFrame, scarce: pl.Series, limits: Limits, batch: Batch
) -> Contest:
    """The contest as numbers, without columns that another column of the same order beats in every respect."""
    columns = _undominated(columns, uses).rename({"col": "old"}).with_row_index("col")
    uses = uses.join(columns.select("col", old="old"), left_on="col", right_on="old").select(
        pl.col("col_right").alias("col"), "limit", "amount"
    )
    places = pl.DataFrame({"limit": scarce}).with_row_index("place")
    uses = uses.join(places, on="limit").sort("col", "place")
    orders = columns.select("order_id").unique(maintain_order=True)
    heads = orders.join(batch.orders, on="order_id", how="left", maintain_order="left")
    turn = heads.with_row_index("at").sort("placed_on", "order_id")["at"].arg_sort()
    counts = columns["order_id"].rle().struct.field("len").to_numpy()
    entries = np.bincount(uses["col"].to_numpy(), minlength=columns.height)
    first, cost = starts(counts), columns["cost"].to_numpy().astype(np.float64)
    extra, priority = cost - np.repeat(cost[first[:-1]], counts), heads["priority"].to_numpy()
    problem = Problem(
        first=first,
        extra=extra,
        entry_first=starts(entries),
        limit=uses["place"].to_numpy().astype(np.int64),
        amount=uses["amount"].to_numpy().astype(np.float64),
        room=places.join(limits.left, on="limit", maintain_order="left")["available"]
        .to_numpy()
        .astype(np.float64),
        priority=priority,
        turn=turn.to_numpy().astype(np.int64),
        column=np.arange(columns.height),
        penalty=penalties(first, extra, priority),
        cheapest=cost[first[:-1]],
    )
    return Contest(orders, columns.select("row", "waits"), problem)


def _undominated(columns: pl.DataFrame, uses: pl.DataFrame) -> pl.DataFrame:
    """Of columns that take the same of every scarce limit the first; and none dearer than one that takes nothing."""
    taken = pl.col("limit").cast(pl.Int64) * MOST_TAKEN + pl.col("amount")
    marks = uses.group_by("col").agg(mark=taken.hash(1).sum())
    columns = columns.join(marks, on="col", how="left", maintain_order="left")
    columns = columns.unique(["order_id", "mark"], keep="first", maintain_order=True)
    free = columns.filter(pl.col("mark").is_null()).select("order_id", free="cost")
    columns = columns.join(free, on="order_id", how="left", maintain_order="left")
    useful = pl.col("mark").is_null() | pl.col("free").is_null() | (pl.col("cost") < pl.col("free"))
    return columns.filter(useful).select("col", "order_id", "row", "waits", "cost")
