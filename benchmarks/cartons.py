"""Cartonisation: how fast packages are packed, and how near the parcels are to what volume and weight allow.

The lower bound of a package: the smallest carton that has the volume of its goods, bears their weight and takes each
piece by itself; where none does, as many of the largest as volume or weight asks for. No packing can be better than it,
and often none reaches it.
"""

from __future__ import annotations

from time import perf_counter

import polars as pl

from entrepot.config.demo.world import demo_world, generate_batch
from entrepot.engine.cartons import Kit, cartonise

WAREHOUSE = "SZX"


def run(orders: int = 20_000) -> dict[str, float]:
    """Packages packed a second, parcels and carton volume against the lower bound, share of the volume filled."""
    world = demo_world()
    kit = Kit.of(world["cartons"].filter(pl.col("warehouse") == WAREHOUSE))
    goods = _goods(orders)
    begun = perf_counter()
    parcels = cartonise(goods, kit)
    seconds = perf_counter() - begun
    sums = parcels.filter(pl.col("carton") != "").join(_rooms(kit), on="carton")
    sums = sums.group_by("pack").agg(
        parcels=pl.col("alike").sum(), room=(pl.col("room") * pl.col("alike")).sum()
    )
    own = parcels.filter(pl.col("carton") == "").select("pack").unique()
    bound = _bound(goods, kit).join(own, on="pack", how="anti").join(sums, on="pack")
    volume, least_room, room = (int(bound[name].sum()) for name in ("volume", "least_room", "room"))
    least, found = int(bound["least_parcels"].sum()), int(bound["parcels"].sum())
    return {
        "cartons.packages": float(goods["pack"].n_unique()),
        "cartons.packages_per_second": goods["pack"].n_unique() / seconds,
        "cartons.parcels_over_bound_percent": 100 * (found - least) / least,
        "cartons.volume_over_bound_percent": 100 * (room - least_room) / least_room,
        "cartons.filled_percent": 100 * volume / room,
        "cartons.bound_filled_percent": 100 * volume / least_room,
    }


def _goods(orders: int) -> pl.DataFrame:
    facts = demo_world()["skus"].select("sku", "weight_g", "length_mm", "width_mm", "height_mm", "upright")
    lines = generate_batch(orders).lines.group_by(pack="order_id", sku="sku").agg(pl.col("quantity").sum())
    return lines.join(facts, on="sku").sort("pack", "sku")


def _rooms(kit: Kit) -> pl.DataFrame:
    return pl.DataFrame({"carton": kit.names, "room": kit.rooms.prod(axis=1), "bears": kit.bears})


def _takes_each(goods: pl.DataFrame, kit: Kit) -> pl.DataFrame:
    """Packages and cartons that each of their pieces goes into by itself, turned as it likes."""
    sides = goods.select("pack", side=pl.concat_list("length_mm", "width_mm", "height_mm").list.sort())
    rooms = pl.DataFrame({"carton": kit.names, "inner": [sorted(room) for room in kit.rooms.tolist()]})
    small = [pl.col("side").list.get(nth) <= pl.col("inner").list.get(nth) for nth in range(3)]
    every = sides.join(rooms, how="cross").group_by("pack", "carton").agg(fits=pl.all_horizontal(small).all())
    return every.filter("fits").select("pack", "carton")


def _bound(goods: pl.DataFrame, kit: Kit) -> pl.DataFrame:
    volume = pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm") * pl.col("quantity")
    packs = goods.group_by("pack").agg(
        volume=volume.sum(), weight=(pl.col("weight_g") * pl.col("quantity")).sum()
    )
    rooms = _rooms(kit)
    largest, most = int(rooms["room"].max() or 0), int(rooms["bears"].max() or 0)  # type: ignore[call-overload]
    fits = packs.join(rooms, how="cross").filter(
        pl.col("room") >= pl.col("volume"), pl.col("bears") >= pl.col("weight")
    )
    fits = fits.join(_takes_each(goods, kit), on=["pack", "carton"])
    smallest = fits.group_by("pack").agg(one=pl.col("room").min())
    many = pl.max_horizontal(-(-pl.col("volume") // largest), -(-pl.col("weight") // most))
    packs = packs.join(smallest, on="pack", how="left")
    return packs.with_columns(
        least_parcels=pl.when(pl.col("one").is_null()).then(pl.max_horizontal(many, 2)).otherwise(1),
        least_room=pl.col("one").fill_null(pl.col("volume")),
    )
