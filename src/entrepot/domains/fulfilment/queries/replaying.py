"""What pages read of scenarios and replays: lists, totals, cells by article, market and channel, the gallery."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from entrepot.domains.fulfilment.models import Proposal, ReplayPart, ReplayRun, Scenario

CAUSES = ("price", "fx", "duty", "tax", "freight", "handling", "fee", "goods", "choice", "route")
SUMMED = (
    "lines", "quantity", "revenue_before", "revenue_after", "profit_before", "profit_after", "paid_before",
    "paid_after", *CAUSES,
)  # fmt: skip
DIMENSIONS = ("sku", "market", "channel")
PPM = 1_000_000
SHOCKS = Path(__file__).resolve().parent.parent / "data" / "shocks.csv"


@dataclass(frozen=True)
class Demand:
    """How buyers answer: elasticity of demand (ppm, negative), and the share of a loss put on the price (ppm)."""

    elasticity_ppm: int = 0
    passed_ppm: int = 0


@dataclass(frozen=True)
class Cell:
    """Lines of a group before and after; money in minor units of the books' currency."""

    key: tuple[str, ...]
    sums: dict[str, int]
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def profit_before(self) -> int:
        """Booked."""
        return self.sums["profit_before"]

    @property
    def profit_after(self) -> int:
        """Under the changed world, with demand as set."""
        return self.sums["profit_after"]

    @property
    def difference(self) -> int:
        """After less before."""
        return self.profit_after - self.profit_before

    @property
    def turns(self) -> bool:
        """Earned before, loses after."""
        return self.profit_before >= 0 > self.profit_after

    @property
    def margin_before(self) -> int | None:
        """Profit as a share of revenue, ppm."""
        return _margin(self.profit_before, self.sums["revenue_before"])

    @property
    def margin_after(self) -> int | None:
        """The same afterwards."""
        return _margin(self.profit_after, self.sums["revenue_after"])


@dataclass(frozen=True)
class Shock:
    """A real change of rules, shipped as data: one row per table that changed on a day."""

    code: str
    rows: tuple[dict[str, str], ...]

    @property
    def name(self) -> tuple[str, str]:
        """In English and Chinese."""
        return self.rows[0]["name_en"], self.rows[0]["name_zh"]

    @property
    def note(self) -> tuple[str, str]:
        """What it was, in English and Chinese."""
        return self.rows[0]["note_en"], self.rows[0]["note_zh"]

    @property
    def on(self) -> str:
        """The day it is known by."""
        return self.rows[0]["on"]

    def records(self, direction: str) -> list[dict[str, Any]]:
        """The scenario it makes, as kept edits: `held` all along, or `undone`.

        A shock that came in steps is moved forward from its first step on, and undone from its last one back.
        """
        steps = sorted(self.rows, key=lambda row: row["on"], reverse=direction == "undone")
        names = ("table", "on", "column", "values")
        return [
            {"kind": "shock", "values": {**{name: row[name] for name in names}, "direction": direction}}
            for row in steps
        ]


@cache
def gallery() -> dict[str, Shock]:
    """Real shocks by code, in the order of the file."""
    found: dict[str, list[dict[str, str]]] = {}
    with SHOCKS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["shock"], []).append(row)
    return {code: Shock(code, tuple(rows)) for code, rows in found.items()}


def shock_of(values: Mapping[str, Any]) -> Shock | None:
    """The shock of the gallery that a kept edit is a step of; None for one of somebody's own."""
    names = ("table", "on", "column", "values")
    wanted = [str(values.get(name) or "") for name in names]
    for shock in gallery().values():
        if any([row[name] for name in names] == wanted for row in shock.rows):
            return shock
    return None


def scenarios_for(user: Any) -> QuerySet[Scenario]:
    """Scenarios a person may see: their own and shared ones, the newest first."""
    return (
        Scenario.objects.filter(Q(owner_id=user.pk) | Q(is_shared=True))
        .select_related("owner")
        .order_by("-pk")
    )


def shared_scenarios() -> QuerySet[Scenario]:
    """Scenarios shared with the company, for a list taken away."""
    return Scenario.objects.filter(is_shared=True).select_related("owner").order_by("pk")


def shared_replays() -> QuerySet[ReplayRun]:
    """Replays and back-tests shared with the company, for a list taken away."""
    return ReplayRun.objects.filter(is_shared=True).select_related("created_by").order_by("pk")


def scenario_for(user: Any, scenario_id: int) -> Scenario | None:
    """One scenario, if the person may see it."""
    return scenarios_for(user).filter(pk=scenario_id).first()


def scenario_numbered(scenario_id: int) -> Scenario | None:
    """One scenario, whoever's it is: for the command line."""
    return Scenario.objects.filter(pk=scenario_id).first()


