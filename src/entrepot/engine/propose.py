"""Propose: every warehouse and service that can carry an order, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import REJECTIONS
from entrepot.engine.frames import pick
from entrepot.engine.measure import SERVICE_LEVEL, demand, order_measures
from entrepot.engine.validity import in_force
from entrepot.engine.world import World


@dataclass(frozen=True)
class Proposal:
    """Possible ways (order × warehouse × service) and the impossible ones with their reasons."""

    candidates: pl.DataFrame
    rejections: pl.DataFrame


def propose(batch: Batch, world: World, *, trace: bool = False) -> Proposal:
    """Every way an order could travel, given lanes, limits and the stock at hand.

    Shapes: n orders in; candidates m rows, key (order_id, warehouse, service), with the facts pricing needs;
    rejections one row per impossible way that a lane exists for — with `trace` also those without a lane.
    Units: g, mm, days.
    Errors: orders without any possible way simply have no candidate.
    """
    ways = _ways(batch, world)
    ways = ways.join(order_measures(batch, world), on="order_id", how="inner", maintain_order="left")
    ways = ways.join(
        _short_of_stock(batch, world), on=["order_id", "warehouse"], how="left", maintain_order="left"
    )
    promised = world["channels"].select("channel", promised_days="max_days")
    ways = ways.join(promised, on="channel", how="left", maintain_order="left")
    ways = _parcels(ways).with_columns(code=_reason())
    keys = ["order_id", "warehouse", "service"]
    candidates = ways.filter(pl.col("code").is_null()).drop("code", "short", "channel", "promised_days")
    rejections = pick(ways, pl.col("code").is_not_null(), *keys, "code")
    if trace:
        rejections = pl.concat([rejections, _without_lane(batch, world, ways)])
    return Proposal(candidates, REJECTIONS.check(rejections))


def _ways(batch: Batch, world: World) -> pl.DataFrame:
    """Lanes and services in force between each warehouse and each order's country and day."""
    places = batch.orders.select("dest_country", "placed_on").unique()
    warehouses = world["warehouses"].rename({"country": "ship_from", "currency": "warehouse_currency"})
    lanes = world["lanes"].drop("source", "status").filter(pl.col("is_open")).drop("is_open")
    lanes = places.join(lanes, on="dest_country").filter(in_force("placed_on")).drop("valid_from", "valid_to")
    services = world["services"].rename({"currency": "freight_currency", "battery": "takes_battery"})
    on_lane = lanes.join(services, on="service").filter(in_force("placed_on"))
    on_lane = on_lane.drop("valid_from", "valid_to", "source", "status", "carrier", "kind", "tracked")
    routes = on_lane.join(warehouses, on="ship_from")
    level = pl.col("takes_battery").replace_strict(SERVICE_LEVEL, default=0, return_dtype=pl.Int64)
    routes = routes.with_columns(takes_battery=level)
    orders = batch.orders.select("order_id", "dest_country", "placed_on", "channel")
    routes = routes.sort("warehouse", "service")
    return orders.join(routes, on=["dest_country", "placed_on"], how="inner", maintain_order="left_right")


def _short_of_stock(batch: Batch, world: World) -> pl.DataFrame:
    """Order × warehouse pairs that lack stock for at least one line, judged one order at a time."""
    wanted = demand(batch).join(batch.orders.select("order_id"), on="order_id", how="semi")
    places = world["warehouses"].select("warehouse")
    needs = wanted.join(places, how="cross").join(batch.stock, on=["warehouse", "sku"], how="left")
    lacking = needs.filter(pl.col("available").fill_null(0) < pl.col("quantity"))
    return lacking.select("order_id", "warehouse").unique().with_columns(short=pl.lit(True))


def _parcels(ways: pl.DataFrame) -> pl.DataFrame:
    room = (pl.col("max_g") - pl.col("tare_g")).clip(lower_bound=1)
    many = -(-pl.col("net_g") // room)
    parcels = pl.when(pl.col("multi_parcel")).then(many).otherwise(1).clip(lower_bound=1)
    ways = ways.with_columns(parcels=parcels.cast(pl.Int64))
    per_parcel = -(-pl.col("net_g") // pl.col("parcels")) + pl.col("tare_g")
    return ways.with_columns(
        parcel_g=per_parcel, weight_g=pl.col("net_g") + pl.col("tare_g") * pl.col("parcels")
    )


def _reason() -> pl.Expr:
    too_heavy = (pl.col("parcel_g") > pl.col("max_g")) | (
        pl.col("heaviest_g") + pl.col("tare_g") > pl.col("max_g")
    )
    too_long = (pl.col("max_side_mm") > 0) & (pl.col("longest_mm") > pl.col("max_side_mm"))
    days = pl.col("handling_days") + pl.col("max_days")
    too_slow = (pl.col("promised_days") > 0) & (days > pl.col("promised_days"))
    return (
        pl.when(~pl.col("is_open"))
        .then(pl.lit("warehouse.closed"))
        .when(too_heavy)
        .then(pl.lit("logistics.too_heavy"))
        .when(too_long)
        .then(pl.lit("logistics.too_long"))
        .when(pl.col("battery") > pl.col("takes_battery"))
        .then(pl.lit("logistics.battery"))
        .when(too_slow)
        .then(pl.lit("logistics.too_slow"))
        .when(pl.col("short").fill_null(False))
        .then(pl.lit("warehouse.stock_out"))
    )


def _without_lane(batch: Batch, world: World, ways: pl.DataFrame) -> pl.DataFrame:
    pairs = (
        world["warehouses"]
        .select("warehouse")
        .join(world["services"].select("service").unique(), how="cross")
    )
    every = batch.orders.select("order_id").join(pairs, how="cross")
    absent = every.join(ways, on=["order_id", "warehouse", "service"], how="anti")
    return absent.select("order_id", "warehouse", "service", pl.lit("logistics.no_lane").alias("code"))
