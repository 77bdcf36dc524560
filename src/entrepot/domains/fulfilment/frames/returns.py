"""Returned goods in the shape the books and the stock take them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from entrepot.core.frames import Frame, read
from entrepot.engine import World
from entrepot.engine.arithmetic import divide
from entrepot.engine.parting import takes_of

_SOLD = {
    "order_id": pl.Int64(),
    "left_from": pl.String(),
    "revenue_minor": pl.Int64(),
    "tax_sale_minor": pl.Int64(),
    "collector": pl.String(),
    "price_includes_tax": pl.Boolean(),
    "parts": pl.String(),
}


def return_bookings(returns: Frame, world: World) -> tuple[Frame, Frame]:
    """Stock moves and ledger legs of returned lines.

    Shapes: n rows of NEW_RETURNS in; MOVES of those that go back on a shelf; LEGS, up to three per row.
    Units: minor units. Of what is given back, the tax part is what the order's own tax was of its price; it leaves our
    tax account only where we had collected it. Goods go back at today's cost of the SKU, in the books' currency.
    """
    rows = _with_facts(returns, world)
    tax = pl.col("tax_sale_minor").fill_null(0)
    price = (
        pl.when("price_includes_tax").then(pl.col("revenue_minor") + tax).otherwise(pl.col("revenue_minor"))
    )
    share = (
        pl.when(price > 0)
        .then(divide(pl.col("amount_minor") * tax, price))
        .otherwise(0)
        .cast(pl.Int64)
        .fill_null(0)
    )
    rows = rows.with_columns(tax=share, inclusive=pl.col("price_includes_tax").fill_null(False))
    rows = rows.with_columns(
        goods=pl.col("amount_minor") - pl.when("inclusive").then("tax").otherwise(0),
        tax=pl.when(pl.col("collector") == "seller").then("tax").otherwise(0),
        cost=pl.when("shelved").then(pl.col("quantity") * pl.col("cost_minor")).otherwise(0).fill_null(0),
    )
    legs = [
        _leg(rows, "return_goods", "goods", "currency"),
        _leg(rows, "return_tax", "tax", "currency"),
        _leg(rows, "return_stock", "cost", "cost_currency", in_base=True),
    ]
    return _moves(rows), pl.concat(legs).filter(pl.col("amount_minor") != 0)


def _with_facts(returns: Frame, world: World) -> Frame:
    sold = _sold(returns["order_id"].drop_nulls().unique().to_list())
    rows = returns.join(sold, on="order_id", how="left", maintain_order="left")
    rows = _left_by_part(rows, sold)
    costs = world["skus"].select("sku", "cost_minor", "cost_currency")
    rows = rows.join(costs, on="sku", how="left", maintain_order="left")
    place = pl.when(pl.col("warehouse") != "").then("warehouse").otherwise("left_from").fill_null("")
    rows = rows.with_columns(place=place)
    shelved = (
        pl.col("restock")
        & (pl.col("place") != "")
        & pl.col("cost_minor").is_not_null()
        & (pl.col("quantity") > 0)
    )
    return rows.with_columns(shelved=shelved)


def _left_by_part(rows: Frame, sold: Frame) -> Frame:
    """Goods of orders in parts left from the warehouse of their part; the first that sent such goods."""
    places = takes_of(sold).sort("order_id", "sku", "part").unique(["order_id", "sku"], keep="first")
    if places.is_empty():
        return rows
    places = places.select("order_id", "sku", of_part="warehouse")
    rows = rows.join(places, on=["order_id", "sku"], how="left", maintain_order="left")
    return rows.with_columns(left_from=pl.coalesce("of_part", "left_from")).drop("of_part")


def _sold(order_ids: Sequence[int]) -> Frame:
    return read(_SOLD_QUERY, _SOLD, [list(order_ids)])


def _key() -> pl.Expr:
    return pl.format("return:{}:{}:{}", "source", "external_id", "line_no")


def _moves(rows: Frame) -> Frame:
    return rows.filter("shelved").select(
        "sku",
        "quantity",
        warehouse="place",
        moved_on="received_on",
        kind=pl.lit("return"),
        ref_kind=pl.lit("return"),
        ref_id="order_id",
        idempotency_key=_key(),
    )


def _leg(rows: Frame, leg: str, amount: str, currency: str, *, in_base: bool = False) -> Frame:
    return rows.select(
        idempotency_key=_key(),
        kind=pl.lit("return"),
        entry_date="received_on",
        leg=pl.lit(leg),
        currency=pl.col(currency),
        amount_minor=pl.col(amount).cast(pl.Int64),
        in_base=pl.lit(in_base),
        ref_kind=pl.lit("return"),
        ref_id="order_id",
        memo="external_id",
    )


_SOLD_QUERY = """
    SELECT decision.order_id, decision.warehouse, decision.revenue_minor, decision.tax_sale_minor, decision.collector,
        o.price_includes_tax, decision.parts
    FROM fulfilment_decision AS decision JOIN orders_order AS o ON o.id = decision.order_id
    WHERE decision.order_id = ANY(%s) AND decision.status = 'confirmed'
"""
