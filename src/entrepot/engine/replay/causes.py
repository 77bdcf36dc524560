"""Causes: what the difference between two replays of an order came from; the parts add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

CAUSES = ("price", "fx", "duty", "tax", "freight", "handling", "fee", "goods", "choice", "route")
FIGURES = (
    "revenue", "cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax", "profit",
)  # fmt: skip
PROFIT = "profit_base_minor"


def attributed(
    booked: pl.DataFrame,
    steps: Sequence[tuple[str, pl.DataFrame]],
    same_way: pl.DataFrame,
    end: pl.DataFrame,
    anyhow: pl.DataFrame | None = None,
    key: Sequence[str] = ("order_id",),
) -> pl.DataFrame:
    """Each order with the part of the whole difference that every cause has; or each line, where `key` says so.

    Shapes: booked n orders (order_id, *_base_minor); result n rows, columns of CAUSES beside it.
    Units: minor units of the books' currency, signed as profit: negative is worse.
    Order of attribution: each of `steps` (cause, orders priced after that step alone was made, on top of those before)
    takes its whole difference: price, then fx. Then the rest of the change with the way as it was: by figure. What is
    left, to the way taken at the end (or to none), is `route`; of it `choice` is what choosing freely would have
    brought without any change (`anyhow`: orders decided again in their own world), told apart.
    Holds: per order the causes add up to profit at the end less profit booked.
    """
    rows = booked
    before = [pl.col(f"{name}_base_minor").alias(f"p_{name}") for name in FIGURES]
    rows = rows.select(*key, *before)
    for cause, priced in steps:
        rows = _after(rows, priced, key)
        rows = rows.with_columns(pl.col("n_profit").sub(pl.col("p_profit")).alias(cause))
        rows = rows.with_columns(pl.col(f"n_{name}").alias(f"p_{name}") for name in FIGURES)
        rows = rows.select(pl.exclude("^n_.*$"))
    missing = [name for name in ("price", "fx") if name not in rows.columns]
    rows = rows.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in missing)
    rows = _after(rows, same_way, key)

    def gain(*costs: str) -> pl.Expr:
        return pl.sum_horizontal([pl.col(f"p_{name}") - pl.col(f"n_{name}") for name in costs])

    rows = rows.with_columns(
        duty=gain("duty"),
        tax=gain("import_tax") + pl.col("n_revenue") - pl.col("p_revenue"),
        freight=gain("freight"),
        handling=gain("handling"),
        fee=gain("channel_fee", "payment_fee"),
        goods=gain("cogs"),
    ).with_columns(same_minor="n_profit")
    if PROFIT in end.columns:
        final = end.select(*key, end_minor=PROFIT)
        rows = rows.join(final, on=key, how="left", maintain_order="left")
        rows = rows.with_columns(pl.col("end_minor").fill_null(0))
    else:
        rows = rows.with_columns(end_minor=pl.lit(0, dtype=pl.Int64))
    choice = pl.lit(0, dtype=pl.Int64)
    if anyhow is not None and not anyhow.is_empty():
        free = anyhow.select(*key, free_minor=PROFIT)
        rows = rows.join(free, on=key, how="left", maintain_order="left")
        rows = rows.join(booked.select(*key, own_minor=PROFIT), on=key, maintain_order="left")
        choice = (pl.col("free_minor") - pl.col("own_minor")).fill_null(0)
    rows = rows.with_columns(choice=choice)
    left = pl.col("end_minor") - pl.col("same_minor") - pl.col("choice")
    return rows.with_columns(route=left).select(*key, *CAUSES)


def _after(rows: pl.DataFrame, priced: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Figures of the next step as `n_*`; an order without a price there stays at the figures it had."""
    columns = [pl.col(f"{name}_base_minor").alias(f"n_{name}") for name in FIGURES]
    if priced.is_empty():
        return rows.with_columns(pl.col(f"p_{name}").alias(f"n_{name}") for name in FIGURES)
    rows = rows.join(priced.select(*key, *columns), on=key, how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce(f"n_{name}", f"p_{name}").alias(f"n_{name}") for name in FIGURES)
