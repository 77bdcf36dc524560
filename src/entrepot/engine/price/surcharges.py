"""Surcharges of a way: shares of transport and of one another in a stated order, amounts per parcel, limits of
size."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.price.parcel import is_over, size_tests
from entrepot.engine.price.terms import Terms

TRANSPORT = "transport"
ABOUT = ("valid_from", "valid_to", "source", "status", "min_billed_e3")
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
    if detailed:
        return _levied(ways, kinds, terms.extras).sort("row", "stage", "surcharge")
    levied = _levied(ways, kinds, terms.extras.drop(ABOUT))
    if levied.is_empty():
        return ways
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


def _levied(ways: pl.DataFrame, kinds: pl.DataFrame, extras: pl.DataFrame) -> pl.DataFrame:
    """Surcharges that apply, one row per way and surcharge, computed stage by stage."""
    rows = _applying(ways, kinds, extras)
    known = rows.clear().select("row", word="surcharge", part="transport_minor")
    done = [
        rows.clear().with_columns(
            base_minor=pl.lit(0, dtype=pl.Int64), amount_minor=pl.lit(0, dtype=pl.Int64)
        )
    ]
    for stage in rows["stage"].unique().sort().to_list():
        found = _amounts(rows.filter(pl.col("stage") == stage), known)
        known = pl.concat([known, found.select("row", word="surcharge", part="amount_minor")])
        done.append(found)
    return pl.concat(done)


def _applying(ways: pl.DataFrame, kinds: pl.DataFrame, extras: pl.DataFrame) -> pl.DataFrame:
    facts = ways.select("row", "term", "battery", "dest_areas", "chargeable_g", "transport_minor", "parcels")
    asked = pl.col("term").is_in(extras["term"].unique().implode())
    facts = facts.filter(asked & pl.col("transport_minor").is_not_null())
    always = pl.col("applies") == "all"
    rows = facts.join(extras.filter(always), on="term", how="inner", maintain_order="left_right")
    charged = facts.filter(pl.col("battery") > 0)
    rows = pl.concat(
        [rows, charged.join(extras.filter(~always), on="term", how="inner", maintain_order="left_right")]
    )
    places = rows.select("area", "dest_areas").unique()
    inside = (pl.col("area") == "") | pl.col("dest_areas").str.split(" ").list.contains(pl.col("area"))
    if not places.select(inside.fill_null(False).all()).item():
        names = ["area", "dest_areas"]
        rows = rows.join(places.filter(inside), on=names, how="semi", nulls_equal=True, maintain_order="left")
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
    rows = rows.with_columns(base_minor=_base(rows, known))
    times = pl.when(pl.col("per") == "shipment").then(1).otherwise(pl.col("parcels_hit"))
    amount = at_ppm(pl.col("base_minor"), pl.col("rate_ppm")) + pl.col("fixed_minor") * times
    amount = amount + pl.col("per_kg_minor") * pl.col("kg")
    amount = pl.max_horizontal(amount, pl.col("min_minor") * times)
    amount = pl.min_horizontal(amount, pl.col("max_minor") * times)
    rows = rows.with_columns(amount_minor=amount)
    if (rows["one_of"] != "").any():
        rows = rows.sort("row", "one_of", "amount_minor", "surcharge", descending=[False, False, True, False])
        rows = rows.filter((pl.col("one_of") == "") | pl.struct("row", "one_of").is_first_distinct())
    return rows


def _base(rows: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """What the rates of one stage are shares of: the transport, the amounts of surcharges before, or both."""
    words = rows.select("base").unique().with_columns(word=pl.col("base").str.split(" "))
    carried = words.filter(pl.col("word").list.contains(TRANSPORT))["base"]
    on_others = words.filter(pl.col("word").list.eval(pl.element() != TRANSPORT).list.any())["base"]
    transport = pl.when(pl.col("base").is_in(carried.implode())).then("transport_minor").otherwise(0)
    base = rows.select(base_minor=transport.cast(pl.Int64)).to_series()
    if on_others.is_empty():
        return base
    some = rows.select("row", "base").with_row_index("nth").filter(pl.col("base").is_in(on_others.implode()))
    parts = some.select("nth", "row", word=pl.col("base").str.split(" ")).explode("word")
    sums = parts.join(known, on=["row", "word"]).group_by("nth").agg(pl.col("part").sum()).sort("nth")
    return base.scatter(sums["nth"], base.gather(sums["nth"]) + sums["part"])
