"""Charts of the spine's pages as ECharts options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from entrepot.core.charts import GAIN, TOTAL, major, waterfall_chart
from entrepot.domains.fulfilment.queries import Cell
from entrepot.domains.fulfilment.services import Figure
from entrepot.domains.ledger.queries import minor_units_by_currency

QUIET = "#b6bec8"


def causes_chart(total: Cell, names: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """From profit before, cause by cause, to profit after: floating bars on an axis that begins near them."""
    digits = minor_units_by_currency().get(currency, 2)
    steps = [(_("Profit before"), total.profit_before, True)]
    steps += [(str(names[name]), amount, False) for name, amount in total.causes.items() if amount]
    steps.append((_("Profit after"), total.profit_after, True))
    return waterfall_chart(steps, digits)


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
                "data": [major(getattr(figure, side), digits) for _name, figure in rows],
            }
            for side, label, colour in sides
        ],
    }
