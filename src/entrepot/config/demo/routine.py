"""The company's daily work, month by month: review the queue, send, deliver, take back."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.config.demo import afterlife
from entrepot.config.demo.catalogue import articles
from entrepot.config.demo.chance import Chance
from entrepot.config.demo.intake import SOURCE
from entrepot.config.demo.tables import settings, table
from entrepot.core.audit import Actor
from entrepot.core.frames import read
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders import services as orders

MILLION = 1_000_000


def review_queue(placed_before: date, seed: int, person: Actor) -> int:
    """Work off the holds of orders placed before a day as a careful colleague would; how many orders pass."""
    schema = {"order_id": pl.Int64(), "draw": pl.Int64(), "code": pl.String()}
    held = read(_HELD, schema, [SOURCE, placed_before])
    chances = table("verdicts")
    judged = held.join(chances, on="code", how="left").group_by("order_id", "draw").agg(
        pl.col("release_ppm").fill_null(0).min().alias("ppm")
    )  # fmt: skip
    passes = Chance(seed).share("draw", "verdict") < pl.col("ppm") / MILLION
    judged = judged.with_columns(passes=passes).sort("order_id")
    good, bad = (
        judged.filter(pl.col("passes") == verdict)["order_id"].to_list() for verdict in (True, False)
    )
    orders.release_holds(good, person, note="checked with the buyer")
    orders.reject_orders(bad, person, note="refused after review")
    return len(good)


def give_up(placed_before: date, person: Actor) -> int:
    """Cancel back-orders whose buyers will not wait any longer; how many."""
    waiting = read(_BACKORDERED, {"order_id": pl.Int64()}, [SOURCE, placed_before])
    return orders.cancel_orders(waiting["order_id"].to_list(), person, note="out of stock for too long")


def send_and_deliver(until: date, seed: int) -> int:
    """What is due by a day has left, what arrived is recorded; how many parcels arrived or got lost."""
    fulfilment.mark_shipped(until)
    schema = {
        "order_id": pl.Int64(), "part": pl.Int64(), "draw": pl.Int64(), "kind": pl.String(), "service": pl.String(),
        "ship_on": pl.Date(), "promise_on": pl.Date(),
    }  # fmt: skip
    under_way = read(_UNDER_WAY, schema, [SOURCE])
    return fulfilment.record_deliveries(afterlife.deliveries(under_way, seed, until))


def take_back(since: date, until: date, seed: int) -> int:
    """Goods delivered since a day that came back by another; how many lines."""
    schema = {
        "order_id": pl.Int64(), "draw": pl.Int64(), "line_no": pl.Int64(), "sku": pl.String(), "quantity": pl.Int64(),
        "amount_minor": pl.Int64(), "currency": pl.String(), "goods_minor": pl.Int64(), "discount_minor": pl.Int64(),
        "dest_country": pl.String(), "warehouse": pl.String(), "delivered_on": pl.Date(),
    }  # fmt: skip
    sold = read(_DELIVERED, schema, [SOURCE, since, until])
    back = afterlife.returns(sold.join(articles().select("sku", "category"), on="sku"), seed, until)
    if back.is_empty():
        return 0
    near = table("stocking").select(dest_country="country", near="warehouse")
    paid = pl.col("amount_minor") * pl.col("returned") // pl.col("quantity")
    refund = paid - paid * pl.col("discount_minor") // pl.col("goods_minor").clip(1)
    shelf = Chance(seed).happens("draw", "restock", settings()["return_good"])
    rows = back.join(near, on="dest_country", how="left").with_columns(
        source=pl.lit(SOURCE),
        external_id=pl.format("RMA-{}", "draw"),
        order_line_no="line_no",
        quantity="returned",
        amount_minor=refund,
        restock=shelf,
        warehouse=pl.coalesce("near", "warehouse"),
        note=pl.lit("sent back by the buyer"),
    )
    return fulfilment.book_returns(rows.sort("order_id", "line_no"))


_HELD = """
    SELECT hold.order_id, substr(o.number, 4)::bigint, hold.code
    FROM orders_hold AS hold JOIN orders_order AS o ON o.id = hold.order_id
    WHERE hold.state = 'open' AND o.state = 'held' AND o.source = %s AND o.placed_on < %s
"""
_BACKORDERED = """
    SELECT id FROM orders_order WHERE state IN ('backordered', 'unroutable') AND source = %s AND placed_on < %s
    ORDER BY id
"""
_UNDER_WAY = """
    SELECT shipment.order_id, shipment.part, substr(o.number, 4)::bigint, service.kind, shipment.service,
        shipment.ship_on, shipment.promise_on
    FROM logistics_shipment AS shipment JOIN orders_order AS o ON o.id = shipment.order_id
    JOIN (SELECT service AS code, min(kind) AS kind FROM logistics_service GROUP BY 1) AS service
        ON service.code = shipment.service
    WHERE shipment.state = 'shipped' AND o.source = %s
"""
_DELIVERED = """
    SELECT o.id, substr(o.number, 4)::bigint, line.line_no, line.sku_code, line.quantity, line.amount_minor,
        o.currency, o.goods_minor, o.discount_minor, o.dest_country, o.warehouse, o.delivered_on
    FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
    WHERE o.source = %s AND o.state IN ('delivered', 'returned') AND o.delivered_on BETWEEN %s AND %s
"""
