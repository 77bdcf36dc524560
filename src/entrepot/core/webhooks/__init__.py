"""Webhooks out: other systems are told about events, signed as Standard Webhooks says, at least once."""

from entrepot.core.webhooks.addresses import AddressRefused, check_url
from entrepot.core.webhooks.delivering import queue_events, send_due, wants_events
from entrepot.core.webhooks.endpoints import (
    EndpointRefused,
    add_endpoint,
    change_endpoint,
    list_deliveries,
    list_endpoints,
    new_secret,
    replay,
    send_test,
)

__all__ = [
    "AddressRefused",
    "EndpointRefused",
    "add_endpoint",
    "change_endpoint",
    "check_url",
    "list_deliveries",
    "list_endpoints",
    "new_secret",
    "queue_events",
    "replay",
    "send_due",
    "send_test",
    "wants_events",
]
