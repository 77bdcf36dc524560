"""Which event is heard by whom: the one table of listeners.

A listener is a room's command, named by its dotted path; it gets a list of events of one name and must bear getting one
twice. Rooms on one floor never call each other: they meet here.
"""

from importlib import import_module
from typing import Any

from entrepot.core import outbox

LISTENERS: dict[str, tuple[str, ...]] = {
    "orders.shipped": ("entrepot.domains.channels.jobs.tell_shipped",),
    "orders.part_shipped": ("entrepot.domains.channels.jobs.tell_shipped",),
    "orders.return_booked": ("entrepot.domains.channels.jobs.count_returns_once",),
    "orders.released": ("entrepot.domains.fulfilment.jobs.decide_released",),
}


TAPS = (("entrepot.core.webhooks.wants_events", "entrepot.core.webhooks.queue_events"),)


def connect() -> None:
    """Subscribe every listener; called once by each process that may deliver events."""
    for event, paths in LISTENERS.items():
        for path in paths:
            outbox.subscribe(event, _resolve(path))
    for is_open, take in TAPS:
        outbox.tap(_resolve(is_open), _resolve(take))


def _resolve(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
