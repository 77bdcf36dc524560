"""Splits: orders offered in two parts, because no warehouse has all of it, or because two parts are cheaper."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.measure import demand
from entrepot.engine.parting import TAKES, Parted, parted
from entrepot.engine.policy import company_value
from entrepot.engine.price import Priced, joined, price_slice
from entrepot.engine.propose import propose
from entrepot.engine.slices import each, within
from entrepot.engine.world import World

SPLIT, ORDERS = "choose.split", "choose.split_orders"
NEVER, UNAVOIDABLE, CHEAPER = range(3)
KEPT_WHERE_LIMITED = 3  # services of a part, where a capacity may want the second best
PAIRS_PER_SLICE = 20_000
WAY = ["order_id", "warehouse", "service"]


@dataclass(frozen=True)
class Splits:
    """Orders in two parts. priced: the parts' ways, order_id being the part's number; pairs: order_id, split, first and
    second (rows of those ways), cost, profit, promise_on; taking: the parts as orders, their articles as in the stock.
    """

    parted: Parted
    priced: Priced
    pairs: pl.DataFrame
    taking: Batch


def offered(
    batch: Batch, ways: pl.DataFrame, rejections: pl.DataFrame, world: World, seen: Batch | None = None
) -> Splits | None:
    """The ways in two parts that the batch's orders could go; None where policy or stock leave none.

    Shapes: ways priced, in one piece; rejections as `propose` gives them. At most two parts, from two warehouses: one
    gives what it has, the other the rest. Orders that could go in one piece are offered only what is cheaper.
    `seen`: the same orders and the stock that counts, where its articles have other names.
    Units: cost in minor units of the books' currency.
    Source: docs/methods/choose.md; policies choose.split (0 never, 1 where unavoidable, 2 also where cheaper) and
    choose.split_orders (so many orders of a batch at most).
    """
    allowed = company_value(world, SPLIT, NEVER)
    if not allowed:
        return None
    some = _wanting(batch, ways, rejections, world, cheaper=allowed == CHEAPER)
    if some.is_empty():
        return None
    batch, seen = batch.only(some["order_id"]), (seen or batch).only(some["order_id"])
    takes = shares(seen, _reachable(some, ways, rejections), world)
    if takes.is_empty():
        return None
    taking = parted(seen, takes, world).batch
    parts = parted(batch, _renamed(takes, seen, batch), world)
    priced = price_parts(parts, world)
    if priced.ways.width < 2:
        return None
    pairs = _pairs(parts, priced.ways, 1 if world["capacities"].is_empty() else KEPT_WHERE_LIMITED)
    if ways.height:
        pairs = _better(pairs, ways)
    return Splits(parts, priced, pairs, taking) if pairs.height else None


def _renamed(takes: pl.DataFrame, seen: Batch, batch: Batch) -> pl.DataFrame:
    """Takes with the articles' own names."""
    keys = ["order_id", "line_no"]
    names = seen.lines.select(*keys, sku="sku").join(batch.lines.select(*keys, own="sku"), on=keys)
    names = names.select("order_id", "sku", "own").unique()
    rows = takes.join(names, on=["order_id", "sku"], how="left", maintain_order="left")
    return rows.with_columns(sku="own").drop("own")


def _better(pairs: pl.DataFrame, ways: pl.DataFrame) -> pl.DataFrame:
    """Pairs of orders that cannot go in one piece, and those that are cheaper than it and leave us no less."""
    whole = ways.select("order_id", best="total_cost_base_minor", left="profit_base_minor")
    whole = whole.join(pairs.select("order_id").unique(), on="order_id", how="semi")
    whole = whole.sort("order_id", "best", "left").unique("order_id", keep="first", maintain_order=True)
    pairs = pairs.join(whole, on="order_id", how="left", maintain_order="left")
    is_better = (pl.col("cost") < pl.col("best")) & (pl.col("profit") >= pl.col("left"))
    return pairs.filter(pl.col("best").is_null() | is_better).drop("best", "left")


def _wanting(
    batch: Batch, ways: pl.DataFrame, rejections: pl.DataFrame, world: World, *, cheaper: bool
) -> pl.DataFrame:
    """Orders of several pieces that lack stock somewhere and have no way, and of several articles those that have.

    What has left in part already goes on in one piece.
    """
    short = rejections.filter(pl.col("code") == "warehouse.stock_out").select("order_id").unique()
    if "sent" in batch.lines.columns:
        short = short.join(batch.lines.filter(pl.col("sent") != 0), on="order_id", how="anti")
    if short.is_empty():
        return short
    lines = batch.lines.join(short, on="order_id", how="semi").group_by("order_id")
    goods = lines.agg(pieces=pl.col("quantity").sum(), articles=pl.col("sku").n_unique())
    routed = None
    if ways.height:  # an order's ways stand together as a rule
        routed = ways.select("order_id").filter(
            (pl.col("order_id") != pl.col("order_id").shift()).fill_null(True)
        )
        routed = routed.unique().with_columns(is_routed=pl.lit(True))
    if routed is None:
        goods = goods.with_columns(is_routed=pl.lit(False))
    else:
        goods = goods.join(routed, on="order_id", how="left").with_columns(
            pl.col("is_routed").fill_null(False)
        )
    wanted = ~pl.col("is_routed") & (pl.col("pieces") > 1)
    if cheaper:
        wanted |= pl.col("is_routed") & (pl.col("articles") > 1)
    heads = batch.orders.select("order_id", "priority", "placed_on")
    found = goods.filter(wanted).join(heads, on="order_id")
    found = found.sort("is_routed", -pl.col("priority"), "placed_on", "order_id")
    return found.head(company_value(world, ORDERS, 20_000)).select("order_id").sort("order_id")


