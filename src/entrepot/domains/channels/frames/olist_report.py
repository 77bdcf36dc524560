"""Olist beside us: what they charged and promised for each order, what we would have paid and promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.olist import OlistRecords
from entrepot.domains.channels.frames import figures
from entrepot.domains.channels.frames.figures import exact
from entrepot.domains.channels.frames.source import Source, kept_outcomes
from entrepot.domains.channels.rules.outcomes import OUTCOMES
from entrepot.engine.arithmetic import divide

FREIGHT_STEP, FREIGHT_STEPS = 500, 16
DAY_STEP, DAY_STEPS = 3, 20


@dataclass(frozen=True)
class Booked:
    """What the records say of the set."""

    run_id: int
    orders: Frame
    decisions: Frame
    facts: Frame
    base: str
    source: Source


def build(records: OlistRecords, booked: Booked) -> dict[str, Any]:
    """The whole report, ready for JSON. Amounts are text in reais, `_minor` whole minor units, days whole days.

    Holds: the comparison covers the orders that were confirmed, both sides of them.
    Source: docs/methods/olist_comparison.md.
    """
    kept = kept_outcomes(booked.run_id)
    both = _both(records, booked)
    return {
        "kind": booked.source.name,
        "currency": booked.source.currency,
        "lines": records.lines.height,
        "first_day": str(records.orders["placed_on"].min()),
        "last_day": str(records.orders["placed_on"].max()),
        "outcomes": _outcomes(kept),
        "goods": exact(int(records.orders["goods_minor"].sum())),
        "freight_charged": exact(int(records.orders["shipping_minor"].sum())),
        "assumptions": figures.assumptions(booked.facts, records.skus),
        "without_category": records.skus.filter(category="unknown").height,
        "orders": booked.orders.height,
        "states": figures.decisions_by_state(booked.orders),
        "holds": figures.holds_by_code(booked.orders),
        "profit": figures.profit_sums(booked.decisions, booked.base),
        "compared": both.height,
        "freight": _freight(both),
        "promise": _promise(both),
    }


def _outcomes(kept: Frame) -> list[dict[str, Any]]:
    names = {number: name for name, number in OUTCOMES.items()}
    return [
        {"outcome": names[number], "reason": reason, "lines": n, "quantity": q, "amount": exact(a, 4)}
        for number, reason, n, q, a in kept.rows()
    ]


def _both(records: OlistRecords, booked: Booked) -> Frame:
    """One row per confirmed order: their freight and days, ours, and the real days.

    Our freight is booked in the books' currency; it is carried to the order's by the order's own rate.
    """
    decided = booked.decisions.filter(status="confirmed").join(
        booked.orders.select("order_id", invoice="external_id"), on="order_id"
    )
    ours = divide(pl.col("freight_base_minor") * pl.col("revenue_minor"), pl.col("revenue_base_minor"))
    return records.orders.join(decided, on="invoice").select(
        "invoice",
        "region",
        their_freight="shipping_minor",
        our_freight=pl.when(pl.col("revenue_base_minor") > 0).then(ours),
        their_days=(pl.col("their_promise_on") - pl.col("placed_on")).dt.total_days(),
        our_days=(pl.col("promise_on") - pl.col("placed_on")).dt.total_days(),
        real_days=(pl.col("delivered_on") - pl.col("placed_on")).dt.total_days(),
    )


def _freight(both: Frame) -> dict[str, Any]:
    return {
        "theirs": _spread(both["their_freight"], money=True),
        "ours": _spread(both["our_freight"], money=True),
        "difference": _spread(both["our_freight"] - both["their_freight"], money=True),
        "bins": [
            {"from": exact(n * FREIGHT_STEP), "theirs": theirs, "ours": ours}
            for n, theirs, ours in _bins(both, ("their_freight", "our_freight"), FREIGHT_STEP, FREIGHT_STEPS)
        ],
        "last_bin_open": True,
    }


def _promise(both: Frame) -> dict[str, Any]:
    arrived = both.filter(pl.col("real_days").is_not_null())
    return {
        "theirs": _spread(both["their_days"]),
        "ours": _spread(both["our_days"]),
        "real": _spread(arrived["real_days"]),
        "difference": _spread(both["our_days"] - both["their_days"]),
        "arrived": arrived.height,
        "theirs_on_time": arrived.filter(pl.col("real_days") <= pl.col("their_days")).height,
        "ours_on_time": arrived.filter(pl.col("real_days") <= pl.col("our_days")).height,
        "bins": [
            {"from": n * DAY_STEP, "theirs": theirs, "ours": ours, "real": real}
            for n, theirs, ours, real in _bins(
                both, ("their_days", "our_days", "real_days"), DAY_STEP, DAY_STEPS
            )
        ],
    }


def _spread(values: pl.Series, *, money: bool = False) -> dict[str, Any]:
    """Mean, median, quarter points and extremes; whole numbers, the mean rounded half up."""
    known = values.drop_nulls().cast(pl.Int64).sort()
    if known.is_empty():
        return {"count": 0}
    total, count = int(known.sum()), len(known)
    mean = (abs(total) * 2 + count) // (count * 2) * (1 if total >= 0 else -1)
    points = {name: int(known[min(count - 1, count * share // 100)]) for name, share in _POINTS}
    figures_of = {"mean": mean, **points}
    return {"count": count, **({k: exact(v) for k, v in figures_of.items()} if money else figures_of)}


_POINTS = (("least", 0), ("p25", 25), ("median", 50), ("p75", 75), ("p90", 90), ("most", 100))


def _bins(both: Frame, columns: tuple[str, ...], step: int, steps: int) -> list[tuple[int, ...]]:
    """Orders by equal steps; what lies beyond the last step is counted in it."""
    counted = []
    for column in columns:
        place = (both[column].drop_nulls().cast(pl.Int64) // step).clip(0, steps - 1)
        tally = dict(place.value_counts().rows()) if len(place) else {}
        counted.append([int(tally.get(n, 0)) for n in range(steps)])
    return list(zip(range(steps), *counted, strict=True))
