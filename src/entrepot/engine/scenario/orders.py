"""Edits of the orders themselves: other prices, other terms of delivery. The world stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.scenario.edit import Edit, Field, is_code
from entrepot.engine.scenario.windows import times
from entrepot.engine.world import World

Change = Callable[[Edit, Batch], Batch]
WHERE = (Field("channel", source="channels.channel"), Field("dest_country", source="territories.country"))


@dataclass(frozen=True)
class OrderKind:
    """A kind of edit that changes orders: its fields, and how it is carried out."""

    name: str
    fields: tuple[Field, ...]
    change: Change


def price(edit: Edit, batch: Batch) -> Batch:
    """Articles sold dearer or cheaper by a share.

    Shapes: as many orders and lines as before. Units: minor units, rounded half up once a line.
    """
    meant = batch.orders.filter(_meant(edit))["order_id"]
    hit = pl.col("order_id").is_in(meant.implode()) & is_code("sku", edit.text("sku"))
    new = pl.when(hit).then(times("amount_minor", edit.whole("change_ppm"))).otherwise("amount_minor")
    return replace(batch, lines=batch.lines.with_columns(amount_minor=new))


def incoterm(edit: Edit, batch: Batch) -> Batch:
    """Orders sold on other terms of delivery: who bears duty and import tax.

    Shapes: as many orders and lines as before.
    """
    new = pl.when(_meant(edit)).then(pl.lit(edit.text("incoterm"))).otherwise("incoterm")
    return replace(batch, orders=batch.orders.with_columns(incoterm=new))


def _meant(edit: Edit) -> pl.Expr:
    meant = is_code("channel", edit.text("channel")) & is_code("dest_country", edit.text("dest_country"))
    if edit.since:
        meant &= pl.col("placed_on") >= edit.since
    if edit.until:
        meant &= pl.col("placed_on") <= edit.until
    return meant


def unchanged(_edit: Edit, world: World) -> World:
    """The world of an edit that changes orders only."""
    return world


KINDS = (
    OrderKind(
        "price",
        (Field("sku", source="skus.sku"), *WHERE, Field("change_ppm", "ppm", required=True, low=-999_999)),
        price,
    ),
    OrderKind("incoterm", (*WHERE, Field("incoterm", required=True, source="incoterms.term")), incoterm),
)
