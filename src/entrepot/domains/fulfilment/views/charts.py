"""Charts of the spine's pages as ECharts options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from entrepot.domains.fulfilment.queries import Cell
from entrepot.domains.fulfilment.services import Figure
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.kernel.money import to_major

GAIN, LOSS, TOTAL, QUIET = "#2e8b57", "#c4553b", "#1f6fb2", "#b6bec8"
CLEAR = {"itemStyle": {"color": "transparent"}, "emphasis": {"disabled": True}, "silent": True}


def causes_chart(total: Cell, names: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """From profit before, cause by cause, to profit after: floating bars on an axis that begins near them."""
    digits = minor_units_by_currency().get(currency, 2)
    steps = [(_("Profit before"), total.profit_before, True)]
    steps += [(str(names[name]), amount, False) for name, amount in total.causes.items() if amount]
    steps.append((_("Profit after"), total.profit_after, True))
    gap, bars, below, level = [], [], [], 0
    for _label, amount, is_total in steps:
        start, end = (0, amount) if is_total else (level, level + amount)
        level = end
        low, high = min(start, end), max(start, end)
        colour = TOTAL if is_total else GAIN if amount >= 0 else LOSS
        words = f"{to_major(amount, digits):,.0f}".replace("-", "\N{MINUS SIGN}")
        label = {
            "show": True,
            "position": "right",
            "formatter": words if is_total or amount < 0 else f"+{words}",
        }
        gap.append(_major(max(low, 0) + min(high, 0), digits))
        bars.append(
            {
                "value": _major(max(high, 0) - max(low, 0), digits),
                "itemStyle": {"color": colour},
                "label": label,
            }
        )
        below.append({"value": _major(min(low, 0) - min(high, 0), digits), "itemStyle": {"color": colour}})
    shared = {"type": "bar", "stack": "all", "barWidth": "60%"}
    return {
        "tooltip": {"show": False},
        "grid": {"top": 8, "right": 96, "bottom": 8, "left": 8, "containLabel": True},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [label for label, _amount, _is_total in steps],
            "axisLabel": {"interval": 0, "hideOverlap": False, "width": 110, "overflow": "break"},
        },
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}},
        "series": [
            {**shared, **CLEAR, "data": gap},
            {**shared, "data": bars},
            {**shared, "data": below},
        ],
    }


def sides_chart(rows: Sequence[tuple[str, Figure]], currency: str) -> dict[str, Any]:
    """Per market three bars side by side: before, foretold, as it came; per order."""
    digits = minor_units_by_currency().get(currency, 2)
    sides = (
        ("before", pgettext("replay", "Before"), QUIET),
        ("then", _("Predicted"), TOTAL),
        ("after", _("Really booked"), GAIN),
    )
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"top": 0},
        "grid": {"top": 36, "right": 16, "bottom": 8, "left": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [name for name, _figure in rows],
            "axisLabel": {"interval": 0, "width": 80, "overflow": "break"},
        },
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "bar",
                "name": label,
                "itemStyle": {"color": colour},
                "data": [_major(getattr(figure, side), digits) for _name, figure in rows],
            }
            for side, label, colour in sides
        ],
    }


def _major(minor: int, digits: int) -> float:
    return float(to_major(minor, digits))
