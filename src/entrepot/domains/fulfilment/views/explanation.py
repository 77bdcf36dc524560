"""Why an order was decided as it was: decided again with every step noted, and compared with the books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import Names
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.views.border import charges_shown, rule_in_words, value_in_words
from entrepot.domains.fulfilment.views.citing import rules_shown
from entrepot.domains.fulfilment.world import UnknownWorld
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics.queries import service_names
from entrepot.domains.warehouse.queries import warehouse_names
from entrepot.engine.explain import Part
from entrepot.engine.frames import SchemaError
from entrepot.kernel.money import to_major

LABELS = {
    "paid": _("Buyer pays"),
    "tax_sale": _("Tax handed on"),
    "revenue": _("Revenue"),
    "cogs": _("Cost of goods"),
    "freight": _("Freight"),
    "handling": _("Handling"),
    "channel_fee": _("Channel fee"),
    "payment_fee": _("Payment fee"),
    "duty": _("Duty"),
    "import_tax": _("Import tax"),
    "profit": _("Profit"),
}
METHODS = {
    "cheapest": _("Its cheapest way; nothing about it was scarce."),
    "optimum": _("Stock or capacity was scarce: the least total cost for all orders of the batch together."),
    "solver": _(
        "Stock or capacity was scarce: the best plan the solver found for the batch within its limit of steps."
    ),
    "heuristic": _(
        "Stock or capacity was scarce and the batch too large for the solver: shared out along the queue."
    ),
    "remainder": _(
        "Stock or capacity for it in one piece went to other orders of the batch: it gets what is left, in two parts."
    ),
}
LEFT_OUT = _("Stock or capacity went to other orders of the batch.")
TOTALS = ("revenue", "profit")
GAIN, LOSS, TOTAL = "#2e8b57", "#c4553b", "#1f6fb2"


@require_GET
@require("orders.view")
def explanation(request: HttpRequest, order_id: int) -> HttpResponse:
    """The panel of the order page; it takes a moment, so the page asks for it after it is shown."""
    try:
        found = services.explain_order(order_id)
    except services.NotDecided:
        return render(request, "fulfilment/explanation_none.html", {"reason": "undecided"})
    except (UnknownWorld, SchemaError):
        return render(request, "fulfilment/explanation_none.html", {"reason": "world"})
    shown = next((way for way in found.ways if way["chosen"]), found.ways[0] if found.ways else None)
    context = {
        "told": found,
        "steps": [{**step, "label": LABELS.get(step["key"], step["key"])} for step in found.waterfall],
        "chart": waterfall_chart(found.waterfall),
        "rules": rules_shown(*(part.rules for part in found.parts)),
        "parts": parts_shown(found.parts),
        "why_cut": why_cut(found.ways),
        "impossible": impossible(found.rejected),
        "differences": services.check_explanation(found),
        "earlier": queries.past_decisions_of(order_id),
        "names": {
            "warehouse": english_or_chinese(warehouse_names()),
            "service": english_or_chinese(service_names()),
        },
        "ways": ways_compared(found.ways),
        "method": method(found.decision, bool(found.ways)),
        "shown": shown,
        "is_assumed": any(line.get("assumed") for line in found.lines),
    }
    return render(request, "fulfilment/explanation_panel.html", context)


def parts_shown(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Each shipment with its goods, freight, charges and the rule it falls under, in words."""
    return [
        {
            "number": part.number,
            "way": part.way,
            "goods": sorted(part.goods.items()),
            "freight": freight_shown(part.parcels, part.surcharges, part.way),
            "charges": charges_shown(part.charges, part.rules, part.way),
            "rule_words": rule_in_words(part.rules, part.way),
            "value_words": value_in_words(part.way),
        }
        for part in parts
    ]


