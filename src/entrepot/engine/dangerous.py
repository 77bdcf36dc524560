"""Batteries in the air: UN number, packing instruction, what may fly and how much of it in a package."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import to_send
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

ANSWER = ("un", "instruction", "passenger", "passenger_g", "cargo_g", "charge", "charge_ppm")
NO_LIMIT = 1 << 60
UNNAMED = "ion"  # a chemistry that nobody named is taken for the strictest in common use


def battery_class(goods: pl.DataFrame, world: World, on: str = "placed_on") -> pl.DataFrame:
    """How batteries travel by air: the rule of their chemistry, of how they are packed and of their size.

    Shapes: n rows in (battery_kind ion, metal or sodium; battery alone, packed or contained; battery_wh_e3; a day), n
    rows
    out, same order, with un, instruction, passenger, passenger_g, cargo_g, charge ('', recommended or mandatory),
    charge_ppm
    and the rule's valid_from, source and status; null where no rule is known. An unknown size falls under the largest.
    Units: Wh × 1000 of one battery (metal: mg of lithium), net weight of batteries per package in g.
    Source: docs/methods/freight.md.
    """
    rules = world["battery_rules"].rename({"kind": "battery_kind"})
    kind = pl.col("battery_kind").replace("", UNNAMED)
    numbered = goods.with_columns(battery_kind=kind).with_row_index("nth")
    keys = ["battery_kind", "battery"]
    found = numbered.select("nth", *keys, "battery_wh_e3", on).join(rules, on=keys).filter(in_force(on))
    within = (pl.col("to_wh_e3") == 0) | (pl.col("battery_wh_e3") <= pl.col("to_wh_e3")).fill_null(False)
    found = found.filter(within).with_columns(limit=pl.col("to_wh_e3").replace(0, NO_LIMIT))
    found = found.sort("nth", "limit").unique("nth", keep="first")
    small = pl.col("battery_wh_e3").fill_null(NO_LIMIT) <= pl.col("charge_over_wh_e3")
    lesser = (pl.col("charge") == "mandatory") & (pl.col("charge_over_wh_e3") > 0) & small
    charge = pl.when(lesser).then(pl.lit("recommended")).otherwise(pl.col("charge"))
    found = found.with_columns(charge=charge).select("nth", *ANSWER, "valid_from", "source", "status")
    return numbered.join(found, on="nth", how="left", maintain_order="left").drop("nth")


def battery_measures(batch: Batch, world: World) -> pl.DataFrame:
    """Per order with batteries: whether all may fly with passengers, their net weight, the smallest limits per
    package.

    Shapes: one row per order that has batteries (order_id, may_fly, battery_net_g, fly_g, cargo_g). Units: g.
    """
    held = world["skus"].filter(pl.col("battery") != "")
    held = held.select("sku", "battery", "battery_kind", "battery_wh_e3", "battery_g")
    lines = to_send(batch).join(held, on="sku")
    lines = lines.join(batch.orders.select("order_id", "placed_on"), on="order_id")
    kinds = lines.select("sku", "battery", "battery_kind", "battery_wh_e3", "placed_on").unique(
        ["sku", "placed_on"]
    )
    classes = battery_class(kinds, world).select("sku", "placed_on", "passenger", "passenger_g", "cargo_g")
    lines = lines.join(classes, on=["sku", "placed_on"], how="left")
    return lines.group_by("order_id").agg(
        may_fly=pl.col("passenger").fill_null(True).all(),
        battery_net_g=(pl.col("battery_g").fill_null(0) * pl.col("quantity")).sum(),
        fly_g=pl.col("passenger_g").filter(pl.col("passenger_g") > 0).min().fill_null(NO_LIMIT),
        cargo_g=pl.col("cargo_g").filter(pl.col("cargo_g") > 0).min().fill_null(NO_LIMIT),
    )