def _reachable(some: pl.DataFrame, ways: pl.DataFrame, rejections: pl.DataFrame) -> pl.DataFrame:
    """Warehouses that a lane leads from to each order: order_id, warehouse."""
    known = [frame.select("order_id", "warehouse") for frame in (ways, rejections) if frame.height]
    return pl.concat([frame.join(some, on="order_id", how="semi") for frame in known]).unique()


def shares(batch: Batch, reachable: pl.DataFrame, world: World) -> pl.DataFrame:
    """Who gives what: rows of TAKES for each two warehouses that have an order's goods together and none alone gives.

    Shapes: one split per pair of warehouses and sharing; the part of the lower code comes first. Units: pieces.
    Holds: both parts together are what is ordered, and each is within its warehouse's stock.
    """
    is_open = world["warehouses"].filter(pl.col("is_open")).select("warehouse")
    have = demand(batch).join(reachable.join(is_open, on="warehouse", how="semi"), on="order_id")
    have = have.join(batch.stock, on=["warehouse", "sku"], how="left")
    have = have.with_columns(pl.col("available").fill_null(0).clip(lower_bound=0))
    other = have.select("order_id", "sku", other="warehouse", there="available")
    both = have.join(other, on=["order_id", "sku"]).filter(pl.col("warehouse") != pl.col("other"))
    both = both.with_columns(given=pl.min_horizontal("available", "quantity"))
    rest = pl.col("quantity") - pl.col("given")
    lower = pl.col("warehouse") < pl.col("other")
    both = both.with_columns(rest=rest, one=pl.when(lower).then("given").otherwise(rest))
    mark = pl.struct("sku", "one").hash().sum()
    pairs = both.group_by("order_id", "warehouse", "other").agg(
        holds=(pl.col("rest") <= pl.col("there")).all() & (pl.col("given").sum() > 0) & (pl.col("rest").sum() > 0),
        mark=mark,
    )  # fmt: skip
    first, second = pl.min_horizontal("warehouse", "other"), pl.max_horizontal("warehouse", "other")
    pairs = pairs.filter("holds").with_columns(w_one=first, w_two=second)
    pairs = pairs.sort("order_id", "w_one", "w_two", "warehouse")
    pairs = pairs.unique(["order_id", "w_one", "w_two", "mark"], keep="first", maintain_order=True)
    pairs = pairs.select("order_id", "warehouse", "other", "w_one", "w_two").with_row_index("split")
    goods = pairs.join(both, on=["order_id", "warehouse", "other"])
    two = goods.with_columns(part=pl.lit(2), at="w_two", pieces=pl.col("quantity") - pl.col("one"))
    rows = pl.concat([goods.with_columns(part=pl.lit(1), at="w_one", pieces="one"), two])
    rows = rows.filter(pl.col("pieces") > 0).select(
        "split", "order_id", "part", "sku", warehouse="at", quantity="pieces"
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in TAKES.items()).sort("split", "part", "sku")


def price_parts(parts: Parted, world: World) -> Priced:
    """Every way each part can go from its own warehouse, priced as a consignment of its own.

    Shapes: ways numbered through; order_id is the part's number. Units: as `price`.
    """
    at = parts.heads.select("warehouse", order_id="part_id")
    ids = parts.batch.orders["order_id"]

    def work(part: Batch) -> Priced:
        candidates = propose(part, world, at=at).candidates
        if candidates.is_empty():
            return Priced.nothing()
        return price_slice(candidates, part, world)

    slices = []
    for start in range(0, len(ids), 2 * PAIRS_PER_SLICE):  # an even number: twins stay together
        heads = parts.batch.orders.slice(start, 2 * PAIRS_PER_SLICE)
        lines = parts.batch.lines.filter(within(heads))
        slices.append(Batch(heads, lines, parts.batch.stock, parts.batch.booked))
    return joined(each(work, slices))


def _pairs(parts: Parted, ways: pl.DataFrame, kept: int) -> pl.DataFrame:
    """The cheapest ways of both parts of each split, together."""
    heads = parts.heads.select("split", "part", order_id="part_id", own="order_id")
    rows = ways.select(
        "order_id", "service", "promise_on", cost="total_cost_base_minor", profit="profit_base_minor"
    ).with_row_index("row")
    rows = rows.sort("order_id", "cost", "promise_on", "service").with_columns(
        place=pl.int_range(pl.len()).over("order_id")
    )
    rows = rows.filter(pl.col("place") < kept).join(heads, on="order_id")
    one = rows.filter(pl.col("part") == 1).select(
        "split", "cost", "profit", "promise_on", order_id="own", first="row"
    )
    two = rows.filter(pl.col("part") == 2).select(
        "split", second="row", cost_two="cost", profit_two="profit", promise_two="promise_on"
    )
    pairs = one.join(two, on="split")
    return pairs.select(
        "order_id", "split", "first", "second", cost=pl.col("cost") + pl.col("cost_two"),
        profit=pl.col("profit") + pl.col("profit_two"),
        promise_on=pl.max_horizontal("promise_on", "promise_two"),
    ).sort("order_id", "cost", "promise_on", "split", "first", "second")  # fmt: skip
