"""What pages and other rooms read of stock: levels, the journal behind them, lots, and the proof that they agree."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce

from entrepot.domains.catalog import queries as catalog
from entrepot.domains.warehouse.models import Lot, StockLevel, StockMove, Warehouse

Names = dict[str, tuple[str, str]]
SOLD_DAYS = 30
SORTS = {
    "sku": "s.code",
    "name": "s.name_en",
    "category": "c.code",
    "on_hand": "coalesce(level.n, 0)",
    "sold": "coalesce(sale.n, 0)",
}


@dataclass(frozen=True)
class StockSearch:
    """Which SKUs the stock list shows; `low_days`: only those whose stock sells out sooner."""

    text: str = ""
    warehouse: str = ""
    category: str = ""
    low_days: int | None = None
    sold_since: date = date.min
    sold_days: int = 30
    sort: str = "sku"


@dataclass(frozen=True)
class SkuStock:
    """One SKU of the stock list: pieces by warehouse, pieces sold lately, and how many days the rest lasts."""

    sku: Any
    on_hand: int
    by_warehouse: dict[str, int]
    sold: int
    cover_days: int | None


@dataclass(frozen=True)
class StockWindow:
    """One page of the stock list."""

    rows: Sequence[SkuStock]
    total: int
    warehouses: Sequence[Warehouse] = field(default_factory=list)


@dataclass(frozen=True)
class SumCheck:
    """Stock on hand beside the sum of its moves: the two must be the same number."""

    place: str
    on_hand: int
    moved: int

    @property
    def is_equal(self) -> bool:
        """Whether the projection agrees with the journal."""
        return self.on_hand == self.moved


def warehouse_names() -> Names:
    """English and Chinese name of every warehouse, by code."""
    return {
        code: (en, zh or en)
        for code, en, zh in Warehouse.objects.order_by("code").values_list("code", "name_en", "name_zh")
    }


def sellable(skus: Collection[str], warehouses: Collection[str] = ()) -> dict[str, int]:
    """Pieces that can be sold of some SKUs, by code: on hand in open warehouses (or those named), at least nought."""
    levels = StockLevel.objects.filter(sku__code__in=skus, warehouse__is_open=True)
    if warehouses:
        levels = levels.filter(warehouse__code__in=warehouses)
    found = dict(levels.values_list("sku__code").annotate(n=Sum("on_hand")))
    return {sku: max(0, found.get(sku, 0)) for sku in skus}


def stock_window(search: StockSearch, *, page: int, per_page: int = 50) -> StockWindow:
    """One page of the stock list: four queries whatever the number of SKUs."""
    where, params = _conditions(search)
    column = SORTS.get(search.sort.lstrip("-"), "s.code")
    direction = "DESC" if search.sort.startswith("-") else "ASC"
    sql = f"{_STOCK} WHERE {where} ORDER BY {column} {direction}, s.code LIMIT %(limit)s OFFSET %(offset)s"
    place: dict[str, Any] = {"warehouse": search.warehouse, "since": search.sold_since}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**place, **params, "limit": per_page, "offset": (max(page, 1) - 1) * per_page})
        found = cursor.fetchall()
    if not found and page > 1:
        return stock_window(search, page=1, per_page=per_page)
    ids = [row[0] for row in found]
    skus = catalog.skus_with_products(ids)
    places: dict[int, dict[str, int]] = {}
    for sku_id, code, on_hand in StockLevel.objects.filter(sku__in=ids).values_list(
        "sku_id", "warehouse__code", "on_hand"
    ):
        places.setdefault(sku_id, {})[code] = on_hand
    rows = [
        _row(skus[sku_id], places.get(sku_id, {}), search, on_hand, sold)
        for sku_id, on_hand, sold, _all in found
    ]
    stocked = Warehouse.objects.filter(Exists(StockLevel.objects.filter(warehouse=OuterRef("pk")))).order_by(
        "code"
    )
    return StockWindow(rows, found[0][3] if found else 0, list(stocked))


def moves_of_sku(sku_id: int, warehouse: str = "") -> QuerySet[StockMove]:
    """The journal of a SKU, newest first, each move with the balance of its warehouse after it."""
    moves = StockMove.objects.filter(sku_id=sku_id).select_related("warehouse", "lot")
    if warehouse:
        moves = moves.filter(warehouse__code=warehouse)
    balance = Window(
        Sum("quantity"), partition_by=[F("warehouse_id")], order_by=[F("moved_on").asc(), F("pk").asc()]
    )
    return moves.annotate(balance=balance).order_by("-moved_on", "-pk")


def moves_of(ref_kinds: Sequence[str], ref_id: int) -> list[StockMove]:
    """Moves that one order or document caused, in the order they were booked."""
    moves = StockMove.objects.filter(ref_kind__in=ref_kinds, ref_id=ref_id).select_related("warehouse", "sku")
    return list(moves.order_by("pk"))


def lots_of_sku(sku_code: str) -> list[Lot]:
    """Lots of a SKU with the pieces received and the net of all moves booked on them."""
    received = Coalesce(Sum("moves__quantity", filter=Q(moves__quantity__gt=0)), 0)
    return list(
        Lot.objects.filter(sku=sku_code)
        .annotate(received=received, net=Coalesce(Sum("moves__quantity"), 0))
        .order_by("received_on", "code")
    )


def sku_checks(sku_id: int) -> list[SumCheck]:
    """On hand beside the sum of moves, for each warehouse that ever held the SKU."""
    return _checks("WHERE sku_id = %s", [sku_id])


def all_checks() -> list[SumCheck]:
    """The same over all SKUs: reads the whole journal."""
    return _checks("", [])


def stock_by_day(sku_id: int) -> list[tuple[date, str, int]]:
    """Pieces on hand at the end of each day with a move: day, warehouse, pieces."""
    daily = (
        StockMove.objects.filter(sku_id=sku_id)
        .values("moved_on", "warehouse__code")
        .annotate(n=Sum("quantity"))
    )
    levels: dict[str, int] = {}
    days = []
    for row in daily.order_by("moved_on", "warehouse__code"):
        code = row["warehouse__code"]
        levels[code] = levels.get(code, 0) + row["n"]
        days.append((row["moved_on"], code, levels[code]))
    return days


def _conditions(search: StockSearch) -> tuple[str, dict[str, Any]]:
    where, params = ["true"], dict[str, Any]()
    if search.text:
        where.append("(s.code ILIKE %(begins)s OR s.name_en ILIKE %(has)s OR s.name_zh ILIKE %(has)s)")
        text = search.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        params |= {"begins": f"{text}%", "has": f"%{text}%"}
    if search.category:
        where.append("c.code = %(category)s")
        params["category"] = search.category
    if search.warehouse:
        where.append("level.n IS NOT NULL")
    if search.low_days is not None:
        where.append("sale.n > 0 AND sale.n * %(low_days)s >= coalesce(level.n, 0) * %(sold_days)s")
        params |= {"low_days": search.low_days, "sold_days": search.sold_days}
    return " AND ".join(where), params


def _row(sku: Any, places: dict[str, int], search: StockSearch, on_hand: int, sold: int) -> SkuStock:
    return SkuStock(sku, on_hand, places, sold, on_hand * search.sold_days // sold if sold > 0 else None)


_STOCK = """
    WITH place AS (SELECT id FROM warehouse_warehouse WHERE %(warehouse)s IN ('', code)),
    level AS (
        SELECT sku_id, sum(on_hand)::bigint AS n FROM warehouse_stocklevel
        WHERE warehouse_id IN (SELECT id FROM place) GROUP BY 1
    ), sale AS (
        SELECT sku_id, -sum(quantity)::bigint AS n FROM warehouse_stockmove
        WHERE kind = 'sale' AND moved_on >= %(since)s AND warehouse_id IN (SELECT id FROM place) GROUP BY 1
    )
    SELECT s.id, coalesce(level.n, 0), coalesce(sale.n, 0), count(*) OVER ()
    FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id JOIN catalog_category c ON c.id = p.category_id
    LEFT JOIN level ON level.sku_id = s.id LEFT JOIN sale ON sale.sku_id = s.id
