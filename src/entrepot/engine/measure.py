"""Measures of an order: weight, volume, longest side, batteries, what it takes from stock."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.policy import attach_policies
from entrepot.engine.world import World

BATTERY_LEVEL = {"": 0, "contained": 1, "packed": 2, "alone": 3}
SERVICE_LEVEL = {"none": 0, "contained": 1, "packed": 2, "all": 3}


def order_measures(batch: Batch, world: World) -> pl.DataFrame:
    """One row per order with what carriers ask for.

    Shapes: orders with at least one known line. Columns: order_id, net_g, volume_mm3 (with packing void),
    heaviest_g (one piece), longest_mm, battery (0 none … 3 alone), pieces.
    Units: g, mm, mm³.
    """
    facts = world["skus"].select("sku", "weight_g", "length_mm", "width_mm", "height_mm", "battery")
    lines = to_send(batch).join(facts, on="sku")
    volume = pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm") * pl.col("quantity")
    level = pl.col("battery").replace_strict(BATTERY_LEVEL, default=3, return_dtype=pl.Int64)
    sums = (
        lines.with_columns(volume=volume, level=level, net=pl.col("weight_g") * pl.col("quantity"))
        .with_columns(side=pl.max_horizontal("length_mm", "width_mm", "height_mm"))
        .group_by("order_id")
        .agg(
            net_g=pl.col("net").sum(),
            volume_mm3=pl.col("volume").sum(),
            heaviest_g=pl.col("weight_g").max(),
            longest_mm=pl.col("side").max(),
            battery=pl.col("level").max(),
            pieces=pl.col("quantity").sum(),
        )
    )
    sums = batch.orders.select("order_id", "placed_on").join(sums, on="order_id", maintain_order="left")
    sums = attach_policies(sums, world, {"void": "logistics.void_ppm"})
    filled = pl.col("volume_mm3") + pl.col("volume_mm3") // 1000 * pl.col("void").fill_null(0) // 1000
    return sums.with_columns(volume_mm3=filled).drop("placed_on", "void")


def to_send(batch: Batch) -> pl.DataFrame:
    """Lines with the pieces that are still to leave: order_id, sku, quantity; those that left before us are off.

    Shapes: lines of which nothing is left are missing. Units: pieces.
    """
    lines = batch.lines
    if "sent" not in lines.columns or not (lines["sent"] != 0).any():
        return lines.select("order_id", "sku", "quantity")
    left = pl.col("quantity") - pl.col("sent")
    return lines.filter((pl.col("sent") == 0) | (left > 0)).select("order_id", "sku", quantity=left)


def demand(batch: Batch) -> pl.DataFrame:
    """Pieces each order takes of each SKU: order_id, sku, quantity."""
    return to_send(batch).group_by("order_id", "sku").agg(pl.col("quantity").sum())
