"""Booked figures of orders on their lines, as a replay splits them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from entrepot.core.frames import Frame, read
from entrepot.domains.fulfilment.frames import kept_batch
from entrepot.domains.fulfilment.models import Batch as BatchRow
from entrepot.engine import Batch, World
from entrepot.engine.columns import DECISIONS
from entrepot.engine.fx import Rates, convert
from entrepot.engine.replay import frozen
from entrepot.engine.replay.lines import COSTS, FIGURES, REVENUE, TAX, VALUE, on_lines
from entrepot.engine.replay.parts import Part

EARNED = (*FIGURES, "profit", "tax_sale")
BOOKED = tuple(FIGURES)
OWN = {"revenue_minor": REVENUE, "tax_sale_minor": TAX, "total_minor": VALUE}
_BY = {**FIGURES, **OWN, "tax_sale": TAX, "charged": VALUE}


def on_order_lines(orders: Frame, lines: Frame, world: World, shares: Frame | None = None) -> Frame:
    """What orders earned, line by line.

    Shapes: orders n rows: order_id, placed_on, currency, base_currency, revenue_minor, tax_sale_minor, total_minor and
    `<name>_base_minor` of BOOKED (null where nothing is decided); lines m rows: order_id, line_no, sku, quantity,
    amount_minor; shares as `shares_of` gives them. Result m rows: order_id, line_no, OWN, `<name>_base_minor` of EARNED
    and total_base_minor.
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
    nothing = pl.DataFrame(schema={"warehouse": pl.String, "sku": pl.String, "available": pl.Int64})
    batch = Batch(orders.select("order_id", "placed_on"), lines.sort("order_id", "line_no"), nothing)
    found = on_lines(rows.select("order_id", *_BY), _BY, batch, world, shares)
    found = found.with_columns(profit=pl.col("revenue") - pl.sum_horizontal(list(COSTS)))
    figures = {f"{name}_base_minor": pl.col(name) for name in EARNED} | {
        "total_base_minor": pl.col("charged")
    }
    return found.select("order_id", "line_no", *OWN, **figures)


def shares_of(order_ids: Sequence[int], world: World) -> Frame | None:
    """By what the lines of some orders have part in what was booked of them, worked out again from what was decided.

    Shapes: as `engine.price.shares.line_shares`; orders whose batch was not kept are missing; None without any.
    """
    columns = ", ".join(DECISIONS.schema)
    query = f"SELECT {columns}, batch_id FROM fulfilment_decision WHERE order_id = ANY(%s) ORDER BY order_id"
    decided = read(query, {**DECISIONS.schema, "batch_id": pl.Int64()}, [list(order_ids)])
    decided = decided.filter(pl.col("status") == "confirmed")
    rows = BatchRow.objects.filter(pk__in=decided["batch_id"].unique().to_list(), lines__isnull=False)
    own = decided.partition_by("batch_id", as_dict=True)
    found = [(row.pk, kept_batch(row), own[row.pk,]) for row in rows.order_by("pk")]
    if not found:
        return None
    part = Part.of(found)
    return frozen(part.batch, part.decisions, world, by_line=True).shares
