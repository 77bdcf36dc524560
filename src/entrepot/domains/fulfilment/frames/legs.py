"""What it costs to bring goods near their buyers: the loads of a replay's advice, priced by the first leg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from entrepot.core.frames import Frame
from entrepot.engine import World
from entrepot.engine.arithmetic import divide
from entrepot.engine.bulk import first_legs
from entrepot.engine.columns.bulk import LOADS


@dataclass(frozen=True)
class Supplied:
    """How an article would be brought to a warehouse, and what that costs for all its pieces (books' currency).

    code: why it cannot be priced, else empty; costs are nought then. pieces: of one load, with goods sent along.
    """

    sku: str
    warehouse: str
    forwarder: str
    mode: str
    max_days: int
    moved: int
    load: int
    freight_minor: int
    customs_minor: int
    code: str


def supplied(
    moved: Sequence[Frame], legs: Frame, world: World, *, on: date, days: int, load_g: int
) -> list[Supplied]:
    """The first legs of goods moved near their buyers, by the quotations and rates of a day.

    A load is what the orders take in so many `days`, sent along with others up to `load_g`. Figures: the load's price
    times pieces moved over pieces of the load, half-up.
    """
    goods = pl.concat(moved).group_by("sku", "ship_from", "warehouse").agg(
        pl.col("pieces").sum(), pl.col("first").min(), pl.col("last").max()
    )  # fmt: skip
    if goods.is_empty():
        return []
    goods = goods.sort("sku", "ship_from", "warehouse").with_row_index("load")
    span = (pl.col("last") - pl.col("first")).dt.total_days() + 1
    quantity = (pl.col("pieces") * days + span - 1) // span
    loads = goods.with_columns(
        pl.col("load").cast(pl.Int64), quantity=pl.min_horizontal(quantity, "pieces").clip(lower_bound=1),
        placed_on=pl.lit(on),
    )  # fmt: skip
    found = first_legs(loads.select(list(LOADS.schema)), legs, world, load_g=load_g)
    found = found.rename({"pieces": "of_load"}).with_columns(loads["pieces"])
    share = {
        name: divide(pl.col(column).cast(pl.Int128) * pl.col("pieces"), pl.col("of_load"))
        .cast(pl.Int64)
        .fill_null(0)
        for name, column in (("freight", "carriage_base_minor"), ("customs", "customs_base_minor"))
    }
    return [
        Supplied(
            row["sku"], row["warehouse"], row["forwarder"] or "", row["mode"] or "", row["max_days"] or 0,
            row["pieces"], row["of_load"], row["freight"], row["customs"], row["code"] or "",
        )
        for row in found.with_columns(**share).to_dicts()
    ]  # fmt: skip
