"""Freight of a way: chargeable weight, band of the rate card, surcharges."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import at_ppm, ceil_to
from entrepot.engine.validity import in_force, latest
from entrepot.engine.world import World


def freight(ways: pl.DataFrame, world: World) -> pl.DataFrame:
    """Each way with its chargeable weight and freight in the service's currency.

    Shapes: n rows in, n rows out, same order; adds chargeable_g (all parcels), transport_minor, surcharge_minor,
    freight_minor, rate_from (validity of the card); null freight where the card has no band.
    Units: g, minor units of freight_currency. Rounding: weight up to the carrier's step, surcharges half-up.
    Source: docs/methods/freight.md.
    """
    ways = _chargeable(ways)
    ways = _transport(ways, world)
    return _surcharges(ways, world)


def _chargeable(ways: pl.DataFrame) -> pl.DataFrame:
    """Per parcel the greater of actual and volumetric weight, up to the step: mm³ over cm³/kg is grams."""
    share = pl.col("parcels") * pl.col("divisor").clip(lower_bound=1)
    volumetric = pl.when(pl.col("divisor") > 0).then(-(-pl.col("volume_mm3") // share)).otherwise(0)
    heavier = pl.max_horizontal(pl.col("parcel_g"), volumetric).clip(lower_bound=1)
    ways = ways.with_columns(billed_g=ceil_to(heavier, pl.col("round_g").clip(lower_bound=1)))
    return ways.with_columns(chargeable_g=pl.col("billed_g") * pl.col("parcels"))


def _transport(ways: pl.DataFrame, world: World) -> pl.DataFrame:
    rates = world["rates"].drop("source", "status")
    cards = (
        rates.select("service", "zone", "valid_from", "valid_to")
        .unique()
        .sort("service", "zone", "valid_from")
    )
    cards = cards.with_row_index("card")
    bands = rates.join(
        cards.select("card", "service", "zone", "valid_from"), on=["service", "zone", "valid_from"]
    )
    bands = bands.select("card", "over_g", "to_g", "base_minor", "step_g", "step_minor").sort("over_g")
    ways = latest(ways, cards.with_columns(rate_from=pl.col("valid_from")), ["service", "zone"], "placed_on")
    sought = ways.select("card", weight=pl.col("billed_g") - 1).with_row_index("row").sort("weight")
    sought = sought.join_asof(
        bands, left_on="weight", right_on="over_g", by="card", check_sortedness=False
    ).sort("row")
    found = sought.drop("row", "card", "weight")
    ways = ways.drop("card").hstack(found)
    over = pl.col("billed_g") - pl.col("over_g")
    steps = pl.when(pl.col("step_g") > 0).then(-(-over // pl.col("step_g").clip(lower_bound=1))).otherwise(0)
    price = (pl.col("base_minor") + steps * pl.col("step_minor")) * pl.col("parcels")
    inside = pl.col("billed_g") <= pl.col("to_g")
    ways = ways.with_columns(transport_minor=pl.when(inside).then(price))
    return ways.drop("over_g", "to_g", "base_minor", "step_g", "step_minor")


def _surcharges(ways: pl.DataFrame, world: World) -> pl.DataFrame:
    days = ways.select("service", "placed_on").unique()
    rows = days.join(world["surcharges"], on="service").filter(in_force("placed_on"))
    plain = pl.col("applies") == "all"
    sums = rows.group_by("service", "placed_on").agg(
        all_ppm=pl.col("rate_ppm").filter(plain).sum(),
        all_fixed=pl.col("fixed_minor").filter(plain).sum(),
        battery_ppm=pl.col("rate_ppm").filter(~plain).sum(),
        battery_fixed=pl.col("fixed_minor").filter(~plain).sum(),
    )
    ways = ways.join(sums, on=["service", "placed_on"], how="left", maintain_order="left")
    carries = pl.col("battery") > 0
    ppm = pl.col("all_ppm").fill_null(0) + pl.when(carries).then(
        pl.col("battery_ppm").fill_null(0)
    ).otherwise(0)
    fixed = pl.col("all_fixed").fill_null(0) + pl.when(carries).then(
        pl.col("battery_fixed").fill_null(0)
    ).otherwise(0)
    ways = ways.with_columns(
        surcharge_minor=at_ppm(pl.col("transport_minor"), ppm) + fixed * pl.col("parcels")
    )
    ways = ways.with_columns(freight_minor=pl.col("transport_minor") + pl.col("surcharge_minor"))
    return ways.drop("all_ppm", "all_fixed", "battery_ppm", "battery_fixed")
