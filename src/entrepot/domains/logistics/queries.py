"""What pages and other rooms read of services and shipments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from entrepot.domains.logistics.models import Area, Service, Shipment
from entrepot.domains.logistics.rules import is_between, postcode_text

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


def _standing() -> QuerySet[Shipment]:
    """Shipments that were not cancelled: at most one an order, found by its index."""
    return Shipment.objects.exclude(state=Shipment.State.CANCELLED)
