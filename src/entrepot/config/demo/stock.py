"""Purchases: monthly lots sent ahead to each warehouse, sized to what will sell, now and then too small."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from entrepot.config.demo.catalogue import articles
from entrepot.config.demo.chance import Chance
from entrepot.config.demo.orders import Plan, Trade
from entrepot.config.demo.tables import settings, table

MILLION = 1_000_000
HOME = "SZX"
DAYS_AHEAD = 6


def purchases(trade: Trade, plan: Plan) -> pl.DataFrame:
    """Every lot that comes in during the year.

    Shapes: one row per lot and article: warehouse, sku, lot, kind (opening for the first, else receipt),
    received_on, expires_on, month (the first day of the month the lot is meant for), quantity.
    Units: pieces, whole cartons. Holds: quantity > 0; nothing comes in but by these rows.
    """
    rule, chance = settings(), Chance(plan.seed)
    demand = _demand(trade)
    months = pl.DataFrame({"month": _months(plan)}).with_row_index("nth").cast({"nth": pl.Int64})
    places = demand.select("warehouse", "sku").unique().sort("warehouse", "sku")
    grid = (
        places.join(months, how="cross")
        .join(demand, on=["warehouse", "sku", "month"], how="left")
        .with_columns(pl.col("pieces").fill_null(0))
        .sort("warehouse", "sku", "nth")
        .with_row_index("cell")
        .with_columns(pl.col("sku").rank("dense").alias("number"))
        .with_columns(_safety(chance, rule, months.height - 1))
    )
    target = (pl.col("pieces").cum_sum().over("warehouse", "sku") + pl.col("safety")).clip(0)
    target = (target * _shortfall(chance, rule)).ceil().cast(pl.Int64)
    carton = rule["carton"]
    grid = grid.with_columns((((target + carton - 1) // carton) * carton).alias("target"))
    grid = grid.with_columns(pl.col("target").cum_max().over("warehouse", "sku"))
    quantity = pl.col("target") - pl.col("target").shift(1, fill_value=0).over("warehouse", "sku")
    lots = grid.with_columns(quantity.alias("quantity")).filter(pl.col("quantity") > 0)
    return _dated(lots, plan).select(
        "warehouse", "sku", "lot", "kind", "received_on", "expires_on", "month", "quantity"
    ).sort("received_on", "warehouse", "sku")  # fmt: skip


def _months(plan: Plan) -> list[object]:
    """First days of the months the plan touches."""
    first = plan.first_day.replace(day=1)
    return pl.date_range(first, plan.until.date().replace(day=1), "1mo", eager=True).to_list()


def _demand(trade: Trade) -> pl.DataFrame:
    """Pieces by month, article and the warehouse meant to send them: warehouse, sku, month, pieces."""
    near = table("stocking").rename({"country": "market"})
    goods = articles().select("sku", place=pl.col("popularity").rank("ordinal", descending=True) - 1)
    best = settings()["overseas_products"] * goods.height // MILLION
    ahead = goods.select("sku", ahead=pl.col("place") < best)
    sold = (
        trade.lines.join(trade.orders.select("order_id", "market", "wholesale", "placed_on"), on="order_id")
        .join(ahead, on="sku", how="inner")
        .with_columns(pl.col("placed_on").dt.truncate("1mo").alias("month"))
        .group_by("sku", "month", "market", "wholesale", "ahead")
        .agg(pl.col("quantity").sum().cast(pl.Float64).alias("pieces"))
        .join(near, on="market", how="left")
    )
    part = pl.col("share_ppm").fill_null(0) * settings()["overseas_share"] / MILLION**2
    placed = pl.when(pl.col("ahead") & ~pl.col("wholesale")).then(pl.col("pieces") * part).otherwise(0.0)
    sold = sold.with_columns(placed.alias("placed"))
    abroad = sold.filter(pl.col("placed") > 0).select("warehouse", "sku", "month", pieces="placed")
    at_home = pl.lit(HOME).alias("warehouse")
    home = sold.select(at_home, "sku", "month", pieces=pl.col("pieces") - pl.col("placed"))
    every = goods.join(home.select("month").unique(), how="cross")
    every = every.select(at_home, "sku", "month", pieces=pl.lit(0.0))
    return pl.concat([abroad, home, every]).group_by("warehouse", "sku", "month").agg(pl.col("pieces").sum())


def _safety(chance: Chance, rule: dict[str, int], last: int) -> pl.Expr:
    """Pieces above (or below) the month's own demand; the last lots also serve the weeks to come."""
    low, high = rule["stock_low"] / MILLION, rule["stock_high"] / MILLION
    size = low + (high - low) * chance.share("cell", "safety")
    ahead = pl.when(pl.col("nth") == last).then(rule["stock_ahead"] / MILLION).otherwise(0.0)
    return (pl.col("pieces") * (size + ahead)).alias("safety")


def _shortfall(chance: Chance, rule: dict[str, int]) -> pl.Expr:
    """Some articles' purchases come short in the season."""
    season = pl.col("month").dt.month() >= 11
    short = chance.happens("number", "short", rule["short_skus"])
    return pl.when(season & short).then(rule["short_share"] / MILLION).otherwise(1.0)


def _dated(lots: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """When each lot comes in, under which number, and until when it can be sold."""
    shelf = articles().select("sku", "shelf_days", "hs_code")
    first = pl.col("nth") == 0
    opening = plan.first_day - timedelta(days=1)
    ahead = pl.col("month") - pl.duration(days=DAYS_AHEAD) - pl.duration(days=pl.col("number") % 4)
    return (
        lots.join(shelf, on="sku", how="left", maintain_order="left")
        .with_columns(
            received_on=pl.when(first).then(opening).otherwise(pl.max_horizontal(ahead, pl.lit(opening))),
            kind=pl.when(first).then(pl.lit("opening")).otherwise(pl.lit("receipt")),
            lot=pl.format("{}-{}", pl.col("month").dt.strftime("%y%m"), "warehouse"),
        )
        .with_columns(expires_on=pl.col("received_on") + pl.duration(days=pl.col("shelf_days")))
    )
