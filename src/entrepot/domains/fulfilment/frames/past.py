"""Frames of orders that had left before they came to us."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment.frames import Bookings
from entrepot.engine import Batch, World
from entrepot.engine.fx import Rates, convert
from entrepot.kernel.issue import ISSUES


def let_pass(heads: Frame) -> Frame:
    """Nobody can hold what has left: every hold a person could release is released."""
    return heads.with_columns(released=pl.lit(" ".join(sorted(ISSUES))))


def as_one(lines: Frame) -> Frame:
    """Lines of which all has left by now, at whatever time each piece did."""
    return lines.with_columns(sent=pl.lit(0, pl.Int64))


def enough(lines: Frame, world: World) -> Frame:
    """Stock that is no limit: of each article all the pieces of the batch, in every open warehouse."""
    pieces = lines.group_by("sku").agg(available=pl.col("quantity").sum().clip(1))
    places = world["warehouses"].select("warehouse").unique()
    return places.join(pieces, how="cross").select("warehouse", "sku", "available")


def only_confirmed(booked: Bookings) -> Bookings:
    """The bookings of orders that could be priced, without moves and shipments."""
    ids = booked.decisions.filter(pl.col("status") == "confirmed").select("order_id")
    kept = {
        name: getattr(booked, name).join(ids, on="order_id", how="semi", maintain_order="left")
        for name in ("applied", "decisions", "taxes")
    }
    return replace(booked, **kept, moves=booked.moves.clear(), plans=booked.plans.clear())


def as_it_is(applied: Frame, states: Frame) -> Frame:
    """The figures for orders that keep the state they are in."""
    return (
        applied.drop("state")
        .join(states, on="order_id", how="inner", maintain_order="left")
        .with_columns(was=pl.col("state"), ship_on=pl.lit(None, pl.Date), promise_on=pl.lit(None, pl.Date))
    )


def opening_legs(decisions: Frame, heads: Frame) -> Frame:
    """The cost of goods that had left, put on the shelf by the opening entry that the sale takes them from."""
    placed = heads.select("order_id", "placed_on")
    return _legs(decisions.join(placed, on="order_id", maintain_order="left"))


def sent_legs(batch: Batch, decisions: Frame, world: World) -> Frame:
    """The same for orders confirmed here of which some pieces had left before: the cost of those pieces alone.

    Shapes: one row per such order. Units: minor units of the books' currency, rounded half-up line by line as the
    order's own cost is. Holds: nothing of what is taken from our shelves is among it.
    """
    confirmed = decisions.filter(pl.col("status") == "confirmed").select(
        "order_id", "version", "base_currency"
    )
    lines = batch.lines.filter(pl.col("sent") > 0).join(confirmed, on="order_id", how="inner")
    lines = lines.join(batch.orders.select("order_id", "placed_on"), on="order_id", how="left")
    lines = lines.join(world["skus"].select("sku", "cost_minor", "cost_currency"), on="sku", how="left")
    rates = Rates.of(world)
    lines = rates.attach(
        rates.attach(lines, "cost_currency", "placed_on", "w"), "base_currency", "placed_on", "b"
    )
    cost = convert(pl.col("cost_minor") * pl.col("sent"), "w", "b").alias("cogs_base_minor")
    rows = lines.with_columns(cost).group_by("order_id", "version", "base_currency", "placed_on")
    return _legs(
        rows.agg(pl.col("cogs_base_minor").sum()).filter(pl.col("cogs_base_minor") > 0).sort("order_id")
    )


def _legs(rows: Frame) -> Frame:
    return rows.select(
        idempotency_key=pl.format("past:{}:v{}", "order_id", "version"),
        kind=pl.lit("opening"),
        entry_date="placed_on",
        leg=pl.lit("opening_stock"),
        currency="base_currency",
        amount_minor="cogs_base_minor",
        ref_kind=pl.lit("order"),
        ref_id="order_id",
    )
