"""Re-decided: the engine chooses a way again for orders that were already taken on."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.choose import choose
from entrepot.engine.columns import STOCK
from entrepot.engine.price import Priced, joined, price_slice
from entrepot.engine.propose import propose
from entrepot.engine.slices import each, slices
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
    priced = joined(each(lambda part: _narrow(part, world), slices(batch)))
    return choose(priced.ways, batch, world) if priced.ways.height else priced.ways


def _narrow(batch: Batch, world: World) -> Priced:
    candidates = propose(batch, world).candidates
    if candidates.is_empty():
        return Priced.nothing()
    priced = price_slice(candidates, batch, world)
    return Priced(priced.ways.select(NEEDED), priced.charges.clear(), priced.rejections)


def plenty(batch: Batch, world: World) -> pl.DataFrame:
    """Stock of every article of the orders in every warehouse.

    Shapes: rows of STOCK. Units: pieces.
    """
    skus = batch.lines.select("sku").unique()
    stock = world["warehouses"].select("warehouse").join(skus, how="cross")
    return STOCK.check(stock.with_columns(available=pl.lit(PLENTY)), unique=False).sort("warehouse", "sku")
