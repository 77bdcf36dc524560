"""Commands of the way: shipments, and rate cards from files and by hand."""

from entrepot.domains.logistics.adapters.files import FileRefused
from entrepot.domains.logistics.services.cards import (
    Card,
    Change,
    card_on,
    compare_cards,
    read_price,
    save_card,
)
from entrepot.domains.logistics.services.rates import (
    KINDS,
    RateOptions,
    ReferenceMissing,
    columns_of,
    import_rates,
)
from entrepot.domains.logistics.services.shipments import (
    cancel_shipments,
    ended,
    lock_capacities,
    mark_shipped,
    plan_shipments,
    planned_loads,
    record_deliveries,
)
from entrepot.domains.logistics.services.words import FILE_PROBLEMS, REASONS, REMEDIES, word

__all__ = [
    "FILE_PROBLEMS",
    "KINDS",
    "REASONS",
    "REMEDIES",
    "Card",
    "Change",
    "FileRefused",
    "RateOptions",
    "ReferenceMissing",
    "cancel_shipments",
    "card_on",
    "columns_of",
    "compare_cards",
    "ended",
    "import_rates",
    "lock_capacities",
    "mark_shipped",
    "plan_shipments",
    "planned_loads",
    "read_price",
    "record_deliveries",
    "save_card",
    "word",
]
