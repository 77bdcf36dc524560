"""Replay: past orders under a changed world, before and after, with the causes of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.fx import convert
from entrepot.engine.replay.causes import CAUSES, attributed
from entrepot.engine.replay.frozen import Frozen, frozen
from entrepot.engine.replay.identity import difference
from entrepot.engine.replay.lines import COST, VALUE, WEIGHT, on_lines
from entrepot.engine.replay.redecided import redecided, redecided_apart
from entrepot.engine.scenario import Edit, changed_batch, changed_world, changes_orders, fx_only
from entrepot.engine.world import World

__all__ = [
    "CAUSES", "Frozen", "Question", "Replayed", "attributed", "by_line", "cells", "difference", "frozen", "on_lines",
    "redecided", "replay",
]  # fmt: skip

SHARES = {
    "revenue_before": VALUE, "revenue_after": VALUE, "paid_before": VALUE, "paid_after": VALUE, "price": VALUE,
    "fx": VALUE, "duty": VALUE, "tax": VALUE, "fee": VALUE, "choice": VALUE,
    "route": VALUE, "freight": WEIGHT, "handling": WEIGHT,
    "goods": COST,
    "b_cogs": COST, "b_freight": WEIGHT, "b_handling": WEIGHT, "b_fees": VALUE, "b_border": VALUE,
}  # fmt: skip
CELL = ("sku", "market", "channel")
SUMS = (
    "quantity",
    "revenue_before",
    "revenue_after",
    "profit_before",
    "profit_after",
    "paid_before",
    "paid_after",
    *CAUSES,
)


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
    """

    orders: pl.DataFrame
    off_minor: int


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
    proof = frozen(batch, booked, asked.world, known) if asked.proof or known is None else known
    off = difference(booked, proof.ways) if asked.proof or known is None else 0
    if not asked.edits and not asked.redecide:
        return Replayed(
            _beside(booked, proof, proof.ways, proof.ways, attributed(booked, [], proof.ways, proof.ways)),
            off,
        )
    orders = changed_batch(asked.edits, batch)
    steps: list[tuple[str, pl.DataFrame]] = []
    if changes_orders(asked.edits):
        steps.append(("price", frozen(orders, booked, asked.world, proof).ways))
    same = frozen(orders, booked, asked.after, proof, asked.changed)
    if asked.changed == {"fx"}:
        steps.append(("fx", same.ways))
    elif "fx" in asked.changed:
        steps.append(("fx", frozen(orders, booked, asked.fx, proof).ways))
    end, anyhow = same.ways, None
    if asked.redecide:
        own = [part.only(booked["order_id"]) for part in apart] if apart and not asked.unlimited else [batch]
        end = _chosen([changed_batch(asked.edits, part) for part in own], asked.after, asked)
        anyhow = _chosen(own, asked.world, asked) if asked.baseline else None
    causes = attributed(booked, steps, same.ways, end, anyhow)
    return Replayed(_beside(booked, proof, same.ways, end, causes, lost=same.lost), off)


def _chosen(batches: Sequence[Batch], world: World, asked: Question) -> pl.DataFrame:
    found = (
        redecided(batches[0], world, unlimited=True) if asked.unlimited else redecided_apart(batches, world)
    )
    return found.sort("order_id") if found.height else found


def _beside(
    booked: pl.DataFrame,
    proof: Frozen,
    same: pl.DataFrame,
    end: pl.DataFrame,
    causes: pl.DataFrame,
    *,
    lost: pl.DataFrame | None = None,
) -> pl.DataFrame:
    costs = ("freight", "handling", "cogs")
    rows = booked.select(
        "order_id", "warehouse", "service", revenue_before="revenue_base_minor", profit_before="profit_base_minor",
        b_fees=pl.col("channel_fee_base_minor") + pl.col("payment_fee_base_minor"),
        b_border=pl.col("duty_base_minor") + pl.col("import_tax_base_minor"),
        **{f"b_{name}": pl.col(f"{name}_base_minor") for name in costs},
    )  # fmt: skip
    after = {
        **{f"{name}_after": f"{name}_base_minor" for name in ("duty", "import_tax", "freight")},
        "revenue_after": "revenue_base_minor",
        "profit_after": "profit_base_minor",
        "cost_after": "total_cost_base_minor",
    }
    for frame, columns in (
        (proof.ways, {"paid_before": _paid()}),
        (same, {"cost_same": pl.col("total_cost_base_minor")}),
        (end, {"new_warehouse": pl.col("warehouse"), "new_service": pl.col("service"), "paid_after": _paid(),
               **{name: pl.col(column) for name, column in after.items()}}),
    ):  # fmt: skip
        rows = _with(rows, frame, columns)
    gone = pl.col("new_service").is_null()
    rows = _with(rows, proof.lost if lost is None else lost, {"code": pl.col("code")})
    code = pl.when(gone).then(pl.col("code").fill_null("logistics.no_way")).otherwise(None)
    rows = rows.with_columns(
        code=code,
        **{
            name: pl.col(name).fill_null(0)
            for name in ("paid_before", "paid_after", *(name for name in after if name != "cost_after"))
        },
    )
    return rows.join(causes, on="order_id", maintain_order="left")


def _with(rows: pl.DataFrame, frame: pl.DataFrame, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    if frame.is_empty() or frame.width < 2:
        types = {"new_warehouse": pl.String, "new_service": pl.String, "code": pl.String}
        return rows.with_columns(
            pl.lit(None, dtype=types.get(name, pl.Int64)).alias(name) for name in columns
        )
    return rows.join(frame.select("order_id", **columns), on="order_id", how="left", maintain_order="left")


def _paid() -> pl.Expr:
    """What the buyer pays in the books' currency: revenue, tax at the sale, the charges not the seller's."""
    tax = convert(pl.col("tax_sale_minor"), "w_order", "w_base")
    own = pl.col("duty_base_minor") + pl.col("import_tax_base_minor")
    return pl.col("revenue_base_minor") + tax.fill_null(0) + pl.col("charges_base_minor").fill_null(0) - own


def by_line(replayed: Replayed, batch: Batch, world: World) -> pl.DataFrame:
    """The orders' figures on their lines.

    Shapes: one row per line: order_id, line_no, sku, quantity, market, channel and the columns of SUMS.
    Units: minor units of the books' currency. Holds: per order the lines add up to the order, and the causes of a line
    to its difference of profit.
    """
    frame = on_lines(replayed.orders, SHARES, batch, world)
    heads = batch.orders.select("order_id", "channel", market="dest_country")
    frame = frame.join(heads, on="order_id", maintain_order="left")
    costs = pl.sum_horizontal("b_cogs", "b_freight", "b_handling", "b_fees", "b_border")
    frame = frame.with_columns(profit_before=pl.col("revenue_before") - costs)
    frame = frame.with_columns(profit_after=pl.col("profit_before") + pl.sum_horizontal(CAUSES))
    return frame.select("order_id", "line_no", *CELL, *SUMS)


def cells(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines added up by article, market and channel.

    Shapes: one row per cell of CELL, with lines (how many) and the sums of SUMS. Units: as the lines'.
    """
    return lines.group_by(CELL).agg(pl.len().alias("lines"), pl.col(SUMS).sum()).sort(CELL)
