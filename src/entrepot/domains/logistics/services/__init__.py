"""Commands of the way: shipments, and rate cards from files and by hand."""

from entrepot.domains.logistics.adapters.files import FileRefused
from entrepot.domains.logistics.services.cards import Card, Change, card_on, compare_cards, save_card
from entrepot.domains.logistics.services.rates import (
    KINDS,
    RateOptions,
    ReferenceMissing,
    columns_of,
    import_rates,
)
from entrepot.domains.logistics.services.shipments import (
    cancel_shipments,
    delivered_days,
    lock_capacities,
    mark_shipped,
    plan_shipments,
    planned_loads,
    record_deliveries,
)

__all__ = [
    "KINDS",
    "Card",
    "Change",
    "FileRefused",
    "RateOptions",
    "ReferenceMissing",
    "cancel_shipments",
    "card_on",
    "columns_of",
    "compare_cards",
    "delivered_days",
    "import_rates",
    "lock_capacities",
    "mark_shipped",
    "plan_shipments",
    "planned_loads",
    "record_deliveries",
    "save_card",
]
