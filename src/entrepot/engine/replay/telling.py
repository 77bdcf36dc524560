"""Telling: what a replay found, put beside what was booked, order by order and line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.fx import convert
from entrepot.engine.price.shares import KEY
from entrepot.engine.replay.causes import CAUSES, PROFIT, attributed
from entrepot.engine.replay.lines import CHARGES, REVENUE, TAX, line_figures, several_lines
from entrepot.engine.replay.lines import FIGURES as SHARED
from entrepot.engine.world import World

FIGURES = (
    "revenue_before", "revenue_after", "profit_before", "profit_after", "paid_before", "paid_after", *CAUSES,
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One reading: orders, the world they are priced in, their ways, and what their lines have part in figures by."""

    batch: Batch
    world: World
    ways: pl.DataFrame
    shares: pl.DataFrame | None

    @property
    def is_empty(self) -> bool:
        """Whether no order has a way with a price."""
        return self.ways.is_empty() or self.ways.width < 2


@dataclass(frozen=True)
class Story:
    """All readings of a replay: as it is in the own world, after each step, with the way as it was, at the end.

    booked: one row per order with what was booked, shared out as `own` is. anyhow: chosen again without any edit.
    lost: order_id, code of ways that cannot be taken in the changed world.
    """

    booked: pl.DataFrame
    own: Told
    steps: Sequence[tuple[str, Told]]
    same: Told
    end: Told
    lost: pl.DataFrame
    anyhow: Told | None = None


def orders_told(story: Story) -> pl.DataFrame:
    """Orders before and after, with the part of each cause.

    Shapes: one row per order booked, the columns `Replayed` names. Units: minor units of the books' currency.
    """
    booked = story.booked
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
        (story.own.ways, {"paid_before": _paid()}),
        (story.same.ways, {"cost_same": pl.col("total_cost_base_minor")}),
        (story.end.ways, {"new_warehouse": pl.col("warehouse"), "new_service": pl.col("service"),
                          "paid_after": _paid(), **{name: pl.col(column) for name, column in after.items()}}),
        (story.lost, {"code": pl.col("code")}),
    ):  # fmt: skip
        rows = _with(rows, frame, columns)
    gone = pl.col("new_service").is_null()
    code = pl.when(gone).then(pl.col("code").fill_null("logistics.no_way")).otherwise(None)
    rows = rows.with_columns(
        code=code,
        **{
            name: pl.col(name).fill_null(0)
            for name in ("paid_before", "paid_after", *(name for name in after if name != "cost_after"))
        },
    )
    steps = [(cause, told.ways) for cause, told in story.steps]
    anyhow = story.anyhow.ways if story.anyhow else None
    causes = attributed(booked, steps, story.same.ways, story.end.ways, anyhow)
    return rows.join(causes, on="order_id", maintain_order="left")


def _with(rows: pl.DataFrame, frame: pl.DataFrame, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    if frame.is_empty() or frame.width < 2:
        types = {"new_warehouse": pl.String, "new_service": pl.String, "code": pl.String}
        return rows.with_columns(
            pl.lit(None, dtype=types.get(name, pl.Int64)).alias(name) for name in columns
        )
    return rows.join(frame.select("order_id", **columns), on="order_id", how="left", maintain_order="left")


def _sold_tax() -> pl.Expr:
    """Tax at the sale in the books' currency."""
    return convert(pl.col("tax_sale_minor"), "w_order", "w_base").fill_null(0)


def _not_ours() -> pl.Expr:
    """Charges of the import that the buyer bears."""
    own = pl.col("duty_base_minor") + pl.col("import_tax_base_minor")
    return pl.col("charges_base_minor").fill_null(0) - own


def _paid() -> pl.Expr:
    """What the buyer pays in the books' currency: revenue, tax at the sale, the charges not the seller's."""
    return pl.col("revenue_base_minor") + _sold_tax() + _not_ours()


def lines_told(story: Story) -> pl.DataFrame:
    """The same of the lines of orders that have several, each line with its own part of every reading.

    Shapes: one row per such line: KEY and FIGURES, sorted. Units: minor units of the books' currency.
    Holds: per order every column adds up to the order's.
    """
    lines = several_lines(story.own.batch.lines)
    ids = lines.select("order_id").unique()
    before, same = _before(story, ids), _figures(story.same, ids)
    steps = [(cause, same if told is story.same else _figures(told, ids)) for cause, told in story.steps]
    end = same if story.end is story.same else _figures(story.end, ids)
    anyhow = _figures(story.anyhow, ids) if story.anyhow else None
    rows = lines.select(KEY)
    for frame, columns in (
        (before, {"revenue_before": "revenue_base_minor", "profit_before": PROFIT, "paid_before": "paid"}),
        (end, {"paid_after": "paid", "revenue_after": "revenue_base_minor"}),
        (attributed(before, steps, same, end, anyhow, KEY), {name: name for name in CAUSES}),
    ):
        rows = rows.join(frame.select(*KEY, **columns), on=KEY, how="left", maintain_order="left")
    rows = rows.fill_null(0)
    rows = rows.with_columns(profit_after=pl.col("profit_before") + pl.sum_horizontal(CAUSES))
    return rows.select(*KEY, *FIGURES)


def _before(story: Story, ids: pl.DataFrame) -> pl.DataFrame:
    """What lines of some orders earned and cost as it was booked; what buyers paid as their own world tells it."""
    paid: dict[str, pl.Expr] = {}
    ways = story.booked
    if not story.own.is_empty:
        paid = {"sold": pl.col("revenue_base_minor"), "taxed": _sold_tax(), "charged": _not_ours()}
        told = story.own.ways.select("order_id", **paid)
        ways = ways.join(told, on="order_id", how="left", maintain_order="left")
    by = {name: {"sold": REVENUE, "taxed": TAX, "charged": CHARGES}[name] for name in paid}
    return _shared(
        ways, story.own, ids, by, paid=pl.sum_horizontal(list(by)) if by else pl.lit(0, dtype=pl.Int64)
    )


def _figures(told: Told, ids: pl.DataFrame) -> pl.DataFrame:
    """What lines of some orders earned and cost in one reading, and what buyers paid."""
    if told.is_empty:
        figures = [f"{name}_base_minor" for name in (*SHARED, "profit")]
        return pl.DataFrame(schema=dict.fromkeys((*KEY, *figures, "paid"), pl.Int64))
    ways = told.ways.with_columns(taxed=_sold_tax(), charged=_not_ours())
    by = {"taxed": TAX, "charged": CHARGES}
    return _shared(ways, told, ids, by, paid=pl.sum_horizontal("revenue_base_minor", *by))


def _shared(
    ways: pl.DataFrame, told: Told, ids: pl.DataFrame, by: dict[str, str], *, paid: pl.Expr
) -> pl.DataFrame:
    ways = ways.join(ids, on="order_id", how="semi", maintain_order="left")
    lines = line_figures(ways, told.batch, told.world, told.shares, by)
    return lines.with_columns(paid=paid)
