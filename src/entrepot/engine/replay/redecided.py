"""Re-decided: the engine chooses a way again for orders that were already taken on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from entrepot.engine.slices import each, slices, within
from entrepot.engine.take import take
from entrepot.engine.world import World

PLENTY = 2**40
NEEDED = [
    "way", "order_id", "warehouse", "service", "parcels", "weight_g", "ship_on", "promise_on", "placed_on",
    "total_cost_base_minor", "charges_base_minor", "revenue_base_minor", "cogs_base_minor", "freight_base_minor",
    "handling_base_minor", "channel_fee_base_minor", "payment_fee_base_minor", "duty_base_minor",
    "import_tax_base_minor", "profit_base_minor", "tax_sale_minor", "w_order", "w_base", "dest_country",
]  # fmt: skip

CHARGES = {"way": pl.Int64, "kind": pl.String, "code": pl.String} | dict.fromkeys(
    ("taxable", "rate_ppm", "amount"), pl.Int64
)


def redecided(
    batch: Batch, world: World, *, unlimited: bool, known: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The way of each order, chosen again under this world.

    Shapes: n orders in; at most one way each, columns of NEEDED with chosen_by and waits. An order without a way is
    missing. Review is not held again: these orders were taken on. `known`: ways that `frozen` has priced in this very
    world already, at most one per order and none of orders in parts; they are not priced again.
    Units: as `price`. `unlimited`: every warehouse has every article; else the batch's own stock is shared out.
    Holds: without limits no order costs more than by any other way that is possible.
    """
    if unlimited:
        batch = replace(batch, stock=plenty(batch, world))
    narrow = unlimited and world["capacities"].is_empty()
    asked = _Asked(world, narrow, _as_priced(known))
    parts = each(lambda part: _priced(part, asked), slices(batch))
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


def redecided_apart(
    batches: Sequence[Batch], world: World, known: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The ways of orders of several batches, chosen again from what stock each batch saw.

    Shapes: as `redecided`; no order stands in two batches. Units: as `price`.
    Holds: each batch's own stock is enough for what is taken from it. Ways are priced for all batches at once, and
    where no capacity is shared they are chosen at once too, each batch with articles of its own.
    """
    if len(batches) == 1:
        return redecided(batches[0], world, unlimited=False, known=known)
    whole = Batch.of(
        orders=pl.concat([batch.orders for batch in batches]),
        lines=pl.concat([batch.lines for batch in batches]),
        stock=batches[0].stock.clear(),
    )
    whole = replace(whole, stock=plenty(whole, world))
    short = pl.concat([_short(batch, world) for batch in batches])
    asked = _Asked(world, narrow=False, known=_as_priced(known), short=short)
    priced = joined(each(lambda part: _priced(part, asked), slices(whole)))
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


@dataclass(frozen=True)
class _Asked:
    """How ways are priced. narrow: those that cannot be the cheapest of their order are left out. known: ways that are
    priced already. short: warehouses that lack an article of an order."""

    world: World
    narrow: bool
    known: pl.DataFrame
    short: pl.DataFrame | None = None


def _as_priced(known: pl.DataFrame | None) -> pl.DataFrame:
    """Priced ways as `price` left them: without the days an order waited for a free capacity."""
    if known is None or known.width < len(NEEDED):
        return pl.DataFrame(schema={"order_id": pl.Int64})
    waited = pl.duration(days=pl.col("waits").fill_null(0))
    return known.with_columns(pl.col("ship_on") - waited, pl.col("promise_on") - waited).select(NEEDED)


def _priced(batch: Batch, asked: _Asked) -> Priced:
    """The ways of some orders.

    Carriage and handling are part of the total cost, and nothing in it is negative: a way whose carriage and handling
    alone are more than the whole of another way of the order is not priced to the end.
    """
    world, proposal = asked.world, propose(batch, asked.world)
    candidates, refused = proposal.candidates, proposal.rejections
    if asked.short is not None:
        candidates = candidates.join(
            asked.short, on=["order_id", "warehouse"], how="anti", maintain_order="left"
        )
    if candidates.is_empty():
        return replace(Priced.nothing(), rejections=refused)
    known, ways = _told_before(candidates, batch, asked), freight(candidates, world)
    if known.ways.height:
        ways = ways.join(known.ways, on=WAY, how="anti", maintain_order="left")
    if not asked.narrow:
        return _cut(refused, known, *([price_carried(ways, batch, world)] if ways.height else []))
    ways = _with_least(ways, world).filter(pl.col("least").is_not_null())
    first = ways.sort("order_id", "least", maintain_order=True).unique(
        "order_id", keep="first", maintain_order=True
    )
    first = _not_above(first, known.ways)
    done = [known, *([price_carried(first.drop("least"), batch, world)] if first.height else [])]
    rest = ways.join(first.select(WAY), on=WAY, how="anti", maintain_order="left")
    for part in done:
        rest = _not_above(rest, part.ways)
    if rest.height:
        done.append(price_carried(rest.drop("least"), batch, world))
    return _cut(refused, *done)


def _told_before(candidates: pl.DataFrame, batch: Batch, asked: _Asked) -> Priced:
    """The candidates that are priced already."""
    if asked.known.width < len(NEEDED):
        return Priced.nothing()
    own = asked.known.filter(within(batch.orders))
    own = own.join(candidates.select(WAY), on=WAY, how="semi", maintain_order="left")
    return replace(Priced.nothing(), ways=own) if own.height else Priced.nothing()


def _not_above(ways: pl.DataFrame, priced: pl.DataFrame) -> pl.DataFrame:
    """Ways whose least cost is not more than what a priced way of their order costs in all."""
    if priced.width < len(NEEDED):
        return ways
    best = priced.select("order_id", best="total_cost_base_minor")
    rows = ways.join(best, on="order_id", how="left", maintain_order="left")
    return rows.filter(pl.col("best").is_null() | (pl.col("least") <= pl.col("best"))).drop("best")


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


def _cut(rejections: pl.DataFrame, *parts: Priced) -> Priced:
    """Ways priced in several goes with the columns that choosing and telling need, numbered through."""
    ways = [part.ways.select(NEEDED[1:]) for part in parts if part.ways.width >= len(NEEDED)]
    if not ways:
        return replace(Priced.nothing(), rejections=rejections)
    whole = pl.concat(ways).select(pl.int_range(pl.len(), dtype=pl.Int64).alias("way"), pl.all())
    return Priced(whole, pl.DataFrame(schema=CHARGES), rejections)


def plenty(batch: Batch, world: World) -> pl.DataFrame:
    """Stock of every article of the orders in every warehouse.

    Shapes: rows of STOCK. Units: pieces.
    """
    skus = batch.lines.select("sku").unique()
    stock = world["warehouses"].select("warehouse").join(skus, how="cross")
    return STOCK.check(stock.with_columns(available=pl.lit(PLENTY)), unique=False).sort("warehouse", "sku")
