"""First legs: what forwarders ask to bring goods in bulk to each warehouse, compared for a load."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.logistics import queries
from entrepot.domains.logistics.forms import LegForm
from entrepot.domains.logistics.models import FirstLeg

ICONS = {"air": "plane", "sea": "ship", "rail": "train", "road": "truck"}
MM3 = 10**9


@require_GET
@require("logistics.view")
def first_legs(request: HttpRequest) -> HttpResponse:
    """The quotations in force, and what a load of goods costs by each of them."""
    today = timezone.localdate()
    legs = list(queries.legs_in_force(today))
    places = {code: in_language(pair) for code, pair in queries.warehouse_places().items()}
    countries = {code: in_language(pair) for code, pair in country_names().items()}
    form = _form(request, legs, places, countries)
    context: dict[str, Any] = {
        "form": form, "legs": legs, "places": places, "countries": countries, "icons": ICONS, "today": today,
        "modes": dict(FirstLeg.Mode.choices),
    }  # fmt: skip
    if legs and form.is_valid():
        said = form.cleaned_data
        load = (int(said["weight_kg"] * 1000), int(said["volume_m3"] * MM3))
        context["rows"] = _rows(
            queries.compare_legs(said["ship_from"], said["warehouse"], load, today), load[0]
        )
    status = 422 if legs and not form.is_valid() else 200
    return render(request, "logistics/leg_list_page.html", context, status=status)


def _form(
    request: HttpRequest, legs: list[FirstLeg], places: dict[str, str], countries: dict[str, str]
) -> LegForm:
    lists = {
        "origins": [(code, countries.get(code, code)) for code in sorted({leg.ship_from for leg in legs})],
        "warehouses": [(code, places.get(code, code)) for code in sorted({leg.warehouse for leg in legs})],
    }
    usual = {name: str(field.initial) for name, field in LegForm(**lists).fields.items() if field.initial}
    first = {"ship_from": legs[0].ship_from, "warehouse": legs[0].warehouse} if legs else {}
    return LegForm({**usual, **first, **request.GET.dict()}, **lists)


def _rows(found: list[dict[str, Any]], weight_g: int) -> list[dict[str, Any]]:
    """Priced legs with what a kilogram of the goods comes to; legs whose rule or rate is unknown are left out."""
    priced = [row for row in found if row["carriage_base_minor"] is not None]
    return [
        {
            **row,
            "by_volume": row["chargeable_g"] > weight_g,
            "kg_minor": row["carriage_base_minor"] * 1000 // max(weight_g, 1),
        }
        for row in priced
    ]
