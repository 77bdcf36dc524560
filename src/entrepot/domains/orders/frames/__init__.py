"""Orders and frames: orders coming in, batches going to the engine, decisions coming back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection

from entrepot.core.frames import Frame, read, stage
from entrepot.domains.logistics.queries import remote_areas
from entrepot.engine.columns import LINES, ORDERS
from entrepot.engine.frames import Column, Contract, SchemaError, column

NEW_CUSTOMERS = Contract(
    "new_customers",
    (
        column("code", pl.String, "our own customer number"),
        column("name", pl.String, default=""),
        column("email", pl.String, default=""),
        column("phone", pl.String, default=""),
        column("country", pl.String, default=""),
    ),
    ("code",),
)
NEW_ORDERS = Contract(
    "new_orders",
    (
        column("ref", pl.Int64, "number of the order within the call"),
        column("channel", pl.String, "payments.Channel code"),
        column("external_id", pl.String, "the channel's own number"),
        column("number", pl.String, "what we call it; '' = external_id", default=""),
        column("account", pl.String, "the seller's account at the channel; '' = the only one", default=""),
        column("state", pl.String, "new, pending (not paid yet) or cancelled", default="new"),
        column("channel_state", pl.String, "how the channel sees it", default=""),
        Column("revised_at", pl.Datetime("us", "UTC"), "the channel's last change", nullable=True),
        column("tax_charged_minor", pl.Int64, "tax the channel says it charged", default=0),
        column("source", pl.String, "where it came from: demo, online-retail …", default=""),
        column("customer_code", pl.String, "'' = unknown", default=""),
        Column("placed_at", pl.Datetime("us", "UTC")),
        column(
            "placed_on", pl.Date, "the channel's local day; empty = day of placed_at in UTC", nullable=True
        ),
        column("dest_country", pl.String, default=""),
        column("dest_region", pl.String, default=""),
        column("dest_postcode", pl.String, default=""),
        column("dest_city", pl.String, default=""),
        column("recipient_name", pl.String, default=""),
        column("currency", pl.String),
        column("shipping_minor", pl.Int64, "charged to the buyer", default=0),
        column("discount_minor", pl.Int64, "positive lowers the total", default=0),
        column("price_includes_tax", pl.Boolean, default=False),
        column("buyer_kind", pl.String, default="b2c"),
        column("buyer_vat_id", pl.String, default=""),
        column("buyer_vat_valid", pl.Boolean, default=False),
        column("incoterm", pl.String, default="DAP"),
        column("duties_charged", pl.Boolean, "the buyer paid duty and import tax on top", default=False),
        column("payment_method", pl.String, default=""),
        column("priority", pl.Int64, default=0),
        column("billing_country", pl.String, default=""),
        column("ip_country", pl.String, default=""),
    ),
    ("ref",),
)
NEW_LINES = Contract(
    "new_lines",
    (
        column("ref", pl.Int64, "the order's ref"),
        column("line_no", pl.Int64),
        column("sku", pl.String, "code, known or not"),
        column("description", pl.String, default=""),
        column("quantity", pl.Int64),
        column("unit_price_e4", pl.Int64, "1/10000 of the major unit"),
        column("amount_minor", pl.Int64, "minor units, whole line"),
        column("channel_sku", pl.String, "what the channel calls it; '' = sku", default=""),
        column("channel_line_id", pl.String, "the channel's number of the line", default=""),
        column(
            "sent", pl.Int64, "pieces the channel has sent already; empty: it does not say", nullable=True
        ),
    ),
    ("ref", "line_no"),
)
# what is said to have been sent beyond what was ordered is not believed
SENT = "greatest(least(coalesce(line.sent, 0), line.quantity), 0)"
INSERTED = {"ref": pl.Int64(), "order_id": pl.Int64(), "is_new": pl.Boolean()}
NEW_RETURNS = Contract(
    "new_returns",
    (
        column("source", pl.String),
        column("external_id", pl.String),
        column("line_no", pl.Int64),
        column("order_id", pl.Int64, "empty: no order was found", nullable=True),
        column("order_line_no", pl.Int64, nullable=True),
        column("kind", pl.String, "return or cancellation", default="return"),
        column("sku", pl.String),
        column("quantity", pl.Int64, "pieces, positive"),
        column("amount_minor", pl.Int64, "given back to the buyer, positive"),
        column("currency", pl.String),
        column("received_on", pl.Date),
        column("note", pl.String, default=""),
        column("restock", pl.Boolean, "goods go back on the shelf", default=True),
        column("warehouse", pl.String, "where they came in; '' = where they left", default=""),
    ),
    ("source", "external_id", "line_no"),
)
APPLIED = Contract(
    "applied",
    (
        column("order_id", pl.Int64),
        column("state", pl.String),
        column("was", pl.String, "only an order in this state gets it", default="new"),
        column("holds", pl.String, "codes of holds as a PostgreSQL array", default="{}"),
        column("warehouse", pl.String, default=""),
        column("service", pl.String, default=""),
        column("ship_on", pl.Date, nullable=True),
        column("promise_on", pl.Date, nullable=True),
        column("profit_base_minor", pl.Int64, nullable=True),
        column("margin_ppm", pl.Int64, nullable=True),
    ),
    ("order_id",),
)
HOLDS = Contract(
    "holds",
    (column("order_id", pl.Int64), column("code", pl.String), column("detail", pl.String, default="")),
    ("order_id", "code"),
)


def batch_frames(
    order_ids: Sequence[int], *, duplicate_days: int = 0, states: Collection[str] = ("new",)
) -> tuple[Frame, Frame]:
    """The engine's ORDERS and LINES of the new orders (or those in some states) among some ids.

    An earlier order of the same customer with the same content within `duplicate_days` is named in `duplicate_of`.
    """
    wanted = [list(order_ids), sorted(states)]
    orders = _with_areas(read(_ORDERS, ORDERS.schema, [duplicate_days, duplicate_days, *wanted]))
    return orders, read(_LINES, LINES.schema, wanted)


def _with_areas(orders: Frame) -> Frame:
    """The lists of remote areas in place of the postcode: the engine never sees where somebody lives."""
    key = ["dest_country", "dest_areas", "placed_on"]
    found = remote_areas(orders.select(key).unique().iter_rows())
    rows = [(*place, names) for place, names in found.items()]
    areas = pl.DataFrame(rows, schema={**orders.select(key).schema, "areas": pl.String}, orient="row")
    orders = orders.join(areas, on=key, how="left", maintain_order="left")
    return orders.with_columns(dest_areas=pl.col("areas").fill_null("")).drop("areas")


def buyer_names(order_ids: Sequence[int]) -> Frame:
    """Recipient and customer of each order: order_id, name; each name once an order."""
    return read(_NAMES, {"order_id": pl.Int64(), "name": pl.String()}, [list(order_ids)])


def write_customers(customers: Frame) -> Frame:
    """Add customers whose code is new; gives `code`, `customer_id` of all."""
    table = stage("customer", NEW_CUSTOMERS.check(customers))
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS.format(table=table))
    query = f"SELECT staged.code, known.id FROM {table} AS staged JOIN orders_customer AS known USING (code)"
    return read(query, {"code": pl.String(), "customer_id": pl.Int64()})


def write_orders(orders: Frame, lines: Frame) -> Frame:
    """Add orders that their channel has not sent before, with their lines; gives `ref`, `order_id`, `is_new`."""
    orders, lines = NEW_ORDERS.check(orders), NEW_LINES.check(lines)
    if lines.join(orders, on="ref", how="anti").height:
        raise SchemaError("new_lines: a line's ref is not among the orders")
    table, lines_table = stage("order", orders), stage("order_line", lines)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}; ANALYZE {lines_table}")
    names = {"table": table, "lines": lines_table}
    new = read(
        _INSERT_ORDERS.format(**names),
        {"order_id": pl.Int64()},
    )
    known = read(_KNOWN_ORDERS.format(**names), {"ref": pl.Int64(), "order_id": pl.Int64()})
    inserted = known.with_columns(pl.col("order_id").is_in(new["order_id"].implode()).alias("is_new"))
    fresh = inserted.filter("is_new").unique("order_id", keep="first", maintain_order=True)
    refs = stage("order_ref", fresh.select("ref", "order_id"))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_LINES.format(refs=refs, sent=SENT, **names))
    return inserted.select(list(INSERTED))


def one_frame(rows: Sequence[Mapping[str, Any]], contract: Contract) -> Frame:
    """Plain rows as a frame of a contract's columns, those that are given."""
    schema = contract.schema
    return pl.DataFrame([dict(row) for row in rows], schema={name: schema[name] for name in rows[0]})


