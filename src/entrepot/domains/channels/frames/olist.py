"""The Olist records in the shapes the rooms take them."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.olist import OlistRecords
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.frames.source import Source

PREFIX = "olist_"
SIZES = ("weight_g", "length_mm", "width_mm", "height_mm")


def first_day(records: OlistRecords) -> date:
    """The day of the first order."""
    day = records.orders["placed_on"].min()
    return day if isinstance(day, date) else date(2000, 1, 1)


def categories(records: OlistRecords) -> Frame:
    """Olist's categories; sizes are the medians of their products, the cost share is assumed."""
    general = table("olist_assumptions").row(0, named=True)
    return records.categories.select(
        *SIZES,
        category=pl.lit(PREFIX) + pl.col("category"),
        name_en=pl.col("category").str.replace_all("_", " ").str.to_titlecase(),
        hs_code=pl.lit(general["hs_code"]),
        origin=pl.lit(general["origin"]),
        cost_ppm=pl.lit(int(general["cost_ppm"]), pl.Int64),
        valid_from=pl.lit(first_day(records).replace(month=1, day=1)),
        source=pl.lit("median of the category's products; cost share assumed"),
        status=pl.lit("U"),
    )


def skus(records: OlistRecords, source: Source) -> Frame:
    """Articles with their own weight and size where the tables have them."""
    return records.skus.select(
        "sku",
        *SIZES,
        "list_price_minor",
        name_en="name",
        category=pl.lit(PREFIX) + pl.col("category"),
        cost_minor=pl.lit(None, pl.Int64),
        list_currency=pl.lit(source.currency),
    )


def moves(records: OlistRecords, source: Source) -> Frame:
    """The assumed opening stock: exactly what was sold."""
    return records.moves.select(
        "sku",
        "quantity",
        kind=pl.lit("opening"),
        moved_on=pl.lit(first_day(records)),
        warehouse=pl.lit(source.warehouse),
        idempotency_key=pl.lit(f"{source.name}:") + pl.col("key"),
        note=pl.lit("assumed opening stock"),
    )


def stock_legs(records: OlistRecords, facts: Frame, source: Source) -> Frame:
    """What the opening stock is worth, article by article, at the assumed cost."""
    return records.moves.join(facts.select("sku", "cost_minor", "cost_currency"), on="sku").select(
        idempotency_key=pl.lit(f"{source.name}:stock:") + pl.col("key"),
        kind=pl.lit("opening"),
        entry_date=pl.lit(first_day(records)),
        leg=pl.lit("opening_stock"),
        currency="cost_currency",
        amount_minor=pl.col("quantity") * pl.col("cost_minor"),
        in_base=pl.lit(True),
        ref_kind=pl.lit(source.name),
        memo=pl.lit("assumed opening stock"),
    )


def customers(records: OlistRecords, source: Source) -> Frame:
    """Customers by a number of our own."""
    return records.customers.select(code=pl.lit(f"{source.channel}:") + pl.col("customer"), country="country")


def orders(records: OlistRecords, source: Source) -> tuple[Frame, Frame]:
    """Orders and lines as `orders` takes them."""
    heads = records.orders.with_row_index("ref").with_columns(pl.col("ref").cast(pl.Int64))
    orders = heads.select(
        "ref",
        "placed_at",
        "placed_on",
        "shipping_minor",
        "payment_method",
        channel=pl.lit(source.channel),
        external_id="invoice",
        number=pl.col("invoice").str.head(12),
        source=pl.lit(source.name),
        customer_code=pl.lit(f"{source.channel}:") + pl.col("customer"),
        dest_country="country",
        dest_region="region",
        dest_city="city",
        dest_postcode="postcode",
        currency=pl.lit(source.currency),
        price_includes_tax=pl.lit(source.includes_tax),
        buyer_kind=pl.lit(source.buyer_known),
    )
    lines = records.order_lines.join(
        heads.select("invoice", "ref"), on="invoice", maintain_order="left"
    ).select("ref", "line_no", "sku", "description", "quantity", "amount_minor", unit_price_e4="price_e4")
    return orders, lines


def deliveries(records: OlistRecords, known: Frame) -> Frame:
    """Orders of ours that did arrive, with the real day."""
    ids = known.filter(state="confirmed").select(invoice="external_id", order_id="order_id")
    arrived = records.orders.filter(pl.col("delivered_on").is_not_null())
    return arrived.join(ids, on="invoice", maintain_order="left").select(
        "order_id", "delivered_on", state=pl.lit("delivered")
    )


def source_lines(records: OlistRecords) -> Frame:
    """What became of each order item."""
    sold = pl.when(outcome="order_line").then(pl.col("invoice"))
    return records.lines.select("row_no", "outcome", "reason", "amount_e4", "quantity", invoice=sold)


def rejects(records: OlistRecords) -> Frame:
    """Items that could not be read."""
    return records.lines.filter(outcome="rejected").select(
        "row_no", "reason", field=pl.lit("price"), value=pl.col("invoice")
    )