"""


def _checks(where: str, params: list[Any]) -> list[SumCheck]:
    sql = f"""
        SELECT w.code, coalesce(l.n, 0), coalesce(m.n, 0)
        FROM warehouse_warehouse w
        LEFT JOIN (SELECT warehouse_id, sum(on_hand) AS n FROM warehouse_stocklevel {where} GROUP BY 1) l
            ON l.warehouse_id = w.id
        LEFT JOIN (SELECT warehouse_id, sum(quantity) AS n FROM warehouse_stockmove {where} GROUP BY 1) m
            ON m.warehouse_id = w.id
        WHERE l.n IS NOT NULL OR m.n IS NOT NULL
        ORDER BY w.code"""
    with connection.cursor() as cursor:
        cursor.execute(sql, params * 2)
        return [SumCheck(place, int(on_hand), int(moved)) for place, on_hand, moved in cursor.fetchall()]


def count_levels_out() -> int:
    """How many levels are not the sum of their moves (reads every move); the answer must be 0."""
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS_OUT)
        return int(cursor.fetchone()[0])


_LEVELS_OUT = """
    SELECT count(*)
    FROM (SELECT sku_id, warehouse_id, sum(quantity) AS quantity FROM warehouse_stockmove GROUP BY 1, 2) AS moved
    FULL JOIN warehouse_stocklevel AS level USING (sku_id, warehouse_id)
    WHERE coalesce(moved.quantity, 0) <> coalesce(level.on_hand, 0) OR level.on_hand < 0
