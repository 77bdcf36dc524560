"""Take: the ways orders really go, in one piece or in parts; one row per order and one per shipment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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

    legs: one row per shipment (columns of priced ways, waits, chosen_by, `part` from 1). charges: single charges by
    `way` of the legs. orders: one row per order with a way, the same columns but `part` and those only the books ask
    for; of orders in parts the sums.
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
    if splits is not None:
        first = _with_parts(priced, splits, seen or batch, world)
    elif priced.ways.height:
        first = _Round(priced, choose_with(priced.ways, seen or batch, world, None), priced.ways["order_id"])
    else:
        ways = priced.ways
        return Taken(ways, ways, priced.charges, _whole(batch), told(_NO_LEGS, _NO_GOODS), ways["order_id"])
    again = _asked_again(first, batch, rejections, world, seen)
    return _taken([first] if again is None else [first, again], _whole(batch))


LEG = {"order_id": pl.Int64, "part": pl.Int64, "warehouse": pl.String, "service": pl.String}
GOODS = {"order_id": pl.Int64, "part": pl.Int64, "sku": pl.String, "quantity": pl.Int64}
_NO_LEGS, _NO_GOODS = pl.DataFrame(schema=LEG), pl.DataFrame(schema=GOODS)
REMAINDER = "remainder"  # how an order was chosen that got what the others had left


@dataclass(frozen=True)
class _Round:
    """One round of choosing. priced: all ways it knew; known: orders that had one.

    splits: what was offered in parts; goods: what is in the chosen parts (rows of GOODS).
    """

    priced: Priced
    chosen: Chosen
    known: pl.Series
    splits: Splits | None = None
    goods: pl.DataFrame = field(default_factory=_NO_GOODS.clear)

    @property
    def shipments(self) -> pl.DataFrame:
        """The chosen parts under the numbers of their orders, with `part`."""
        assert self.splits is not None
        return as_orders(self.chosen.parts, self.splits.parted.heads)


def _whole(batch: Batch) -> pl.DataFrame:
    """What is in each order that goes in one piece: rows of GOODS."""
    return demand(batch).with_columns(part=pl.lit(1, dtype=pl.Int64)).select(*GOODS)


def _with_parts(priced: Priced, splits: Splits, batch: Batch, world: World, *, again: bool = False) -> _Round:
    """What is chosen where parts are offered; `again`: the parts alone, the ways in one piece have lost already."""
    parts = splits.priced
    columns = [
        n for n in (priced.ways if priced.ways.height else parts.ways).columns if n in parts.ways.columns
    ]
    own = Priced(parts.ways.select(columns), parts.charges, parts.rejections)
    both = joined([priced, own])
    alone = both.ways.head(priced.ways.height if priced.ways.width > 1 else 0)
    pairs = Pairs(both.ways.slice(alone.height), splits.taking, splits.pairs)
    chosen = choose_with(alone.clear() if again else alone, batch, world, pairs)
    goods = demand(splits.parted.batch).join(chosen.parts.select("order_id"), on="order_id", how="semi")
    known = pl.concat([alone["order_id"], splits.pairs["order_id"]]).unique()
    return _Round(both, chosen, known, splits, as_orders(goods, splits.parted.heads).select(*GOODS))


def _asked_again(
    first: _Round, batch: Batch, rejections: pl.DataFrame, world: World, seen: Batch | None
) -> _Round | None:
    """Orders that had a way and got none, offered in two parts what the others have left."""
    if not company_value(world, SPLIT, NEVER):
        return None
    left = first.known.unique().to_frame("order_id")
    left = left.join(first.chosen.alone("order_id"), on="order_id", how="anti")
    if first.chosen.parts.height:
        left = left.join(first.shipments, on="order_id", how="anti")
    left = left.sort("order_id")
    if left.is_empty():
        return None
    ways = first.priced.ways
    known = [frame.select("order_id", "warehouse") for frame in (ways, rejections) if frame.height]
    short = pl.concat(known).join(left, on="order_id", how="semi").unique()
    short = short.with_columns(code=pl.lit("warehouse.stock_out"))
    rest = _rest(first, (seen or batch).only(left["order_id"]), seen or batch)
    own = batch.only(left["order_id"])
    own = rest if seen is None else replace(own, booked=rest.booked)
    splits = offered(own, ways.clear(), short, world, None if seen is None else rest)
    if splits is None:
        return None
    second = _with_parts(first.priced, splits, rest, world, again=True)
    if second.chosen.parts.is_empty():
        return None
    marked = second.chosen.parts.with_columns(chosen_by=pl.lit(REMAINDER))
    return replace(second, chosen=replace(second.chosen, parts=marked))


def _rest(first: _Round, left: Batch, whole: Batch) -> Batch:
    """Orders left without, with the stock and the capacities that the first choice leaves."""
    load = ["warehouse", "service", "ship_on", "parcels", "weight_g"]
    ways, parts = first.chosen.alone("order_id", *load), first.chosen.parts
    sent = ways.select("order_id", "warehouse").join(demand(whole), on="order_id")
    loads = ways.select(load)
    if first.splits is not None and parts.height:
        more = parts.select("order_id", "warehouse").join(demand(first.splits.taking), on="order_id")
        sent = pl.concat([sent, more.select(sent.columns)])
        loads = pl.concat([loads, parts.select(load)])
    sent = sent.group_by("warehouse", "sku").agg(taken=pl.col("quantity").sum())
    stock = left.stock.join(sent, on=["warehouse", "sku"], how="left", maintain_order="left")
    stock = stock.with_columns(pl.col("available") - pl.col("taken").fill_null(0)).drop("taken")
    loads = loads.with_columns(orders=pl.lit(1, dtype=pl.Int64)).select(left.booked.columns)
    booked = pl.concat([left.booked, loads], how="vertical_relaxed")
    booked = booked.group_by("warehouse", "service", "ship_on").agg(
        pl.col("orders", "parcels", "weight_g").sum()
    )
    return replace(left, stock=stock, booked=booked.sort("warehouse", "service", "ship_on"))


def _taken(rounds: list[_Round], whole: pl.DataFrame) -> Taken:
    """The rounds as one: every shipment, and every order, by its number."""
    chosen, charges, known = rounds[0].chosen, rounds[-1].priced.charges, rounds[0].known
    found = [one.shipments for one in rounds if one.chosen.parts.height]
    if not found:
        ways = chosen.alone()
        legs = ways.with_columns(part=pl.lit(1, dtype=pl.Int64))
        return Taken(ways, legs, charges, whole, told(_NO_LEGS, _NO_GOODS), known)
    goods = pl.concat([one.goods for one in rounds])
    in_one = whole.join(goods.select("order_id").unique(), on="order_id", how="anti")
    shipments = pl.concat([one.select(*chosen.ways.columns, *MARKS) for one in found]).sort(
        "order_id", "part"
    )
    legs = _legs(chosen, shipments)
    names = [name for name in legs.columns if name not in ONLY_BOOKED]
    alone = legs.select(names).filter(~pl.col("order_id").is_in(shipments["order_id"].implode()))
    orders = pl.concat([alone.drop("part"), merged(shipments.select(names)).cast(alone.drop("part").schema)])
    parts = told(shipments, goods)
    return Taken(orders.sort("order_id"), legs, charges, pl.concat([in_one, goods]), parts, known)


MARKS = ("part", "waits", "chosen_by")
# what nobody but the books asks of a shipment
ONLY_BOOKED = frozenset((
    "revenue_shipping_minor", "freight_minor", "freight_currency", "freight_borne_minor", "w_freight", "handling_minor",
    "warehouse_currency", "w_handling", "channel_fee_minor", "payment_fee_minor", "duty_minor", "layers_minor",
    "fees_minor", "tax_minor", "at_sale", "duty_at_sale", "seller_pays_duty", "duties_charged", "w_dc",
    "duty_collector", "fee_collector", "dest_region", "tax_country", "tax_region",
))  # fmt: skip


def _legs(chosen: Chosen, shipments: pl.DataFrame) -> pl.DataFrame:
    """One row per shipment: the ways in one piece and the parts, every wide row fetched once, at its place."""
    days = ("ship_on", "promise_on")
    alone = chosen.alone("order_id", *days).with_columns(chosen.picked["row"], part=pl.lit(1, dtype=pl.Int64))
    first = pl.int_range(chosen.ways.height, chosen.ways.height + pl.len())
    marks = shipments.select("order_id", *days, *MARKS, row=first.cast(alone["row"].dtype))
    marks = pl.concat([alone.select(marks.columns), marks]).sort("order_id", "part")
    own = [name for name in chosen.ways.columns if name not in marks.columns]
    rows = chosen.ways.select(own)
    rows = pl.concat([rows, shipments.select(own).cast(rows.schema)])  # type: ignore[arg-type]
    return marks.select("order_id").hstack(rows[marks["row"]]).hstack(marks.drop("order_id", "row"))
