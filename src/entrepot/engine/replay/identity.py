"""Identity: booked figures against the same figures worked out again; nothing may differ."""

from __future__ import annotations

import polars as pl

MONEY = (
    "revenue_minor", "tax_sale_minor", "revenue_base_minor", "cogs_base_minor", "freight_base_minor",
    "handling_base_minor", "channel_fee_base_minor", "payment_fee_base_minor", "duty_base_minor",
    "import_tax_base_minor", "profit_base_minor", "landed_minor",
)  # fmt: skip
WORDS = ("import_rule", "collector", "ship_on", "promise_on", "parcels", "weight_g", "chargeable_g")
KEY = ("order_id", "account", "currency")


def difference(booked: pl.DataFrame, again: pl.DataFrame) -> int:
    """The sum of all absolute differences of money; an order that has no price now differs by all it has.

    Shapes: booked n rows of DECISIONS; again at most n priced ways. Units: minor units, currencies added as they stand.
    """
    if booked.is_empty():
        return 0
    columns = [name for name in MONEY if name in again.columns]
    if not columns:
        return int(booked.select(pl.sum_horizontal(pl.col(MONEY).abs()).sum()).item() or 0)
    pairs = booked.select("order_id", *columns).join(
        again.select("order_id", *columns), on="order_id", how="left", suffix="_again"
    )
    gaps = [(pl.col(name).fill_null(0) - pl.col(f"{name}_again").fill_null(0)).abs() for name in columns]
    return int(pairs.select(pl.sum_horizontal(gaps).sum()).item() or 0)


def different(booked: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Orders of which some figure, date or rule came out otherwise: order_id and the names of those columns.

    Shapes: at most one row per order booked. Units: none.
    """
    again = again.rename({"rule": "import_rule"}) if "rule" in again.columns else again
    columns = [name for name in (*MONEY, *WORDS) if name in again.columns]
    pairs = booked.select("order_id", *columns).join(
        again.select("order_id", *columns, found=pl.lit(True)), on="order_id", how="left", suffix="_again"
    )
    marks = [pl.when(pl.col(name).ne_missing(pl.col(f"{name}_again"))).then(pl.lit(name)) for name in columns]
    named = pairs.select("order_id", columns=pl.concat_list(marks).list.drop_nulls().list.join(" "))
    return named.filter(pl.col("columns") != "")


def posting_difference(booked: pl.DataFrame, again: pl.DataFrame) -> int:
    """The sum of absolute differences between booked postings and those worked out again.

    Shapes: rows of POSTINGS on both sides, any order; a posting on one side only differs by all it has.
    Units: minor units, the posting's own currency and the books' added as they stand.
    """
    names = ("amount_minor", "base_minor")
    left = booked.group_by(KEY).agg(pl.col(names).sum())
    right = again.group_by(KEY).agg(pl.col(names).sum().name.suffix("_again"))
    both = left.join(right, on=KEY, how="full", coalesce=True)
    gaps = [(pl.col(name).fill_null(0) - pl.col(f"{name}_again").fill_null(0)).abs() for name in names]
    return int(both.select(pl.sum_horizontal(gaps).sum()).item() or 0)
