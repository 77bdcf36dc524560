"""Charts that pages of several rooms draw, as ECharts options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.kernel.money import to_major

GAIN, LOSS, TOTAL = "#2e8b57", "#c4553b", "#1f6fb2"
CLEAR = {"itemStyle": {"color": "transparent"}, "emphasis": {"disabled": True}, "silent": True}
MINUS = "\N{MINUS SIGN}"


def waterfall_chart(steps: Sequence[tuple[str, int, bool]], digits: int) -> dict[str, Any]:
    """From level to level, step by step: floating bars; each step is (label, amount, is it a level)."""
    gap, bars, below, level = [], [], [], 0
    for _label, amount, is_level in steps:
        start, end = (0, amount) if is_level else (level, level + amount)
        level = end
        low, high = min(start, end), max(start, end)
        colour = TOTAL if is_level else GAIN if amount >= 0 else LOSS
        words = f"{to_major(amount, digits):,.0f}".replace("-", MINUS)
        label = {
            "show": True,
            "position": "right",
            "formatter": words if is_level or amount < 0 else f"+{words}",
        }
        gap.append(major(max(low, 0) + min(high, 0), digits))
        bars.append(
            {
                "value": major(max(high, 0) - max(low, 0), digits),
                "itemStyle": {"color": colour},
                "label": label,
            }
        )
        below.append({"value": major(min(low, 0) - min(high, 0), digits), "itemStyle": {"color": colour}})
    shared = {"type": "bar", "stack": "all", "barWidth": "62%"}
    return {
        "tooltip": {"show": False},
        "grid": {"top": 8, "right": 84, "bottom": 8, "left": 8, "containLabel": True},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [label for label, _amount, _is_level in steps],
            "axisLabel": {"interval": 0, "hideOverlap": False, "width": 118, "overflow": "break"},
        },
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@integer"}, "splitNumber": 3},
        "series": [{**shared, **CLEAR, "data": gap}, {**shared, "data": bars}, {**shared, "data": below}],
    }


def major(minor: int, digits: int) -> float:
    """An amount as a chart's axis takes it."""
    return float(to_major(minor, digits))
