"""What the demo company sells: 400 articles in ten categories, and what each costs in each market."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.config.demo.chance import Chance
from entrepot.config.demo.tables import market_codes, settings, table

MILLION = 1_000_000
LIST_CURRENCY, COST_CURRENCY = "USD", "CNY"


def articles() -> pl.DataFrame:
    """Every article: product times variants, with its own weight and cost.

    Shapes: one row per SKU, in order of product and variant; `popularity` is a weight, `markets` where it
    can be sold.
    Units: weight_g per piece, cost_minor in CNY, list_price_minor in USD without tax.
    """
    variants = table("variants").rename({"name_en": "variant_en", "name_zh": "variant_zh"})
    places = table("variant_markets")
    return (
        table("products")
        .with_row_index("nth")
        .join(variants, on="variant_set", how="inner")
        .filter(pl.col("position") < pl.col("variants"))
        .join(places, on=["variant_set", "variant"], how="left")
        .join(
            table("categories").select("category", "fee_category", "tax_category", "origin", "shelf_days"),
            on="category",
        )
        .sort("nth", "position")
        .with_columns(
            pl.concat_str("product", "variant", separator="-").alias("sku"),
            pl.concat_str("name_en", pl.lit(", "), "variant_en").alias("sku_en"),
            pl.concat_str("name_zh", pl.lit(" "), "variant_zh").alias("sku_zh"),
            *(
                (pl.col(name) * pl.col(f"{factor}_ppm") // MILLION).alias(name)
                for name, factor in (
                    ("weight_g", "weight"),
                    ("cost_minor", "cost"),
                    ("list_price_minor", "cost"),
                )
            ),
            _stacked("height_mm"),
            pl.col("markets").fill_null(""),
            pl.col("battery_wh_e3").fill_null(0),
        )
        .with_columns(popularity=_popularity())
        .drop("weight_ppm", "cost_ppm", "variant_set", "variants")
    )


def _stacked(column: str) -> pl.Expr:
    """Sets of several pieces are packed on top of each other, somewhat pressed."""
    return (pl.col(column) * pl.max_horizontal(MILLION, pl.col("weight_ppm") * 9 // 10) // MILLION).alias(
        column
    )


def _popularity() -> pl.Expr:
    """A long tail: few products sell much, most sell little, and so do the later variants of each."""
    rule = settings()
    rank = Chance(1).bits("nth", "popularity").rank("dense").cast(pl.Float64)
    power = rule["popularity_power"] / MILLION
    return (1 / (rank + rule["popularity_shift"]).pow(power)) / (pl.col("position") + 1.0).pow(0.6)


def skus_frame() -> pl.DataFrame:
    """The articles as the engine's SKUS table reads them."""
    return articles().select(
        "sku", "category", "hs_code", "origin", "weight_g", "length_mm", "width_mm", "height_mm", "battery",
        "cost_minor", pl.lit(COST_CURRENCY).alias("cost_currency"), "tax_category", "fee_category",
        pl.lit("").alias("assumed"),
    )  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """Rates of one day (units for one euro, times a million) and the minor units of each currency."""

    per_euro_e6: dict[str, int]
    minor_units: dict[str, int]

    def frame(self) -> pl.DataFrame:
        """Currency, minor units of it for one minor unit of the list currency (times a million)."""
        base, base_units = self.per_euro_e6[LIST_CURRENCY], self.minor_units[LIST_CURRENCY]
        rows = [
            (code, rate * 10 ** self.minor_units[code] * MILLION // (base * 10**base_units))
            for code, rate in self.per_euro_e6.items()
            if code in self.minor_units
        ]
        return pl.DataFrame(rows, schema={"currency": pl.String, "rate_e6": pl.Int64}, orient="row")


def price_list(rates: Rates) -> pl.DataFrame:
    """The price of every article in every market, with the ending buyers there are used to.

    Shapes: SKUs × markets: market, sku, currency, price_minor, wholesale_currency, wholesale_minor.
    Units: price_minor includes the tax where buyers see prices so; wholesale_minor never does. Rounded up to
    the step, less the ending; wholesale half-up.
    """
    rule, rate = settings(), rates.frame()
    markets = table("markets").rename({"country": "market"})
    of_market = rate.rename({"rate_e6": "to_market"})
    of_trade = rate.rename({"rate_e6": "to_trade", "currency": "wholesale_currency"})
    ten_twelve = MILLION * MILLION
    gross = (
        pl.col("list_price_minor") * pl.col("price_ppm") // 1000 * (MILLION + pl.col("tax_ppm")) // MILLION
        * pl.col("to_market") // (MILLION * 1000)
    )  # fmt: skip
    steps = (gross + pl.col("minus_minor") + pl.col("step_minor") - 1) // pl.col("step_minor")
    trade = pl.col("list_price_minor") * pl.col("to_trade") * rule["wholesale_price"]
    return (
        articles()
        .select("sku", "list_price_minor")
        .join(markets, how="cross")
        .join(of_market, on="currency")
        .join(of_trade, on="wholesale_currency")
        .select(
            "market", "sku", "currency", "wholesale_currency",
            (pl.max_horizontal(steps, 1) * pl.col("step_minor") - pl.col("minus_minor")).alias("price_minor"),
            ((trade + ten_twelve // 2) // ten_twelve).alias("wholesale_minor"),
        )
    )  # fmt: skip


def demand_urns() -> pl.DataFrame:
    """What is bought where and when: a weight for every market, month and article that can be sold there.

    Shapes: columns group (market number * 12 + month - 1), weight, sku. Weight is nought where a plug does
    not fit.
    """
    tastes = table("tastes").unpivot(index="category", variable_name="market", value_name="taste")
    months = table("months").unpivot(index="category", variable_name="month", value_name="season")
    months = months.with_columns(pl.col("month").str.slice(1).cast(pl.Int64))
    numbers = pl.DataFrame({"market": market_codes()}).with_row_index("number").cast({"number": pl.Int64})
    fits = (pl.col("markets") == "") | pl.col("markets").str.contains(pl.col("market"), literal=True)
    goods = articles()
    mass = goods.group_by("category").agg(pl.col("popularity").sum().alias("mass"))
    return (
        goods.select("sku", "category", "popularity", "markets")
        .join(mass, on="category")
        .join(tastes, on="category")
        .join(months, on="category")
        .join(numbers, on="market")
        .select(
            (pl.col("number") * 12 + pl.col("month") - 1).alias("group"),
            pl.when(fits)
            .then(pl.col("popularity") / pl.col("mass").sqrt() * pl.col("taste") * pl.col("season"))
            .otherwise(0.0)
            .alias("weight"),
            "sku",
        )
        .sort("group", "sku")
    )
