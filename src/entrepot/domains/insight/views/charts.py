"""Charts of insight as ECharts options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def trend_chart(
    labels: Sequence[str],
    values: Sequence[float | None],
    goals: Sequence[float | None],
    names: tuple[str, str],
    formatter: str,
) -> dict[str, Any]:
    """A figure month by month, and its goal as a dashed line."""
    return {
        "legend": {},
        "tooltip": {"valueFormatter": formatter},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": {"type": "value", "axisLabel": {"formatter": formatter.partition(":")[0]}, "scale": False},
        "series": [
            {"type": "bar", "name": names[0], "data": list(values), "barMaxWidth": 36},
            {
                "type": "line", "name": names[1], "data": list(goals), "showSymbol": False, "step": "middle",
                "lineStyle": {"type": "dashed", "width": 2},
            },
        ],
    }  # fmt: skip
