"""Bulk: the first leg of goods to a warehouse abroad: carriage by the forwarder's rule, and customs at entry."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import WIDE, divide
from entrepot.engine.columns import QUOTE_LINES, QUOTES
from entrepot.engine.columns.bulk import LEGS, LOADS
from entrepot.engine.fx import Rates, converted
from entrepot.engine.measure import BATTERY_LEVEL, SERVICE_LEVEL
from entrepot.engine.policy import attach_policies, company_text
from entrepot.engine.price.parcel import RULE, billable, weighing_rules
from entrepot.engine.quote import quote
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

TON_G, KG_G = 1_000_000, 1_000
SIDES = ("long", "mid", "short")
TOLD = {"order_id": pl.Int64, "rule": pl.String} | dict.fromkeys(
    ("duty_minor", "layers_minor", "fees_minor", "w_dc", "w_order"), pl.Int64
)
LEG = ("warehouse", "ship_from", "mode", "forwarder")


def carriage(goods: pl.DataFrame, legs: pl.DataFrame, world: World, base: str) -> pl.DataFrame:
    """What each forwarder asks for goods on their day, the cheapest first.

    Shapes: goods n rows: load, ship_from, warehouse, weight_g, volume_mm3, placed_on; legs rows of LEGS. Result one row
    per load and leg in force: load, LEG, min_days, max_days, battery, chargeable_g, currency, carriage_minor and
    carriage_base_minor (in the currency `base`; null without a rate of exchange). Weight and prices are null where the
    weighing rule does not hold on the day.
    Units: g, mm³, minor units. Rounding: weight as the rule says; the price half-up once, then its minimum.
    Source: docs/methods/first_leg.md.
    """
    rows = goods.join(LEGS.check(legs), on=["ship_from", "warehouse"]).filter(in_force("placed_on"))
    none = pl.lit(None, dtype=pl.Int64)
    rows = rows.drop("valid_from", "valid_to").with_columns(
        divisor=pl.lit(0, dtype=pl.Int64), round_g=pl.lit(1, dtype=pl.Int64), weight=pl.col("weight_g"),
        **dict.fromkeys(SIDES, none),
    )  # fmt: skip
    rows = billable(
        weighing_rules(rows, world).select(*rows.columns, *(n for n in RULE if n not in rows.columns))
    )
    by_kg = pl.col("per_kg_minor").cast(WIDE) * pl.col("billed_g") * (TON_G // KG_G)
    price = divide(by_kg + pl.col("per_rt_minor").cast(WIDE) * pl.col("billed_g"), TON_G).cast(pl.Int64)
    price = pl.when(price.is_not_null()).then(
        pl.max_horizontal(price, "min_minor") + pl.col("per_shipment_minor")
    )
    rows = rows.with_columns(carriage_minor=price, base=pl.lit(base))
    rates = Rates.of(world)
    rows = rates.attach(rates.attach(rows, "currency", "placed_on", "w"), "base", "placed_on", "w_base")
    rows = converted(rows, other=(pl.col("carriage_minor"), "w", "w_base"))
    alike = pl.col("currency") == pl.col("base")
    rows = rows.with_columns(carriage_base_minor=pl.when(alike).then("carriage_minor").otherwise("other"))
    return rows.sort("load", "carriage_base_minor", "max_days", *LEG, nulls_last=True).select(
        "load", *LEG, "min_days", "max_days", "battery", "currency", "carriage_minor", "carriage_base_minor",
        chargeable_g="billed_g",
    )  # fmt: skip


def first_legs(loads: pl.DataFrame, legs: pl.DataFrame, world: World, *, load_g: int = 0) -> pl.DataFrame:
    """What it costs to bring loads of articles to a warehouse by the cheapest leg, duty at entry with it.

    Shapes: loads n rows of LOADS; n rows out, same order: load, sku, warehouse, forwarder, mode, min_days, max_days,
    pieces, chargeable_g, carriage_base_minor, customs_base_minor, code (why there is no price, else null).
    A load lighter than `load_g` travels in a consolidated one of that weight: it is priced as if all of that were this
    article, so `pieces` may be more than its own. Duty, additional duties and fees are the importer's; import tax is
    left out, because a registered importer takes it back.
    Units: minor units of the books' currency for all `pieces`; g. Errors: code logistics.no_first_leg,
    customs.rule_missing or customs.duty_unknown. Source: docs/methods/first_leg.md.
    """
    goods = _measured(LOADS.check(loads).sort("load"), world)
    own = pl.max_horizontal("weight_g", 1)
    filled = (pl.col("quantity").cast(WIDE) * load_g + own - 1) // own
    goods = goods.with_columns(pieces=pl.max_horizontal(pl.col("quantity"), filled.cast(pl.Int64)))
    goods = goods.with_columns(
        divide(pl.col(name).cast(WIDE) * pl.col("pieces"), pl.col("quantity")).cast(pl.Int64).alias(name)
        for name in ("weight_g", "volume_mm3")
    )
    asked = goods.select("load", "ship_from", "warehouse", "weight_g", "volume_mm3", "placed_on")
    found = carriage(asked, legs, world, company_text(world, "company.base_currency")).drop(
        "ship_from", "warehouse"
    )
    found = found.join(goods.select("load", "level"), on="load", maintain_order="left")
    takes = pl.col("battery").replace_strict(SERVICE_LEVEL, default=0, return_dtype=pl.Int64)
    best = found.filter(takes >= pl.col("level"), pl.col("carriage_base_minor").is_not_null())
    best = best.unique("load", keep="first", maintain_order=True).drop("level")
    goods = goods.join(best, on="load", how="left", maintain_order="left")
    goods = goods.join(_customs(goods.filter(pl.col("mode").is_not_null()), world), on="load", how="left")
    missing = pl.when(pl.col("mode").is_null()).then(pl.lit("logistics.no_first_leg")).otherwise("code")
    return goods.sort("load").select(
        "load", "sku", "warehouse", "forwarder", "mode", "min_days", "max_days", "pieces", "chargeable_g",
        "carriage_base_minor", "customs_base_minor", code=missing,
    )  # fmt: skip


def _measured(loads: pl.DataFrame, world: World) -> pl.DataFrame:
    """Loads with weight, volume (with packing void), battery level and what the tariff asks of the article."""
    wanted = ("hs_code", "origin", "proofs", "measures", "cost_minor", "cost_currency")
    volume = pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm")
    facts = world["skus"].select("sku", "battery", *wanted, piece_g="weight_g", space=volume)
    rows = loads.join(facts, on="sku", how="left", maintain_order="left")
    rows = attach_policies(rows, world, {"void": "logistics.void_ppm"})
    space = pl.col("space") * pl.col("quantity")
    countries = (
        world["warehouses"].select("warehouse", dest_country="country").unique("warehouse", keep="last")
    )
    return rows.join(countries, on="warehouse", how="left", maintain_order="left").with_columns(
        weight_g=(pl.col("piece_g") * pl.col("quantity")).fill_null(0),
        volume_mm3=(space + space // 1000 * pl.col("void").fill_null(0) // 1000).fill_null(0),
        level=pl.col("battery").replace_strict(BATTERY_LEVEL, default=3, return_dtype=pl.Int64),
    )


def _customs(goods: pl.DataFrame, world: World) -> pl.DataFrame:
    """Duty, additional duties and fees of each load at entry, in the books' currency; nought inside one country."""
    base, schema = (
        company_text(world, "company.base_currency"),
        {"load": pl.Int64, "customs_base_minor": pl.Int64},
    )
    goods = goods.with_columns(base=pl.lit(base))
    if goods.is_empty():
        return pl.DataFrame(schema={**schema, "code": pl.String})
    rates = Rates.of(world)
    goods = rates.attach(goods, "cost_currency", "placed_on", "w_cost")
    goods = rates.attach(goods, "base", "placed_on", "w_base")
    goods = converted(goods, worth=(pl.col("cost_minor") * pl.col("pieces"), "w_cost", "w_base"))
    asked = goods.select(
        "placed_on", "ship_from", "dest_country", order_id="load", currency="base", freight_minor="carriage_base_minor",
        mode=pl.when(pl.col("mode") == "sea").then(pl.lit("sea")).otherwise(pl.lit("freight")),
        buyer_kind=pl.lit("b2b"), buyer_vat_valid=pl.lit(value=True), incoterm=pl.lit("DDP"),
    )  # fmt: skip
    lines = goods.select(
        "hs_code", "origin", "proofs", "measures", order_id="load", line_no=pl.lit(1, dtype=pl.Int64),
        quantity="pieces", weight_g="piece_g", amount_minor="worth",
    )  # fmt: skip
    defaults = {c.name: c.default for c in QUOTES.columns if c.name not in asked.columns}
    asked = asked.with_columns(**{name: pl.lit(value) for name, value in defaults.items()})
    found = quote(asked.select(list(QUOTES.schema)), QUOTE_LINES.check(lines), world).consignments
    told = pl.DataFrame(found.select(list(TOLD)).to_dicts(), schema=TOLD)
    charges = pl.col("duty_minor") + pl.col("layers_minor") + pl.col("fees_minor")
    told = converted(told, customs_base_minor=(charges, "w_dc", "w_order"))
    unknown = pl.when(pl.col("customs_base_minor").is_null()).then(pl.lit("customs.duty_unknown"))
    code = pl.when(pl.col("rule").is_null()).then(pl.lit("customs.rule_missing")).otherwise(unknown)
    return told.select("customs_base_minor", code=code, load="order_id")
