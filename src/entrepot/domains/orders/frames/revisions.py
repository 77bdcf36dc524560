"""Orders that arrive again: which version is newer, what is different, and what of it may still be written."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from django.db import connection

from entrepot.core.frames import Frame, read, stage
from entrepot.domains.orders.frames import SENT
from entrepot.domains.orders.rules import LEFT

KEY = ("channel", "account", "external_id")
FOUND = {
    "ref": pl.Int64(),
    "order_id": pl.Int64(),
    "outcome": pl.String(),
    "content": pl.Boolean(),
    "whole": pl.Boolean(),
}


def newest(orders: Frame) -> Frame:
    """One version of each order of a call: the newest by `revised_at`, the last where none is dated."""
    dated = orders.sort(["revised_at", "ref"], nulls_last=False)
    return dated.unique(KEY, keep="last", maintain_order=True).sort("ref")


def answers(orders: Frame, inserted: Frame, found: Frame | None = None) -> Frame:
    """`ref`, `order_id`, `outcome` of every order sent: older copies within the call are `same`."""
    told = inserted.select("ref", "order_id", outcome=pl.when("is_new").then(pl.lit("new")))
    if found is not None:
        told = told.update(found.select("ref", "outcome"), on="ref")
    of_order = orders.select("ref", *KEY).join(told, on="ref", how="left", maintain_order="left")
    ids = of_order.drop_nulls("order_id").select(*KEY, known="order_id")
    return of_order.join(ids, on=KEY, how="left", maintain_order="left").select(
        "ref", order_id="known", outcome=pl.col("outcome").fill_null("same")
    )


def bring_up_to_date(orders: Frame, lines: Frame, known: Frame) -> Frame:
    """Write what newer versions changed into orders known before; what became of each (`FOUND`).

    Shapes: `orders` and `lines` checked by their contracts, one version an order; `known` (ref, order_id). The known
    orders are locked in the order of their ids. Cancelling is left to the caller (outcome `cancelled`).
    """
    names = {
        "table": stage("order", orders),
        "lines": stage("order_line", lines),
        "known": stage("order_known", known),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE {table}; ANALYZE {lines}; ANALYZE {known}".format(**names))
        cursor.execute(_LOCK.format(**names))
    found = read(_COMPARE.format(**names), FOUND)
    names["found"] = stage("order_found", found)
    content = found.filter("content")["order_id"].to_list()
    whole = found.filter("content", "whole")["order_id"].to_list()
    with connection.cursor() as cursor:
        cursor.execute(_STATE.format(**names))
        if content:
            cursor.execute(_HEADS.format(**names))
            cursor.execute("DELETE FROM orders_hold WHERE state = 'open' AND order_id = ANY(%s)", [content])
        if whole:
            cursor.execute("DELETE FROM orders_orderline WHERE order_id = ANY(%s)", [whole])
            cursor.execute(_LINES.format(sent=SENT, **names))
    return found


def left_there(orders: Frame, found: Frame, *, states: Collection[str] = LEFT) -> list[int]:
    """Known orders whose goods have left (or stand in some states) by the word of a version that is not older."""
    gone = orders.filter(pl.col("state").is_in(sorted(states))).select("ref")
    fresh = found.filter(pl.col("outcome") != "older").join(gone, on="ref", how="semi")
    return sorted(fresh["order_id"].to_list())


_LOCK = """
    SELECT 1 FROM orders_order WHERE id IN (SELECT order_id FROM {known}) ORDER BY id FOR NO KEY UPDATE
"""
_CONTENT = """
    SELECT ref, sum(amount_minor)::bigint AS goods,
        string_agg(sku || '*' || quantity || '=' || amount_minor, '|' ORDER BY sku, quantity, amount_minor) AS content,
        CASE WHEN count(sent) = count(*) THEN sum(greatest(least(sent, quantity), 0))::bigint END AS sent
    FROM {lines} GROUP BY ref
