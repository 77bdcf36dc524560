"""Why an order was decided as it was: decided again with every step noted, and compared with the books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from entrepot.core.pages import in_language
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import Names
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.views.border import rule_in_words
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
TABLES = {
    "import_rules": _("Import rule"),
    "territories": _("Customs territory"),
    "incoterms": _("Terms of delivery"),
    "lanes": _("Lane"),
    "services": _("Service"),
    "surcharges": _("Surcharge"),
    "weighings": _("Weighing rule"),
    "contracts": _("Contract tier"),
    "payment_fees": _("Payment fee"),
    "channel_fees": _("Channel fee"),
    "vat_rates": _("Tax rate"),
    "duty_layers": _("Additional duty"),
    "import_fees": _("Import fee"),
    "rates": _("Rate card"),
    "duty_rates": _("Duty rate"),
    "fx": _("Exchange rate"),
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
        "rules": rules_shown(found.rules),
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
            "charges": part.charges,
            "rule_words": rule_in_words(part.rules, part.way),
        }
        for part in parts
    ]


def why_cut(ways: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Of an order in parts: what the cheapest way in one piece would cost more, and nothing where there is none."""
    own = next((way for way in ways if way["in_parts"]), None)
    if own is None:
        return None
    others = [way["total_cost_base_minor"] for way in ways if not way["in_parts"]]
    saved = min(others) - own["total_cost_base_minor"] if others else None
    return {"saved_minor": saved, "currency": own["base"]}


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


def rules_shown(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules behind the figures, each once, with version, source and certainty."""
    shown, seen = [], set()
    for rule in rules:
        mark = (
            rule["table"],
            rule["key"],
            rule.get("valid_from") or rule.get("on"),
            rule.get("over_g"),
            rule.get("hs_prefix"),
        )
        if mark in seen:
            continue
        seen.add(mark)
        shown.append(
            {
                "title": TABLES.get(rule["table"], rule["table"]),
                "table": rule["table"],
                "key": rule["key"],
                "rate_ppm": rule.get("rate_ppm"),
                "per_unit": _per_unit(rule),
                "reading": rule.get("reading", ""),
                "rate_e6": rule.get("rate_e6"),
                "from": rule.get("valid_from") or rule.get("on"),
                "source": rule.get("source", "") or ("ECB" if rule["table"] == "fx" else ""),
                "status": rule.get("status", "") or ("C" if rule["table"] == "fx" else ""),
            }
        )
    return shown


def _per_unit(rule: dict[str, Any]) -> str:
    """A duty that is not a plain share of the value, in words: `5 % + 1.20 USD/kg, at least 8 %`."""
    if rule["table"] == "import_fees" and rule.get("fixed_minor"):
        return _fixed_fee(rule)
    if not any(
        rule.get(name) for name in ("specific_e4", "floor_ppm", "ceiling_ppm", "floor_e4", "ceiling_e4")
    ):
        return ""
    signs = {"greater": _("or, if more,"), "lesser": _("or, if less,")}
    parts = [_share(rule["rate_ppm"])] if rule["rate_ppm"] or not rule["specific_e4"] else []
    if rule["specific_e4"]:
        parts.append(_unit(rule, rule["specific_e4"]))
    words = f" {signs.get(rule['combine'], '+')} ".join(parts)
    for text, name in ((_("at least"), "floor"), (_("at most"), "ceiling")):
        for bound, value in (
            (_share, rule.get(f"{name}_ppm")),
            (partial(_unit, rule), rule.get(f"{name}_e4")),
        ):
            if value is not None:
                words += f", {text} {bound(value)}"
    return words


def _fixed_fee(rule: dict[str, Any]) -> str:
    """A border fee with a fixed part: `2.69 USD`, `0.30 EUR/kg`, `0.21 % + 1.00 USD`."""
    amount = to_major(rule["fixed_minor"], minor_units_by_currency().get(rule["currency"], 2))
    words = f"{amount} {rule['currency']}" + ("/kg" if rule.get("base") == "kg" else "")
    return f"{_share(rule['rate_ppm'])} + {words}" if rule.get("rate_ppm") else words


def _share(ppm: int) -> str:
    return f"{Decimal(ppm) / 10_000:f} %"


def _unit(rule: dict[str, Any], e4: int) -> str:
    currency = rule.get("currency") or ""
    digits = minor_units_by_currency().get(currency, 2)
    return f"{Decimal(e4).scaleb(-4 - digits).normalize():f} {currency}/{rule['unit']}"


def impossible(rejected: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ways that cannot be taken, gathered by reason: code and the warehouses and services it concerns."""
    ways: dict[str, set[tuple[str, str]]] = {}
    for row in rejected:
        ways.setdefault(row["code"], set()).add((row["warehouse"], row["service"]))
    return [{"code": code, "ways": sorted(found)} for code, found in sorted(ways.items())]


def english_or_chinese(names: Names) -> dict[str, str]:
    """Names by code in the reader's language."""
    return {code: in_language(pair) for code, pair in names.items()}
