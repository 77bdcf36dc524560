"""What stands in each basket and what it costs: lines, prices, discounts of the day, shipping."""

from __future__ import annotations

import polars as pl

from entrepot.config.demo.catalogue import Rates, demand_urns, price_list
from entrepot.config.demo.chance import Chance, Urns
from entrepot.config.demo.tables import curve, market_codes, settings, table

MILLION = 1_000_000


def draw_lines(heads: pl.DataFrame, chance: Chance, rates: Rates) -> pl.DataFrame:
    """The lines of every order.

    Shapes: one to eight rows per order, no article twice in one: seq, root, line_no, sku, quantity,
    unit_price_minor, amount_minor.
    """
    lines = pl.concat([_counted(heads, chance, trade=False), _counted(heads, chance, trade=True)])
    lines = lines.join(
        heads.select(
            "seq", "root", "market", "wholesale", "risky", month=pl.col("day").dt.month().cast(pl.Int64)
        ),
        on="seq",
        how="left",
    ).with_columns((pl.col("root") * 16 + pl.col("slot")).alias("place"))
    numbers = {code: number for number, code in enumerate(market_codes())}
    market = pl.col("market").replace_strict(numbers, return_dtype=pl.Int64)
    group = lines.select(market * 12 + pl.col("month") - 1).to_series()
    lines = lines.hstack(Urns.of(demand_urns()).draw(chance.shares(lines, "place", "article"), group))
    lines = lines.hstack(_pieces(lines, chance)).unique(["seq", "sku"], keep="first", maintain_order=True)
    prices = price_list(rates).select("market", "sku", "price_minor", "wholesale_minor")
    price = pl.when("wholesale").then("wholesale_minor").otherwise("price_minor")
    return (
        lines.sort("seq", "slot")
        .join(prices, on=["market", "sku"], how="left", maintain_order="left")
        .with_columns(price.alias("unit_price_minor"))
        .select(
            "seq", "root", pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("seq").alias("line_no"), "sku",
            "quantity", "unit_price_minor",
            (pl.col("unit_price_minor") * pl.col("quantity")).alias("amount_minor"),
        )
    )  # fmt: skip


def _counted(heads: pl.DataFrame, chance: Chance, *, trade: bool) -> pl.DataFrame:
    """So many empty lines as each order of consumers, or of the trade, has."""
    some = heads.filter(pl.col("wholesale") == trade).select("seq", "root")
    counts = curve("wholesale_lines" if trade else "lines")
    some = some.hstack(Urns.single(counts).draw(chance.shares(some, "root", "lines")))
    slots = pl.DataFrame({"slot": list(range(1, max(counts["position"].to_list()) + 1))})
    return slots.join(some, how="cross").filter(pl.col("slot") <= pl.col("position")).select("seq", "slot")


def _pieces(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """How many of the article: a few, cartons for the trade, suspiciously many in some risky orders."""
    urns = Urns.of(
        pl.concat([
            curve("pieces").with_columns(pl.lit(0, dtype=pl.Int64).alias("group")),
            curve("wholesale_pieces").with_columns(pl.lit(1, dtype=pl.Int64).alias("group")),
        ])
    )  # fmt: skip
    drawn = urns.draw(chance.shares(lines, "place", "pieces"), lines["wholesale"].cast(pl.Int64))["position"]
    large = pl.col("risky") & (pl.col("slot") == 1) & (pl.col("root") % 2 == 0)
    pieces = pl.when(large).then(settings()["risky_pieces"]).otherwise(pl.lit(drawn))
    return lines.select(pieces.alias("quantity"))


def totals(heads: pl.DataFrame, lines: pl.DataFrame, chance: Chance, rates: Rates) -> pl.DataFrame:
    """The orders with what their lines come to, the discount of the day, shipping and total.

    Units: minor units of the order's currency; discount half-up. Holds: total = goods + shipping - discount.
    """
    rule = settings()
    goods = lines.group_by("seq").agg(pl.col("amount_minor").sum().alias("goods_minor"))
    terms = table("markets").select(
        pl.col("country").alias("market"), "currency", "wholesale_currency", "tax_ppm", "free_over_minor",
        "shipping_minor", pl.col("incoterm").alias("consumer_incoterm"),
    )  # fmt: skip
    valid = (pl.col("vat_id") != "") & chance.happens("customer_key", "vat", rule["wholesale_vat_valid"])
    promoted = ~pl.col("wholesale") & chance.happens("root", "promotion", rule["promotion_share"])
    discount = (pl.col("goods_minor") * pl.col("discount_ppm") + MILLION // 2) // MILLION
    shipping = (
        pl.when("wholesale").then(pl.col("goods_minor") * rule["wholesale_shipping"] // MILLION)
        .when(pl.col("goods_minor") >= pl.col("free_over_minor")).then(0)
        .otherwise("shipping_minor")
    )  # fmt: skip
    return (
        heads.join(goods, on="seq", how="left", maintain_order="left")
        .join(terms, on="market", how="left", maintain_order="left")
        .with_columns(
            pl.when(promoted).then(discount).otherwise(0).alias("discount_minor"),
            shipping.alias("shipping_minor"),
            pl.when("wholesale").then("wholesale_currency").otherwise("currency").alias("currency"),
            (~pl.col("wholesale") & (pl.col("tax_ppm") > 0)).alias("price_includes_tax"),
            pl.when("wholesale").then(pl.lit("b2b")).otherwise(pl.lit("b2c")).alias("buyer_kind"),
            valid.alias("vat_valid"),
            pl.when("wholesale").then(pl.lit("DAP")).otherwise("consumer_incoterm").alias("incoterm"),
            chance.happens("root", "urgent", rule["priority_orders"]).cast(pl.Int64).alias("priority"),
        )
        .with_columns(total_minor=pl.col("goods_minor") + pl.col("shipping_minor") - pl.col("discount_minor"))
        .drop("wholesale_currency", "tax_ppm", "free_over_minor", "consumer_incoterm", "discount_ppm")
    )
