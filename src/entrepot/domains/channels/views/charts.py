"""Charts of the reports as ECharts options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from entrepot.domains.channels.forms import ORDER_STATES, OUTCOMES, word
from entrepot.domains.channels.views.shown import PROFIT
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.kernel.money import to_major

Report = Mapping[str, Any]
Option = dict[str, Any]
SHOWN_COUNTRIES = 15


def outcomes(report: Report) -> Option:
    """Lines by outcome; the axis is logarithmic, since order lines outnumber all others."""
    rows = [row for row in report["outcomes"] if row["lines"]]
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["outcome"]] = sums.get(row["outcome"], 0) + row["lines"]
    names = list(reversed(sums))
    return {
        "grid": {"top": 8, "right": 48, "bottom": 8, "left": 8, "containLabel": True},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "log", "min": 1, "axisLabel": {"formatter": "@integer"}},
        "yAxis": {"type": "category", "data": [word(OUTCOMES, name) for name in names]},
        "series": [
            {
                "type": "bar",
                "name": _("Lines"),
                "data": [sums[name] for name in names],
                "label": {"show": True, "position": "right", "formatter": "{c}"},
            }
        ],
    }


def states(report: Report) -> Option:
    """Orders by state."""
    rows = [{"name": word(ORDER_STATES, row["state"]), "value": row["orders"]} for row in report["states"]]
    if not rows:
        return {"empty": _("No orders.")}
    return {
        "tooltip": {"trigger": "item"},
        "legend": {},
        "series": [
            {
                "type": "pie",
                "radius": ["45%", "70%"],
                "center": ["50%", "56%"],
                "data": rows,
                "label": {"formatter": "{c}"},
            }
        ],
    }


def profit(report: Report) -> Option:
    """What became of the revenue: each cost, and the profit that is left."""
    sums = report["profit"]
    if not sums["orders"]:
        return {"empty": _("No order is decided yet.")}
    names = [name for name in reversed(PROFIT) if sums[f"{name}_minor"] or name in ("revenue", "profit")]
    values = [_major(sums[f"{name}_minor"], sums["currency"]) for name in names]
    return {
        "grid": {"top": 8, "right": 24, "bottom": 8, "left": 8, "containLabel": True},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
        "yAxis": {"type": "category", "data": [str(PROFIT[name]) for name in names]},
        "series": [{"type": "bar", "name": sums["currency"], "data": values}],
    }


def months(report: Report) -> Option:
    """Revenue and profit by month."""
    rows, currency = report.get("profit_by_month") or [], report["profit"]["currency"]
    if not rows:
        return {"empty": _("No order is decided yet.")}
    return {
        "legend": {},
        "xAxis": {"type": "category", "data": [row["key"] for row in rows]},
        "yAxis": {"type": "value", "name": currency, "axisLabel": {"formatter": "@integer"}},
        "series": [
            {
                "type": "bar",
                "name": _("Revenue"),
                "data": [_major(row["revenue_minor"], currency) for row in rows],
            },
            {
                "type": "line",
                "name": _("Profit"),
                "data": [_major(row["profit_minor"], currency) for row in rows],
            },
        ],
    }


def countries(report: Report) -> Option:
    """The file's amount by country as written, the home market left out for scale."""
    rows = report.get("countries", [])[1 : SHOWN_COUNTRIES + 1]
    if not rows:
        return {"empty": _("All lines are of one country.")}
    rows = list(reversed(rows))
    return {
        "grid": {"top": 8, "right": 24, "bottom": 8, "left": 8, "containLabel": True},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
        "yAxis": {"type": "category", "data": [row["written"] for row in rows]},
        "series": [
            {
                "type": "bar",
                "name": report["currency"],
                "data": [float(Decimal(row["amount"])) for row in rows],
            }
        ],
    }


def freight(report: Report) -> Option:
    """How many orders paid which freight: theirs beside ours."""
    bins = report["freight"]["bins"]
    if not report["compared"]:
        return {"empty": _("No order is decided yet.")}
    labels = [row["from"].split(".")[0] for row in bins]
    labels[-1] += "+"
    return _beside(
        labels, bins, {"theirs": _("Freight they charged"), "ours": _("Our freight")}, report["currency"]
    )


def days(report: Report) -> Option:
    """How many days were promised, theirs beside ours, and how many it took."""
    bins = report["promise"]["bins"]
    if not report["compared"]:
        return {"empty": _("No order is decided yet.")}
    labels = [str(row["from"]) for row in bins]
    labels[-1] += "+"
    names = {"theirs": _("Their promise"), "ours": _("Our promise"), "real": _("Real delivery")}
    return _beside(labels, bins, names, _("days"))


def on_time(report: Report) -> Option:
    """The share of real deliveries that would have kept each promise."""
    promise = report["promise"]
    if not promise["arrived"]:
        return {"empty": _("No delivery is known.")}
    shares = [promise[name] / promise["arrived"] for name in ("theirs_on_time", "ours_on_time")]
    return {
        "xAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
        "yAxis": {"type": "category", "data": [_("Their promise"), _("Our promise")]},
        "series": [
            {"type": "bar", "name": _("On time"), "data": shares, "tooltip": {"valueFormatter": "@percent"}}
        ],
    }


def _beside(labels: list[str], bins: list[dict[str, Any]], names: Mapping[str, str], unit: str) -> Option:
    return {
        "legend": {},
        "grid": {"top": 36, "right": 16, "bottom": 24, "left": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": labels, "name": unit, "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
        "series": [
            {"type": "bar", "name": name, "data": [row[key] for row in bins]} for key, name in names.items()
        ],
    }


def _major(minor: int, currency: str) -> float:
    return float(to_major(minor, minor_units_by_currency().get(currency, 2)))


CHARTS: dict[str, Callable[[Report], Option]] = {
    "outcomes": outcomes,
    "states": states,
    "profit": profit,
    "months": months,
    "countries": countries,
    "freight": freight,
    "days": days,
    "on-time": on_time,
}
