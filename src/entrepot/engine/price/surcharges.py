"""Surcharges of a way: shares of transport and of one another in a stated order, amounts per parcel, limits of
size."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.price.parcel import is_over, size_tests
from entrepot.engine.price.terms import Terms

TRANSPORT = "transport"
PLAIN = ("all_ppm", "all_fixed", "battery_ppm", "battery_fixed")


def surcharges(
    ways: pl.DataFrame, kinds: pl.DataFrame, terms: Terms, *, detailed: bool = False
) -> pl.DataFrame:
    """Each way with `surcharge_minor`; with `detailed` the single surcharges instead.

    Shapes: n ways in (row, term, parcels, battery, dest_areas, chargeable_g, transport_minor), n out, same order;
    kinds are
    their parcels (`measured`). Units: minor units of the service's currency. Rounding: half-up, once per surcharge.
    Source: docs/methods/freight.md.
    """
    if not detailed:
        ways = _plain(ways, terms)
        if terms.extras.is_empty():
            return ways
    levied = _levied(ways, kinds, terms)
    if detailed:
        return levied
    sums = levied.group_by("row").agg(extra=pl.col("amount_minor").sum())
    ways = ways.join(sums, on="row", how="left", maintain_order="left")
    return ways.with_columns(surcharge_minor=pl.col("surcharge_minor") + pl.col("extra").fill_null(0)).drop(
        "extra"
    )


def _plain(ways: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    found = ways.select("term").join(
        terms.table.select("term", *PLAIN), on="term", how="left", maintain_order="left"
    )
    ways = ways.hstack(found.drop("term"))
    carries = pl.col("battery") > 0
    ppm = pl.col("all_ppm") + pl.when(carries).then(pl.col("battery_ppm")).otherwise(0)
    fixed = pl.col("all_fixed") + pl.when(carries).then(pl.col("battery_fixed")).otherwise(0)
    amount = at_ppm(pl.col("transport_minor"), ppm) + fixed * pl.col("parcels")
    return ways.with_columns(surcharge_minor=amount).drop(PLAIN)


def _levied(ways: pl.DataFrame, kinds: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Surcharges that apply, one row per way and surcharge, computed stage by stage."""
    rows = _applying(ways, kinds, terms)
    known = ways.select("row", word=pl.lit(TRANSPORT), part="transport_minor")
    done = [
        rows.clear().with_columns(
            base_minor=pl.lit(0, dtype=pl.Int64), amount_minor=pl.lit(0, dtype=pl.Int64)
        )
    ]
    for stage in rows["stage"].unique().sort().to_list():
        found = _amounts(rows.filter(pl.col("stage") == stage), known)
        known = pl.concat([known, found.select("row", word="surcharge", part="amount_minor")])
        done.append(found)
    return pl.concat(done).sort("row", "stage", "surcharge")


def _applying(ways: pl.DataFrame, kinds: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    facts = ways.select("row", "term", "battery", "dest_areas", "chargeable_g", "transport_minor", "parcels")
    facts = facts.filter(pl.col("transport_minor").is_not_null())
    rows = facts.join(terms.extras, on="term", how="inner", maintain_order="left_right")
    inside = (pl.col("area") == "") | pl.col("dest_areas").str.split(" ").list.contains(pl.col("area"))
    rows = rows.filter(inside & ((pl.col("applies") == "all") | (pl.col("battery") > 0)))
    rows = size_tests(rows).with_row_index("nth")
    tests = [name for name in rows.columns if name.startswith("test_")]
    asked = pl.any_horizontal([pl.col(name) > 0 for name in tests if name != "test_unit"])
    sized = rows.filter(asked).select("nth", "row", *tests)
    parcels = kinds.select("row", "alike", "weight", "long", "mid", "short", "vol")
    hits = sized.join(parcels, on="row").filter(is_over()).group_by("nth").agg(hits=pl.col("alike").sum())
    rows = rows.join(hits, on="nth", how="left", maintain_order="left")
    hit = pl.when(asked).then(pl.col("hits").fill_null(0)).otherwise(pl.col("parcels"))
    rows = rows.with_columns(parcels_hit=hit, kg=-(-pl.col("chargeable_g") // 1000))
    return rows.filter(pl.col("parcels_hit") > 0).drop("nth", "hits", *tests)


def _amounts(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Amounts of one stage; of surcharges that exclude one another the dearest stays."""
    rows = rows.with_row_index("nth")
    words = rows.select("nth", "row", word=pl.col("base").str.split(" ")).explode("word")
    bases = words.join(known, on=["row", "word"]).group_by("nth").agg(base_minor=pl.col("part").sum())
    rows = rows.join(bases, on="nth", how="left", maintain_order="left").drop("nth")
    times = pl.when(pl.col("per") == "shipment").then(1).otherwise(pl.col("parcels_hit"))
    rows = rows.with_columns(pl.col("base_minor").fill_null(0))
    amount = at_ppm(pl.col("base_minor"), pl.col("rate_ppm")) + pl.col("fixed_minor") * times
    amount = amount + pl.col("per_kg_minor") * pl.col("kg")
    amount = pl.max_horizontal(amount, pl.col("min_minor") * times)
    amount = pl.min_horizontal(amount, pl.col("max_minor") * times)
    rows = rows.with_columns(amount_minor=amount)
    if (rows["one_of"] != "").any():
        rows = rows.sort("row", "one_of", "amount_minor", "surcharge", descending=[False, False, True, False])
        rows = rows.filter((pl.col("one_of") == "") | pl.struct("row", "one_of").is_first_distinct())
    return rows
