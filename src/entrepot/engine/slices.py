"""Slices: a large batch worked off in parts, side by side, so that memory stays flat and every core has work."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

import polars as pl

from entrepot.engine.alone import alone
from entrepot.engine.batch import Batch

Result = TypeVar("Result")
ORDERS_PER_SLICE = 50_000
WAYS_PER_SLICE = 250_000


def slices(batch: Batch, ways: int | None = None) -> list[Batch]:
    """The batch cut by order id into parts of one size, as many for each core; each part keeps the whole stock.

    Shapes: the parts' orders and lines, put together, are the batch's in the same order. `ways` is how many there are
    of all orders, where that is known: few to an order make large parts.
    """
    orders = batch.orders.height
    count = -(-orders // ORDERS_PER_SLICE) if ways is None else -(-ways // WAYS_PER_SLICE)
    if count <= 1:
        return [batch]
    cores = pl.thread_pool_size()
    size = -(-orders // (-(-count // cores) * cores))
    size += size % 2  # the two parts of an order stay together
    parts = []
    for start in range(0, orders, size):
        heads = batch.orders.slice(start, size)
        parts.append(Batch(heads, batch.lines.filter(within(heads)), batch.stock, batch.booked))
    return parts


def within(orders: pl.DataFrame) -> pl.Expr:
    """True for rows whose order lies in a slice of orders.

    Shapes: the slice is sorted by order_id.
    """
    return pl.col("order_id").is_between(orders["order_id"][0], orders["order_id"][-1])


def each(work: Callable[[Batch], Result], parts: list[Batch]) -> list[Result]:
    """The work's results in the order of the parts; parts run side by side, which changes no figure.

    Errors: the first error of a part is raised.
    """
    if len(parts) == 1:
        return [alone(partial(work, parts[0]))]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(lambda part: alone(partial(work, part)), parts))


def together(work: Callable[[pl.DataFrame], pl.DataFrame], rows: pl.DataFrame) -> pl.DataFrame:
    """What the work makes of rows sorted by order, worked off in slices that leave an order's rows together.

    Shapes: the slices' results one after the other. Holds: the same as the work makes of all rows at once, where it
    looks at no more than an order and keeps their order.
    """
    begun = (pl.col("order_id") != pl.col("order_id").shift()).fill_null(True)
    fresh = [*rows.select(nth=pl.arg_where(begun))["nth"].to_list(), rows.height]
    cuts = [fresh[bisect_left(fresh, start)] for start in range(0, rows.height, ORDERS_PER_SLICE)]
    spans = [(one, other) for one, other in pairwise([*cuts, rows.height]) if one < other]
    if len(spans) < 2:
        return work(rows)
    parts = [rows.slice(start, stop - start) for start, stop in spans]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return pl.concat(pool.map(lambda part: alone(partial(work, part)), parts))
