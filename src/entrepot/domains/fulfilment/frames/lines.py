"""Booked figures of orders on their lines, as a replay splits them."""

from __future__ import annotations

import polars as pl

from entrepot.core.frames import Frame
from entrepot.engine import Batch, World
from entrepot.engine.fx import Rates, convert
from entrepot.engine.replay.lines import COST, VALUE, WEIGHT, on_lines

COSTS = ("cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax")
FIGURES = ("revenue", *COSTS, "profit", "tax_sale")
BOOKED = ("revenue", *COSTS)
OWN = ("revenue_minor", "tax_sale_minor", "total_minor")
_SHARES = {
    "revenue": VALUE, "cogs": COST, "freight": WEIGHT, "handling": WEIGHT, "fees": VALUE, "channel_fee": VALUE,
    "border": VALUE, "duty": VALUE, "tax_sale": VALUE, "charged": VALUE,
    **dict.fromkeys(OWN, VALUE),
}  # fmt: skip


def on_order_lines(orders: Frame, lines: Frame, world: World) -> Frame:
    """What orders earned, line by line.

    Shapes: orders n rows: order_id, placed_on, currency, base_currency, revenue_minor, tax_sale_minor, total_minor and
    `<name>_base_minor` of BOOKED (null where nothing is decided); lines m rows: order_id, line_no, sku, quantity,
    amount_minor. Result m rows: order_id, line_no, OWN, `<name>_base_minor` of FIGURES and total_base_minor.
    Units: minor units; tax and total of the order converted at the day's rate, half-up.
    Holds: per order the lines add up to the order, and profit = revenue - costs on every line.
    """
    rates = Rates.of(world)
    rows = rates.attach(rates.attach(orders, "currency", "placed_on", "w"), "base_currency", "placed_on", "b")
    rows = rows.rename({f"{name}_base_minor": name for name in BOOKED}).with_columns(
        tax_sale=convert(pl.col("tax_sale_minor"), "w", "b"), charged=convert(pl.col("total_minor"), "w", "b")
    )
    rows = rows.with_columns(
        pl.col(*BOOKED, "tax_sale", "charged", "revenue_minor", "tax_sale_minor").fill_null(0)
    )
    rows = rows.with_columns(
        fees=pl.col("channel_fee") + pl.col("payment_fee"), border=pl.col("duty") + pl.col("import_tax")
    )
    nothing = pl.DataFrame(schema={"warehouse": pl.String, "sku": pl.String, "available": pl.Int64})
    batch = Batch(orders.select("order_id", "placed_on"), lines.sort("order_id", "line_no"), nothing)
    found = on_lines(rows.select("order_id", *_SHARES), _SHARES, batch, world)
    found = found.with_columns(
        payment_fee=pl.col("fees") - pl.col("channel_fee"), import_tax=pl.col("border") - pl.col("duty")
    )
    found = found.with_columns(profit=pl.col("revenue") - pl.sum_horizontal(COSTS))
    figures = {f"{name}_base_minor": pl.col(name) for name in FIGURES} | {
        "total_base_minor": pl.col("charged")
    }
    return found.select("order_id", "line_no", *OWN, **figures)
