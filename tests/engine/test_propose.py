"""Propose: which ways are possible and why the others are not."""

import polars as pl
from small import batch, order, small_world

from entrepot.engine.propose import propose

WORLD = small_world()


def ways(proposal):
    return set(proposal.candidates.select("warehouse", "service").iter_rows())


def reasons(proposal):
    return {(row["warehouse"], row["service"]): row["code"] for row in proposal.rejections.to_dicts()}


def test_every_lane_with_stock_is_a_way():
    proposal = propose(batch(order(1, [("TEE", 1, 100)])), WORLD)
    assert ways(proposal) == {("SZX", "LINE"), ("RTM", "EUP")}


def test_batteries_stock_weight_and_lanes_are_named_as_reasons():
    stock = {("SZX", "TEE"): 1}
    battery = propose(batch(order(1, [("POW", 1, 100)])), WORLD, trace=True)
    assert reasons(battery)["RTM", "EUP"] == "logistics.battery"
    assert reasons(battery)["RTM", "LINE"] == "logistics.no_lane"
    short = propose(batch(order(1, [("TEE", 2, 100)]), stock=stock), WORLD)
    assert reasons(short) == {("SZX", "LINE"): "warehouse.stock_out", ("RTM", "EUP"): "warehouse.stock_out"}
    heavy = propose(batch(order(1, [("TEE", 400, 100)])), WORLD)
    assert set(reasons(heavy).values()) == {"logistics.too_heavy"}


def test_a_closed_warehouse_offers_no_way():
    closed = WORLD["warehouses"].with_columns(is_open=pl.col("warehouse") != "RTM")
    proposal = propose(batch(order(1, [("TEE", 1, 100)])), WORLD.replace(warehouses=closed))
    assert ways(proposal) == {("SZX", "LINE")}
    assert reasons(proposal)["RTM", "EUP"] == "warehouse.closed"


def test_heavy_goods_travel_in_several_parcels_where_the_service_allows():
    many = WORLD["services"].with_columns(multi_parcel=pl.lit(True))
    proposal = propose(batch(order(1, [("TEE", 400, 100)])), WORLD.replace(services=many))
    row = proposal.candidates.filter(pl.col("service") == "LINE").to_dicts()[0]
    assert row["parcels"] == 3
    assert row["weight_g"] == 400 * 180 + 3 * 60
    assert row["parcel_g"] <= 30_000