def why_cut(ways: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Of an order in parts: what the cheapest way in one piece would cost more, nothing where there is none.

    `is_rest`: a way in one piece would cost no more, but its stock or capacity went to other orders.
    """
    own = next((way for way in ways if way["in_parts"]), None)
    if own is None:
        return None
    others = [way["total_cost_base_minor"] for way in ways if not way["in_parts"]]
    saved = min(others) - own["total_cost_base_minor"] if others else None
    return {"saved_minor": saved, "is_rest": saved is not None and saved <= 0, "currency": own["base"]}


def freight_shown(
    parcels: Sequence[dict[str, Any]], surcharges: Sequence[dict[str, Any]], way: dict[str, Any] | None
) -> dict[str, Any]:
    """How the freight of the way came about: parcels with what is billed of each, surcharges, their sum."""
    if way is None or not parcels:
        return {}
    rows = []
    for one in parcels:
        pounds = one["unit"] == "in3/lb"
        sides = [one[name] for name in ("long", "mid", "short")]
        scale, unit = (254, "in") if pounds else (100, "cm")
        size = " × ".join(f"{side / scale:g}" for side in sides) + f" {unit}" if None not in sides else ""
        name = "lb" if pounds else "kg"
        rows.append(
            {
                **one,
                "size": size,
                "volumetric": f"{one['volumetric_e3'] / 1000:g} {name}" if one["volumetric_e3"] else "",
                "billed": f"{one['billed_e3'] / 1000:g} {name}",
            }
        )
    first = rows[0]
    divisor = f"{first['divisor']:,} {first['unit'].replace('3', '³')}" if first["divisor"] else ""
    return {
        "parcels": rows,
        "surcharges": surcharges,
        "currency": way["freight_currency"],
        "total_minor": way["freight_minor"],
        "packing_minor": way["packing_minor"],
        "packing_currency": way["warehouse_currency"],
        "divisor": divisor,
    }


def waterfall_chart(steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """From revenue down to profit as floating bars; a bar that crosses nought is drawn in two parts."""
    drawn = [step for step in steps if step["amount_minor"] is not None]
    if not drawn:
        return {}
    currency = drawn[0]["currency"]
    digits = minor_units_by_currency().get(currency, 2)
    parts: dict[str, list[Any]] = {"gap_up": [], "up": [], "gap_down": [], "down": []}
    level = 0
    for step in drawn:
        amount = step["amount_minor"]
        is_total = step["key"] in TOTALS
        start, end = (0, amount) if is_total else (level, level + amount)
        level = end
        low, high = min(start, end), max(start, end)
        colour = TOTAL if is_total and amount >= 0 else LOSS if amount < 0 else GAIN
        bars = {
            "gap_up": max(low, 0),
            "up": max(high, 0) - max(low, 0),
            "gap_down": min(high, 0),
            "down": min(low, 0) - min(high, 0),
        }
        for name, size in bars.items():
            value = float(to_major(size, digits))
            parts[name].append(
                value if name.startswith("gap") else {"value": value, "itemStyle": {"color": colour}}
            )
    return _waterfall_option(drawn, parts, digits)


def _waterfall_option(
    drawn: list[dict[str, Any]], parts: dict[str, list[Any]], digits: int
) -> dict[str, Any]:
    clear = {
        "itemStyle": {"color": "transparent"},
        "emphasis": {"disabled": True},
        "tooltip": {"show": False},
        "silent": True,
    }
    shared = {"type": "bar", "barWidth": "62%"}
    for bar, step in zip(parts["up"], drawn, strict=True):
        words = f"{to_major(step['amount_minor'], digits):,.{digits}f}".replace("-", "\N{MINUS SIGN}")
        bar["label"] = {"show": True, "position": "right", "formatter": words, "fontSize": 11}
    return {
        "tooltip": {"show": False},
        "grid": {"top": 8, "right": 72, "bottom": 8, "left": 8, "containLabel": True},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [str(LABELS.get(step["key"], step["key"])) for step in drawn],
            "axisLabel": {
                "interval": 0,
                "hideOverlap": False,
                "width": 96,
                "overflow": "break",
                "fontSize": 11,
            },
        },
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
        "series": [
            {**shared, **clear, "stack": "up", "data": parts["gap_up"]},
            {**shared, "stack": "up", "data": parts["up"]},
            {**shared, **clear, "stack": "up", "data": parts["gap_down"]},
            {**shared, "stack": "up", "data": parts["down"]},
        ],
    }


def method(decision: dict[str, Any], has_ways: bool) -> object:
    """How the way was chosen among the batch's orders; why there is none although some were possible."""
    if decision["status"] == "backordered" and has_ways:
        return LEFT_OUT
    return METHODS.get(decision["chosen_by"] or "")


def ways_compared(ways: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The chosen way first (or the cheapest, where none was), each other one with what it costs more."""
    ranked = sorted(ways, key=lambda way: not way["chosen"])
    return [
        {**way, "difference": way["total_cost_base_minor"] - ranked[0]["total_cost_base_minor"]}
        for way in ranked
    ]


def impossible(rejected: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ways that cannot be taken, gathered by reason: code and the warehouses and services it concerns."""
    ways: dict[str, set[tuple[str, str]]] = {}
    for row in rejected:
        ways.setdefault(row["code"], set()).add((row["warehouse"], row["service"]))
    return [{"code": code, "ways": sorted(found)} for code, found in sorted(ways.items())]


def english_or_chinese(names: Names) -> dict[str, str]:
    """Names by code in the reader's language."""
    return {code: in_language(pair) for code, pair in names.items()}
