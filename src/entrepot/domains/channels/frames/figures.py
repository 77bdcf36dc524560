"""Figures that every import report has: exact amounts as text, decisions by state, profit, assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.leftover import Leftover

PROFIT = (
    "revenue", "cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax", "profit",
)  # fmt: skip
BOOKED_STATES = ("confirmed", "shipped", "delivered", "returned")
CANCELLED = "cancelled"
ASSUMABLE = ("weight", "size", "hs", "origin", "cost")


def exact(value: Any, decimals: int = 2) -> str:
    """A whole number of 10^-decimals as text, with no fewer than two decimals: 97477479340, 4 → "9747747.934"."""
    value = value or 0
    whole, part = divmod(abs(value), 10**decimals) if decimals else (abs(value), 0)
    digits = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    least = min(2, decimals)
    text = f"{whole}.{digits.ljust(least, '0')}" if least else str(whole)
    return f"-{text}" if value < 0 else text


def not_kept(found: Sequence[Leftover]) -> list[dict[str, Any]]:
    """Columns of a file that nothing was made of: how many cells are filled, and what one of them says."""
    return [{"column": each.column, "cells": each.cells, "example": each.example} for each in found]


def decisions_by_state(orders: Frame) -> list[dict[str, Any]]:
    """Orders and their amount by state, the commonest first."""
    rows = orders.group_by("state").agg(orders=pl.len(), amount=pl.col("total_minor").sum())
    rows = rows.sort(["orders", "state"], descending=[True, False])
    return [{"state": state, "orders": n, "amount_minor": amount} for state, n, amount in rows.rows()]


def holds_by_code(orders: Frame) -> list[dict[str, Any]]:
    """Open holds by reason, the commonest first; an order may have several."""
    codes = orders.filter(pl.col("holds") != "").select(code=pl.col("holds").str.split(" ")).explode("code")
    rows = codes.group_by("code").len().sort(["len", "code"], descending=[True, False])
    return [{"code": code, "orders": n} for code, n in rows.rows()]


def profit_sums(decisions: Frame, base: str) -> dict[str, Any]:
    """Revenue, each cost and profit of the confirmed orders, minor units of the books' currency."""
    booked = decisions.filter(status="confirmed")
    sums = booked.select(pl.col(f"{name}_base_minor").sum() for name in PROFIT)
    values = dict(zip(PROFIT, sums.row(0), strict=True)) if booked.height else dict.fromkeys(PROFIT, 0)
    return {
        "currency": base,
        "orders": booked.height,
        **{f"{name}_minor": int(values[name] or 0) for name in PROFIT},
    }


def profit_by(orders: Frame, decisions: Frame, key: pl.Expr, *, limit: int = 60) -> list[dict[str, Any]]:
    """Orders, revenue and profit of the confirmed orders by some key of the order, in the key's order."""
    rows = (
        decisions.filter(status="confirmed")
        .join(orders, on="order_id")
        .group_by(key.alias("key"))
        .agg(
            orders=pl.len(),
            revenue=pl.col("revenue_base_minor").sum(),
            profit=pl.col("profit_base_minor").sum(),
        )
        .sort("key")
    )
    return [
        {"key": key, "orders": n, "revenue_minor": revenue, "profit_minor": profit}
        for key, n, revenue, profit in rows.head(limit).rows()
    ]


def assumptions(facts: Frame, skus: Frame) -> dict[str, Any]:
    """How many of the file's articles rest on assumed facts, and on which; by category."""
    mine = facts.join(skus.select("sku"), on="sku", how="semi")
    assumed = pl.col("assumed").str.split(" ")
    counts = {name: mine.filter(assumed.list.contains(name)).height for name in ASSUMABLE}
    groups = (
        mine.group_by("category").agg(skus=pl.len(), assumed=(pl.col("assumed") != "").sum()).sort("category")
    )
    return {
        "skus": skus.height,
        "assumed": counts,
        "without_price": mine.filter(pl.col("cost_minor") == 0).height,
        "categories": [{"category": c, "skus": n, "assumed": a} for c, n, a in groups.rows()],
    }
