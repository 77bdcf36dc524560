"""Take: the ways orders really go, in one piece or in parts; one row per order and one per shipment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose import Chosen, Pairs, choose_with
from entrepot.engine.measure import demand
from entrepot.engine.parting import as_orders, merged, told
from entrepot.engine.policy import company_value
from entrepot.engine.price import Priced, joined
from entrepot.engine.splits import NEVER, SPLIT, Splits, offered
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

    Whoever is left without because stock went to others is asked again, in two parts out of what is left.
    Shapes: priced ways of the batch and all rejections; orders without a way are missing. Units: as `price`.
    """
    splits = offered(batch, priced.ways, rejections, world, seen)
    goods = demand(batch).with_columns(part=pl.lit(1, dtype=pl.Int64))
    if splits is not None:
        taken, chosen, priced = _with_parts(priced, splits, goods, seen or batch, world)
    elif priced.ways.height:
        chosen = choose_with(priced.ways, seen or batch, world, None)
        legs = chosen.ways.with_columns(part=pl.lit(1, dtype=pl.Int64))
        known = priced.ways["order_id"]
        taken = Taken(chosen.ways, legs, priced.charges, goods, told(_NO_LEGS, _NO_GOODS), known)
    else:
        ways = priced.ways
        return Taken(ways, ways, priced.charges, goods, told(_NO_LEGS, _NO_GOODS), ways["order_id"])
    return _asked_again(_First(taken, chosen, priced, splits), batch, rejections, world, seen)


@dataclass(frozen=True)
class _First:
    """The first choice: what was taken, the chosen rows, all priced ways, and what was offered in parts."""

    taken: Taken
    chosen: Chosen
    priced: Priced
    splits: Splits | None


def _asked_again(
    first: _First, batch: Batch, rejections: pl.DataFrame, world: World, seen: Batch | None
) -> Taken:
    """Orders that had a way and got none, offered in two parts what the others have left."""
    taken, priced = first.taken, first.priced
    if not company_value(world, SPLIT, NEVER):
        return taken
    left = taken.offered.unique().to_frame("order_id")
    left = left.join(taken.orders, on="order_id", how="anti").sort("order_id")
    if left.is_empty():
        return taken
    known = [frame.select("order_id", "warehouse") for frame in (priced.ways, rejections) if frame.height]
    short = pl.concat(known).join(left, on="order_id", how="semi").unique()
    short = short.with_columns(code=pl.lit("warehouse.stock_out"))
    rest = _rest(first, (seen or batch).only(left["order_id"]), seen or batch)
    own = batch.only(left["order_id"])
    own = rest if seen is None else replace(own, booked=rest.booked)
    splits = offered(own, priced.ways.clear(), short, world, None if seen is None else rest)
    if splits is None:
        return taken
    second, _chosen, _priced = _with_parts(priced, splits, taken.goods, rest, world, again=True)
    if second.orders.is_empty():
        return taken
    marked = [frame.with_columns(chosen_by=pl.lit(REMAINDER)) for frame in (second.orders, second.legs)]
    orders, legs = (
        _by_order(own).merge_sorted(more.select(own.columns).cast(own.schema), "order_id")  # type: ignore[arg-type]
        for own, more in zip((taken.orders, taken.legs), marked, strict=True)
    )
    parts = pl.concat([taken.parts, second.parts]).sort("order_id")
    return Taken(orders, legs, second.charges, second.goods, parts, taken.offered)


def _rest(first: _First, left: Batch, whole: Batch) -> Batch:
    """Orders left without, with the stock and the capacities that the first choice leaves."""
    sent = first.chosen.ways.select("order_id", "warehouse").join(demand(whole), on="order_id")
    if first.splits is not None and first.chosen.parts.height:
        parts = first.chosen.parts.select("order_id", "warehouse")
        sent = pl.concat([sent, parts.join(demand(first.splits.taking), on="order_id").select(sent.columns)])
    sent = sent.group_by("warehouse", "sku").agg(taken=pl.col("quantity").sum())
    stock = left.stock.join(sent, on=["warehouse", "sku"], how="left", maintain_order="left")
    stock = stock.with_columns(pl.col("available") - pl.col("taken").fill_null(0)).drop("taken")
    load = pl.concat([
        left.booked,
        first.taken.legs.select("warehouse", "service", "ship_on", pl.lit(1, dtype=pl.Int64).alias("orders"),
                                "parcels", "weight_g"),
    ], how="vertical_relaxed")  # fmt: skip
    load = load.group_by("warehouse", "service", "ship_on").agg(pl.col("orders", "parcels", "weight_g").sum())
    return replace(left, stock=stock, booked=load.sort("warehouse", "service", "ship_on"))


LEG = {"order_id": pl.Int64, "part": pl.Int64, "warehouse": pl.String, "service": pl.String}
GOODS = {"order_id": pl.Int64, "part": pl.Int64, "sku": pl.String, "quantity": pl.Int64}
_NO_LEGS, _NO_GOODS = pl.DataFrame(schema=LEG), pl.DataFrame(schema=GOODS)
REMAINDER = "remainder"  # how an order was chosen that got what the others had left


def _with_parts(
    priced: Priced, splits: Splits, goods: pl.DataFrame, batch: Batch, world: World, *, again: bool = False
) -> tuple[Taken, Chosen, Priced]:
    """What is taken where parts are offered; `again`: the parts alone, the ways in one piece have lost already."""
    parts = splits.priced
    columns = [
        n for n in (priced.ways if priced.ways.height else parts.ways).columns if n in parts.ways.columns
    ]
    own = Priced(parts.ways.select(columns), parts.charges, parts.rejections)
    both = joined([priced, own])
    alone = both.ways.head(priced.ways.height if priced.ways.width > 1 else 0)
    pairs = Pairs(both.ways.slice(alone.height), splits.taking, splits.pairs)
    chosen = choose_with(alone.clear() if again else alone, batch, world, pairs)
    legs, orders = _legs(chosen, splits)
    of_parts = demand(splits.parted.batch).join(chosen.parts.select("order_id"), on="order_id", how="semi")
    of_parts = as_orders(of_parts, splits.parted.heads)
    whole = goods.join(of_parts.select("order_id").unique(), on="order_id", how="anti")
    cut = told(legs.join(of_parts.select("order_id").unique(), on="order_id", how="semi"), of_parts)
    known = pl.concat([alone["order_id"], splits.pairs["order_id"]]).unique()
    own_goods = pl.concat([whole, of_parts.select(whole.columns)])
    return Taken(orders, legs, both.charges, own_goods, cut, known), chosen, both


def _legs(chosen: Chosen, splits: Splits) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per shipment, and one per order."""
    legs = chosen.ways.with_columns(part=pl.lit(1, dtype=pl.Int64))
    if chosen.parts.is_empty():
        return legs, chosen.ways
    parts = as_orders(chosen.parts, splits.parted.heads).select(legs.columns).sort("order_id", "part")
    ways, summed = _by_order(chosen.ways), merged(parts).select(chosen.ways.columns)
    return _by_order(legs).merge_sorted(parts, "order_id"), ways.merge_sorted(summed, "order_id")


def _by_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows if rows["order_id"].is_sorted() else rows.sort("order_id")
