"""Replay: past orders under a changed world, before and after, with the causes of the difference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.price.shares import KEY
from entrepot.engine.replay.causes import CAUSES, attributed
from entrepot.engine.replay.frozen import WAY, Frozen, frozen
from entrepot.engine.replay.identity import difference
from entrepot.engine.replay.lines import alone_lines, on_lines, several_lines
from entrepot.engine.replay.redecided import redecided, redecided_apart
from entrepot.engine.replay.telling import FIGURES, Story, Told, lines_told, orders_told
from entrepot.engine.scenario import Edit, changed_batch, changed_world, changes_orders, fx_only
from entrepot.engine.world import World

__all__ = [
    "CAUSES", "Frozen", "Question", "Replayed", "attributed", "by_line", "cells", "difference", "frozen", "on_lines",
    "redecided", "replay",
]  # fmt: skip

CELL = ("sku", "market", "channel")
SUMS = ("quantity", *FIGURES)


@dataclass(frozen=True)
class Question:
    """What is asked: the world the orders were decided in, the edits, and how they are answered.

    redecide: the engine chooses ways again; unlimited: then every warehouse has every article, else the batch's own
    stock is shared out again. baseline: what choosing again would have brought without any edit is told apart, as
    `choice`. proof: the orders are priced in their own world too, against what was booked.
    """

    world: World
    edits: Sequence[Edit] = ()
    redecide: bool = False
    unlimited: bool = True
    baseline: bool = True
    proof: bool = True

    @cached_property
    def after(self) -> World:
        """The world with every edit made."""
        return changed_world(self.edits, self.world)

    @cached_property
    def changed(self) -> set[str]:
        """The tables that the edits change."""
        return {name for name in self.after.tables if self.after[name] is not self.world[name]}

    @cached_property
    def fx(self) -> World:
        """The world with only its exchange rates changed; the very same world where they are not."""
        return fx_only(self.world, self.after)


@dataclass(frozen=True)
class Replayed:
    """Orders before and after, one row per order booked.

    order_id, warehouse, service, new_warehouse, new_service, code (why it has no way any more), *_before and *_after in
    the books' currency (revenue, profit, paid: what the buyer pays with all charges; duty, import_tax and freight only
    after), the part of each cause, and
    cost_same, cost_after: the total cost ways are chosen by, of the way as it was and of the way taken, under the
    changed world.
    off_minor: the sum of all absolute differences between what was booked and what the same world gives again.
    lines: the same figures (`telling.FIGURES`) of the lines of orders that have several.
    """

    orders: pl.DataFrame
    off_minor: int
    lines: pl.DataFrame


def replay(
    batch: Batch,
    booked: pl.DataFrame,
    asked: Question,
    apart: Sequence[Batch] = (),
    known: Frozen | None = None,
) -> Replayed:
    """Past orders decided under the question's world, under its changed world.

    Shapes: booked one row per confirmed order of the batch (the columns of DECISIONS); so many rows in the result.
    `apart`: the batch's orders in the batches they were decided in, each of which shared out its own stock.
    `known`: the same ways as `frozen` gave them in their own world before; their freight is taken over.
    Units: minor units of the books' currency. Errors: EditError for an edit that cannot be made.
    Holds: profit_after - profit_before is the sum of the causes; without edits every difference is exactly zero.
    Source: docs/methods/replay.md.
    """
    booked = booked.sort("order_id")
    batch = batch.only(booked["order_id"])
    if asked.proof or known is None:
        proof = frozen(batch, booked, asked.world, known, by_line=True)
        off = difference(booked, proof.ways)
    else:
        proof, off = known, 0
    own = Told(batch, asked.world, proof.ways, proof.shares)
    if not asked.edits and not asked.redecide:
        return _replayed(Story(booked, own, [], own, own, proof.lost), off)
    orders = changed_batch(asked.edits, batch)

    def reading(world: World, changed: Collection[str] = ()) -> tuple[Frozen, Told]:
        found = frozen(orders, booked, world, proof, changed, by_line=True)
        return found, Told(orders, world, found.ways, found.shares)

    steps: list[tuple[str, Told]] = []
    if changes_orders(asked.edits):
        steps.append(("price", reading(asked.world)[1]))
    again, same = reading(asked.after, asked.changed)
    if "fx" in asked.changed:
        steps.append(("fx", same if asked.changed == {"fx"} else reading(asked.fx)[1]))
    end, anyhow = same, None
    if asked.redecide:
        seen = [part.only(booked["order_id"]) for part in apart] if apart and not asked.unlimited else [batch]
        whole = booked.filter(pl.col("parts").is_null()).select("order_id")
        end = _chosen([changed_batch(asked.edits, part) for part in seen], same, asked, whole)
        anyhow = _chosen(seen, own, asked, whole) if asked.baseline else None
    return _replayed(Story(booked, own, steps, same, end, again.lost, anyhow), off)


def _replayed(story: Story, off_minor: int) -> Replayed:
    return Replayed(orders_told(story), off_minor, lines_told(story))


def _chosen(batches: Sequence[Batch], same: Told, asked: Question, whole: pl.DataFrame) -> Told:
    """The orders with their ways chosen again in the world of a reading, whose prices of ways are not made twice.

    `whole`: orders that went in one piece; those in parts had no way that could be taken over.
    """
    world = same.world
    known = None if same.is_empty else same.ways.join(whole, on="order_id", how="semi", maintain_order="left")
    if asked.unlimited:
        ways = redecided(batches[0], world, unlimited=True, known=known)
    else:
        ways = redecided_apart(batches, world, known)
    if ways.is_empty():
        return replace(same, ways=ways)
    ways, shares = ways.sort("order_id"), same.shares
    other = ways.join(several_lines(same.batch.lines).select("order_id").unique(), on="order_id", how="semi")
    if known is not None:
        cut = pl.col("parts").is_not_null() if "parts" in other.columns else pl.lit(value=False)
        again = other.filter(~cut).join(known, on=WAY, how="semi").select("order_id")
        other = other.join(again, on="order_id", how="anti")
    if other.height:
        anew = frozen(same.batch, other, world, by_line=True).shares
        moved = other.select("order_id")
        kept = shares.join(moved, on="order_id", how="anti") if shares is not None else None
        shares = pl.concat([part for part in (kept, anew) if part is not None])
    return replace(same, ways=ways, shares=shares)


def by_line(replayed: Replayed, batch: Batch) -> pl.DataFrame:
    """The orders' figures on their lines.

    Shapes: one row per line: order_id, line_no, sku, quantity, market, channel and the columns of SUMS.
    Units: minor units of the books' currency. Holds: per order the lines add up to the order, and the causes of a line
    to its difference of profit. Source: docs/methods/lines.md.
    """
    heads = batch.orders.select("order_id", "channel", market="dest_country")
    lines = batch.lines.join(
        replayed.orders.select("order_id"), on="order_id", how="semi", maintain_order="left"
    )
    alone = alone_lines(lines).select(KEY).join(replayed.orders.select("order_id", *FIGURES), on="order_id")
    figures = pl.concat([alone, replayed.lines])
    frame = lines.join(figures, on=KEY, maintain_order="left").join(
        heads, on="order_id", maintain_order="left"
    )
    return frame.select(*KEY, *CELL, *SUMS)


def cells(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines added up by article, market and channel.

    Shapes: one row per cell of CELL, with lines (how many) and the sums of SUMS. Units: as the lines'.
    """
    return lines.group_by(CELL).agg(pl.len().alias("lines"), pl.col(SUMS).sum()).sort(CELL)
