"""Order lines with everything they earned, and the same added up for the pages."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame, read
from entrepot.domains.fulfilment.services import figures_on_lines
from entrepot.domains.insight.rules.facts import DIMENSIONS, SUMS
from entrepot.engine.arithmetic import divide

_BOOKED = ("revenue", "cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax")
_TEXTS = (
    "market", "channel", "account", "sku", "product", "category", "warehouse", "service", "regime", "collector",
    "buyer_kind", "state", "currency", "base_currency", "world_hash",
)  # fmt: skip
_NUMBERS = (
    "total_minor", "revenue_minor", "tax_sale_minor", *(f"{name}_base_minor" for name in _BOOKED), "quantity",
    "amount_minor", "returned_quantity", "refund_minor", "transit_days",
)  # fmt: skip
_FLAGS = ("decided", "late", "known_buyer", "repeat_buyer")
_SCHEMA: dict[str, pl.DataType] = {
    "order_id": pl.Int64(), "line_no": pl.Int64(), "placed_on": pl.Date(), "month": pl.Date(),
    **dict.fromkeys(_TEXTS, pl.String()), **dict.fromkeys(_NUMBERS, pl.Int64()),
    **dict.fromkeys(_FLAGS, pl.Boolean()),
}  # fmt: skip
_GONE, _SENT = ("cancelled", "returned"), ("shipped", "delivered", "returned")

# an order that was cancelled or came back whole earns nothing, as on every other page
QUERY = """
    SELECT o.id AS order_id, l.line_no::bigint AS line_no, o.placed_on,
        date_trunc('month', o.placed_on)::date AS month,
        o.dest_country AS market, o.channel, o.account, l.sku_code AS sku, coalesce(p.code, '') AS product,
        coalesce(c.code, '') AS category, o.warehouse, o.service, coalesce(d.import_rule, '') AS regime,
        coalesce(d.collector, '') AS collector, o.buyer_kind, o.state, o.currency,
        coalesce(d.base_currency, '') AS base_currency, coalesce(d.world_hash, '') AS world_hash,
        o.total_minor, d.revenue_minor, d.tax_sale_minor,
        d.revenue_base_minor, d.cogs_base_minor, d.freight_base_minor, d.handling_base_minor,
        d.channel_fee_base_minor, d.payment_fee_base_minor, d.duty_base_minor, d.import_tax_base_minor,
        l.quantity, l.amount_minor, coalesce(back.quantity, 0)::bigint AS returned_quantity,
        coalesce(back.amount, 0)::bigint AS refund_minor,
        (o.delivered_on - o.placed_on)::bigint AS transit_days,
        d.order_id IS NOT NULL AS decided,
        coalesce(o.delivered_on > o.promise_on, false) AS late,
        o.customer_id IS NOT NULL AS known_buyer,
        EXISTS (SELECT FROM orders_order AS earlier WHERE earlier.customer_id = o.customer_id
            AND earlier.placed_at < o.placed_at AND earlier.state <> 'cancelled') AS repeat_buyer
    FROM orders_order AS o
    JOIN orders_orderline AS l ON l.order_id = o.id
    LEFT JOIN fulfilment_decision AS d ON d.order_id = o.id AND o.state NOT IN ('cancelled', 'returned')
    LEFT JOIN catalog_sku AS s ON s.id = l.sku_id
    LEFT JOIN catalog_product AS p ON p.id = s.product_id
    LEFT JOIN catalog_category AS c ON c.id = p.category_id
    LEFT JOIN (
        SELECT order_line_id, sum(quantity) AS quantity, sum(amount_minor) AS amount FROM orders_returnline
        WHERE kind = 'return' AND order_line_id IS NOT NULL GROUP BY 1
    ) AS back ON back.order_line_id = l.id