"""
_HASH = """hashtextextended(o.channel || s.currency || coalesce(nullif(s.dest_country, ''), o.dest_country)
    || coalesce(line.content, ''), 0)"""
_TEXTS = (
    "dest_region", "dest_postcode", "dest_city", "recipient_name", "buyer_vat_id", "payment_method",
    "billing_country", "ip_country",
)  # fmt: skip
_DIFFERS = " OR ".join(
    [
        f"o.content_hash <> {_HASH}",
        "o.shipping_minor <> s.shipping_minor",
        "o.discount_minor <> s.discount_minor",
        *(f"(s.{name} <> '' AND s.{name} <> o.{name})" for name in _TEXTS),
    ]
)
_FILLS = " OR ".join(f"(o.{name} = '' AND s.{name} <> '')" for name in ("dest_country", *_TEXTS))
_COMPARE = f"""
    WITH line AS ({_CONTENT}), beside AS (
        SELECT s.ref, o.id AS order_id, o.state AS was, s.state AS now,
            coalesce(s.revised_at < o.revised_at, false) AS older,
            s.revised_at IS NOT NULL OR o.revised_at IS NULL AS whole,
            CASE WHEN s.revised_at IS NULL AND o.revised_at IS NOT NULL THEN ({_FILLS}) ELSE ({_DIFFERS}) END
                AS differs,
            s.channel_state <> '' AND s.channel_state <> o.channel_state AS moved,
            o.state IN ('shipped', 'delivered', 'returned') AND o.decided_at IS NULL AS unbooked,
            coalesce(line.sent <> (SELECT sum(known.sent) FROM orders_orderline AS known
                WHERE known.order_id = o.id), false) AS went
        FROM {{known}} AS met JOIN {{table}} AS s USING (ref) JOIN orders_order AS o ON o.id = met.order_id
        LEFT JOIN line USING (ref)
    ), judged AS (
        SELECT *, was IN ('new', 'pending', 'held', 'backordered', 'unroutable') OR unbooked AS open,
            now IN ('shipped', 'delivered', 'returned') AND now <> was AS gone
        FROM beside
    )
    SELECT ref, order_id, CASE
            WHEN older THEN 'older'
            WHEN was = 'cancelled' THEN 'same'
            WHEN now = 'cancelled' AND (open AND NOT unbooked OR was = 'confirmed') THEN 'cancelled'
            WHEN now = 'cancelled' THEN 'too_late'
            WHEN open AND (differs OR whole AND went OR was = 'pending' AND now = 'new' OR gone) THEN 'updated'
            WHEN differs THEN 'too_late'
            WHEN moved THEN 'updated'
            ELSE 'same' END,
        NOT older AND open AND now <> 'cancelled'
            AND (differs OR whole AND went OR was = 'pending' AND now = 'new' OR gone)
        , whole
    FROM judged ORDER BY order_id
"""
_STATE = """
    UPDATE orders_order AS o SET revised_at = greatest(o.revised_at, s.revised_at),
        channel_state = coalesce(nullif(s.channel_state, ''), o.channel_state)
    FROM {found} AS found JOIN {table} AS s USING (ref)
    WHERE o.id = found.order_id AND found.outcome NOT IN ('older', 'same')
"""
_HEADS = f"""
    WITH line AS ({_CONTENT})
    UPDATE orders_order AS o SET
        {", ".join(f"{name} = coalesce(nullif(s.{name}, ''), o.{name})" for name in ("dest_country", *_TEXTS))},
        currency = CASE WHEN found.whole THEN s.currency ELSE o.currency END,
        goods_minor = CASE WHEN found.whole THEN coalesce(line.goods, 0) ELSE o.goods_minor END,
        shipping_minor = CASE WHEN found.whole THEN s.shipping_minor ELSE o.shipping_minor END,
        discount_minor = CASE WHEN found.whole THEN s.discount_minor ELSE o.discount_minor END,
        total_minor = CASE WHEN found.whole THEN coalesce(line.goods, 0) + s.shipping_minor - s.discount_minor
            ELSE o.total_minor END,
        tax_charged_minor = CASE WHEN found.whole THEN s.tax_charged_minor ELSE o.tax_charged_minor END,
        price_includes_tax = CASE WHEN found.whole THEN s.price_includes_tax ELSE o.price_includes_tax END,
        content_hash = CASE WHEN found.whole THEN {_HASH} ELSE o.content_hash END,
        holds = '{{{{}}}}', state = CASE WHEN s.state IN ('shipped', 'delivered', 'returned') THEN s.state
            WHEN o.state IN ('shipped', 'delivered', 'returned') THEN o.state
            WHEN o.state = 'pending' AND s.state = 'pending' THEN 'pending' ELSE 'new' END
    FROM {{found}} AS found JOIN {{table}} AS s USING (ref) LEFT JOIN line USING (ref)
    WHERE o.id = found.order_id AND found.content
"""
_LINES = """
    INSERT INTO orders_orderline (
        order_id, line_no, sku_code, sku_id, description, quantity, unit_price, amount_minor, channel_sku,
        channel_line_id, sent
    )
    SELECT found.order_id, line.line_no, line.sku, sku.id, line.description, line.quantity,
        line.unit_price_e4 * 0.0001, line.amount_minor, coalesce(nullif(line.channel_sku, ''), line.sku),
        line.channel_line_id, {sent}
    FROM {found} AS found JOIN {lines} AS line USING (ref) LEFT JOIN catalog_sku AS sku ON sku.code = line.sku
    WHERE found.content AND found.whole ORDER BY found.order_id, line.line_no
"""
