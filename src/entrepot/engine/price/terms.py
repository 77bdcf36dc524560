"""Terms: what a service asks in a zone on a day — weighing rule, rate card and surcharges — gathered once per
period."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.parcels import OTHER
from entrepot.engine.price.parcel import RULE, TESTS, is_over, size_tests, weighing_rules
from entrepot.engine.validity import in_force, with_epoch
from entrepot.engine.world import World

BAND = 1 << 42  # weights in g are far below it: a card's bands stand in one sorted column
CARRIER = "carrier:"


@dataclass(frozen=True)
class Terms:
    """table: one row per term (a service, a zone, a period without change). bands: rows of the cards, in order of
    their
    place. extras: surcharges of each term that need more than a sum."""

    table: pl.DataFrame
    bands: pl.DataFrame
    extras: pl.DataFrame

    def and_(self, other: Terms) -> Terms:
        """These and further ones, whose numbers follow on."""
        parts = ((self.table, other.table), (self.bands, other.bands), (self.extras, other.extras))
        table, bands, extras = (pl.concat(pair) for pair in parts)
        return Terms(table, bands, extras)

    def band_of(self, term: pl.Series, weight: pl.Series) -> pl.DataFrame:
        """The band of each weight on its term's card.

        Shapes: n rows, null where the card begins above the weight or there is none. Units: g, minor units.
        """
        place = (term.cast(pl.Int64) * BAND + weight - 1).rename("sought")
        columns = ["over_g", "to_g", "base_minor", "step_g", "step_minor", "rate_from", "rate_tier"]
        if self.bands.is_empty():
            return self.bands.select(columns).clear(place.len())
        at = self.bands["place"].search_sorted(place.fill_null(0), side="right").cast(pl.Int64) - 1
        found = self.bands.select("term", *columns)[at.clip(lower_bound=0)]
        same = (found["term"] == term.cast(found["term"].dtype)) & (at >= 0) & weight.is_not_null()
        return found.select([pl.when(same).then(pl.col(name)).alias(name) for name in columns])

    def with_least(self, kinds: pl.DataFrame) -> pl.DataFrame:
        """Parcels with `least_e3`: the weight a surcharge for large parcels bills at least.

        Shapes: n rows in, n rows out, same order. Units: thousandths of the weighing rule's unit.
        """
        asked = self.extras.filter(pl.col("min_billed_e3") > 0)
        if asked.is_empty():
            return kinds.with_columns(least_e3=pl.lit(0, dtype=pl.Int64))
        numbered = kinds.with_row_index("nth")
        hit = numbered.join(size_tests(asked).drop("weight", strict=False), on="term").filter(is_over())
        least = hit.group_by("nth").agg(least_e3=pl.col("min_billed_e3").max())
        numbered = numbered.join(least, on="nth", how="left", maintain_order="left").drop("nth")
        return numbered.with_columns(pl.col("least_e3").fill_null(0))


def terms_of(ways: pl.DataFrame, world: World, *, detailed: bool = False) -> tuple[Terms, pl.DataFrame]:
    """The terms that ways meet, and the ways with `row` and `term`.

    Shapes: n ways in (service, zone, placed_on, parcels …), n out, same order. With `detailed` every surcharge stands
    in
    `extras`, so that each can be told apart.
    """
    ways = with_epoch(ways, world)
    keys = ["service", "zone", "epoch"]
    terms = _known(ways.select(keys).unique().sort(keys), world, detailed=detailed)
    placed = ways.join(terms.table.select(*keys, "term"), on=keys, how="left", maintain_order="left")
    return terms, _completed(placed.with_row_index("row"))


def _known(kinds: pl.DataFrame, world: World, *, detailed: bool) -> Terms:
    """The terms the world has answered so far, with every one of these kinds among them."""
    name = f"freight.terms.{detailed}"
    with world.lock:
        known: Terms | None = world.kept.get(name)
        new = kinds if known is None else kinds.join(known.table, on=kinds.columns, how="anti")
        if known is None or new.height:
            first = known.table.height if known else 0
            fresh = _answered(new, first, world, detailed=detailed)
            known = fresh if known is None else known.and_(fresh)
            world.kept[name] = known
        return known


def _answered(kinds: pl.DataFrame, first: int, world: World, *, detailed: bool) -> Terms:
    table = kinds.with_columns(pl.int_range(first, first + pl.len()).alias("term"), placed_on="epoch")
    table = _weighing(table, world)
    bands = _bands(table, world)
    table, extras = _split(table, _surcharges(table, world), detailed=detailed)
    return Terms(table, bands, extras)


def _completed(ways: pl.DataFrame) -> pl.DataFrame:
    """Columns of the parcels where propose knew nothing of cartons: alike parcels of unknown sides."""
    missing = {
        "alike": pl.col("parcels"), "long": pl.lit(None, dtype=pl.Int64), "mid": pl.lit(None, dtype=pl.Int64),
        "short": pl.lit(None, dtype=pl.Int64), "carton": pl.lit(""), "dest_areas": pl.lit(""),
        "others": pl.lit(None, dtype=pl.List(pl.Struct(OTHER))),
    }  # fmt: skip
    return ways.with_columns(**{name: value for name, value in missing.items() if name not in ways.columns})


def _weighing(table: pl.DataFrame, world: World) -> pl.DataFrame:
    services = world["services"].select(
        "service", "carrier", "weighing", "divisor", "round_g", "weigh_per", "valid_from", "valid_to"
    )
    found = table.join(services, on="service").filter(in_force("placed_on")).drop("valid_from", "valid_to")
    rules = weighing_rules(found, world).select("term", "carrier", "weigh_per", *RULE)
    table = table.join(rules, on="term", how="left", maintain_order="left")
    return table.with_columns(whole=(pl.col("weigh_per") == "shipment").fill_null(False))


def _bands(table: pl.DataFrame, world: World) -> pl.DataFrame:
    """Bands of each term's card, in order: those of our contract's tier where there are any, else everybody's."""
    contracts = world["contracts"].select("service", "valid_from", "valid_to", own="tier")
    tiers = (
        table.select("term", "service", "placed_on")
        .join(contracts, on="service")
        .filter(in_force("placed_on"))
    )
    rates = table.select("term", "service", "zone", "placed_on").join(world["rates"], on=["service", "zone"])
    rates = rates.filter(in_force("placed_on")).join(tiers.select("term", "own"), on="term", how="left")
    rates = rates.filter((pl.col("tier") == "") | (pl.col("tier") == pl.col("own")))
    best = pl.col("tier") == pl.col("tier").max().over("term")
    place = pl.col("term") * BAND + pl.col("over_g")
    rates = rates.filter(best).with_columns(place=place, rate_from="valid_from", rate_tier="tier")
    return rates.select(
        "term", "place", "over_g", "to_g", "base_minor", "step_g", "step_minor", "rate_from", "rate_tier"
    ).sort("place")


