"""The orders list: what to show, in which order, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models import Count as CountAll
from django.db.models.functions import Coalesce

from entrepot.domains.orders.models import Customer, Order, OrderLine, ReturnLine

COUNT_EXACTLY_UP_TO = 200_000
SELECTION_LIMIT = 10_000

SORTS: dict[str, tuple[str, ...]] = {
    "number": ("number",),
    "placed": ("placed_at",),
    "channel": ("channel",),
    "country": ("dest_country",),
    "buyer": ("recipient_name",),
    "items": ("items",),
    "total": ("total_minor",),
    "state": ("state",),
    "holds": ("hold_count",),
    "service": ("warehouse", "service"),
    "promise": ("promise_on",),
    "profit": ("profit_base_minor",),
    "margin": ("margin_ppm",),
    "priority": ("priority",),
}
DEFAULT_SORT = "-placed"
MAY_BE_EMPTY = ("promise_on", "profit_base_minor", "margin_ppm")
UNDERWAY = ("confirmed", "shipped")


@dataclass(frozen=True)
class OrderSearch:
    """Which orders are wanted: every filter of the list, the search text and the sort, as read from the address."""

    text: str = ""
    states: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    placed_from: date | None = None
    placed_to: date | None = None
    profit: str = ""
    late_on: date | None = None
    sort: str = DEFAULT_SORT

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the sort is asked for."""
        return replace(self, sort="") != OrderSearch(sort="")


@dataclass(frozen=True)
class Count:
    """How many rows a list has; above `COUNT_EXACTLY_UP_TO` the planner's estimate, and said so."""

    rows: int
    is_exact: bool = True


