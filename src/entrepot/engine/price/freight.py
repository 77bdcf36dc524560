"""Freight of a way: its parcels weighed the carrier's way, the band of the rate card, the surcharges."""

from __future__ import annotations

import polars as pl

from entrepot.engine.price.parcel import GRAMS_E5, POUND, RULE, charged, measured
from entrepot.engine.price.surcharges import surcharges
from entrepot.engine.price.terms import Terms, terms_of
from entrepot.engine.world import World

WAY = ["order_id", "warehouse", "service"]
SUMMED = ("weight", "vol", "least_e3")
KIND = ("row", "term", "alike", "weight", "long", "mid", "short", "volume_mm3")


def freight(ways: pl.DataFrame, world: World) -> pl.DataFrame:
    """Each way with its chargeable weight and freight in the service's currency.

    Shapes: n rows in, n rows out, same order; adds billed_g (heaviest parcel), chargeable_g and volumetric_g (all
    parcels),
    transport_minor, surcharge_minor, freight_minor, rate_from and rate_tier (the card's band); null freight where the
    card
    has no band.
    Units: g, minor units of freight_currency. Rounding: weight up to the carrier's step, surcharges half-up.
    Source: docs/methods/freight.md.
    """
    terms, ways = terms_of(ways, world)
    kinds = measured(_kinds(ways, terms))
    priced = _transport(charged(_weighed(kinds, terms)), terms)
    ways = _gathered(ways, priced)
    ways = surcharges(ways, kinds, terms)
    ways = ways.with_columns(freight_minor=pl.col("transport_minor") + pl.col("surcharge_minor"))
    return ways.drop("row", "term", "epoch", "alike", "others", "dest_areas")


