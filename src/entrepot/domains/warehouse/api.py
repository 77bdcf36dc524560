"""Stock over the REST API: what is on hand, and the journal behind it."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query

from entrepot.core.api import Day, Page, PageQuery, Routes, Shown, Word, page_of
from entrepot.domains.warehouse.queries import level_records, move_records

routes = Routes("stock")


class StockQuery(PageQuery):
    """Of one warehouse, or of one SKU."""

    warehouse: Word = ""
    sku: Word = ""


class MoveQuery(StockQuery):
    """Of one kind, too."""

    kind: Literal["receipt", "sale", "return", "writeoff", "adjustment", "opening", "transfer"] | None = None


class LevelShown(Shown):
    """Pieces of a SKU in a warehouse: the sum of its moves."""

    sku: str
    warehouse: str
    on_hand: int


class MoveShown(Shown):
    """One movement of goods: positive came in, negative went out."""

    id: int
    sku: str
    warehouse: str
    quantity: int
    kind: str
    moved_on: Day
    lot: str | None
    ref_kind: str
    ref_id: int | None
    note: str


@routes.read("/stock", scope="warehouse.view", response=Page[LevelShown], name="list_stock")
def list_stock(request: HttpRequest, wanted: Query[StockQuery]) -> dict[str, Any]:
    """Stock by SKU and warehouse."""
    return page_of(
        level_records(wanted.warehouse, wanted.sku),
        wanted,
        level_shown,
        keys=("sku__code", "warehouse__code"),
    )


@routes.read("/stock/moves", scope="warehouse.view", response=Page[MoveShown], name="list_stock_moves")
def list_stock_moves(request: HttpRequest, wanted: Query[MoveQuery]) -> dict[str, Any]:
    """The journal of the stock, the newest booking first."""
    return page_of(move_records(wanted.warehouse, wanted.sku, wanted.kind or ""), wanted, move_shown)


def level_shown(level: Any) -> dict[str, Any]:
    """A level as `LevelShown`."""
    return {"sku": level.sku.code, "warehouse": level.warehouse.code, "on_hand": level.on_hand}


def move_shown(move: Any) -> dict[str, Any]:
    """A move as `MoveShown`."""
    same = ("id", "quantity", "kind", "moved_on", "ref_kind", "ref_id", "note")
    return {
        **{name: getattr(move, name) for name in same},
        "sku": move.sku.code,
        "warehouse": move.warehouse.code,
        "lot": move.lot.code if move.lot else None,
    }
