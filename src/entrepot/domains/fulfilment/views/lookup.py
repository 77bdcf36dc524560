"""Landed cost: what would it cost to bring this there on that day, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from entrepot.core.roles import require
from entrepot.domains.fulfilment import services, world
from entrepot.domains.fulfilment.forms.lookup import (
    ConsignmentForm,
    GoodsFormSet,
    first_consignment,
    goods_rows,
)
from entrepot.domains.fulfilment.views.border import charges_shown, rule_in_words, value_in_words
from entrepot.domains.fulfilment.views.citing import rules_shown
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.kernel.money import to_major

FIRST_GOODS = [{"hs_code": "610910", "origin": "CN", "amount": 200, "quantity": 10, "weight_g": 180}]
PARTS = (
    ("goods_dc", gettext_lazy("Goods")),
    ("freight_dc", gettext_lazy("Freight")),
    ("insurance_dc", gettext_lazy("Insurance")),
    ("onward_dc", gettext_lazy("Onward carriage")),
    ("duty_minor", gettext_lazy("Duty")),
    ("layers_minor", gettext_lazy("Additional duties")),
    ("fees_minor", gettext_lazy("Fees")),
    ("tax_minor", gettext_lazy("Tax")),
)
CHARGES = PARTS[4:]


@require_GET
@require("world.view")
def landed_cost(request: HttpRequest) -> HttpResponse:
    """The form, and under it the answer with its derivation; the address holds the question and can be shared."""
    now = world.current()
    terms = now["incoterms"]["term"].unique().sort().to_list()
    asked = "dest_country" in request.GET
    form = ConsignmentForm(request.GET if asked else None, initial=first_consignment(), terms=terms)
    goods = GoodsFormSet(
        request.GET if asked else None, prefix="goods", initial=None if asked else FIRST_GOODS
    )
    context: dict[str, Any] = {"form": form, "goods": goods}
    if asked and form.is_valid() and goods.is_valid():
        digits = minor_units_by_currency()[form.cleaned_data["currency"]]
        told = services.landed_cost(form.quote(), goods_rows(goods, digits))
        context |= _answer(told)
    return render(request, "fulfilment/lookup_page.html", context)


def _answer(told: services.Landed) -> dict[str, Any]:
    way = told.way
    currency = way["decl_currency"]
    digits = minor_units_by_currency().get(currency or way["currency"], 2)
    parts = [(str(label), way[name]) for name, label in PARTS if way[name]]
    return {
        "told": told,
        "way": way,
        "currency": currency,
        "rule_words": rule_in_words(told.rules, way),
        "value_words": value_in_words(way),
        "carried": [(label, way[name]) for name, label in PARTS[:4] if way[name]],
        "landed_label": _in(_("Landed cost"), currency),
        "value_label": _in(_("Customs value"), currency),
        "charges_label": _in(_("Duty, fees and tax"), currency),
        "chart": _bars(parts, way["landed_minor"], digits) if way["landed_minor"] is not None else None,
        "course": _course(told.course, way["placed_on"].isoformat(), digits),
        "charges": charges_shown(told.charges, told.rules, way),
        "rules": rules_shown(told.rules),
    }


def _in(label: str, currency: str | None) -> str:
    return f"{label}, {currency}" if currency else label


def _bars(parts: list[tuple[str, int]], total: int, digits: int) -> dict[str, Any]:
    """The parts of the landed cost one on the other, and the whole."""
    level, clear, shown = 0, [], []
    for _label, amount in parts:
        clear.append(float(to_major(level, digits)))
        shown.append(float(to_major(amount, digits)))
        level += amount
    names = [*(label for label, _amount in parts), _("Landed cost")]
    whole = float(to_major(total, digits))
    bars = [{"value": v, "label": _words(v, digits)} for v in shown]
    return {
        "tooltip": {"show": False},
        "grid": {"top": 8, "right": 84, "bottom": 8, "left": 8, "containLabel": True},
        "yAxis": {"type": "category", "inverse": True, "data": names, "axisTick": {"show": False}},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@money"}},
        "series": [
            {"type": "bar", "stack": "a", "data": [*clear, 0], "itemStyle": {"color": "transparent"}, "silent": True},
            {
                "type": "bar", "stack": "a", "barWidth": "62%",
                "data": [*bars, {"value": whole, "label": _words(whole, digits), "itemStyle": {"color": "#1f6fb2"}}],
                "itemStyle": {"color": "#e08e0b"},
            },
        ],
    }  # fmt: skip


def _words(value: float, digits: int) -> dict[str, Any]:
    return {"show": True, "position": "right", "formatter": f"{value:,.{digits}f}", "fontSize": 11}


def _course(course: list[dict[str, Any]], on: str, digits: int) -> dict[str, Any] | None:
    """What is charged on top of goods and carriage, day by day, as steps; nothing where no rule ever changed it."""
    known = [row for row in course if row["landed_minor"] is not None]
    if len(known) < 2 or len({row["decl_currency"] for row in known}) > 1:
        return None
    series = [
        {
            "name": str(label), "type": "line", "step": "end", "stack": "charges", "areaStyle": {"opacity": 0.35},
            "symbol": "none", "lineStyle": {"width": 1},
            "data": [[row["placed_on"].isoformat(), float(to_major(row[name], digits))] for row in known],
        }
        for name, label in CHARGES
        if any(row[name] for row in known)
    ]  # fmt: skip
    if not series:
        return None
    series[0]["markLine"] = {
        "symbol": "none", "silent": True, "label": {"formatter": on}, "data": [{"xAxis": on}],
    }  # fmt: skip
    return {
        "legend": {},
        "grid": {"top": 44, "right": 24, "bottom": 8, "left": 8, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {"formatter": "{yyyy}-{MM}"}},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "@money"}},
        "series": series,
    }
