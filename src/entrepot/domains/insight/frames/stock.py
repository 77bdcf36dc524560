"""Stock at the end of each day, in pieces and in the books' money."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from django.db import connection

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame, read
from entrepot.core.worldtables import get_table
from entrepot.domains.catalog.queries import sku_facts
from entrepot.engine.fx import Rates, convert
from entrepot.engine.world import World

_MOVES = """
    SELECT m.moved_on, w.code AS warehouse, s.code AS sku, sum(m.quantity)::bigint AS quantity
    FROM warehouse_stockmove AS m JOIN warehouse_warehouse AS w ON w.id = m.warehouse_id
    JOIN catalog_sku AS s ON s.id = m.sku_id
"""
_PRINTS = """
    SELECT date_trunc('month', moved_on)::date AS month, count(*),
        bit_xor(hash_record_extended((id, warehouse_id, sku_id, quantity, moved_on), 0))
    FROM warehouse_stockmove WHERE moved_on <= %s GROUP BY 1 ORDER BY 1
"""
_FACTS = "SELECT bit_xor(hash_record_extended((id, code, cost_minor, cost_currency), 0)) FROM catalog_sku"
SCHEMA: dict[str, pl.DataType] = {
    "day": pl.Date(), "month": pl.Date(), "warehouse": pl.String(), "sku": pl.String(), "category": pl.String(),
    "on_hand": pl.Int64(), "value_base_minor": pl.Int64(),
}  # fmt: skip
MASK = 0xFFFF_FFFF_FFFF_FFFF


def fingerprints(today: date) -> dict[str, str]:
    """A fingerprint of each month from the first move to today: of all moves up to its end, for stock is their sum."""
    with connection.cursor() as cursor:
        cursor.execute(_PRINTS, [today])
        found = {month: (rows, mixed & MASK) for month, rows, mixed in cursor.fetchall()}
        cursor.execute(_FACTS)
        costs = (cursor.fetchone()[0] or 0) & MASK
    if not found:
        return {}
    prints, month, rows, mixed = {}, min(found), 0, costs
    while month <= today:
        own_rows, own = found.get(month, (0, 0))
        rows, mixed = rows + own_rows, mixed ^ own
        end = min(_after(month) - timedelta(days=1), today)
        prints[month.isoformat()] = f"{end:%d}:{rows}:{mixed:016x}"
        month = _after(month)
    return prints


def read_month(first: date, today: date) -> Frame:
    """Stock at the end of every day of a month, up to today.

    Shapes: one row per day, warehouse and SKU with anything on hand. Units: pieces; value at the SKU's cost, converted
    at the day's rate, half-up, null where cost or rate is unknown.
    """
    last = min(_after(first) - timedelta(days=1), today)
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
    keys = {"warehouse": pl.String(), "sku": pl.String(), "quantity": pl.Int64()}
    opening = read(
        f"SELECT warehouse, sku, sum(quantity)::bigint FROM ({_MOVES} WHERE m.moved_on < %s GROUP BY 1, 2, 3) AS moved "
        "GROUP BY 1, 2",
        keys,
        [first],
    )
    moved = read(
        f"{_MOVES} WHERE m.moved_on BETWEEN %s AND %s GROUP BY 1, 2, 3",
        {"day": pl.Date(), **keys},
        [first, last],
    )
    changes = pl.concat([opening.with_columns(day=pl.lit(first)).select(moved.columns), moved])
    places = changes.select("warehouse", "sku").unique()
    dense = places.join(days, how="cross").join(
        changes.group_by("day", "warehouse", "sku").agg(pl.col("quantity").sum()),
        on=["day", "warehouse", "sku"],
        how="left",
    )
    rows = dense.sort("warehouse", "sku", "day").with_columns(
        on_hand=pl.col("quantity").fill_null(0).cum_sum().over("warehouse", "sku"), month=pl.lit(first)
    )
    return _valued(rows.filter(pl.col("on_hand") != 0), last).sort("day", "warehouse", "sku")


def _valued(rows: Frame, on: date) -> Frame:
    costs = sku_facts(on).select("sku", "category", "cost_minor", "cost_currency")
    world = _rates()
    rows = rows.join(costs, on="sku", how="left").with_columns(
        pl.col("cost_currency").fill_null(""), pl.col("category").fill_null(""), base=pl.lit(base_currency())
    )
    rates = Rates.of(world)
    rows = rates.attach(rates.attach(rows, "cost_currency", "day", "w"), "base", "day", "b")
    worth = convert(pl.col("cost_minor") * pl.col("on_hand"), "w", "b")
    return rows.with_columns(value_base_minor=worth).select(list(SCHEMA))


def _rates() -> World:
    return World.of({name: get_table(name).frame(date.min) for name in ("currencies", "fx")})


def _after(month: date) -> date:
    return (
        month.replace(year=month.year + 1, month=1)
        if month.month == 12
        else month.replace(month=month.month + 1)
    )
