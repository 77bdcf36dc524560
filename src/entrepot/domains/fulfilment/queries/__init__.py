"""What pages and other rooms read of the spine: runs, decisions, and the profit they add up to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment import frames
from entrepot.domains.fulfilment.models import Batch, Decision, PaperJob, PastDecision, Run
from entrepot.domains.fulfilment.queries.replaying import (
    CAUSES,
    Cell,
    Demand,
    Shock,
    decided_days,
    gallery,
    proposals_of,
    replay_cells,
    replay_counts,
    replay_for,
    replay_totals,
    replay_worlds,
    replays_for,
    scenario_for,
    scenario_numbered,
    scenarios_for,
    shared_replays,
    shared_scenarios,
    shock_of,
)
from entrepot.domains.orders.queries import Period, state_counts

__all__ = [
    "CAUSES",
    "DIMENSIONS",
    "Cell",
    "Demand",
    "ProfitFigures",
    "RunProgress",
    "Shock",
    "batches_of",
    "decided_days",
    "decided_figures",
    "decision_of",
    "find_runs",
    "gallery",
    "orders_pending",
    "paper_job",
    "part_goods",
    "past_decisions_of",
    "profit_by",
    "profit_of_period",
    "proposals_of",
    "replay_cells",
    "replay_counts",
    "replay_for",
    "replay_totals",
    "replay_worlds",
    "replays_for",
    "run_progress",
    "scenario_for",
    "scenario_numbered",
    "scenarios_for",
    "shared_replays",
    "shared_scenarios",
    "shock_of",
]  # fmt: skip

DIMENSIONS = {
    "day": "o.placed_on",
    "market": "o.dest_country",
    "channel": "o.channel",
    "warehouse": "d.warehouse",
    "service": "d.service",
}


@dataclass(frozen=True)
class ProfitFigures:
    """What a group of orders earned, in minor units of the books' currency; only decided orders have figures."""

    orders: int = 0
    decided: int = 0
    revenue: int = 0
    cogs: int = 0
    freight: int = 0
    handling: int = 0
    channel_fee: int = 0
    payment_fee: int = 0
    duty: int = 0
    import_tax: int = 0
    profit: int = 0

    @property
    def margin_ppm(self) -> int | None:
        """Profit as a share of revenue; None without revenue."""
        return round(self.profit * 1_000_000 / self.revenue) if self.revenue else None


MEASURES = tuple(field.name for field in fields(ProfitFigures) if field.name not in ("orders", "decided"))
SUMS = ", ".join(f"coalesce(sum(d.{name}_base_minor), 0)::bigint" for name in MEASURES)


@dataclass(frozen=True)
class RunProgress:
    """A run and how its batches stand."""

    run: Run
    batches: dict[str, int]

    @property
    def done_ppm(self) -> int:
        """Share of the orders that are decided and booked."""
        return self.run.done * 1_000_000 // self.run.total if self.run.total else 1_000_000


def profit_of_period(period: Period) -> ProfitFigures:
    """What the orders placed in a period earned."""
    return _grouped(period, "").get(None, ProfitFigures())


def profit_by(dimension: str, period: Period) -> dict[Any, ProfitFigures]:
    """The same by day, market, channel, warehouse or service."""
    return _grouped(period, dimension)


def decision_of(order_id: int) -> Decision | None:
    """The current decision of an order."""
    return Decision.objects.filter(order_id=order_id).first()


def past_decisions_of(order_id: int) -> list[PastDecision]:
    """Decisions of an order that later ones replaced, the oldest first."""
    return list(PastDecision.objects.filter(order_id=order_id).order_by("version"))


def paper_job(job_id: int) -> PaperJob | None:
    """A printing job."""
    return PaperJob.objects.filter(pk=job_id).first()


def find_runs() -> QuerySet[Run]:
    """Runs, the newest first."""
    return Run.objects.order_by("-pk")


def run_progress(run_id: int) -> RunProgress | None:
    """One run with the number of its batches by state."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    states = Batch.objects.filter(run=run).values("state").annotate(n=Count("pk")).values_list("state", "n")
    return RunProgress(run, dict(states))


def batches_of(run_id: int) -> Sequence[dict[str, Any]]:
    """Batches of a run without the frames they keep."""
    columns = (
        "id",
        "state",
        "order_count",
        "claimed_by",
        "claimed_at",
        "finished_at",
        "world_hash",
        "engine_version",
        "attempts",
        "error",
    )
    return list(Batch.objects.filter(run_id=run_id).order_by("pk").values(*columns))


def orders_pending() -> int:
    """Orders that wait for a decision."""
    return state_counts().get("new", 0)


def decided_figures(order_ids: Sequence[int]) -> Frame:
    """The current decision's figures of some orders (columns of `frames.FIGURES`)."""
    return frames.decided_figures(order_ids)


def _grouped(period: Period, dimension: str) -> dict[Any, ProfitFigures]:
    key = DIMENSIONS[dimension] if dimension else "NULL"
    sql = f"""
        SELECT {key}, count(*), count(d.order_id), {SUMS}
        FROM orders_order o
        LEFT JOIN fulfilment_decision d ON d.order_id = o.id AND o.state NOT IN ('cancelled', 'returned')
        WHERE o.placed_at >= %s AND o.placed_at < %s AND o.placed_on BETWEEN %s AND %s
        GROUP BY 1"""
    bounds = [period.first - timedelta(days=1), period.last + timedelta(days=2), period.first, period.last]
    with connection.cursor() as cursor:
        cursor.execute(sql, bounds)
        return {row[0]: ProfitFigures(*map(int, row[1:])) for row in cursor.fetchall()}


def decision_records() -> QuerySet[Decision]:
    """Every decision in force."""
    return Decision.objects.all()


def part_goods(order_ids: Sequence[int]) -> dict[int, dict[int, dict[str, int]]]:
    """Of decided orders that go in parts: the pieces of each SKU in each part, by order and part."""
    rows = (
        Decision.objects.filter(order_id__in=order_ids).exclude(parts=None).values_list("order_id", "parts")
    )
    return {
        order: {number: dict(part["goods"]) for number, part in enumerate(json.loads(text), start=1)}
        for order, text in rows
        if text
    }
