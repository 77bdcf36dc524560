"""How the drawn company gets into the rooms: articles, lots, buyers and orders, each through its room's own command."""

from __future__ import annotations

from datetime import date

import polars as pl

from entrepot.config.demo.catalogue import COST_CURRENCY, LIST_CURRENCY, Rates, articles
from entrepot.config.demo.orders import Trade
from entrepot.config.demo.tables import table
from entrepot.domains.catalog import services as catalog
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import services as warehouse

SOURCE = "demo"
SINCE = date(2020, 1, 1)
CHUNK = 50_000


def take_catalogue() -> int:
    """Categories with their assumptions and all articles; how many articles were new."""
    goods = articles()
    middle = goods.group_by("category").agg(
        pl.col("weight_g", "length_mm", "width_mm", "height_mm").median().cast(pl.Int64),
        pl.col("hs_code").mode().sort().first(),
    )
    names = table("categories").select("category", "name_en", "name_zh", "origin", "tax_category")
    catalog.ensure_categories(
        names.join(middle, on="category").with_columns(
            cost_ppm=pl.lit(300_000, dtype=pl.Int64),
            valid_from=pl.lit(SINCE),
            source=pl.lit("median of the demo's articles"),
            status=pl.lit("U"),
            note=pl.lit("taken for an article whose own facts are unknown"),
        )
    )
    facts = goods.select(
        "sku", "category", "hs_code", "origin", "weight_g", "length_mm", "width_mm", "height_mm", "cost_minor",
        "list_price_minor", "product", "brand", "variant", "battery", "tax_category", "fee_category",
        name_en="sku_en", name_zh="sku_zh", product_en="name_en", product_zh="name_zh",
        cost_currency=pl.lit(COST_CURRENCY), list_currency=pl.lit(LIST_CURRENCY),
        battery_wh_e3=pl.when(pl.col("battery_wh_e3") > 0).then("battery_wh_e3"),
    )  # fmt: skip
    return catalog.ensure_skus(facts)


def take_lots(lots: pl.DataFrame, base: str) -> int:
    """Goods of some lots come in and are booked at cost; how many were new. Twice changes nothing."""
    makers = table("suppliers").select("category", maker=pl.format("{} {}", "name_en", "name_zh"))
    costs = articles().select("sku", "category", "cost_minor").join(makers, on="category")
    lots = lots.join(costs, on="sku", how="left", maintain_order="left")
    moves = lots.select(
        "warehouse", "sku", "quantity", "kind", "lot", "expires_on",
        moved_on="received_on", ref_kind=pl.lit("lot"), note="maker",
        idempotency_key=pl.format("demo:lot:{}:{}", "lot", "sku"),
    )  # fmt: skip
    booked = warehouse.book_moves(moves)
    opening = pl.col("kind") == "opening"
    values = lots.group_by("lot", "kind").agg(
        (pl.col("quantity") * pl.col("cost_minor")).sum().alias("amount_minor"),
        pl.col("received_on").min().alias("entry_date"),
    )
    legs = values.sort("lot").select(
        "entry_date",
        "amount_minor",
        idempotency_key=pl.format("demo:lot:{}", "lot"),
        kind=pl.when(opening).then(pl.lit("opening")).otherwise(pl.lit("adjustment")),
        leg=pl.when(opening).then(pl.lit("opening_stock")).otherwise(pl.lit("purchase")),
        currency=pl.lit(COST_CURRENCY),
        ref_kind=pl.lit("lot"),
        memo=pl.format("lot {}", "lot"),
    )
    ledger.book_legs(legs, base=base)
    return booked


def take_buyers(trade: Trade) -> None:
    """All buyers of the year."""
    for part in trade.customers.iter_slices(CHUNK):
        orders.insert_customers(part.select("code", "name", "email", "phone", "country"))


def take_orders(heads: pl.DataFrame, lines: pl.DataFrame, rates: Rates) -> int:
    """Some orders with their lines, as the channels would send them; how many were new."""
    names = articles().select("sku", description="sku_en")
    units = pl.DataFrame(list(rates.minor_units.items()), schema=["currency", "units"], orient="row")
    new = 0
    for part in heads.iter_slices(CHUNK):
        some = part.select(
            "channel", "external_id", "number", "placed_at", "placed_on", "dest_country", "currency", "shipping_minor",
            "discount_minor", "price_includes_tax", "buyer_kind", "incoterm", "payment_method", "priority",
            "billing_country", "ip_country",
            ref="order_id", source=pl.lit(SOURCE), customer_code="code", dest_region="region", dest_postcode="postcode",
            dest_city="city", recipient_name="name", buyer_vat_id="vat_id", buyer_vat_valid="vat_valid",
        )  # fmt: skip
        rows = lines.join(
            part.select("order_id", "currency"), on="order_id", how="inner", maintain_order="left"
        )
        rows = rows.join(units, on="currency", how="left", maintain_order="left")
        rows = rows.join(names, on="sku", how="left", maintain_order="left")
        price = pl.col("unit_price_minor") * pl.lit(10, dtype=pl.Int64).pow(4 - pl.col("units"))
        taken = orders.insert_orders(
            some,
            rows.select(
                "line_no", "sku", "quantity", "amount_minor", ref="order_id",
                description=pl.col("description").fill_null(""), unit_price_e4=price.cast(pl.Int64),
            ),
        )  # fmt: skip
        new += int(taken["is_new"].sum())
    return new
