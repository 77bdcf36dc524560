"""Stock over the REST API: what is on hand, and the journal behind it."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import Field, Strict

from entrepot.core.api import Day, Given, Page, PageQuery, Problem, Routes, Shown, Word, caller_of, page_of
from entrepot.core.api.once import HEADER
from entrepot.domains.warehouse import services
from entrepot.domains.warehouse.queries import level_records, levels_of, move_records

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


class AdjustmentGiven(Given):
    """Pieces of a SKU in a warehouse: what was counted, or by how many the stock changes."""

    sku: Annotated[Word, Field(min_length=1)]
    warehouse: Annotated[Word, Field(min_length=1)]
    quantity: Annotated[int, Strict(), Field(ge=-1_000_000_000, le=1_000_000_000)]


class AdjustmentsGiven(Given):
    """A count, or changes, with the reason; all lines are booked, or none."""

    mode: Annotated[
        Literal["count", "change"], Field(description="count: so much is there; change: so many more")
    ]
    reason: Annotated[Word, Field(min_length=1)]
    on: Annotated[Day | None, Field(description="null: today")] = None
    lines: Annotated[list[AdjustmentGiven], Field(min_length=1, max_length=500)]


class AdjustmentShown(Shown):
    """What was booked of a line, and what is on hand after it."""

    sku: str
    warehouse: str
    change: int
    on_hand: int


class AdjustmentsShown(Shown):
    """The lines in their order."""

    lines: list[AdjustmentShown]


@routes.write(
    "/stock/adjustments", scope="warehouse.change", response=AdjustmentsShown, name="adjust_stock", status=201
)
def adjust_stock(request: HttpRequest, given: AdjustmentsGiven) -> dict[str, Any]:
    """Book a count or changes as moves of the journal, with their reason; at cost in the books too."""
    places = [(line.sku, line.warehouse) for line in given.lines]
    if given.mode == "count":
        _refuse(
            [n for n, place in enumerate(places) if place in places[:n]], "is counted by an earlier line", 422
        )
        _refuse(
            [n for n, line in enumerate(given.lines) if line.quantity < 0], "a count cannot be negative", 422
        )
    caller = caller_of(request)
    try:
        told = services.adjust_lines(
            [{**line.model_dump(), "note": given.reason} for line in given.lines],
            counted=given.mode == "count",
            on=given.on or timezone.localdate(),
            key=f"api:{caller.token.pk}:{request.headers[HEADER]}",
            user=caller.user,
        )
    except services.UnknownGoods as error:
        raise Problem(422, f"There is no such {error}.", code="unknown_goods") from None
    except services.NotBookable as error:
        raise Problem(409, f"The books cannot take it: {error}.", code="not_bookable") from None
    _refuse(
        [n for n, line in enumerate(told) if line["outcome"] == "short"],
        "less than nothing would be left",
        409,
    )
    levels = levels_of(places)
    lines = [
        {"sku": sku, "warehouse": place, "change": line["change"], "on_hand": levels.get((sku, place), 0)}
        for (sku, place), line in zip(places, told, strict=True)
    ]
    return {"lines": lines}


def _refuse(places: list[int], reason: str, status: int) -> None:
    if places:
        told = [{"field": f"body.given.lines.{place}", "reason": reason} for place in places[:20]]
        raise Problem(status, "Nothing was booked: some lines cannot be.", errors=told)


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
