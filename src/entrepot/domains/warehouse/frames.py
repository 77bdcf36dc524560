"""Warehouses and stock as frames, and moves in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from django.db import connection
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, read, stage
from entrepot.core.worldtables import WorldTable
from entrepot.domains.catalog import queries as catalog
from entrepot.domains.warehouse.models import Warehouse
from entrepot.engine.columns import STOCK
from entrepot.engine.frames import Contract, column

TABLES = (
    WorldTable("warehouses", Warehouse, ("code",), _("Warehouses"), "logistics", {"warehouse": "code"}),
)

MOVES = Contract(
    "moves",
    (
        column("warehouse", pl.String, "code"),
        column("sku", pl.String, "code"),
        column("quantity", pl.Int64, "pieces; negative: goes out"),
        column("moved_on", pl.Date),
        column("kind", pl.String),
        column("ref_kind", pl.String, default=""),
        column("ref_id", pl.Int64, nullable=True),
        column("lot", pl.String, "code of the lot, '' for none", default=""),
        column("expires_on", pl.Date, "of a lot that is new", nullable=True),
        column("idempotency_key", pl.String, nullable=True),
        column("note", pl.String, default=""),
    ),
    (),
)


ADJUSTMENTS = Contract(
    "adjustments",
    (
        column("ref", pl.Int64, "the caller's number of the row"),
        column("warehouse", pl.String, "code"),
        column("sku", pl.String, "code"),
        column("quantity", pl.Int64, "pieces: counted, or by how many the stock changes"),
        column("note", pl.String, "why", default=""),
        column("lot", pl.String, default=""),
    ),
    ("ref",),
)


class UnknownGoods(ValueError):
    """A move names a warehouse or SKU that does not exist."""


class OutOfStock(RuntimeError):
    """Somebody else took goods that were counted on."""


def of_kind(moves: Frame, kind: str, *, sign: int) -> Frame:
    """Moves of one kind; with a sign, quantities are given as positive numbers and moved that way.

    Errors: ValueError when a quantity that must be positive is not.
    """
    if sign and moves["quantity"].le(0).any():
        raise ValueError(f"{kind}: quantities must be positive")
    quantity = pl.col("quantity") * sign if sign else pl.col("quantity")
    return moves.with_columns(pl.lit(kind).alias("kind"), quantity.alias("quantity"))


def adjustments_of(lines: Sequence[Mapping[str, object]]) -> Frame:
    """Lines as `ADJUSTMENTS`, numbered in their order."""
    rows = [{"lot": "", "note": "", **line, "ref": number} for number, line in enumerate(lines, start=1)]
    return pl.DataFrame(rows, schema=ADJUSTMENTS.schema)


def differences(rows: Frame, on_hand: Frame, *, counted: bool) -> Frame:
    """By how many each row changes the stock (`change`) and what is there afterwards (`after`), in the rows' order.

    Shapes: `rows` ADJUSTMENTS, `on_hand` STOCK of their SKUs. Holds: after = before + change; a count's after is the
    count. A change that would leave less than nothing has a negative `after`, and so have those after it.
    """
    place = ["warehouse", "sku"]
    stock = on_hand.rename({on_hand.columns[-1]: "before"})
    known = rows.join(stock, on=place, how="left", maintain_order="left").with_columns(
        pl.col("before").fill_null(0)
    )
    change = pl.col("quantity") - pl.col("before") if counted else pl.col("quantity")
    after = pl.col("quantity") if counted else pl.col("before") + pl.col("quantity").cum_sum().over(place)
    return known.with_columns(change=change, after=after)


def as_moves(moved: Frame, on: date, *, key: str) -> Frame:
    """Differences as moves of the journal."""
    return moved.select(
        "warehouse", "sku", "lot", "note", quantity="change", moved_on=pl.lit(on), kind=pl.lit("adjustment"),
        idempotency_key=pl.format("{}:{}", pl.lit(key), "ref"),
    )  # fmt: skip


def judged(told: Frame, good: Frame) -> Frame:
    """What became of each row: moved, same or short."""
    fits = pl.col("ref").is_in(good["ref"].implode())
    outcome = (
        pl.when(~fits)
        .then(pl.lit("short"))
        .when(pl.col("change") == 0)
        .then(pl.lit("same"))
        .otherwise(pl.lit("moved"))
    )
    return told.select("ref", change=pl.when(fits).then("change").otherwise(0), outcome=outcome)


def worths(moved: Frame, on: date, *, key: str) -> Frame:
    """What found and missing goods are worth at their cost, as legs for the books (`ledger.frames.LEGS`)."""
    costs = catalog.sku_facts(on, moved["sku"].unique().to_list()).select(
        "sku", "cost_minor", "cost_currency"
    )
    found = pl.col("change") > 0
    return moved.join(costs, on="sku", how="inner", maintain_order="left").select(
        idempotency_key=pl.format("{}:{}", pl.lit(key), "ref"),
        kind=pl.lit("adjustment"),
        entry_date=pl.lit(on),
        leg=pl.when(found).then(pl.lit("stock_found")).otherwise(pl.lit("stock_difference")),
        currency="cost_currency",
        amount_minor=pl.col("change").abs() * pl.col("cost_minor"),
        in_base=pl.lit(True),
        ref_kind=pl.lit("adjustment"),
        memo="note",
    )


def stock_frame(skus: list[str]) -> Frame:
    """What is on hand of some SKUs, in every warehouse (frame STOCK)."""
    return read(_STOCK, STOCK.schema, [skus])


def lock_stock(skus: list[str]) -> None:
    """Hold the levels of some SKUs for this transaction, taken in key order so that nobody waits in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [skus])