def one_order(
    head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], digits: int
) -> tuple[Frame, Frame]:
    """One order as frames of NEW_ORDERS and NEW_LINES; `digits` are the decimals of its currency."""
    priced = [
        {"unit_price_e4": _unit_price_e4(line["amount_minor"], line["quantity"], digits), **line, "ref": 1}
        for line in lines
    ]
    return one_frame([{**head, "ref": 1}], NEW_ORDERS), one_frame(priced, NEW_LINES)


def _unit_price_e4(amount_minor: int, quantity: int, digits: int) -> int:
    """In 1/10000 of the major unit, half up."""
    wide = amount_minor * 10**4
    return (2 * wide + quantity * 10**digits) // (2 * quantity * 10**digits)


def is_same_content(order_id: int, lines: Frame) -> bool:
    """Whether a known order has just these lines: SKU, pieces and amount, in any order."""
    known = read(
        _CONTENT, {"sku": pl.String(), "quantity": pl.Int64(), "amount_minor": pl.Int64()}, [order_id]
    )
    return known.sort(known.columns).equals(lines.select(known.columns).sort(known.columns))


def lock_new_orders(order_ids: Sequence[int]) -> None:
    """Hold the new orders among some ids until the end of the transaction, taken in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM orders_order WHERE id = ANY(%s) AND state = 'new' ORDER BY id FOR NO KEY UPDATE",
            [list(order_ids)],
        )


def write_decisions(applied: Frame, holds: Frame) -> int:
    """Give orders their decided state and open their holds; how many were still new and got it."""
    table = stage("applied", APPLIED.check(applied))
    with connection.cursor() as cursor:
        cursor.execute(_APPLY.format(table=table))
        count: int = cursor.rowcount
        if holds.height:
            cursor.execute(_OPEN_HOLDS.format(table=stage("hold", HOLDS.check(holds))))
    return count


def states_of(order_ids: Sequence[int]) -> Frame:
    """order_id and state of some orders, their rows held until the end of the transaction, taken by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    return pl.DataFrame(rows, schema={"order_id": pl.Int64, "state": pl.String}, orient="row")


