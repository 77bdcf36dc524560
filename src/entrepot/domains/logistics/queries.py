"""What pages and other rooms read of services and shipments."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from entrepot.domains.logistics.models import Service, Shipment

Names = dict[str, tuple[str, str]]


def service_names() -> Names:
    """English and Chinese name of every service, by code; the newest name where it changed."""
    rows = Service.objects.order_by("service", "valid_from").values_list("service", "name_en", "name_zh")
    return {code: (en or code, zh or en or code) for code, en, zh in rows}


def shipments_of_order(order_id: int) -> list[Shipment]:
    """Shipments of an order that stand, the newest last."""
    return list(_standing().filter(order_id=order_id).order_by("pk"))


def shipment_states(order_ids: Sequence[int]) -> dict[int, str]:
    """State of the shipment of each order."""
    return dict(_standing().filter(order_id__in=order_ids).values_list("order_id", "state"))


def _standing() -> QuerySet[Shipment]:
    """Shipments that were not cancelled: at most one an order, found by its index."""
    return Shipment.objects.exclude(state=Shipment.State.CANCELLED)
