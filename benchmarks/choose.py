"""Choose alone: contested orders over warehouses and services, against the linear bound and against arrival order."""

from __future__ import annotations

from datetime import date
from time import perf_counter

import numpy as np
import polars as pl

from entrepot.engine import Batch, World
from entrepot.engine.choose import choose
from entrepot.engine.choose.allot import Bounds
from entrepot.engine.choose.contest import Contest, contest
from entrepot.engine.choose.highs import solve
from entrepot.engine.choose.limits import Limits, firsts, ranked_keys
from entrepot.engine.choose.problem import Problem
from entrepot.engine.columns import LINES, ORDERS, STOCK

DAY = date(2026, 5, 4)
WAREHOUSES, SERVICES, SKUS = 4, 6, 200


def run(orders: int = 10_000) -> dict[str, float]:
    """Seconds, distance to the linear bound, and what serving in order of arrival would cost more."""
    ways, batch, world = case(orders)
    small = case(200)
    choose(*small)  # the first call loads the solver
    begun = perf_counter()
    chosen = choose(ways, batch, world)
    seconds = perf_counter() - begun
    found = chosen["total_cost_base_minor"].sum()
    bound = linear_bound(ways, batch, world)
    greedy = in_arrival_order(ways, batch, world)
    return {
        "choose.orders": orders,
        "choose.ways": ways.height,
        "choose.seconds": seconds,
        "choose.served": chosen.height,
        "choose.cost": found,
        "choose.linear_bound": bound,
        "choose.over_bound_pct": (found / bound - 1) * 100,
        "choose.arrival_order_served": greedy.height,
        "choose.arrival_order_over_bound_pct": (greedy["total_cost_base_minor"].sum() / bound - 1) * 100,
    }


def case(orders: int, seed: int = 7) -> tuple[pl.DataFrame, Batch, World]:
    """Orders of one or two articles; stock 12 %, warehouses 8 % and services 10 % above what is asked in all.

    Each warehouse and service has its own level of cost, so that everybody wants the same ones first.
    """
    chance = np.random.default_rng(seed)
    lines = _lines(orders, chance)
    demand = lines.group_by("sku").agg(pl.col("quantity").sum()).sort("sku")
    shares = chance.dirichlet([1.0] * WAREHOUSES, demand.height)
    stock = pl.concat(
        pl.DataFrame({"warehouse": f"W{w}", "sku": demand["sku"],
                      "available": np.ceil(shares[:, w] * demand["quantity"].to_numpy() * 1.12).astype(int)})
        for w in range(WAREHOUSES)
    )  # fmt: skip
    heads = pl.DataFrame({
        "order_id": range(1, orders + 1), "channel": "shop", "placed_on": DAY, "dest_country": "DE",
        "currency": "EUR", "shipping_minor": 0,
    }).with_columns([pl.lit(c.default, dtype=c.dtype).alias(c.name) for c in ORDERS.columns if c.name not in
                     ("order_id", "channel", "placed_on", "dest_country", "currency", "shipping_minor")])  # fmt: skip
    batch = Batch.of(orders=heads, lines=LINES.check(lines), stock=STOCK.check(stock))
    capacities = [
        *((f"W{w}", "", int(orders / WAREHOUSES * 1.08) + 1) for w in range(WAREHOUSES)),
        *(("", f"S{s}", int(orders / SERVICES * 1.10) + 1) for s in range(SERVICES)),
    ]
    world = World.of({"capacities": pl.DataFrame(
        [{"warehouse": w, "service": s, "unit": "orders", "per_day": n, "valid_from": DAY, "valid_to": None}
         for w, s, n in capacities],
        schema_overrides={"valid_to": pl.Date},
    )})  # fmt: skip
    return _possible(_ways(orders, chance), batch), batch, world


def _lines(orders: int, chance: np.random.Generator) -> pl.DataFrame:
    """One article each, and a second one for three orders in ten."""
    two = np.flatnonzero(chance.random(orders) < 0.3) + 1
    ids = np.concatenate([np.arange(1, orders + 1), two])
    return pl.DataFrame({
        "order_id": ids,
        "line_no": np.concatenate([np.ones(orders, int), np.full(len(two), 2)]),
        "sku": [f"K{n:03}" for n in chance.integers(0, SKUS, len(ids))],
        "quantity": chance.choice([1, 1, 1, 2, 3], len(ids)),
        "amount_minor": 1_000,
    })  # fmt: skip


def _ways(orders: int, chance: np.random.Generator) -> pl.DataFrame:
    level = chance.integers(500, 3_000, (WAREHOUSES, SERVICES))
    cost = level[None] + chance.integers(0, 1_500, (orders, WAREHOUSES, SERVICES))
    order, warehouse, service = (axis.ravel() for axis in np.indices(cost.shape))
    return pl.DataFrame({
        "order_id": order + 1, "warehouse": [f"W{w}" for w in warehouse], "service": [f"S{s}" for s in service],
        "ship_on": DAY, "promise_on": DAY, "parcels": 1, "weight_g": 500, "total_cost_base_minor": cost.ravel(),
    })  # fmt: skip


def _possible(ways: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """Ways whose warehouse has enough for the order alone, as `propose` gives them."""
    needs = batch.lines.group_by("order_id", "sku").agg(pl.col("quantity").sum())
    short = needs.join(batch.stock, on="sku").filter(pl.col("quantity") > pl.col("available"))
    return ways.join(short, on=["order_id", "warehouse"], how="anti", maintain_order="left")


def _contest(ways: pl.DataFrame, batch: Batch, world: World) -> tuple[pl.DataFrame, Contest | None]:
    ranked = ranked_keys(ways)
    return ranked, contest(ranked, firsts(ranked), Limits.of(ways, batch, world), batch)


def linear_bound(ways: pl.DataFrame, batch: Batch, world: World) -> float:
    """The optimum if orders could be split at will, over all columns: nothing whole can be cheaper."""
    ranked, fought = _contest(ways, batch, world)
    settled = firsts(ranked)
    if fought is None:
        return float(settled["cost"].sum())
    problem: Problem = fought.problem
    answer = solve(problem, np.arange(len(problem.extra)), Bounds.of(world).effort, whole=False)
    if answer is None:
        raise RuntimeError("the linear program was not solved")
    others = settled.join(fought.orders, on="order_id", how="anti")["cost"].sum()
    return float(others) + float(problem.cheapest.sum()) + answer.worth


def in_arrival_order(ways: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """Each order in turn takes its cheapest way that is still possible."""
    limits = Limits.of(ways, batch, world)
    columns = ranked_keys(ways).with_row_index("col")
    uses = limits.uses(columns).sort("col").group_by("col", maintain_order=True).agg("limit", "amount")
    left = dict(limits.left.iter_rows())
    taken: dict[int, int] = {}
    plans = columns.join(uses, on="col", maintain_order="left").select("order_id", "row", "limit", "amount")
    for order, way, limits_of, amounts in plans.iter_rows():
        if order in taken or any(left[one] < n for one, n in zip(limits_of, amounts, strict=True)):
            continue
        taken[order] = way
        for one, n in zip(limits_of, amounts, strict=True):
            left[one] -= n
    return ways[sorted(taken.values())]


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:40} {figure:14,.3f}")
