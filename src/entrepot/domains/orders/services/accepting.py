"""Take orders in from outside, as often as they are sent: the first time they are new, later they may have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from entrepot.core import outbox
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.domains.orders import events
from entrepot.domains.orders.frames import NEW_LINES, NEW_ORDERS, revisions, write_orders
from entrepot.domains.orders.services.commands import (
    cancel_orders,
    mark_returned,
    mark_shipped,
    reopen_orders,
)


@transaction.atomic
def accept_orders(orders: Frame, lines: Frame, user: Actor = None) -> Frame:
    """Take orders in (`frames.NEW_ORDERS`, `frames.NEW_LINES`); one that is known may be brought up to date.

    An order is one by channel, account and the channel's number. Sent again, unchanged or older than what is known
    (`revised_at`), it changes nothing. A newer version replaces address, charges and lines as long as the order has
    not been confirmed, and is then decided anew; a cancellation takes hold until the parcel has left; an order that
    waited for its payment is let through; one that has left there (`rules.LEFT`) has left here too, and one that was
    given back there is returned here. Blank texts never wipe out what is known. Without `revised_at` nobody knows
    which version is newer, so it only fills what is blank once a dated version has been seen.
    Shapes: n orders (key `ref`), m lines; result one row per order: `ref`, `order_id`, `outcome` of
    new, same, older, updated, cancelled, too_late (the change came after the order was confirmed or sent).
    Units: minor units of the order's currency; unit price in 1/10000 of the major unit.
    Errors: a broken frame raises SchemaError; strange data is taken in and held by review.
    """
    orders, lines = NEW_ORDERS.check(orders), NEW_LINES.check(lines)
    latest = revisions.newest(orders)
    lines = lines.filter(lines["ref"].is_in(latest["ref"].implode()))
    inserted = write_orders(latest, lines)
    is_new = inserted["is_new"]
    outbox.emit_for(events.RECEIVED, "order_id", inserted.filter(is_new)["order_id"].sort().to_list())
    if is_new.all():
        return revisions.answers(orders, inserted)
    found = revisions.bring_up_to_date(latest, lines, inserted.filter(~is_new).select("ref", "order_id"))
    by_outcome = dict(found.group_by("outcome").agg("order_id").rows())
    cancel_orders(by_outcome.get("cancelled", []), user, note="cancelled by the channel")
    mark_shipped(revisions.left_there(latest, found))
    mark_returned(revisions.left_there(latest, found, states=("returned",)))
    outbox.emit_for(events.CHANGED, "order_id", sorted(by_outcome.get("updated", [])))
    return revisions.answers(orders, inserted, found)


@transaction.atomic
def replace_skus(order_ids: Sequence[int], skus: Mapping[str, str], user: Actor = None) -> int:
    """Say what the channel's SKUs on lines of orders not confirmed yet are in our catalogue; how many lines.

    Orders that were held are put before the engine again. `skus`: the channel's code to ours.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, [list(skus), list(skus.values()), list(order_ids)])
        touched = [row[0] for row in cursor.fetchall()]
        cursor.execute(_REHASH, [touched])
    reopen_orders(sorted(set(touched)), user, note="SKU mapped")
    return len(touched)


_REPLACE = """
    UPDATE orders_orderline AS line SET sku_code = named.ours, sku_id = sku.id
    FROM unnest(%s::text[], %s::text[]) AS named (theirs, ours)
    JOIN catalog_sku AS sku ON sku.code = named.ours, orders_order AS o
    WHERE line.order_id = o.id AND o.id = ANY(%s)
        AND (o.state IN ('new', 'held', 'pending') OR o.state IN ('shipped', 'delivered', 'returned')
            AND o.decided_at IS NULL)
        AND line.channel_sku = named.theirs AND line.sku_code <> named.ours
    RETURNING line.order_id
"""
_REHASH = """
    UPDATE orders_order AS o SET content_hash = hashtextextended(
        o.channel || o.currency || o.dest_country || coalesce(line.content, ''), 0)
    FROM (
        SELECT order_id, string_agg(sku_code || '*' || quantity || '=' || amount_minor, '|'
            ORDER BY sku_code, quantity, amount_minor) AS content
        FROM orders_orderline WHERE order_id = ANY(%s) GROUP BY 1
    ) AS line WHERE line.order_id = o.id
"""
