"""Which event is heard by whom: the one table of listeners.

A listener is a room's command, named by its dotted path; it gets a list of events of one name and must bear getting one
twice. Rooms on one floor never call each other: they meet here.
"""

from importlib import import_module

from entrepot.core import outbox

LISTENERS: dict[str, tuple[str, ...]] = {
    "orders.shipped": ("entrepot.domains.channels.jobs.tell_shipped",),
    "orders.released": ("entrepot.domains.fulfilment.jobs.decide_released",),
}


def connect() -> None:
    """Subscribe every listener; called once by each process that may deliver events."""
    for event, paths in LISTENERS.items():
        for path in paths:
            outbox.subscribe(event, _resolve(path))


def _resolve(path: str) -> outbox.Listener:
    module, _, name = path.rpartition(".")
    listener: outbox.Listener = getattr(import_module(module), name)
    return listener
