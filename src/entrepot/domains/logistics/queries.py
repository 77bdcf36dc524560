"""What pages and other rooms read of services and shipments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.core.worldtables import get_table
from entrepot.domains.logistics import frames
from entrepot.domains.logistics.models import Area, Carrier, FirstLeg, Lane, Rate, RateFile, Service, Shipment
from entrepot.domains.logistics.rules import is_between, postcode_text
from entrepot.engine.bulk import carriage
from entrepot.engine.compare import Comparison, Parcel, compare_services

Names = dict[str, tuple[str, str]]

# a parcel in trouble says more of its order than one that arrived
UNDER_WAY = {
    state: place
    for place, state in enumerate(("lost", "planned", "shipped", "returned", "delivered", "cancelled"))
}


def service_names() -> Names:
    """English and Chinese name of every service, by code; the newest name where it changed."""
    rows = Service.objects.order_by("service", "valid_from").values_list("service", "name_en", "name_zh")
    return {code: (en or code, zh or en or code) for code, en, zh in rows}


def carriers_of(services: Collection[str]) -> dict[str, str]:
    """The carrier's name of some services, by service; the newest where it changed."""
    names = dict(Carrier.objects.values_list("code", "name"))
    rows = Service.objects.filter(service__in=services).order_by("service", "valid_from")
    return {
        service: names.get(carrier, carrier) for service, carrier in rows.values_list("service", "carrier")
    }


def shipments_of_order(order_id: int) -> list[Shipment]:
    """Shipments of an order that stand, by part."""
    return shipments_of([order_id])


def shipments_of(order_ids: Iterable[int]) -> list[Shipment]:
    """Shipments of some orders that stand, by order and part."""
    return list(_standing().filter(order_id__in=list(order_ids)).order_by("order_id", "part"))


def shipment_states(order_ids: Sequence[int]) -> dict[int, str]:
    """State of the shipment of each order; of an order in parts that of the part least far on its way."""
    found: dict[int, str] = {}
    for order_id, state in _standing().filter(order_id__in=order_ids).values_list("order_id", "state"):
        if order_id not in found or UNDER_WAY[state] < UNDER_WAY[found[order_id]]:
            found[order_id] = state
    return found


def remote_areas(places: Iterable[tuple[str, str, date]]) -> dict[tuple[str, str, date], str]:
    """Lists of remote areas that addresses are on, by (country, postcode, day); others are left out."""
    rules: dict[str, list[Area]] = {}
    for rule in Area.objects.order_by("area"):
        rules.setdefault(rule.country, []).append(rule)
    found = {}
    for country, postcode, on in set(places) if rules else ():
        code = postcode_text(postcode)
        names = {
            rule.area
            for rule in rules.get(country, ())
            if rule.valid_from <= on
            and (rule.valid_to is None or on <= rule.valid_to)
            and is_between(code, rule.from_postcode, rule.to_postcode)
        }
        if names:
            found[country, postcode, on] = " ".join(sorted(names))
    return found


def compare(parcel: Parcel, postcode: str) -> Comparison:
    """Every service for a parcel, by the rules of its day."""
    place = (parcel.dest, postcode, parcel.on)
    parcel = replace(parcel, areas=remote_areas([place]).get(place, ""))
    return compare_services(parcel, frames.rules_for_ways(parcel.on))


def first_legs(on: date) -> Frame:
    """Forwarders' quotations for bulk goods to a warehouse in force on a day (rows of `engine.columns.bulk.LEGS`)."""
    return frames.first_legs(on)


def compare_legs(origin: str, warehouse: str, load: tuple[int, int], on: date) -> list[dict[str, Any]]:
    """What each forwarder asks for a load (g, mm³), the cheapest first; rows of `engine.bulk.carriage`."""
    goods = frames.load_of(origin, warehouse, load, on)
    found = carriage(goods, frames.first_legs(on), frames.rules_for_ways(on), base_currency())
    rows: list[dict[str, Any]] = found.to_dicts()
    return rows


def legs_in_force(on: date) -> QuerySet[FirstLeg]:
    """Quotations in force on a day, by warehouse, origin and way."""
    found = FirstLeg.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    return found.order_by("warehouse", "ship_from", "mode", "forwarder")


def warehouse_places() -> dict[str, tuple[str, str]]:
    """English and Chinese name of every warehouse goods can be brought to, by code."""
    rows = get_table("warehouses").model._default_manager.values_list("code", "name_en", "name_zh")
    return {code: (en or code, zh or en or code) for code, en, zh in rows}


def origins() -> list[str]:
    """Countries that some lane begins in."""
    return sorted(set(Lane.objects.values_list("ship_from", flat=True)))


def card_rows(text: str, on: date | None) -> list[dict[str, Any]]:
    """Cards by carrier, service, tier and version: bands, zones, period; `on` narrows to those in force that day."""
    found = Rate.objects.all()
    for word in text.split():
        named = Service.objects.filter(
            Q(service__icontains=word) | Q(carrier__icontains=word) | Q(name_en__icontains=word)
        )
        found = found.filter(service__in=named.values("service"))
    if on:
        found = found.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    facts = {
        row["service"]: row
        for row in Service.objects.order_by("valid_from").values("service", "carrier", "currency")
    }
    groups = found.values("service", "tier", "valid_from").annotate(
        bands=Count("pk"),
        zones=Count("zone", distinct=True),
        until=Max(Coalesce("valid_to", Value(date.max))),
        edited=Count("pk", filter=Q(is_edited=True)),
        source=Max("source"),
    )
    rows = [{**group, **facts.get(group["service"], {"carrier": "", "currency": ""})} for group in groups]
    for row in rows:
        row["valid_to"] = None if row["until"] == date.max else row["until"]
    return sorted(rows, key=lambda row: (row["carrier"], row["service"], row["tier"], row["valid_from"]))


def versions_of(service: str, tier: str) -> list[date]:
    """First days of the versions of a service's card, the newest first."""
    days = Rate.objects.filter(service=service, tier=tier).values_list("valid_from", flat=True)
    return sorted(set(days), reverse=True)


def tiers_of(service: str) -> list[str]:
    """Contract tiers a service has prices for."""
    return sorted(set(Rate.objects.filter(service=service).values_list("tier", flat=True)))


def service_on(service: str, on: date) -> Service | None:
    """The service as it is on a day, else as it was last known."""
    known = Service.objects.filter(service=service).order_by("-valid_from")
    return known.filter(valid_from__lte=on).first() or known.last()


def rate_files() -> QuerySet[RateFile]:
    """Rate files brought in, the newest first."""
    return RateFile.objects.select_related("imported_by").order_by("-imported_at")


def _standing() -> QuerySet[Shipment]:
    """Shipments that were not cancelled: at most one for each part of an order, found by its index."""
    return Shipment.objects.exclude(state=Shipment.State.CANCELLED)


def shipment_records(state: str = "", warehouse: str = "", service: str = "") -> QuerySet[Shipment]:
    """Shipments, those called off among them."""
    narrowed = {"state": state, "warehouse": warehouse, "service": service}
    return Shipment.objects.filter(**{name: value for name, value in narrowed.items() if value})