"""


def sku_with_product(sku_id: int) -> Any | None:
    """A SKU with its product and category."""
    return catalog.skus_with_products([sku_id]).get(sku_id)


def pieces_under(prefix: str, kind: str) -> dict[str, int]:
    """Pieces moved by SKU under idempotency keys that begin with a text, for one kind of move."""
    moves = StockMove.objects.filter(idempotency_key__startswith=prefix, kind=kind).values_list("sku__code")
    return dict(moves.annotate(pieces=Sum("quantity")).order_by("sku__code"))


def level_records(warehouse: str = "", sku: str = "") -> QuerySet[StockLevel]:
    """What is on hand, by SKU and warehouse."""
    found = StockLevel.objects.select_related("sku", "warehouse")
    found = found.filter(warehouse__code=warehouse) if warehouse else found
    return found.filter(sku__code=sku) if sku else found


def levels_of(places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What is on hand at some places, by SKU and warehouse."""
    skus, warehouses = {sku for sku, _place in places}, {place for _sku, place in places}
    found = StockLevel.objects.filter(sku__code__in=skus, warehouse__code__in=warehouses)
    rows = found.values_list("sku__code", "warehouse__code", "on_hand")
    return {(sku, place): on_hand for sku, place, on_hand in rows}


def found_levels(search: StockSearch) -> QuerySet[StockLevel]:
    """What is on hand of the SKUs that a search finds, by SKU and warehouse: two queries."""
    where, params = _conditions(search)
    place: dict[str, Any] = {"warehouse": search.warehouse, "since": search.sold_since}
    levels = level_records(search.warehouse)
    if where == "true":
        return levels
    with connection.cursor() as cursor:
        cursor.execute(f"{_STOCK} WHERE {where}", {**place, **params})
        ids = [row[0] for row in cursor.fetchall()]
    return levels.filter(sku__in=ids)


def move_records(warehouse: str = "", sku: str = "", kind: str = "") -> QuerySet[StockMove]:
    """The journal of the stock."""
    found = StockMove.objects.select_related("sku", "warehouse", "lot")
    narrowed = {"warehouse__code": warehouse, "sku__code": sku, "kind": kind}
    return found.filter(**{name: value for name, value in narrowed.items() if value})
