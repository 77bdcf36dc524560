"""Commands of the stock: move, receive, write off, adjust, take back, rebuild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection, transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.ledger import services as ledger
from entrepot.domains.warehouse import frames
from entrepot.domains.warehouse.frames import OutOfStock, UnknownGoods

NotBookable = ledger.UnknownLeg

__all__ = [
    "NotBookable",
    "OutOfStock",
    "UnknownGoods",
    "adjust",
    "adjust_lines",
    "adjust_stock",
    "book_moves",
    "lock_stock",
    "rebuild_levels",
    "receive",
    "reverse_moves",
    "stock_of",
    "write_off",
]


@transaction.atomic
def book_moves(moves: Frame) -> int:
    """Book stock moves as they are; how many were new.

    Shapes: `frames.MOVES`, any number of rows; codes, not ids. Units: pieces, negative goes out.
    Errors: UnknownGoods; OutOfStock when any level would fall below zero, and then nothing is booked.
    Holds: level = sum of moves, never negative, whoever else books at the same time.
    """
    return frames.write_moves(moves)


def receive(moves: Frame) -> int:
    """Goods come in (purchase, opening): `frames.MOVES` without `kind`; quantities are positive."""
    return book_moves(frames.of_kind(moves, "receipt", sign=1))


def write_off(moves: Frame) -> int:
    """Goods are lost, broken or thrown away: positive quantities that leave the stock."""
    return book_moves(frames.of_kind(moves, "writeoff", sign=-1))


def adjust(moves: Frame) -> int:
    """A count found more (positive) or less (negative) than the books."""
    return book_moves(frames.of_kind(moves, "adjustment", sign=0))


@transaction.atomic
def adjust_stock(rows: Frame, *, counted: bool, on: date, key: str, user: Actor = None) -> Frame:
    """Bring the books to what was counted, or change them by some pieces, each with its reason; once for a key.

    Shapes: `frames.ADJUSTMENTS`, n rows; a warehouse and SKU once where they were `counted`. Result: `ref`, `change`
    (pieces booked), `outcome` of moved, same (nothing to change), short (it would leave less than nothing: not booked).
    The goods' worth goes to the books as found or missing stock. Errors: UnknownGoods; then nothing is booked.
    """
    rows = frames.ADJUSTMENTS.check(rows)
    skus = rows["sku"].unique().sort().to_list()
    frames.lock_stock(skus)
    told = frames.differences(rows, frames.stock_frame(skus), counted=counted)
    short = told.filter(told["after"] < 0).select("warehouse", "sku").unique()
    good = told.join(short, on=["warehouse", "sku"], how="anti", maintain_order="left")
    moved = good.filter(good["change"] != 0)
    frames.write_moves(frames.as_moves(moved, on, key=key))
    ledger.book_legs(frames.worths(moved, on, key=key), base=base_currency())
    if moved.height:
        audit.record(user, "warehouse.adjust", key, rows=moved.height, pieces=int(moved["change"].sum()))
    return frames.judged(told, good)


def adjust_lines(
    lines: Sequence[Mapping[str, object]], *, counted: bool, on: date, key: str, user: Actor = None
) -> list[dict[str, object]]:
    """The same for some lines (`warehouse`, `sku`, `quantity`, `note`): for each `change` and `outcome`, in order."""
    told = adjust_stock(frames.adjustments_of(lines), counted=counted, on=on, key=key, user=user)
    return list(told.sort("ref").drop("ref").iter_rows(named=True))


def stock_of(skus: Sequence[str]) -> Frame:
    """What is on hand of some SKUs in every warehouse, as the engine's STOCK frame."""
    return frames.stock_frame(list(skus))


def lock_stock(skus: Sequence[str]) -> None:
    """Hold the levels of some SKUs until the end of the transaction."""
    frames.lock_stock(list(skus))


@transaction.atomic
def reverse_moves(ref_kind: str, ref_ids: Sequence[int], *, on: date) -> int:
    """Put back what some objects took, by opposite moves; doing it twice changes nothing. How many moves were added."""
    with connection.cursor() as cursor:
        cursor.execute(_REVERSE, [on, ref_kind, list(ref_ids)])
        return int(cursor.rowcount)


@transaction.atomic
def rebuild_levels() -> int:
    """Compute every level again from the moves; how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE warehouse_stockmove IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL entrepot.rebuilding = 'on'")
        cursor.execute("DELETE FROM warehouse_stocklevel")
        cursor.execute(_REBUILD)
        count = int(cursor.rowcount)
        cursor.execute("SET LOCAL entrepot.rebuilding = 'off'")
    return count


_REVERSE = """
    INSERT INTO warehouse_stockmove
        (warehouse_id, sku_id, quantity, kind, ref_kind, ref_id, lot_id, moved_on, idempotency_key, note)
    SELECT warehouse_id, sku_id, -quantity, kind, ref_kind, ref_id, lot_id, %s, 'reversal:' || id, note
    FROM warehouse_stockmove
    WHERE ref_kind = %s AND ref_id = ANY(%s) AND coalesce(idempotency_key, '') NOT LIKE 'reversal:%%' ORDER BY id
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
"""
_REBUILD = """
    INSERT INTO warehouse_stocklevel (sku_id, warehouse_id, on_hand)
    SELECT sku_id, warehouse_id, sum(quantity) FROM warehouse_stockmove GROUP BY 1, 2 ORDER BY 1, 2
"""
