"""Edits at the border: additional duties, tariff rows, limits of import rules, tax rates, disputed readings, shocks."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.engine.columns import WORLD
from entrepot.engine.scenario.edit import Edit, EditError, Field, Kind, added, is_code, key_of
from entrepot.engine.scenario.windows import DAY, FIRST, during, moved_forward, undone, without
from entrepot.engine.world import World

DEST = Field("dest", required=True, source="import_rules.dest|territories.country")
SHOCKED = ("duty_layers", "duty_rates", "import_rules", "import_fees", "vat_rates", "weighings", "rates", "surcharges",
           "lanes", "channel_fees", "payment_fees")  # fmt: skip
LIMITS = {"max_minor": 0, "flat_duty_minor": 0, "duty_ppm": 0, "tax_ppm": 0}


def duty_layer(edit: Edit, world: World) -> World:
    """An additional duty on goods of an origin, a place and a range of codes.

    Units: as in the contracts of the world. Errors: EditError.
    """
    row = {
        "layer": edit.text("layer") or "SCENARIO", "dest": edit.text("dest"), "hs_prefix": edit.text("hs_prefix"),
        "origin": edit.text("origin"), "origins_except": edit.text("origins_except"),
        "rate_ppm": edit.whole("rate_ppm"), "displaces": edit.text("displaces"), "valid_from": edit.since or FIRST,
        "valid_to": edit.until, "source": "scenario",
    }  # fmt: skip
    taken = world["duty_layers"].filter(
        pl.col("layer") == row["layer"], pl.col("dest") == row["dest"], pl.col("hs_prefix") == row["hs_prefix"],
        pl.col("origin") == row["origin"],
    )  # fmt: skip
    if taken.height:
        raise EditError("scenario.name_taken", "layer", row["layer"])
    return added(world, "duty_layers", [row])


def layer_ends(edit: Edit, world: World) -> World:
    """An additional duty not levied between two days."""
    rules = world["duty_layers"]
    meant = is_code("layer", edit.text("layer")) & is_code("dest", edit.text("dest"))
    return _changed(world, "duty_layers", rules, without(rules, meant, edit.since, edit.until))


def duty_rate(edit: Edit, world: World) -> World:
    """The ordinary tariff of a range of codes at another rate."""
    rules = world["duty_rates"]
    prefix, origin = edit.text("hs_prefix"), edit.text("origin")
    meant = (pl.col("dest") == edit.text("dest")) & pl.col("hs_prefix").str.starts_with(prefix)
    meant &= is_code("origin", origin) & (pl.col("scheme") == "")
    rest = without(rules, meant, edit.since, edit.until)
    row = {
        "dest": edit.text("dest"), "hs_prefix": prefix, "origin": origin, "rate_ppm": edit.whole("rate_ppm"),
        "valid_from": edit.since or FIRST, "valid_to": edit.until, "source": "scenario",
    }  # fmt: skip
    return added(world.replace(duty_rates=rest), "duty_rates", [row])


def threshold(edit: Edit, world: World) -> World:
    """A figure of the import rules of a place: the low-value limit, the flat duty a line, a fixed duty or tax."""
    rules, name = world["import_rules"], edit.text("figure")
    meant = (pl.col("dest") == edit.text("dest")) & is_code("rule", edit.text("rule"))
    meant &= pl.col("max_minor").is_not_null() if name == "max_minor" else pl.col(_mode(name)) == _word(name)
    value = pl.lit(edit.whole("value"), dtype=pl.Int64)
    return _changed(world, "import_rules", rules, during(rules, meant, edit.since, edit.until, {name: value}))


def rule_ends(edit: Edit, world: World) -> World:
    """An import rule that does not exist between two days; the next one that fits holds instead."""
    rules = world["import_rules"]
    meant = (pl.col("dest") == edit.text("dest")) & (pl.col("rule") == edit.text("rule"))
    return _changed(world, "import_rules", rules, without(rules, meant, edit.since, edit.until))


def tax_rate(edit: Edit, world: World) -> World:
    """A country's VAT, GST or sales tax at another rate, or moved by some points."""
    rules = world["vat_rates"]
    meant = (pl.col("country") == edit.text("country")) & is_code("tax_category", edit.text("tax_category"))
    if "region" in edit.values:
        meant &= pl.col("region") == edit.text("region")
    rate, points = edit.number("rate_ppm"), edit.number("points_ppm")
    new = pl.lit(rate, dtype=pl.Int64) if rate is not None else pl.col("rate_ppm") + (points or 0)
    change = {"rate_ppm": new.clip(lower_bound=0)}
    return _changed(world, "vat_rates", rules, during(rules, meant, edit.since, edit.until, change))


