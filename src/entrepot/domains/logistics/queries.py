"""What pages and other rooms read of services and shipments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from entrepot.domains.logistics.models import Service, Shipment

Names = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class LateParcels:
    """Parcels past their promise: how many, and the longest waiting of them."""

    count: int
    first: list[Shipment]


def service_names() -> Names:
    """English and Chinese name of every service, by code; the newest name where it changed."""
    rows = Service.objects.order_by("service", "valid_from").values_list("service", "name_en", "name_zh")
    return {code: (en or code, zh or en or code) for code, en, zh in rows}


def shipments_of_order(order_id: int) -> list[Shipment]:
    """Shipments of an order, the newest last."""
    return list(Shipment.objects.filter(order_id=order_id).order_by("pk"))


def late_shipments(on: date) -> QuerySet[Shipment]:
    """Parcels under way whose promise has passed, the longest waiting first."""
    overdue = Q(state=Shipment.State.SHIPPED, promise_on__lt=on) | Q(
        state=Shipment.State.PLANNED, ship_on__lt=on, promise_on__lt=on
    )
    return Shipment.objects.filter(overdue).order_by("promise_on", "pk")


def late_parcels(on: date, *, limit: int = 8) -> LateParcels:
    """How many parcels are past their promise, and those that wait longest: two queries."""
    late = late_shipments(on)
    return LateParcels(late.count(), list(late[:limit]))
