"""What pages and other rooms read of the orders."""

from entrepot.domains.orders.queries.address import orders_found, read_search
from entrepot.domains.orders.queries.choices import filter_choices
from entrepot.domains.orders.queries.detail import OrderFile, ids_of_number, order_file
from entrepot.domains.orders.queries.figures import (
    Period,
    daily_orders,
    holds_open,
    latest_day,
    placed_in,
    state_counts,
)
from entrepot.domains.orders.queries.listing import (
    DEFAULT_SORT,
    SELECTION_LIMIT,
    SORTS,
    UNDERWAY,
    Count,
    OrderSearch,
    OrderWindow,
    count_rows,
    export_rows,
    find_orders,
    list_rows,
    order_window,
    selected_ids,
    sorted_orders,
)
from entrepot.domains.orders.queries.review import (
    RELEASABLE,
    HeldOrder,
    HoldReason,
    held_orders,
    hold_reasons,
    holds_by_code,
    open_holds,
)

__all__ = [
    "DEFAULT_SORT",
    "RELEASABLE",
    "SELECTION_LIMIT",
    "SORTS",
    "UNDERWAY",
    "Count",
    "HeldOrder",
    "HoldReason",
    "OrderFile",
    "OrderSearch",
    "OrderWindow",
    "Period",
    "count_rows",
    "daily_orders",
    "export_rows",
    "filter_choices",
    "find_orders",
    "held_orders",
    "hold_reasons",
    "holds_by_code",
    "holds_open",
    "ids_of_number",
    "latest_day",
    "list_rows",
    "open_holds",
    "order_file",
    "order_window",
    "orders_found",
    "placed_in",
    "read_search",
    "selected_ids",
    "sorted_orders",
    "state_counts",
]