def write_moves(moves: Frame) -> int:
    """Add moves in their order; one whose key is booked already is left out. How many were new.

    Errors: UnknownGoods; OutOfStock when a level would fall below zero (levels are locked in key order first).
    """
    moves = MOVES.check(moves)
    if moves.is_empty():
        return 0
    table = stage("move", moves)
    with connection.cursor() as cursor:
        if moves["lot"].ne("").any():
            cursor.execute(_LOTS.format(table=table))
        cursor.execute(_UNKNOWN.format(table=table))
        if unknown := cursor.fetchone():
            raise UnknownGoods(f"warehouse {unknown[0]}, SKU {unknown[1]}")
        if moves["quantity"].lt(0).any():
            cursor.execute(_LOCK_AND_COUNT.format(table=table))
            if short := cursor.fetchone():
                raise OutOfStock(f"{short[0]} in {short[1]}: {short[2]} on hand, {short[3]} wanted")
        cursor.execute(_INSERT.format(table=table))
        return cursor.rowcount


_STOCK = """
    SELECT warehouse.code, sku.code, level.on_hand
    FROM catalog_sku AS sku
    JOIN warehouse_stocklevel AS level ON level.sku_id = sku.id
    JOIN warehouse_warehouse AS warehouse ON warehouse.id = level.warehouse_id
    WHERE sku.code = ANY(%s) AND level.on_hand > 0
"""
_LOCK = """
    SELECT level.id FROM warehouse_stocklevel AS level JOIN catalog_sku AS sku ON sku.id = level.sku_id
    WHERE sku.code = ANY(%s) ORDER BY level.sku_id, level.warehouse_id FOR NO KEY UPDATE OF level
"""
_LOTS = """
    INSERT INTO warehouse_lot (code, sku, received_on, expires_on)
    SELECT lot, sku, min(moved_on), min(expires_on) FROM {table} WHERE lot <> '' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (code, sku) DO NOTHING
"""
_UNKNOWN = """
    SELECT moved.warehouse, moved.sku FROM (SELECT DISTINCT warehouse, sku FROM {table}) AS moved
    LEFT JOIN warehouse_warehouse ON warehouse_warehouse.code = moved.warehouse
    LEFT JOIN catalog_sku ON catalog_sku.code = moved.sku
    WHERE warehouse_warehouse.id IS NULL OR catalog_sku.id IS NULL LIMIT 1
"""
_NET = """
    SELECT sku.id AS sku_id, warehouse.id AS warehouse_id, moved.sku, moved.warehouse, moved.quantity
    FROM (
        SELECT staged.sku, staged.warehouse, sum(staged.quantity) AS quantity FROM {table} AS staged
        WHERE NOT EXISTS (
            SELECT FROM warehouse_stockmove AS known WHERE known.idempotency_key = staged.idempotency_key
        )
        GROUP BY 1, 2 HAVING sum(staged.quantity) < 0
    ) AS moved
    JOIN catalog_sku AS sku ON sku.code = moved.sku
    JOIN warehouse_warehouse AS warehouse ON warehouse.code = moved.warehouse
"""
_LOCK_AND_COUNT = f"""
    WITH net AS MATERIALIZED ({_NET}), locked AS MATERIALIZED (
        SELECT level.sku_id, level.warehouse_id, level.on_hand
        FROM warehouse_stocklevel AS level JOIN net USING (sku_id, warehouse_id)
        ORDER BY level.sku_id, level.warehouse_id FOR NO KEY UPDATE OF level
    )
    SELECT net.sku, net.warehouse, coalesce(locked.on_hand, 0), -net.quantity
    FROM net LEFT JOIN locked USING (sku_id, warehouse_id)
    WHERE coalesce(locked.on_hand, 0) + net.quantity < 0 ORDER BY net.sku_id, net.warehouse_id
"""
_INSERT = """
    INSERT INTO warehouse_stockmove
        (warehouse_id, sku_id, quantity, kind, ref_kind, ref_id, lot_id, moved_on, idempotency_key, note)
    SELECT warehouse.id, sku.id, moved.quantity, moved.kind, moved.ref_kind, moved.ref_id, lot.id, moved.moved_on,
        moved.idempotency_key, moved.note
    FROM {table} AS moved
    JOIN warehouse_warehouse AS warehouse ON warehouse.code = moved.warehouse
    JOIN catalog_sku AS sku ON sku.code = moved.sku
    LEFT JOIN warehouse_lot AS lot ON moved.lot <> '' AND lot.code = moved.lot AND lot.sku = moved.sku
    ORDER BY moved.ctid
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
"""
