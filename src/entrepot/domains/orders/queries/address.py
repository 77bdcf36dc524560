"""The orders list's address: filters and sort as they stand behind the question mark."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict
from django.utils import timezone

from entrepot.domains.orders.queries.listing import (
    DEFAULT_SORT,
    PROFIT_SIGNS,
    SORTS,
    OrderSearch,
    selected_ids,
)

LONGEST_TEXT, LONGEST_CODE, MOST_CODES = 100, 64, 300


def read_search(data: QueryDict) -> OrderSearch:
    """The search an address means; a filter that makes no sense is left out, never an error."""
    sort = data.get("sort", "")
    profit = data.get("profit", "")
    return OrderSearch(
        text=data.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
        states=_codes(data, "state"),
        channels=_codes(data, "channel"),
        countries=_codes(data, "country"),
        warehouses=_codes(data, "warehouse"),
        services=_codes(data, "service"),
        holds=_codes(data, "hold"),
        placed_from=_day(data.get("placed_from", "")),
        placed_to=_day(data.get("placed_to", "")),
        profit=profit if profit in PROFIT_SIGNS else "",
        late_on=timezone.localdate() if data.get("late") else None,
        sort=sort if sort.lstrip("-") in SORTS else DEFAULT_SORT,
    )


def orders_found(query: str) -> list[int]:
    """Ids of the orders an address of the list finds, up to `SELECTION_LIMIT`."""
    return selected_ids(read_search(QueryDict(query)))


def _codes(data: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(
        code
        for code in data.getlist(name)[:MOST_CODES]
        if code and len(code) <= LONGEST_CODE and "\x00" not in code
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
