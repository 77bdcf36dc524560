"""Re-decided: the engine chooses a way again for orders that were already taken on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose import choose
from entrepot.engine.columns import REJECTIONS, STOCK
from entrepot.engine.fx import Rates, converted
from entrepot.engine.measure import demand
from entrepot.engine.policy import company_text
from entrepot.engine.price import Priced, joined, price_carried
from entrepot.engine.price.freight import WAY, freight
from entrepot.engine.propose import propose
from entrepot.engine.slices import each, slices
from entrepot.engine.take import take
from entrepot.engine.world import World

PLENTY = 2**40
NEEDED = [
    "way", "order_id", "warehouse", "service", "parcels", "weight_g", "ship_on", "promise_on", "placed_on",
    "total_cost_base_minor", "charges_base_minor", "revenue_base_minor", "cogs_base_minor", "freight_base_minor",
    "handling_base_minor", "channel_fee_base_minor", "payment_fee_base_minor", "duty_base_minor",
    "import_tax_base_minor", "profit_base_minor", "tax_sale_minor", "w_order", "w_base", "dest_country",
]  # fmt: skip


def redecided(batch: Batch, world: World, *, unlimited: bool) -> pl.DataFrame:
    """The way of each order, chosen again under this world.

    Shapes: n orders in; at most one way each, columns of NEEDED with chosen_by and waits. An order without a way is
    missing. Review is not held again: these orders were taken on.
    Units: as `price`. `unlimited`: every warehouse has every article; else the batch's own stock is shared out.
    Holds: without limits no order costs more than by any other way that is possible.
    """
    if unlimited:
        batch = replace(batch, stock=plenty(batch, world))
    narrow = unlimited and world["capacities"].is_empty()
    parts = each(lambda part: _priced(part, world, narrow=narrow), slices(batch))
    priced = joined(parts)
    if not unlimited:
        refused = [part.rejections for part in parts if part.rejections.height]
        return _taken(priced, batch, pl.concat(refused) if refused else REJECTIONS.empty(), world)
    return choose(priced.ways, batch, world) if priced.ways.height else priced.ways


def _taken(
    priced: Priced, batch: Batch, rejections: pl.DataFrame, world: World, seen: Batch | None = None
) -> pl.DataFrame:
    """One row per order, those in parts among them; `parts` says how they were cut."""
    taken = take(priced, batch, rejections, world, seen)
    if taken.orders.is_empty():
        return taken.orders
    return taken.orders.join(taken.parts, on="order_id", how="left", maintain_order="left")


def redecided_apart(batches: Sequence[Batch], world: World) -> pl.DataFrame:
    """The ways of orders of several batches, chosen again from what stock each batch saw.

    Shapes: as `redecided`; no order stands in two batches. Units: as `price`.
    Holds: each batch's own stock is enough for what is taken from it. Ways are priced for all batches at once, and
    where no capacity is shared they are chosen at once too, each batch with articles of its own.
    """
    if len(batches) == 1:
        return redecided(batches[0], world, unlimited=False)
    whole = Batch.of(
        orders=pl.concat([batch.orders for batch in batches]),
        lines=pl.concat([batch.lines for batch in batches]),
        stock=batches[0].stock.clear(),
    )
    whole = replace(whole, stock=plenty(whole, world))
    short = pl.concat([_short(batch, world) for batch in batches])
    priced = joined(each(lambda part: _priced(part, world, narrow=False, short=short), slices(whole)))
    short = short.with_columns(service=pl.lit(""), code=pl.lit("warehouse.stock_out"))
    if world["capacities"].is_empty():
        return _taken(priced, whole, short, world, _told_apart(batches, whole))
    found = []
    for batch in batches:
        ids = batch.orders.select("order_id")
        own, lacking = (
            frame.join(ids, on="order_id", how="semi", maintain_order="left")
            for frame in (priced.ways, short)
        )
        taken = _taken(replace(priced, ways=own), batch, lacking, world)
        if taken.height:
            found.append(taken)
    return pl.concat(found, how="diagonal") if found else priced.ways


def _short(batch: Batch, world: World) -> pl.DataFrame:
    """Warehouses that lack an article of an order: order_id, warehouse."""
    needs = demand(batch).join(world["warehouses"].select("warehouse"), how="cross")
    needs = needs.join(batch.stock, on=["warehouse", "sku"], how="left")
    return (
        needs.filter(pl.col("available").fill_null(0) < pl.col("quantity"))
        .select("order_id", "warehouse")
        .unique()
    )


def _told_apart(batches: Sequence[Batch], whole: Batch) -> Batch:
    """The batches as one, each with articles of its own, so that none takes from another's stock."""
    named = [pl.concat_str(pl.lit(f"{place} "), "sku").alias("sku") for place in range(len(batches))]
    pairs = list(zip(batches, named, strict=True))
    return Batch.of(
        orders=whole.orders,
        lines=pl.concat([batch.lines.with_columns(name) for batch, name in pairs]),
        stock=pl.concat([batch.stock.with_columns(name) for batch, name in pairs]),
    )


