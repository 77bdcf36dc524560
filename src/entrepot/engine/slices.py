"""Slices: a large batch worked off in parts, side by side, so that memory stays flat and every core has work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from entrepot.engine.batch import Batch

Result = TypeVar("Result")
ORDERS_PER_SLICE = 50_000


def slices(batch: Batch) -> list[Batch]:
    """The batch cut by order id; each part keeps the whole stock.

    Shapes: the parts' orders and lines, put together, are the batch's in the same order.
    """
    if batch.orders.height <= ORDERS_PER_SLICE:
        return [batch]
    parts = []
    for start in range(0, batch.orders.height, ORDERS_PER_SLICE):
        orders = batch.orders.slice(start, ORDERS_PER_SLICE)
        parts.append(Batch(orders, batch.lines.filter(within(orders)), batch.stock, batch.booked))
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
        return [work(parts[0])]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(work, parts))