@dataclass(frozen=True)
class OrderWindow:
    """One page of the list."""

    rows: Sequence[Order]
    count: Count
    page: int
    per_page: int = field(default=50)

    @property
    def pages(self) -> int:
        """Number of the last page that can be asked for."""
        return max(1, -(-self.count.rows // self.per_page))

    @property
    def has_next(self) -> bool:
        """Whether rows follow; on an estimated count a full page is taken for a yes."""
        if self.count.is_exact:
            return self.page < self.pages
        return len(self.rows) == self.per_page


def find_orders(search: OrderSearch) -> QuerySet[Order]:
    """The orders asked for, unsorted."""
    return Order.objects.filter(_conditions(search) & _matching(search.text))


def order_window(search: OrderSearch, *, page: int, per_page: int = 50) -> OrderWindow:
    """One page of the orders list: two queries whatever the number of rows.

    What a text finds is counted in the pass that sorts it; other lists are read along an index and counted apart.
    """
    page = max(page, 1)
    found = sorted_orders(find_orders(search), search.sort)
    start, end = (page - 1) * per_page, page * per_page
    if search.text:
        keys = list(found.annotate(among=Window(CountAll("*"))).values_list("pk", "among")[start:end])
        if not keys and page > 1:
            return order_window(search, page=1, per_page=per_page)
        count = Count(keys[0][1] if keys else 0)
        chosen: Any = [pk for pk, _among in keys]
    else:
        count = count_rows(found)
        last = max(1, -(-count.rows // per_page))
        if count.is_exact and page > last:
            return order_window(search, page=last, per_page=per_page)
        chosen = found.values("pk")[start:end]
    rows = sorted_orders(list_rows().filter(pk__in=chosen), search.sort)
    return OrderWindow(list(rows), count, page, per_page)


def list_rows() -> QuerySet[Order]:
    """Orders with what a row of the list shows besides its own columns: pieces and the customer."""
    pieces = (
        OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(n=Sum("quantity"))
    )
    items = Coalesce(Subquery(pieces.values("n")), 0, output_field=BigIntegerField())
    return Order.objects.annotate(items=items).select_related("customer").defer("content_hash")


def sorted_orders(rows: QuerySet[Order], sort: str) -> QuerySet[Order]:
    """In the order of a column head; equal rows by id, empty values last."""
    name = sort.lstrip("-")
    descending = sort.startswith("-")
    if name not in SORTS:
        name, descending = DEFAULT_SORT.lstrip("-"), True
    if name == "items" and "items" not in rows.query.annotations:
        rows = rows.annotate(items=Coalesce(Sum("lines__quantity"), 0))
    if name == "holds":
        rows = rows.annotate(hold_count=Coalesce(F("holds__len"), 0))
    keys = [_key(column, descending) for column in SORTS[name]]
    return rows.order_by(*keys, "-pk" if descending else "pk")


def count_rows(rows: QuerySet[Any]) -> Count:
    """Exact up to a bound, above it the planner's estimate: a count never reads a whole large table."""
    plain = rows.order_by().annotate(one=Value(1)).values("one")  # no column: any index will do
    exact = plain[: COUNT_EXACTLY_UP_TO + 1].count()
    if exact <= COUNT_EXACTLY_UP_TO:
        return Count(exact)
    sql, params = plain.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    estimate = int(plan[0]["Plan"]["Plan Rows"])
    return Count(max(estimate, COUNT_EXACTLY_UP_TO), is_exact=False)


def selected_ids(search: OrderSearch) -> list[int]:
    """Ids of everything a search finds, up to `SELECTION_LIMIT`, for a bulk action on all of it."""
    return list(
        sorted_orders(find_orders(search), search.sort).values_list("pk", flat=True)[:SELECTION_LIMIT]
    )


def export_rows(rows: QuerySet[Order]) -> Iterator[Any]:
    """The list's rows one by one through a server-side cursor, for files of any length."""
    return rows.iterator(chunk_size=2_000)


def _key(column: str, descending: bool) -> Any:
    """Plain for columns that are never empty, so that the order is that of their index."""
    if column not in MAY_BE_EMPTY:
        return f"-{column}" if descending else column
    return F(column).desc(nulls_last=True) if descending else F(column).asc(nulls_last=True)


def _conditions(search: OrderSearch) -> Q:
    wanted = Q()
    among = {
        "state__in": search.states,
        "channel__in": search.channels,
        "dest_country__in": search.countries,
        "warehouse__in": search.warehouses,
        "service__in": search.services,
    }
    for lookup, values in among.items():
        if values:
            wanted &= Q(**{lookup: list(values)})
    if search.holds:
        wanted &= Q(state="held", holds__overlap=list(search.holds))
    if search.placed_from:
        wanted &= Q(placed_on__gte=search.placed_from, placed_at__gte=_midnight(search.placed_from, -1))
    if search.placed_to:
        wanted &= Q(placed_on__lte=search.placed_to, placed_at__lt=_midnight(search.placed_to, 2))
    if search.late_on:
        wanted &= Q(state__in=UNDERWAY, promise_on__lt=search.late_on)
    return wanted & PROFIT_SIGNS.get(search.profit, Q())


def _midnight(day: date, shift: int) -> datetime:
    """A bound on the indexed instant, wide enough for every time zone; the day itself decides."""
    return datetime.combine(day + timedelta(days=shift), time.min, UTC)


PROFIT_SIGNS = {
    "gain": Q(profit_base_minor__gt=0),
    "loss": Q(profit_base_minor__lt=0),
    "none": Q(profit_base_minor__isnull=True),
}


def _matching(text: str) -> Q:
    """Orders whose number, channel's number or SKU begins with the text, or whose buyer's name contains it.

    Each arm is read for itself, so that the planner takes its index or shares a scan among processes.
    """
    if not text:
        return Q()
    named = Q(recipient_name__icontains=text)
    if any(sign.isdigit() for sign in text):
        named |= (
            Q(number__startswith=text) | Q(number__startswith=text.upper()) | Q(external_id__startswith=text)
        )
    buyers = Customer.objects.filter(
        Q(name__icontains=text) | Q(code__istartswith=text) | Q(email__istartswith=text)
    )
    arms = (
        Order.objects.filter(named).values("pk"),
        Order.objects.filter(customer__in=buyers.values("pk")).values("pk"),
        OrderLine.objects.filter(sku__code__istartswith=text).values("order_id"),
        OrderLine.objects.filter(sku=None, sku_code__istartswith=text).values("order_id"),
    )
    return Q(pk__in=arms[0].union(*arms[1:]))


def line_records(search: OrderSearch) -> QuerySet[OrderLine]:
    """The lines of the orders that are asked for, with their orders."""
    lines = OrderLine.objects.select_related("order").filter(order__in=find_orders(search).values("pk"))
    return lines.order_by("order_id", "line_no")


def return_records() -> QuerySet[ReturnLine]:
    """What came back, in the order it was recorded."""
    return ReturnLine.objects.select_related("order").order_by("pk")