"""


def read_month(first: date, until: date) -> Frame:
    """The order lines of orders placed in a month: what they were sold for, what they cost, what came back.

    Shapes: one row per order line, by order and line. Units: minor units; `*_base_minor` in the books' currency.
    """
    names = ", ".join(f"fact.{name}" for name in _SCHEMA)
    query = f"SELECT {names} FROM ({QUERY}) AS fact WHERE fact.placed_on >= %s AND fact.placed_on < %s"
    rows = read(query, _SCHEMA, [first, until]).sort("order_id", "line_no")
    base = base_currency()
    rows = rows.with_columns(
        base_currency=pl.when(pl.col("base_currency") == "").then(pl.lit(base)).otherwise("base_currency")
    )
    return shaped(rows, figures_on_lines(*_asked(rows)))


def _asked(rows: Frame) -> tuple[Frame, Frame]:
    heads = ("order_id", "placed_on", "currency", "base_currency", "world_hash", *_NUMBERS[:11])
    orders = rows.select(heads).unique("order_id", keep="first", maintain_order=True)
    return orders, rows.select("order_id", "line_no", "sku", "quantity", "amount_minor")


def shaped(rows: Frame, figures: Frame) -> Frame:
    """The mart's rows of lines as read and their figures.

    Shapes: n rows each, joined by order and line; n rows out. What was given back is converted as the total was.
    """
    taken = [name for name in figures.columns if name not in ("order_id", "line_no")]
    frame = rows.drop([name for name in taken if name in rows.columns])
    frame = frame.join(figures, on=["order_id", "line_no"], how="left", maintain_order="left")
    whole = pl.col("total_minor").cast(pl.Int128)
    refund = divide(pl.col("refund_minor").cast(pl.Int128) * pl.col("total_base_minor"), whole)
    gone, sent = pl.col("state").is_in(_GONE), pl.col("state").is_in(_SENT)
    one = pl.lit(1, dtype=pl.Int64)
    head = pl.col("line_no") == pl.col("line_no").min().over("order_id")
    frame = frame.with_columns(
        refund_base_minor=pl.when((whole > 0) & pl.col("total_base_minor").is_not_null()).then(refund)
        .otherwise(0).cast(pl.Int64),
        lines=one, sold_quantity=pl.when(sent).then(pl.col("quantity")).otherwise(0),
        **{name: pl.when(test & head).then(amount).otherwise(0).cast(pl.Int64) for name, test, amount in (
            ("orders", pl.lit(value=True), one), ("kept_orders", pl.col("decided"), one), ("gone_orders", gone, one),
            ("delivered_orders", pl.col("transit_days").is_not_null(), one),
            ("transit_days", pl.col("transit_days").is_not_null(), pl.col("transit_days")),
            ("late_orders", pl.col("late"), one),
            ("returned_orders", pl.col("returned_quantity").sum().over("order_id") > 0, one),
            ("known_buyer_orders", pl.col("known_buyer"), one),
            ("repeat_orders", pl.col("repeat_buyer"), one),
            ("new_buyers", pl.col("known_buyer") & ~pl.col("repeat_buyer"), one))},
        **{f"{level}_orders": _first("order_id", level) for level in ("sku", "product", "category")},
    )  # fmt: skip
    return frame.select(*HEAD, *(name for name in SUMS)).sort("order_id", "line_no")


HEAD = (
    "order_id", "line_no", "placed_on", *DIMENSIONS, "base_currency", "amount_minor", "revenue_minor",
    "tax_sale_minor", "refund_minor",
)  # fmt: skip


def _first(*keys: str) -> pl.Expr:
    """1 on the first row of each key, else 0."""
    return pl.int_range(pl.len()).over(keys).eq(0).cast(pl.Int64)


def cube(lines: Frame) -> Frame:
    """Order lines added up over all dimensions: exact sums, so that pages need not read line by line.

    Shapes: one row per combination of DIMENSIONS, in their order, with every column of SUMS.
    """
    return lines.group_by(DIMENSIONS).agg(pl.col(SUMS).sum()).sort(DIMENSIONS)
