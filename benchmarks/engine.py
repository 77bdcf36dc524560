"""The engine alone: demo orders decided over all candidates, and one candidate per order priced. No database."""

from __future__ import annotations

from time import perf_counter

import polars as pl

from entrepot.config.demo.world import demo_world, generate_batch
from entrepot.engine import Batch, decide
from entrepot.engine.price import price
from entrepot.engine.propose import propose

SLICE = 100_000


def run(orders: int = 1_000_000) -> dict[str, float]:
    """Orders per second of `decide` and of `price`, and seconds to draw the demo's orders."""
    world = demo_world()
    decide(generate_batch(2_000), world)  # the first call compiles plans and loads the currencies
    begun = perf_counter()
    batch = generate_batch(orders)
    drawn = perf_counter() - begun
    begun = perf_counter()
    decided = decide(batch, world)
    seconds = perf_counter() - begun
    confirmed = decided.decisions.filter(pl.col("status") == "confirmed").height
    return {
        "engine.orders": batch.orders.height,
        "engine.lines": batch.lines.height,
        "engine.generate_s": drawn,
        "engine.decide_orders_per_s": orders / seconds,
        "engine.price_orders_per_s": measure_price(batch),
        "engine.confirmed_ppm": confirmed * 1_000_000 // orders,
    }


def measure_price(batch: Batch) -> float:
    """Orders per second of `price` with exactly one way per order."""
    world, first = demo_world(), []
    for start in range(0, batch.orders.height, SLICE):
        part = batch.only(batch.orders["order_id"].slice(start, SLICE))
        first.append(propose(part, world).candidates.unique("order_id", keep="first", maintain_order=True))
    candidates = pl.concat(first)
    batch = batch.only(candidates["order_id"])
    begun = perf_counter()
    priced = price(candidates, batch, world)
    spent = perf_counter() - begun
    if priced.ways.height + priced.rejections.height != candidates.height:
        raise RuntimeError("a way is neither priced nor refused")
    return candidates.height / spent


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:40} {figure:14,.1f}")