def replays_for(user: Any) -> QuerySet[ReplayRun]:
    """Replays a person may see: their own and shared ones, the newest first."""
    own = Q(created_by_id=user.pk) | Q(is_shared=True) | Q(created_by=None)
    return ReplayRun.objects.filter(own).select_related("scenario", "created_by").order_by("-pk")


def decided_days() -> tuple[date | None, date | None]:
    """The first and the last day of orders that were decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(o.placed_on), max(o.placed_on) FROM fulfilment_decision d "
            "JOIN orders_order o ON o.id = d.order_id WHERE d.status = 'confirmed'"
        )
        first, last = cursor.fetchone()
    return first, last


def replay_for(user: Any, run_id: int) -> ReplayRun | None:
    """One replay, if the person may see it."""
    return replays_for(user).filter(pk=run_id).first()


def replay_worlds(run_id: int) -> list[tuple[str, str]]:
    """Worlds of a run with the changed world each became."""
    rows = ReplayPart.objects.filter(run_id=run_id).order_by("world_hash").distinct()
    return list(rows.values_list("world_hash", "changed_hash"))


def replay_counts(run_id: int) -> tuple[int, int]:
    """Orders without a way any more, and orders that go another way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(lost), 0), coalesce(sum(moved), 0) FROM fulfilment_replaypart WHERE run_id = %s",
            [run_id],
        )
        lost, moved = cursor.fetchone()
    return int(lost), int(moved)


def replay_cells(
    run_id: int, dimensions: Sequence[str] = DIMENSIONS, demand: Demand | None = None, **only: str
) -> list[Cell]:
    """Sums by some dimensions, the worst difference first; `only` narrows to one article, market or channel.

    Demand is moved in the finest cells (article × market × channel), then summed.
    """
    narrowed = {name: value for name, value in only.items() if value and name in DIMENSIONS}
    where = "".join(f" AND {name} = %s" for name in narrowed)
    sums = ", ".join(f"sum({name})::bigint" for name in SUMMED)
    keys = ", ".join(DIMENSIONS)
    query = f"SELECT {keys}, {sums} FROM fulfilment_replaycell WHERE run_id = %s{where} GROUP BY {keys}"
    with connection.cursor() as cursor:
        cursor.execute(query, [run_id, *narrowed.values()])
        rows = cursor.fetchall()
    places = [DIMENSIONS.index(name) for name in dimensions]
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        figures = moved(dict(zip(SUMMED, row[3:], strict=True)), demand or Demand())
        own = found.setdefault(tuple(row[place] for place in places), dict.fromkeys(figures, 0))
        for name, value in figures.items():
            own[name] += value
    made = [_cell(key, sums) for key, sums in found.items()]
    return sorted(made, key=lambda cell: (cell.difference, cell.key))


def replay_totals(run_id: int, demand: Demand | None = None, **only: str) -> Cell:
    """Everything a run found, in one cell."""
    found = replay_cells(run_id, (), demand, **only)
    return found[0] if found else _cell((), dict.fromkeys((*SUMMED, "passed", "demand"), 0))


def moved(sums: dict[str, int], demand: Demand) -> dict[str, int]:
    """A cell after a share of its loss was put on the price and its buyers answered: two causes more.

    The price rises by the share of what was lost; demand changes by elasticity × the change of all a buyer pays, never
    below nothing. Profit and revenue follow demand in proportion. Rounded half up, once each.
    """
    lost = max(sums["profit_before"] - sums["profit_after"], 0)
    passed = _at(lost, demand.passed_ppm)
    revenue, profit = sums["revenue_after"] + passed, sums["profit_after"] + passed
    paid = sums["paid_before"]
    change = _at_ratio(PPM, sums["paid_after"] + passed - paid, paid) if paid > 0 else 0
    factor = max(PPM + _at(change, demand.elasticity_ppm), 0)
    after = _at(profit, factor)
    return {
        **sums,
        "revenue_after": _at(revenue, factor),
        "profit_after": after,
        "passed": passed,
        "demand": after - profit,
    }


def proposals_of(run_id: int) -> QuerySet[Proposal]:
    """Proposals of a run, those that help most first."""
    return Proposal.objects.filter(run_id=run_id).select_related("decided_by").order_by("sku", "-profit_then")


def _cell(key: tuple[str, ...], sums: dict[str, int]) -> Cell:
    return Cell(key, sums, {name: sums[name] for name in (*CAUSES, "passed", "demand")})


def _margin(profit: int, revenue: int) -> int | None:
    return _at_ratio(PPM, profit, revenue) if revenue > 0 else None


def _at(amount: int, ppm: int) -> int:
    return _at_ratio(amount, ppm, PPM)


def _at_ratio(amount: int, over: int, under: int) -> int:
    """amount × over / under, rounded half away from nought."""
    product = amount * over
    size = (abs(product) * 2 + under) // (under * 2)
    return size if product >= 0 else -size
