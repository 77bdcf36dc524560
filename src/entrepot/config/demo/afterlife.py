"""After the parcel left: when it arrives, whether it is late or lost, and what comes back."""

from __future__ import annotations

import zlib
from datetime import date

import polars as pl

from entrepot.config.demo.chance import Chance
from entrepot.config.demo.tables import settings, table

MILLION = 1_000_000


def deliveries(shipments: pl.DataFrame, seed: int, until: date) -> pl.DataFrame:
    """What became of every parcel sent so far.

    Shapes: shipments has order_id, part, draw (what chance goes by: it must not change when a build is repeated), kind
    (of the service), service, ship_on, promise_on; result one row per
    parcel that arrived or was lost by `until`: order_id, part, state (delivered or lost), delivered_on (null when
    lost). A carrier is late by its kind's habit, each service somewhat better or worse than that.
    """
    chance = Chance(seed)
    habits = table("lateness")
    names = shipments.select(pl.col("service").unique())
    mark = pl.Series("mark", [zlib.crc32(name.encode()) for name in names["service"]])
    names = (
        names.with_columns(mark).with_columns(care=0.6 + 0.8 * chance.share("mark", "carrier")).drop("mark")
    )
    rows = shipments.join(habits, on="kind", how="inner").join(names, on="service", how="left")
    days = (pl.col("promise_on") - pl.col("ship_on")).dt.total_days().clip(1)
    early = (days * (0.35 + 0.65 * chance.share("draw", "speed").sqrt())).ceil().cast(pl.Int64)
    behind = (chance.share("draw", "behind").pow(2) * pl.col("worst_days")).cast(pl.Int64) + 1
    is_late = chance.share("draw", "late") < pl.col("late_ppm") * pl.col("care") / MILLION
    is_lost = chance.share("draw", "lost") < pl.col("lost_ppm") / MILLION
    taken = pl.when(is_late).then(days + behind).otherwise(pl.min_horizontal(early, days))
    rows = rows.with_columns(
        (pl.col("ship_on") + pl.duration(days=taken)).alias("delivered_on"),
        (pl.col("promise_on") + pl.duration(days=pl.col("worst_days"))).alias("given_up_on"),
        pl.when(is_lost).then(pl.lit("lost")).otherwise(pl.lit("delivered")).alias("state"),
    )
    lost = (pl.col("state") == "lost") & (pl.col("given_up_on") <= until)
    arrived = (pl.col("state") == "delivered") & (pl.col("delivered_on") <= until)
    day = pl.when(pl.col("state") == "delivered").then("delivered_on")
    ended = rows.filter(lost | arrived).select("order_id", "part", "state", delivered_on=day)
    return ended.sort("order_id", "part")


def returns(lines: pl.DataFrame, seed: int, until: date) -> pl.DataFrame:
    """Which delivered lines come back, and when.

    Shapes: lines has order_id, draw, line_no, category, quantity, delivered_on; result the rows that came back by
    `until` with received_on. Whole lines of one or two pieces; of larger ones a part, in the column returned.
    """
    chance, rule = Chance(seed), settings()
    habits = table("categories").select("category", "return_ppm")
    rows = lines.join(habits, on="category", how="inner").with_columns(
        (pl.col("draw") * 16 + pl.col("line_no")).alias("place")
    )
    comes_back = chance.share("place", "return") < pl.col("return_ppm") / MILLION
    after = chance.whole("place", "return day", rule["return_first_day"], rule["return_last_day"])
    part = pl.when(pl.col("quantity") <= 2).then("quantity").otherwise((pl.col("quantity") + 9) // 10)
    return (
        rows.filter(comes_back)
        .with_columns(received_on=pl.col("delivered_on") + pl.duration(days=after), returned=part)
        .filter(pl.col("received_on") <= until)
        .drop("return_ppm", "place")
        .sort("order_id", "line_no")
    )
