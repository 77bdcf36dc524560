"""Take: the ways orders really go, in one piece or in parts; one row per order and one per shipment."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose import Chosen, Pairs, choose_with
from entrepot.engine.measure import demand
from entrepot.engine.parting import as_orders, merged, told
from entrepot.engine.price import Priced, joined
from entrepot.engine.splits import Splits, offered
from entrepot.engine.world import World


@dataclass(frozen=True)
class Taken:
    """What was chosen for a batch.

    orders: one row per order with a way (columns of priced ways, waits, chosen_by); of orders in parts the sums.
    legs: one row per shipment, the same columns with `part` (from 1). charges: single charges by `way` of the legs.
    goods: order_id, part, sku, quantity. parts: order_id and how it was cut (`parting.told`), of orders in parts.
    offered: orders that could have gone in one piece or in parts.
    """

    orders: pl.DataFrame
    legs: pl.DataFrame
    charges: pl.DataFrame
    goods: pl.DataFrame
    parts: pl.DataFrame
    offered: pl.Series

    def only(self, orders: pl.DataFrame) -> Taken:
        """The same for the orders of some rows of `orders`."""
        if orders.height == self.orders.height:
            return self
        legs = self.legs.join(orders.select("order_id"), on="order_id", how="semi", maintain_order="left")
        return Taken(orders, legs, self.charges, self.goods, self.parts, self.offered)


def take(
    priced: Priced, batch: Batch, rejections: pl.DataFrame, world: World, seen: Batch | None = None
) -> Taken:
    """Choose for every order among its ways in one piece and, where policy allows, in two parts; `seen` as `offered`.

    Shapes: priced ways of the batch and all rejections; orders without a way are missing. Units: as `price`.
    """
    splits = offered(batch, priced.ways, rejections, world, seen)
    goods = demand(batch).with_columns(part=pl.lit(1, dtype=pl.Int64))
    none = told(pl.DataFrame(schema=LEG), pl.DataFrame(schema=GOODS))
    if splits is None:
        ways = priced.ways
        if not ways.height:
            return Taken(ways, ways, priced.charges, goods, none, ways["order_id"])
        chosen = choose_with(ways, seen or batch, world, None).ways
        legs = chosen.with_columns(part=pl.lit(1, dtype=pl.Int64))
        return Taken(chosen, legs, priced.charges, goods, none, ways["order_id"])
    return _with_parts(priced, splits, goods, seen or batch, world)


LEG = {"order_id": pl.Int64, "part": pl.Int64, "warehouse": pl.String, "service": pl.String}
GOODS = {"order_id": pl.Int64, "part": pl.Int64, "sku": pl.String, "quantity": pl.Int64}


def _with_parts(priced: Priced, splits: Splits, goods: pl.DataFrame, batch: Batch, world: World) -> Taken:
    parts = splits.priced
    columns = [
        n for n in (priced.ways if priced.ways.height else parts.ways).columns if n in parts.ways.columns
    ]
    own = Priced(parts.ways.select(columns), parts.charges, parts.rejections)
    both = joined([priced, own])
    alone = both.ways.head(priced.ways.height if priced.ways.width > 1 else 0)
    pairs = Pairs(both.ways.slice(alone.height), splits.taking, splits.pairs)
    chosen = choose_with(alone, batch, world, pairs)
    legs, orders = _legs(chosen, splits)
    of_parts = demand(splits.parted.batch).join(chosen.parts.select("order_id"), on="order_id", how="semi")
    of_parts = as_orders(of_parts, splits.parted.heads)
    whole = goods.join(of_parts.select("order_id").unique(), on="order_id", how="anti")
    cut = told(legs.join(of_parts.select("order_id").unique(), on="order_id", how="semi"), of_parts)
    known = pl.concat([alone["order_id"], splits.pairs["order_id"]]).unique()
    return Taken(orders, legs, both.charges, pl.concat([whole, of_parts.select(whole.columns)]), cut, known)


def _legs(chosen: Chosen, splits: Splits) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per shipment, and one per order."""
    legs = chosen.ways.with_columns(part=pl.lit(1, dtype=pl.Int64))
    if chosen.parts.is_empty():
        return legs, chosen.ways
    parts = as_orders(chosen.parts, splits.parted.heads).select(legs.columns).sort("order_id", "part")
    orders = pl.concat([chosen.ways, merged(parts).select(chosen.ways.columns)]).sort("order_id")
    return pl.concat([legs, parts]).sort("order_id", "part"), orders
