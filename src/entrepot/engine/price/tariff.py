"""Tariff: which duty rates and additional duties goods of a code and origin meet at a place, by day and proof."""

from __future__ import annotations

from entrepot.engine import few as pl
from entrepot.engine.answers import every_answer
from entrepot.engine.fx import Rates
from entrepot.engine.policy import adopted
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

KIND_KEYS = ["dest_country", "dest_territory", "hs_code", "origin", "proofs", "epoch"]
RATE = [
    "rate_ppm",
    "specific_e4",
    "unit",
    "currency_code",
    "combine",
    "floor_ppm",
    "ceiling_ppm",
    "floor_e4",
    "ceiling_e4",
]
SHOWN = [
    "hs_prefix",
    "rate_origin",
    "scheme",
    "valid_from",
    "valid_to",
    "reading",
    "source",
    "status",
    "currency",
]


def duty_rate_table(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """The duty rates each kind of goods may claim: the ordinary one, and each preference that a proof is held for.

    Of one scheme the longest HS prefix counts, and of that a rate for the goods' origin before one for all.
    Shapes: kinds with KIND_KEYS and a number `place`; result any number of rows per kind (none where no rate is known),
    with place, RATE and SHOWN, sorted by place with the ordinary rate first.
    Source: docs/methods/landed_cost.md; docs/methods/tariffs.md.
    """
    return every_answer(kinds, KIND_KEYS, world, "duty rates", lambda new: _rates_in_force(new, world))


def layer_table(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """Additional duties of each kind of goods, one row per layer: its longest HS prefix that matches.

    A layer that another one displaces is left out.
    Shapes: kinds as in `duty_rate_table`; result place, layer, RATE and SHOWN, sorted by place and layer.
    """
    return every_answer(kinds, KIND_KEYS, world, "duty layers", lambda new: _layers_in_force(new, world))


def _rates_in_force(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    found = _prefixes(kinds, "duty_rates", world)
    found = found.filter((pl.col("scheme") == "") | _claimed(found, kinds, world))
    specific = pl.col("hs_prefix").str.len_chars(), pl.col("rate_origin") != ""
    best = found.sort(*specific).unique(["kind", "scheme"], keep="last", maintain_order=True)
    return best.sort("kind", "scheme").select("kind", *RATE, *SHOWN)


def _claimed(found: pl.DataFrame, kinds: pl.DataFrame, world: World) -> pl.Series:
    """True for a preference the origin belongs to and a proof is held for; schemes without a proof hold by origin."""
    asked = found.with_row_index("row").filter(pl.col("scheme") != "")
    asked = asked.select("row", "kind", "scheme").join(kinds, on="kind")
    schemes = world["preferences"].select("dest", "scheme", "countries", "proof", "valid_from", "valid_to")
    held = [
        asked.join(schemes, left_on=[place, "scheme"], right_on=["dest", "scheme"]).filter(
            in_force("epoch"),
            pl.col("countries").str.split(" ").list.contains(pl.col("origin")),
            (pl.col("proof") == "") | pl.col("proofs").str.split(" ").list.contains(pl.col("scheme")),
        )
        for place in ("dest_country", "dest_territory")
    ]
    rows = pl.concat([part.select("row") for part in held])["row"].unique()
    return found.with_row_index("row").select(pl.col("row").is_in(rows.implode())).to_series()


def _layers_in_force(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    found = _prefixes(kinds, "duty_layers", world, "layer", "displaces", "origins_except")
    found = found.filter(~pl.col("origins_except").str.split(" ").list.contains(pl.col("origin")))
    specific = pl.col("hs_prefix").str.len_chars(), pl.col("rate_origin") != ""
    best = found.sort(*specific).unique(["kind", "layer"], keep="last", maintain_order=True)
    displaced = best.select("kind", layer=pl.col("displaces").str.split(" ")).explode("layer")
    best = best.join(displaced, on=["kind", "layer"], how="anti")
    return best.sort("kind", "layer").select("kind", "layer", *RATE, *SHOWN)


def _prefixes(kinds: pl.DataFrame, table: str, world: World, *columns: str) -> pl.DataFrame:
    """Rates in force whose HS prefix begins a kind's code, of its country or its territory, for its origin or any."""
    rates, lengths = world.once(f"{table} by prefix", lambda: _by_prefix(world, table))
    kinds = kinds.join(lengths, how="cross").filter(pl.col("hs_code").str.len_chars() >= pl.col("digits"))
    kinds = kinds.with_columns(hs_prefix=pl.col("hs_code").str.slice(0, pl.col("digits")))
    apart = kinds.filter(pl.col("dest_country") != pl.col("dest_territory"))
    wanted = ["kind", "origin", *RATE, *SHOWN, *columns]
    found = [
        keyed.join(rates, left_on=[place, "hs_prefix"], right_on=["dest", "hs_prefix"])
        .filter(
            in_force("epoch"), (pl.col("rate_origin") == "") | (pl.col("rate_origin") == pl.col("origin"))
        )
        .select(wanted)
        for place, keyed in (("dest_country", kinds), ("dest_territory", apart))
    ]
    return pl.concat(found)


def _by_prefix(world: World, table: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rates of a table that count, and how long their HS prefixes are."""
    rates = adopted(world, table).rename({"origin": "rate_origin"})
    rates = rates.with_columns(
        currency_code=Rates.of(world).code("currency"),
        **{name: pl.lit(value) for name, value in UNBOUND.items() if name not in rates.columns},
    )
    return rates, rates.select(digits=pl.col("hs_prefix").str.len_chars().unique().sort())


# What a layer's row does not say: it adds its parts and has no bounds.
UNBOUND: dict[str, object] = {
    "combine": "sum", "floor_ppm": None, "ceiling_ppm": None, "floor_e4": None, "ceiling_e4": None, "scheme": "",
}  # fmt: skip