def freight_steps(ways: pl.DataFrame, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How the freight of ways came about: their parcels, and their surcharges one by one.

    Shapes: parcels one row per way and kind of parcel (WAY, alike, carton, weight, sides in tenths of a mm as the
    carrier
    rounds them, volumetric_e3, billed_e3, unit, divisor, price_minor of one); surcharges one row per way and
    surcharge that
    is levied (WAY, surcharge, base_minor, rate_ppm, parcels_hit, kg, amount_minor, valid_from, source, status).
    Holds: the prices and amounts add up to transport_minor and surcharge_minor of `freight`.
    """
    terms, ways = terms_of(ways, world, detailed=True)
    kinds = measured(_kinds(ways, terms))
    priced = _transport(charged(_weighed(kinds, terms)), terms)
    levied = surcharges(_gathered(ways, priced), kinds, terms, detailed=True)
    names = ways.select("row", *WAY)
    cartons = _cartons(ways)
    parcels = names.join(priced, on="row", maintain_order="left_right").with_columns(
        price_minor=pl.col("price_minor") // pl.col("alike")
    )
    parcels = (
        parcels.hstack(cartons)
        if cartons.height == parcels.height
        else parcels.with_columns(carton=pl.lit(""))
    )
    return parcels.drop("row", "term"), names.join(levied, on="row", maintain_order="left_right").drop(
        "row", "term"
    )


def _kinds(ways: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """One row per way and kind of parcel, with the weighing rule; most ways have one kind."""
    volume = -(-pl.col("volume_mm3") // pl.col("parcels"))
    first = ways.select("row", "term", "alike", "long", "mid", "short", weight="parcel_g", volume_mm3=volume)
    kinds = first.select(KIND)
    several = ways.filter(pl.col("others").list.len() > 0).select("row", "term", "others").explode("others")
    if several.height:
        more = several.unnest("others").with_columns(volume_mm3=pl.lit(None, dtype=pl.Int64))
        kinds = pl.concat([kinds, more.select(KIND)]).sort("row", maintain_order=True)
    rules = terms.table.select("term", *RULE, "whole")
    return kinds.join(rules, on="term", how="left", maintain_order="left")


def _cartons(ways: pl.DataFrame) -> pl.DataFrame:
    first = ways.select("row", "carton")
    several = ways.filter(pl.col("others").list.len() > 0).select("row", "others").explode("others")
    more = several.unnest("others").select("row", "carton") if several.height else first.clear()
    return pl.concat([first, more]).sort("row", maintain_order=True).select("carton")


def _weighed(kinds: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Least weights of large parcels put beside them, and parcels added up where a shipment is weighed as one."""
    kinds = terms.with_least(kinds)
    if not terms.table["whole"].any():
        return kinds
    alike = pl.col("alike")
    several = kinds.select(pl.col("whole") & _shared()).to_series()
    alone = kinds["whole"] & ~several
    added = {name: pl.when(alone).then(pl.col(name) * alike).otherwise(name) for name in SUMMED}
    kinds = kinds.with_columns(
        **added, alike=pl.when(alone).then(1).otherwise(alike), volume_mm3=pl.when(~alone).then("volume_mm3")
    )
    if not several.any():
        return kinds
    sums = (
        kinds.filter(several)
        .group_by("row", maintain_order=True)
        .agg(
            pl.col("term", *RULE, "whole").first(),
            *((pl.col(name) * alike).sum() for name in SUMMED),
            long=pl.col("long").max(),
            mid=pl.col("mid").max(),
            short=pl.col("short").max(),
            alike=pl.lit(1, dtype=pl.Int64),
            volume_mm3=pl.lit(None, dtype=pl.Int64),
        )
    )
    apart = kinds.filter(~several)
    return pl.concat([apart, sums.select(apart.columns)]).sort("row", maintain_order=True)


def _shared(key: str = "row") -> pl.Expr:
    """True where a neighbour has the same key, in a frame sorted by it."""
    row = pl.col(key)
    return (row == row.shift()).fill_null(False) | (row == row.shift(-1)).fill_null(False)


def _transport(kinds: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The band of the rate card for each kind of parcel: begins above over_g, ends with to_g."""
    found = terms.band_of(kinds["term"], kinds["billed_g"])
    kinds = kinds.hstack(found)
    over = pl.col("billed_g") - pl.col("over_g")
    steps = pl.when(pl.col("step_g") > 0).then(-(-over // pl.col("step_g").clip(lower_bound=1))).otherwise(0)
    price = (pl.col("base_minor") + steps * pl.col("step_minor")) * pl.col("alike")
    kinds = kinds.with_columns(price_minor=pl.when(pl.col("billed_g") <= pl.col("to_g")).then(price))
    return kinds.drop("to_g", "base_minor", "step_g", "step_minor")


def _gathered(ways: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Weights and transport of all parcels of each way."""
    alike, pounds = pl.col("alike"), pl.col("unit") == "in3/lb"
    grams = -(-pl.col("volumetric_e3") * POUND // GRAMS_E5)
    volumetric = pl.when(pounds).then(grams).otherwise(pl.col("volumetric_e3"))
    sums = {"chargeable_g": pl.col("billed_g") * alike, "volumetric_g": volumetric * alike}
    facts = kinds.select("row", "billed_g", "rate_from", "rate_tier", "price_minor", **sums)
    if facts.height == ways.height:  # one kind of parcel each
        return ways.hstack(facts.drop("row").rename({"price_minor": "transport_minor"}))
    facts = facts.rename({"price_minor": "transport_minor"})
    missing = pl.col("transport_minor").is_null().any()
    heaviest = pl.col("billed_g").arg_max()
    several = facts.select(_shared()).to_series()
    whole = (
        facts.filter(several)
        .group_by("row", maintain_order=True)
        .agg(
            pl.col("billed_g").max(),
            pl.col("rate_from", "rate_tier").get(heaviest),
            pl.col("chargeable_g", "volumetric_g").sum(),
            transport_minor=pl.when(~missing).then(pl.col("transport_minor").sum()),
        )
    )
    one = facts.filter(~several)
    whole = pl.concat([one, whole.select(one.columns)]).sort("row")
    if whole.height == ways.height:
        return ways.hstack(whole.drop("row"))
    return ways.join(whole, on="row", how="left", maintain_order="left")
