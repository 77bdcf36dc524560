"""When the world buys: weekdays, growth, feasts and sales days, by market."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import polars as pl

from entrepot.config.demo.tables import curve, market_codes, settings, table

MILLION = 1_000_000


def event_days(first: date, last: date) -> pl.DataFrame:
    """Every day of every event between two dates.

    Shapes: one row per (market, day, event): market, day, factor_ppm, discount_ppm.
    """
    rows = []
    for event in table("events").iter_rows(named=True):
        markets = event["markets"].split() or market_codes()
        for year in range(first.year - 1, last.year + 2):
            if event["year"] not in (None, year):
                continue
            begin = _day_of(event, year) + timedelta(days=event["offset_days"])
            days = [begin + timedelta(days=n) for n in range(event["days"])]
            rows += [
                (market, day, event["factor_ppm"], event["discount_ppm"])
                for day in days
                for market in markets
                if first <= day <= last
            ]
    schema = {"market": pl.String, "day": pl.Date, "factor_ppm": pl.Int64, "discount_ppm": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _day_of(event: dict[str, int], year: int) -> date:
    """The day itself: a fixed date, or the nth weekday of a month."""
    if event["day"] is not None:
        return date(year, event["month"], event["day"])
    first_weekday = monthrange(year, event["month"])[0]
    day = 1 + (event["weekday"] - first_weekday) % 7 + 7 * (event["nth"] - 1)
    return date(year, event["month"], day)


def day_weights(first: date, last: date, last_share: float = 1.0) -> pl.DataFrame:
    """How many orders each market places on each day, as a weight, and the day's discount.

    Shapes: markets × days rows: market, day, weight, discount_ppm; `last_share` is how much of the last day
    has passed.
    """
    length = (last - first).days + 1
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True), "nth": range(length)})
    growth = settings()["growth"] / MILLION
    weekday = curve("weekday").select(pl.col("position").alias("weekday"), pl.col("weight").alias("of_week"))
    events = event_days(first, last).group_by("market", "day").agg(
        (pl.col("factor_ppm") / MILLION).product().alias("factor"), pl.col("discount_ppm").max()
    )  # fmt: skip
    return (
        table("markets")
        .select(pl.col("country").alias("market"), "weight_ppm")
        .join(days, how="cross")
        .with_columns(pl.col("day").dt.weekday().cast(pl.Int64).sub(1).alias("weekday"))
        .join(weekday, on="weekday", how="left")
        .join(events, on=["market", "day"], how="left")
        .with_columns(
            (
                pl.col("weight_ppm")
                * pl.col("of_week")
                * pl.col("factor").fill_null(1.0)
                * (1 + growth * pl.col("nth") / max(length - 1, 1))
                * pl.when(pl.col("day") == last).then(last_share).otherwise(1.0)
            ).alias("weight"),
            pl.col("discount_ppm").fill_null(0),
        )
        .select("market", "day", "weight", "discount_ppm")
        .sort("market", "day")
    )
