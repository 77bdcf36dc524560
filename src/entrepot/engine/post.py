"""Post: stock moves, balanced ledger postings and tax entries of the chosen ways."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import POSTINGS, STOCK_MOVES, TAX_ENTRIES
from entrepot.engine.fx import convert
from entrepot.engine.frames import SchemaError
from entrepot.engine.measure import demand
from entrepot.engine.world import World


def stock_moves(chosen: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """What leaves each warehouse: one row per order and SKU, quantity negative.

    Shapes: chosen one row per order; result rows of STOCK_MOVES. Units: pieces.
    """
    moves = chosen.select("order_id", "warehouse", moved_on="ship_on").join(demand(batch), on="order_id")
    moves = moves.with_columns(quantity=-pl.col("quantity"))
    return STOCK_MOVES.check(moves).sort("order_id", "sku")


def postings(chosen: pl.DataFrame, world: World) -> pl.DataFrame:
    """Balanced postings of each chosen way: every leg debits one account and credits another.

    Shapes: result rows of POSTINGS, one per order, account and currency; zero rows left out.
    Units: minor units; debit positive. Holds: per order and currency the amounts sum to zero, and so do the base ones.
    Errors: SchemaError when a leg has no posting rule in the world.
    Source: docs/methods/postings.md.
    """
    legs = pl.concat([leg.filter((pl.col("amount") != 0) | (pl.col("base") != 0)) for leg in _legs(chosen)])
    legs = legs.join(world["posting_rules"], on="leg", how="left", maintain_order="left")
    if legs["debit"].null_count():
        missing = legs.filter(pl.col("debit").is_null())["leg"].unique().sort().to_list()
        raise SchemaError(f"posting_rules: no rule for {', '.join(missing)}")
    debit = legs.select("order_id", "currency", account="debit", amount_minor="amount", base_minor="base")
    credit = legs.select("order_id", "currency", account="credit", amount_minor=-pl.col("amount"), base_minor=-pl.col("base"))
    rows = pl.concat([debit, credit]).group_by("order_id", "account", "currency").agg(
        pl.col("amount_minor").sum(), pl.col("base_minor").sum()
    )
    rows = rows.filter((pl.col("amount_minor") != 0) | (pl.col("base_minor") != 0))
    return POSTINGS.check(rows).sort("order_id", "account", "currency")


def _legs(chosen: pl.DataFrame) -> list[pl.DataFrame]:
    goods = pl.col("revenue_minor") - pl.col("revenue_shipping_minor")
    by_seller = pl.when(pl.col("collector") == "seller").then(pl.col("tax_sale_minor")).otherwise(0)
    border = pl.col("duty_minor") + pl.col("layers_minor") + pl.col("fees_minor")
    border_tax = pl.when(pl.col("at_sale")).then(0).otherwise(pl.col("tax_minor"))
    own = (pl.col("incoterm") == "DDP") & ~pl.col("duties_charged")
    paid_by_us, paid_by_buyer = pl.when(own), pl.when(pl.col("duties_charged"))
    order, books = ("currency", "w_order"), ("base", "w_base")
    return [
        _leg(chosen, "sale_goods", goods, *order),
        _leg(chosen, "sale_shipping", pl.col("revenue_shipping_minor"), *order),
        _leg(chosen, "sale_tax", by_seller, *order),
        _leg(chosen, "cogs", pl.col("cogs_base_minor"), *books),
        _leg(chosen, "freight", pl.col("freight_minor"), "freight_currency", "w_freight"),
        _leg(chosen, "handling", pl.col("handling_minor"), "warehouse_currency", "w_handling"),
        _leg(chosen, "channel_fee", pl.col("channel_fee_minor"), *order),
        _leg(chosen, "payment_fee", pl.col("payment_fee_minor"), *order),
        _leg(chosen, "duty", paid_by_us.then(border).otherwise(0), "decl_currency", "w_dc"),
        _leg(chosen, "import_tax", paid_by_us.then(border_tax).otherwise(0), "decl_currency", "w_dc"),
        _leg(chosen, "duty_prepaid", paid_by_buyer.then(border + border_tax).otherwise(0), "decl_currency", "w_dc"),
    ]


def _leg(chosen: pl.DataFrame, leg: str, amount: pl.Expr, currency: str, weight: str) -> pl.DataFrame:
    rows = chosen.select(
        "order_id", leg=pl.lit(leg), currency=pl.col(currency), amount=amount.fill_null(0).cast(pl.Int64),
        w=pl.col(weight), w_base="w_base",
    )  # fmt: skip
    return rows.select("order_id", "leg", "currency", "amount", base=convert(pl.col("amount"), "w", "w_base").fill_null(0))


def tax_entries(chosen: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """Every duty, layer, fee and tax of the chosen ways, with who collects it.

    Shapes: result rows of TAX_ENTRIES. Units: minor units of the declaration currency.
    """
    at_border = pl.when((pl.col("incoterm") == "DDP") | pl.col("duties_charged")).then(pl.lit("carrier"))
    heads = chosen.select(
        "way", "order_id", "dest_country", "dest_region", "tax_country", "tax_region", "collector",
        currency="decl_currency", tax_point="placed_on", duty_collector=at_border.otherwise(pl.lit("buyer")),
    )  # fmt: skip
    rows = charges.filter(pl.col("amount") != 0).join(heads, on="way", how="inner")
    is_tax = pl.col("kind") == "tax"
    rows = rows.select(
        "order_id", "kind", "code",
        country=pl.when(is_tax).then(pl.col("tax_country")).otherwise(pl.col("dest_country")),
        region=pl.when(is_tax).then(pl.col("tax_region")).otherwise(pl.col("dest_region")),
        collector=pl.when(is_tax).then(pl.col("collector")).otherwise(pl.col("duty_collector")),
        currency="currency", taxable_minor="taxable", rate_ppm="rate_ppm", amount_minor="amount", tax_point="tax_point",
    )  # fmt: skip
    return TAX_ENTRIES.check(rows).sort("order_id", "kind", "code", "taxable_minor", "amount_minor")
