"""Frozen: the ways that were chosen, priced again under another world."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import order_measures
from entrepot.engine.parcels import with_parcels
from entrepot.engine.parting import Parted, as_orders, beside, in_parts, merged
from entrepot.engine.price import Priced, joined, price_carried
from entrepot.engine.price.freight import freight
from entrepot.engine.price.shares import line_shares, shares_of_parts
from entrepot.engine.propose import routes_to
from entrepot.engine.slices import each, slices, within
from entrepot.engine.world import World

WAY = ["order_id", "warehouse", "service"]
# All that parcels and freight of a given way are read from (a test holds this list against what is really read):
# where a change leaves these tables alone, freight worked out once holds for both worlds.
PACKING = frozenset({"cartons", "lanes", "policies", "services", "skus", "warehouses"})  # parcels alone
CARRIAGE = PACKING | {"contracts", "rates", "surcharges", "weighings"}


@dataclass(frozen=True)
class Frozen:
    """Chosen ways with their new price, and those that can no longer be taken with the reason.

    ways: one row per order as `decide` prices it, dates moved by the days it waited; charges: their single charges;
    lost: order_id, code (logistics.no_lane, logistics.no_rate, customs.rule_missing_ddp …). carried: the ways with
    parcels and freight, before anything else was priced; packed: with parcels alone; stranded: those without a lane;
    in these three each part of an order has its own number. shares: what each line would cost by itself
    (`line_shares`), where it was asked for. of_parts: the ways of orders that go in parts, one row per part.
    legs: one row per shipment, with `part`.
    """

    ways: pl.DataFrame
    charges: pl.DataFrame
    lost: pl.DataFrame
    carried: pl.DataFrame
    packed: pl.DataFrame
    stranded: pl.DataFrame
    shares: pl.DataFrame | None = None
    of_parts: pl.DataFrame | None = None

    @property
    def legs(self) -> pl.DataFrame:
        """The chosen ways one row per shipment, `part` beside."""
        if self.of_parts is None or self.ways.is_empty():
            return self.ways.with_columns(part=pl.lit(1, dtype=pl.Int64))
        some = self.of_parts.select("order_id").unique()
        alone = self.ways.join(some, on="order_id", how="anti").with_columns(part=pl.lit(1, dtype=pl.Int64))
        return pl.concat([alone, self.of_parts.select(alone.columns)]).sort("order_id", "part")


def frozen(
    batch: Batch,
    chosen: pl.DataFrame,
    world: World,
    known: Frozen | None = None,
    changed: Collection[str] = (),
    *,
    by_line: bool = False,
) -> Frozen:
    """The same orders by the same ways, in as many parts, under any world: what they would have cost and earned.

    Shapes: chosen one row per order that has a way (order_id, warehouse, service, waits); the result's ways at most so
    many, in the order of ids, orders in parts after the others. Stock is not asked. `known`: the same ways in a world
    that differs in the tables `changed`; their freight, or at least their parcels, are taken over where none of the
    tables behind them is changed.
    `by_line`: the lines' shares are worked out too.
    Units: as `price`. Errors: a way that is closed or has no rate under this world is lost, never guessed.
    Holds: under the world of the decision every figure is the one decided.
    Source: docs/methods/replay.md.
    """
    chosen = chosen.sort("order_id")
    cut = in_parts(batch, chosen, world)
    if cut is None:
        return _frozen(batch, chosen, world, known, changed, by_line=by_line)
    parts, ways = cut
    alone = chosen.filter(pl.col("parts").is_null())
    both = beside(parts.batch, batch.only(alone["order_id"]))
    ways = pl.concat([ways, alone.select(ways.columns)])
    return _together(_frozen(both, ways, world, known, changed, by_line=by_line), parts)


def _together(found: Frozen, parts: Parted) -> Frozen:
    """Parts added up to their orders: an order is lost with any part of it."""
    heads, of_part = parts.heads, pl.col("order_id") < 0
    gone = as_orders(found.lost.filter(of_part), heads).drop("part")
    gone = gone.unique("order_id", keep="first", maintain_order=True)
    lost = pl.concat([found.lost.filter(~of_part), gone])
    if found.ways.width < 2:
        return replace(found, lost=lost)
    count = int((found.ways["order_id"] < 0).sum())  # sorted by number, parts come first
    own, alone = found.ways.head(count), found.ways.slice(count)
    legs = as_orders(own, heads).join(gone, on="order_id", how="anti", maintain_order="left")
    ways = pl.concat([alone, merged(legs).select(alone.columns)])
    shares = found.shares
    if shares is not None:
        summed = shares_of_parts(own, shares.filter(of_part), parts)
        shares = pl.concat([shares.filter(~of_part), summed])
    return replace(found, ways=ways, lost=lost, shares=shares, of_parts=legs)


def _frozen(
    batch: Batch,
    chosen: pl.DataFrame,
    world: World,
    known: Frozen | None,
    changed: Collection[str],
    *,
    by_line: bool,
) -> Frozen:
    batch = batch.only(chosen["order_id"])

    def own(frame: pl.DataFrame, part: Batch) -> pl.DataFrame:
        return frame if part is batch or frame.is_empty() else frame.filter(within(part.orders))

    repack = known is None or not PACKING.isdisjoint(changed)
    reweigh = repack or not CARRIAGE.isdisjoint(changed)

    def work(part: Batch) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Priced, pl.DataFrame | None]:
        if known is None or repack:
            packed, stranded = packing(part, own(chosen, part), world)
        else:
            packed, stranded = own(known.packed, part), own(known.stranded, part)
        if known is None or reweigh:
            carried = freight(packed, world) if packed.height else packed
        else:
            carried = own(known.carried, part)
        priced = price_carried(carried, part, world) if carried.height else Priced.nothing()
        shares = line_shares(priced, part, world) if by_line else None
        priced = replace(priced, worked=None)
        return carried, packed, stranded, priced, shares

    parts = each(work, slices(batch))
    some = [part for part in parts if part[0].height] or parts[:1]
    carried, packed = pl.concat([part[0] for part in some]), pl.concat([part[1] for part in some])
    stranded = pl.concat([part[2] for part in parts])
    priced = joined([part[3] for part in parts])
    refused = [part[3].rejections.select("order_id", "code") for part in parts if part[3].rejections.height]
    ways = priced.ways
    if not ways.is_empty():
        waits = pl.duration(days=pl.col("waits"))
        about = chosen.select("order_id", "waits", "chosen_by")
        about = ways.select("order_id").join(about, on="order_id", how="left", maintain_order="left")
        ways = ways.hstack(about.drop("order_id"))
        ways = ways.with_columns(pl.col("ship_on") + waits, pl.col("promise_on") + waits)
    shares = [part[4] for part in parts if part[4] is not None]
    lost = pl.concat([stranded, *refused])
    return Frozen(
        ways, priced.charges, lost, carried, packed, stranded, pl.concat(shares) if shares else None
    )


def packing(batch: Batch, chosen: pl.DataFrame, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each chosen way with its parcels, and the ways no lane leads along any more.

    Shapes: ways at most one per order; lost order_id, code. Units: as `with_parcels`.
    """
    heads = batch.orders.select("order_id", "dest_country", "placed_on", "dest_areas")
    rows = heads.join(chosen.select(WAY), on="order_id", maintain_order="left")
    routes = routes_to(rows.select("dest_country", "placed_on").unique(), world)
    keys = ["dest_country", "placed_on", "warehouse", "service"]
    routes = routes.join(rows.select(keys).unique(), on=keys, how="semi")
    ways = rows.join(routes, on=keys, how="left", maintain_order="left")
    missing = ways.filter(pl.col("zone").is_null()).select("order_id", code=pl.lit("logistics.no_lane"))
    ways = ways.filter(pl.col("zone").is_not_null())
    if ways.is_empty():
        return ways, missing
    ways = ways.join(order_measures(batch, world), on="order_id", how="inner", maintain_order="left")
    ways = with_parcels(ways.with_columns(code=pl.lit(None, dtype=pl.Int8)), batch, world)
    return ways.drop("code"), missing