def _priced(batch: Batch, world: World, *, narrow: bool, short: pl.DataFrame | None = None) -> Priced:
    """The ways of some orders; `narrow` leaves out those that cannot be the cheapest of their order, `short` says
    which warehouses lack an article of an order.

    Carriage and handling are part of the total cost, and nothing in it is negative: a way whose carriage and handling
    alone are more than the whole of another way of the order is not priced to the end.
    """
    proposal = propose(batch, world)
    candidates = proposal.candidates
    if short is not None:
        candidates = candidates.join(short, on=["order_id", "warehouse"], how="anti", maintain_order="left")
    if candidates.is_empty():
        return replace(Priced.nothing(), rejections=proposal.rejections)
    ways = freight(candidates, world)
    if not narrow:
        return replace(_cut(price_carried(ways, batch, world)), rejections=proposal.rejections)
    ways = _with_least(ways, world).filter(pl.col("least").is_not_null())
    first = ways.sort("order_id", "least", maintain_order=True).unique(
        "order_id", keep="first", maintain_order=True
    )
    done = _cut(price_carried(first.drop("least"), batch, world))
    best = done.ways.select("order_id", best="total_cost_base_minor")
    rest = ways.join(first.select(WAY), on=WAY, how="anti", maintain_order="left")
    rest = rest.join(best, on="order_id", how="left", maintain_order="left")
    rest = rest.filter(pl.col("best").is_null() | (pl.col("least") <= pl.col("best"))).drop("least", "best")
    return joined([done, _cut(price_carried(rest, batch, world))]) if rest.height else done


def _with_least(ways: pl.DataFrame, world: World) -> pl.DataFrame:
    """Ways with what carriage and handling cost at least, in the books' currency; null without a rate."""
    rates = Rates.of(world)
    rows = ways.with_columns(base=pl.lit(company_text(world, "company.base_currency")))
    for currency, weight in (("base", "w_base"), ("freight_currency", "w_f"), ("warehouse_currency", "w_h")):
        rows = rates.attach(rows, currency, "placed_on", weight)
    handling = (
        pl.col("order_fee_minor") + pl.col("piece_fee_minor") * pl.col("pieces") + pl.col("packing_minor")
    )
    rows = converted(rows.with_columns(h=handling), f_base=(pl.col("freight_minor"), "w_f", "w_base"),
                     h_base=(pl.col("h"), "w_h", "w_base"))  # fmt: skip
    return ways.with_columns(rows.select(least=pl.col("f_base") + pl.col("h_base")))


def _cut(priced: Priced) -> Priced:
    return Priced(priced.ways.select(NEEDED), priced.charges.clear(), priced.rejections)


def plenty(batch: Batch, world: World) -> pl.DataFrame:
    """Stock of every article of the orders in every warehouse.

    Shapes: rows of STOCK. Units: pieces.
    """
    skus = batch.lines.select("sku").unique()
    stock = world["warehouses"].select("warehouse").join(skus, how="cross")
    return STOCK.check(stock.with_columns(available=pl.lit(PLENTY)), unique=False).sort("warehouse", "sku")