def reading(edit: Edit, world: World) -> World:
    """A disputed rule read the way that is named."""
    policies, name = world["policies"], edit.text("reading")
    followed = pl.col("key") == "customs.readings"
    if policies.filter(followed).is_empty():
        row = {"key": "customs.readings", "text": name, "valid_from": FIRST, "source": "scenario"}
        return added(world, "policies", [row])
    words = pl.when(followed).then((pl.col("text") + f" {name}").str.strip_chars()).otherwise("text")
    return world.replace(policies=policies.with_columns(text=words))


def shock(edit: Edit, world: World) -> World:
    """What the rules of a table changed on one day: as if it had held since an earlier day, or as if it never came.

    Units: as in the contracts of the world. Errors: EditError.
    """
    table, on = edit.text("table"), date.fromisoformat(edit.text("on"))
    rules, key = world[table], key_of(table)
    meant = pl.lit(True)
    if edit.text("column"):
        if edit.text("column") not in WORLD[table].schema:
            raise EditError("scenario.field_unknown", "column", edit.text("column"))
        meant = pl.col(edit.text("column")).cast(pl.String).is_in(edit.text("values").split())
    if edit.text("direction") == "undone":
        return _changed(world, table, rules, undone(rules, key, meant, on))
    since = edit.since or FIRST
    if since >= on:
        raise EditError("scenario.shock_late", "since", since)
    if rules.filter(meant & ((pl.col("valid_from") == on) | (pl.col("valid_to") == on - DAY))).is_empty():
        raise EditError("scenario.nothing_meant", "on", on)
    return _changed(world, table, rules, moved_forward(rules, key, meant, on, since))


def _mode(name: str) -> str:
    return "tax_mode" if name == "tax_ppm" else "duty_mode"


def _word(name: str) -> str:
    return "flat" if name == "flat_duty_minor" else "fixed"


def _changed(world: World, table: str, before: pl.DataFrame, after: pl.DataFrame) -> World:
    """The world with the table; an edit that meets no row at all was meant otherwise."""
    changed = world.replace(**{table: after})
    if changed[table].equals(before.sort(WORLD[table].key)):
        raise EditError("scenario.nothing_meant", "kind", table)
    return changed


KINDS = (
    Kind(
        "duty_layer",
        (
            DEST,
            Field("rate_ppm", "ppm", required=True, low=0),
            Field("origin", source="countries.country"),
            Field("origins_except", "text"),
            Field("hs_prefix", "text"),
            Field("layer", "text"),
            Field("displaces", "text"),
        ),
        duty_layer,
    ),
    Kind(
        "layer_ends",
        (Field("layer", required=True, source="duty_layers.layer"), Field("dest", source="duty_layers.dest")),
        layer_ends,
    ),
    Kind(
        "duty_rate",
        (
            Field("dest", required=True, source="duty_rates.dest"),
            Field("hs_prefix", "text", required=True),
            Field("rate_ppm", "ppm", required=True, low=0),
            Field("origin", source="countries.country"),
        ),
        duty_rate,
    ),
    Kind(
        "threshold",
        (
            DEST,
            Field("figure", "choice", required=True, choices=tuple(LIMITS)),
            Field("value", "whole", required=True, low=0),
            Field("rule", source="import_rules.rule"),
        ),
        threshold,
    ),
    Kind("rule_ends", (DEST, Field("rule", required=True, source="import_rules.rule")), rule_ends),
    Kind(
        "tax_rate",
        (
            Field("country", required=True, source="vat_rates.country"),
            Field("rate_ppm", "ppm", low=0),
            Field("points_ppm", "ppm"),
            Field("tax_category", source="vat_rates.tax_category"),
            Field("region", source="vat_rates.region"),
        ),
        tax_rate,
        any_of=("rate_ppm", "points_ppm"),
    ),
    Kind(
        "reading",
        (
            Field(
                "reading", required=True, source="import_rules.reading|duty_layers.reading|vat_rates.reading"
            ),
        ),
        reading,
        is_dated=False,
    ),
    Kind(
        "shock",
        (
            Field("table", "choice", required=True, choices=SHOCKED),
            Field("on", "day", required=True),
            Field("direction", "choice", required=True, choices=("held", "undone")),
            Field("column", "text"),
            Field("values", "text"),
        ),
        shock,
    ),
)
