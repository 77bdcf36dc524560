"""Shipments over the REST API."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query

from entrepot.core.api import (
    Day,
    Id,
    Instant,
    Money,
    Page,
    PageQuery,
    Problem,
    Routes,
    Shown,
    Word,
    money,
    page_of,
)
from entrepot.core.company import base_currency
from entrepot.domains.logistics.queries import shipment_records

routes = Routes("shipments")


class ShipmentQuery(PageQuery):
    """Which shipments."""

    state: Literal["planned", "shipped", "delivered", "lost", "returned", "cancelled"] | None = None
    warehouse: Word = ""
    service: Word = ""
    order_id: Id | None = None


class ShipmentShown(Shown):
    """What leaves a warehouse for one order. Weights g."""

    id: int
    number: str
    order_id: int
    state: str
    warehouse: str
    service: str
    tracking_no: str
    ship_on: Day
    promise_on: Day
    shipped_at: Instant | None
    delivered_on: Day | None
    parcels: int
    weight_g: int
    chargeable_g: int
    freight: Money | None


@routes.read("/shipments", scope="logistics.view", response=Page[ShipmentShown], name="list_shipments")
def list_shipments(request: HttpRequest, wanted: Query[ShipmentQuery]) -> dict[str, Any]:
    """Shipments, the newest first."""
    found = shipment_records(wanted.state or "", wanted.warehouse, wanted.service)
    found = found.filter(order_id=wanted.order_id) if wanted.order_id else found
    return page_of(found, wanted, shown(base_currency()))


@routes.read("/shipments/{shipment_id}", scope="logistics.view", response=ShipmentShown, name="get_shipment")
def get_shipment(request: HttpRequest, shipment_id: Id) -> dict[str, Any]:
    """One shipment."""
    shipment = shipment_records().filter(pk=shipment_id).first()
    if shipment is None:
        raise Problem(404, f"There is no shipment {shipment_id}.")
    row: dict[str, Any] = shown(base_currency())(shipment)
    return row


def shown(base: str) -> Any:
    """How a shipment becomes a row; `base` is the books' currency."""
    same = [name for name in ShipmentShown.model_fields if name != "freight"]

    def row(shipment: Any) -> dict[str, Any]:
        freight = money(shipment.freight_base_minor, base)
        return {**{name: getattr(shipment, name) for name in same}, "freight": freight}

    return row
