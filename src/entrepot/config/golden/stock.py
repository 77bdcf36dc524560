"""Cases of stock and its cost: first in first out, landed cost on stock, buyers racing for the last piece."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from entrepot.config.demo.world import generate_batch
from entrepot.config.golden.case import Case, Unsupported, minor, number
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import money_decimals
from entrepot.engine.batch import Batch
from entrepot.engine.decide import decide
from entrepot.engine.world import World
from entrepot.kernel.costing import fifo_costs, late_cost
from entrepot.kernel.money import to_major

Figures = dict[str, Any]
QTY = "qty|quantity|pieces|received|receipt_qty"
UNIT = "unit|unit_cost|unit_price|cost|price"
EXTRA = "extra|extra_cost|landed_cost|late_cost|freight"


def _fifo(case: Case, world: World) -> Figures:
    decimals = money_decimals(case, world)
    receipts = [
        (int(number(qty)), minor(number(cost), decimals)) for qty, cost in case.value("receipts|lots|in")
    ]
    costs = fifo_costs(receipts, [int(one) for one in case.numbers("sales|issues|sold|out")])
    left = sum(qty * cost for qty, cost in receipts) - sum(costs)
    shown = [to_major(cost, decimals) for cost in costs]
    return {
        "cogs|costs|cost": shown if isinstance(case.value("sales|issues|sold|out"), list) else shown[0],
        "total_cogs|sum|cogs_total": sum(shown, Decimal(0)),
        "stock_value|left_value|remaining_value|value_left": to_major(left, decimals),
    }


def _late(case: Case, world: World) -> Figures:
    decimals = money_decimals(case, world)
    received, sold = int(case.number(QTY)), int(case.number("sold_before|sold|sold_qty|issued", 0))
    extra, unit = minor(case.number(EXTRA), decimals), minor(case.number(UNIT, 0), decimals)
    to_stock, to_cogs = late_cost(extra, received, sold)
    left = received - sold
    value = unit * left + to_stock
    found: Figures = {
        "to_stock|stock": to_major(to_stock, decimals),
        "to_cogs|cogs|to_cost_of_goods_sold": to_major(to_cogs, decimals),
        "stock_value|value": to_major(value, decimals),
        "sum|total": to_major(to_stock + to_cogs, decimals),
    }
    if left:
        found["unit_cost|unit_cost_left|new_unit_cost|landed_unit_cost"] = Fraction(
            value, left * 10**decimals
        )
    return found


def _race(case: Case, world: World) -> Figures:
    """Buyers who all want one piece of the same article at the same moment, decided in one batch."""
    stock, buyers = case.count("stock|available"), case.count("buyers|orders|customers")
    pieces = int(case.number("each|qty|quantity", 1))
    batch = _alike(buyers, stock, pieces, world)
    decided = decide(batch, world)
    confirmed = decided.decisions.filter(pl.col("status") == "confirmed")
    taken = -int(decided.stock_moves["quantity"].sum())
    moves = decided.stock_moves.join(confirmed, on="order_id", how="anti").height
    bookings = decided.postings.join(confirmed, on="order_id", how="anti").height
    without = confirmed.join(decided.stock_moves, on="order_id", how="anti").height
    return {
        "confirmed|sold|accepted": confirmed.height,
        "refused|backordered|rejected|waiting": buyers - confirmed.height,
        "oversold": max(0, taken - stock),
        "orphans": moves + bookings + without,
        "left|remaining": stock - taken,
    }


def _alike(buyers: int, stock: int, pieces: int, world: World) -> Batch:
    """So many alike orders by different buyers, and the stock in one warehouse that can serve them."""
    for sample in _samples(world):
        head, line = sample.orders.to_dicts()[0], sample.lines.to_dicts()[0]
        price = line["amount_minor"] // max(line["quantity"], 1)
        line |= {"line_no": 1, "quantity": pieces, "amount_minor": price * pieces}
        head |= {"discount_minor": 0, "duplicate_of": None, "released": ""}
        people = [{**head, "order_id": n, "customer_key": n, "content_key": n} for n in range(1, buyers + 1)]
        goods = [{**line, "order_id": n} for n in range(1, buyers + 1)]
        orders = pl.DataFrame(people, schema=sample.orders.schema)
        lines = pl.DataFrame(goods, schema=sample.lines.schema)
        one = decide(Batch.of(orders=orders[:1], lines=lines[:1], stock=sample.stock), world)
        home = one.decisions["warehouse"][0]
        if one.decisions["status"][0] == "confirmed":
            held = [{"warehouse": home, "sku": line["sku"], "available": stock}]
            return Batch.of(orders=orders, lines=lines, stock=pl.DataFrame(held, schema=sample.stock.schema))
    raise Unsupported("no order of the demo company can be served")


def _samples(world: World) -> list[Batch]:
    batch = generate_batch(40)
    return [batch.only(pl.Series([number])) for number in batch.orders["order_id"]]


METHODS = [
    Method("first in, first out", ("receipts|lots|in", "sales|issues|sold|out"), _fifo, (), ("fifo",)),
    Method(
        "landed cost on stock", (QTY, EXTRA), _late, (UNIT, "sold_before|sold|sold_qty|issued"), ("landed cost",)
    ),
    Method(
        "buyers of the last piece", ("stock|available", "buyers|orders|customers"), _race, ("each|qty|quantity",),
        ("concurrency",),
    ),
]  # fmt: skip