def write_returns(returns: Frame) -> Frame:
    """Add returns that were not recorded before; gives the new ones (their key columns)."""
    table = stage("return", NEW_RETURNS.check(returns))
    key = {"source": pl.String(), "external_id": pl.String(), "line_no": pl.Int64()}
    new = read(_RETURNS.format(table=table), key)
    return NEW_RETURNS.check(returns).join(new, on=list(key), how="semi", maintain_order="left")


# `OFFSET 0` keeps one look-up by key per order, whatever the planner believes of tables that grew a moment ago.
# `+ 0`: an earlier order is found by its customer; statistics older than an import would make the planner walk all
# orders by key or by date instead, once for every order
_ORDERS = """
    SELECT o.id, o.channel, o.placed_on, o.dest_country, o.dest_region, o.dest_postcode, o.currency,
        o.shipping_minor, o.discount_minor, o.price_includes_tax,
        o.buyer_kind, o.buyer_vat_valid, o.incoterm, o.duties_charged, o.payment_method,
        o.priority, o.customer_id, o.content_hash,
        CASE WHEN o.customer_id IS NOT NULL AND %s > 0 THEN (
            SELECT min(earlier.id + 0) FROM orders_order AS earlier
            WHERE earlier.customer_id = o.customer_id AND earlier.content_hash = o.content_hash
                AND earlier.state <> 'cancelled'
                AND (earlier.placed_at + interval '0', earlier.id + 0) < (o.placed_at, o.id)
                AND earlier.placed_on >= o.placed_on - %s::int
        ) END,
        o.billing_country, o.ip_country, array_to_string(o.released, ' ')
    FROM unnest(%s::bigint[]) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM orders_order WHERE orders_order.id = wanted.id OFFSET 0) AS o
    WHERE o.state = ANY(%s) ORDER BY o.id
"""
_LINES = """
    SELECT line.order_id, line.line_no, line.sku_code, line.quantity, line.amount_minor, line.sent
    FROM unnest(%s::bigint[]) AS wanted (id)
    CROSS JOIN LATERAL (SELECT state FROM orders_order WHERE orders_order.id = wanted.id OFFSET 0) AS o
    CROSS JOIN LATERAL (SELECT * FROM orders_orderline WHERE orders_orderline.order_id = wanted.id OFFSET 0) AS line
    WHERE o.state = ANY(%s) ORDER BY line.order_id, line.line_no
"""
_CONTENT = """
    SELECT coalesce(nullif(channel_sku, ''), sku_code), quantity, amount_minor FROM orders_orderline WHERE order_id = %s
"""
_CUSTOMERS = """
    INSERT INTO orders_customer (code, name, email, phone, country, created_at)
    SELECT code, name, email, phone, country, now() FROM {table} ORDER BY code ON CONFLICT (code) DO NOTHING
"""
_INSERT_ORDERS = """
    INSERT INTO orders_order (
        number, channel, source, external_id, customer_id, state, placed_at, placed_on, dest_country, dest_region,
        dest_postcode, dest_city, recipient_name, currency, goods_minor, shipping_minor, discount_minor, total_minor,
        price_includes_tax, buyer_kind, buyer_vat_id, buyer_vat_valid, incoterm, duties_charged, payment_method,
        priority, billing_country, ip_country, content_hash, holds, released, warehouse, service, account,
        channel_state, revised_at, tax_charged_minor
    )
    SELECT coalesce(nullif(o.number, ''), o.external_id), o.channel, o.source, o.external_id, customer.id, o.state,
        o.placed_at, coalesce(o.placed_on, (o.placed_at AT TIME ZONE 'UTC')::date), o.dest_country, o.dest_region,
        o.dest_postcode, o.dest_city, o.recipient_name, o.currency, coalesce(line.goods, 0), o.shipping_minor,
        o.discount_minor, coalesce(line.goods, 0) + o.shipping_minor - o.discount_minor,
        o.price_includes_tax, o.buyer_kind, o.buyer_vat_id, o.buyer_vat_valid, o.incoterm, o.duties_charged,
        o.payment_method, o.priority, o.billing_country, o.ip_country,
        hashtextextended(o.channel || o.currency || o.dest_country || coalesce(line.content, ''), 0),
        '{{}}', '{{}}', '', '', o.account, o.channel_state, o.revised_at, o.tax_charged_minor
    FROM {table} AS o
    LEFT JOIN (
        SELECT ref, sum(amount_minor)::bigint AS goods,
            string_agg(sku || '*' || quantity || '=' || amount_minor, '|' ORDER BY sku, quantity, amount_minor)
                AS content
        FROM {lines} GROUP BY ref
    ) AS line USING (ref)
    LEFT JOIN orders_customer AS customer ON o.customer_code <> '' AND customer.code = o.customer_code
    ORDER BY o.placed_at, o.channel, o.account, o.external_id, o.ref
    ON CONFLICT (channel, account, external_id) DO NOTHING RETURNING id
"""
_KNOWN_ORDERS = """
    SELECT staged.ref, known.id FROM {table} AS staged
    JOIN orders_order AS known ON known.channel = staged.channel AND known.account = staged.account
        AND known.external_id = staged.external_id
    ORDER BY staged.ref
"""
_INSERT_LINES = """
    INSERT INTO orders_orderline (
        order_id, line_no, sku_code, sku_id, description, quantity, unit_price, amount_minor, channel_sku,
        channel_line_id, sent
    )
    SELECT fresh.order_id, line.line_no, line.sku, sku.id, line.description, line.quantity,
        line.unit_price_e4 * 0.0001, line.amount_minor, coalesce(nullif(line.channel_sku, ''), line.sku),
        line.channel_line_id, {sent}
    FROM {refs} AS fresh JOIN {lines} AS line ON line.ref = fresh.ref
    LEFT JOIN catalog_sku AS sku ON sku.code = line.sku
    ORDER BY fresh.order_id, line.line_no
"""
_APPLY = """
    UPDATE orders_order AS o SET state = applied.state, holds = applied.holds::varchar[], warehouse = applied.warehouse,
        service = applied.service, ship_on = applied.ship_on, promise_on = applied.promise_on,
        profit_base_minor = applied.profit_base_minor, margin_ppm = applied.margin_ppm, decided_at = now()
    FROM {table} AS applied WHERE o.id = applied.order_id AND o.state = applied.was
"""
_OPEN_HOLDS = """
    INSERT INTO orders_hold AS hold (order_id, code, detail, state, opened_at, note)
    SELECT order_id, code, detail, 'open', now(), '' FROM {table} ORDER BY order_id, code
    ON CONFLICT (order_id, code) DO UPDATE
        SET state = 'open', detail = excluded.detail, closed_at = NULL, closed_by_id = NULL
"""
_RETURNS = """
    INSERT INTO orders_returnline (
        source, external_id, line_no, order_id, order_line_id, kind, sku_code, quantity, amount_minor, currency,
        received_on, tied, note
    )
    SELECT staged.source, staged.external_id, staged.line_no, staged.order_id, line.id, staged.kind, staged.sku,
        staged.quantity, staged.amount_minor, staged.currency, staged.received_on, staged.order_id IS NOT NULL,
        staged.note
    FROM {table} AS staged
    LEFT JOIN orders_orderline AS line ON line.order_id = staged.order_id AND line.line_no = staged.order_line_no
    ON CONFLICT (source, external_id, line_no) DO NOTHING RETURNING source, external_id, line_no
"""

IMPORTED = {
    "external_id": pl.String(),
    "order_id": pl.Int64(),
    "state": pl.String(),
    "dest_country": pl.String(),
    "placed_on": pl.Date(),
    "currency": pl.String(),
    "total_minor": pl.Int64(),
    "holds": pl.String(),
}


def orders_by_number(channel: str, external_ids: Sequence[str], account: str = "") -> Frame:
    """The orders of a channel's account among some numbers: id, state, total and open holds (space separated)."""
    return read(_BY_NUMBER, IMPORTED, [channel, account, list(external_ids)])


_BY_NUMBER = """
    SELECT external_id, id, state, dest_country, placed_on, currency, total_minor, array_to_string(holds, ' ')
    FROM orders_order WHERE channel = %s AND account = %s AND external_id = ANY(%s) ORDER BY id
"""


_NAMES = """
    SELECT DISTINCT o.id, named.name FROM orders_order AS o LEFT JOIN orders_customer AS c ON c.id = o.customer_id
    CROSS JOIN LATERAL (VALUES (o.recipient_name), (c.name)) AS named (name)
    WHERE o.id = ANY(%s) AND named.name <> '' ORDER BY 1, 2
"""