def _surcharges(table: pl.DataFrame, world: World) -> pl.DataFrame:
    rows = world["surcharges"].rename({"zone": "only_zone", "service": "by"})
    own = table.select("term", "service", "zone", "placed_on", by="service")
    carrier = table.select("term", "service", "zone", "placed_on", by=pl.lit(CARRIER) + pl.col("carrier"))
    found = pl.concat([own, carrier]).join(rows, on="by").filter(in_force("placed_on"))
    found = found.filter((pl.col("only_zone") == "") | (pl.col("only_zone") == pl.col("zone")))
    return found.drop("service", "zone", "placed_on", "only_zone", "by").sort("term", "stage", "surcharge")


def _split(table: pl.DataFrame, extras: pl.DataFrame, *, detailed: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Terms whose surcharges are plain sums get four sums; the others keep their rows."""
    special = (
        (pl.col("area") != "") | (pl.col("per_kg_minor") != 0) | (pl.col("base") != "transport")
        | (pl.col("per") != "parcel") | (pl.col("one_of") != "") | pl.col("min_minor").is_not_null()
        | pl.col("max_minor").is_not_null() | pl.any_horizontal([pl.col(name) > 0 for name in TESTS])
    )  # fmt: skip
    shares = (pl.col("rate_ppm") != 0).sum().over("term") > 1  # each is rounded by itself
    marked = extras.with_columns(special=(special | shares | pl.lit(detailed)).any().over("term"))
    plain, battery = marked.filter(~pl.col("special")), pl.col("applies") == "battery"
    sums = plain.group_by("term").agg(
        all_ppm=pl.col("rate_ppm").filter(~battery).sum(),
        all_fixed=pl.col("fixed_minor").filter(~battery).sum(),
        battery_ppm=pl.col("rate_ppm").filter(battery).sum(),
        battery_fixed=pl.col("fixed_minor").filter(battery).sum(),
    )
    table = table.join(sums, on="term", how="left", maintain_order="left")
    filled = [pl.col(name).fill_null(0) for name in ("all_ppm", "all_fixed", "battery_ppm", "battery_fixed")]
    return table.with_columns(filled), marked.filter("special").drop("special")
