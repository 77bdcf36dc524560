"""Services compared on one page for a parcel: price, days, tracking, loss, limits, and why others are impossible."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics import queries
from entrepot.domains.logistics.forms import CompareForm
from entrepot.engine.compare import Comparison, Parcel
from entrepot.kernel.money import to_major

KINDS = {
    "postal": pgettext_lazy("service", "Postal small packet"),
    "line": pgettext_lazy("service", "Dedicated line"),
    "express": pgettext_lazy("service", "Express"),
    "overseas": pgettext_lazy("service", "Overseas warehouse"),
    "freight": pgettext_lazy("service", "Freight"),
}
COLOURS = {
    "postal": "#1f6fb2",
    "line": "#2e8b57",
    "express": "#c4553b",
    "overseas": "#8a6d1d",
    "freight": "#6b5fa5",
}
USUAL = {"ship_from": "CN", "dest": "DE", "currency": "EUR"}
CHARGES = {
    "mandatory": _("state of charge at most"),
    "recommended": _("state of charge, recommended, at most"),
}


@require_GET
@require("logistics.view")
def compare(request: HttpRequest) -> HttpResponse:
    """The form, and beneath it what each service would ask."""
    form = _form(request)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        parcel = _parcel(form.cleaned_data)
        found = queries.compare(parcel, form.cleaned_data["postcode"])
        rows = _rows(found)
        context |= {
            "rows": [row for row in rows if not row["code"]],
            "impossible": [row for row in rows if row["code"]],
            "currency": parcel.currency,
            "battery": found.battery,
            "charge": CHARGES.get(str((found.battery or {}).get("charge", "")), ""),
            "chart": _chart(rows, parcel.currency),
        }
    return render(request, "logistics/compare_page.html", context, status=200 if form.is_valid() else 422)


def _form(request: HttpRequest) -> CompareForm:
    names = {code: in_language(pair) for code, pair in country_names().items()}
    countries = sorted(names.items(), key=lambda pair: pair[1])
    lists: dict[str, Any] = {
        "origins": [(code, names.get(code, code)) for code in queries.origins()],
        "countries": countries,
        "currencies": sorted(minor_units_by_currency()),
    }
    blank = CompareForm(**lists)
    usual = {name: field.initial for name, field in blank.fields.items() if field.initial is not None}
    start = {**usual, **USUAL, "on": timezone.localdate().isoformat()}
    return CompareForm({**start, **request.GET.dict()}, **lists)


def _parcel(asked: dict[str, Any]) -> Parcel:
    digits = minor_units_by_currency().get(asked["currency"], 2)
    hours = asked["battery_wh"]
    return Parcel(
        ship_from=asked["ship_from"],
        dest=asked["dest"],
        on=asked["on"],
        weight_g=asked["weight_g"],
        sides_mm=(asked["length_mm"], asked["width_mm"], asked["height_mm"]),
        value_minor=int((asked["value"] or Decimal(0)).scaleb(digits)),
        currency=asked["currency"],
        battery=asked["battery"],
        battery_wh_e3=int(hours * 1000) if hours is not None and asked["battery"] else None,
    )


def _rows(found: Comparison) -> list[dict[str, Any]]:
    names = {code: in_language(pair) for code, pair in queries.service_names().items()}
    levied: dict[str, list[dict[str, Any]]] = {}
    for one in found.surcharges.to_dicts():
        levied.setdefault(one["service"], []).append(one)
    return [
        {
            **row,
            "name": names.get(row["service"], row["service"]),
            "kind_name": KINDS.get(row["kind"], row["kind"]),
            "surcharges": levied.get(row["service"], []),
            "is_volumetric": bool(
                row["volumetric_g"] and row["volumetric_g"] > (row["chargeable_g"] or 0) * 99 // 100
            ),
        }
        for row in found.services.to_dicts()
    ]


FAR_APART = 10


def _chart(rows: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    """Price against days: further left is faster, further down is cheaper."""
    digits = minor_units_by_currency().get(currency, 2)
    shown = [row for row in rows if not row["code"] and row["worth_minor"] is not None]
    if not shown:
        return {}
    series = []
    for kind, name in KINDS.items():
        points = [
            {"value": [row["max_days"], float(to_major(row["worth_minor"], digits))], "name": row["name"]}
            for row in shown
            if row["kind"] == kind
        ]
        if points:
            label = {"show": len(shown) < 14, "position": "top", "formatter": "{b}", "fontSize": 11}
            look = {
                "itemStyle": {"color": COLOURS[kind]},
                "symbolSize": 12,
                "labelLayout": {"hideOverlap": True},
            }
            series.append({"type": "scatter", "name": str(name), "data": points, "label": label, **look})
    return {
        "tooltip": {"trigger": "item"},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"top": 48, "right": 72, "bottom": 32, "left": 8, "containLabel": True},
        "xAxis": {
            "type": "value",
            "name": str(_("days, at most")),
            "nameLocation": "middle",
            "nameGap": 28,
            "axisLabel": {"formatter": "@integer"},
        },
        "yAxis": {
            "type": "log" if _far_apart(shown) else "value",
            "name": currency,
            "axisLabel": {"formatter": "@integer"},
        },
        "series": series,
    }


def _far_apart(shown: list[dict[str, Any]]) -> bool:
    """Whether one price would press the others flat onto the axis."""
    prices = [row["worth_minor"] for row in shown]
    return min(prices) > 0 and max(prices) > FAR_APART * min(prices)
