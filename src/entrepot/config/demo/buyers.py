"""Who buys: names, cities, postcodes and tax numbers of people and firms that do not exist."""

from __future__ import annotations

import polars as pl

from entrepot.config.demo.chance import Chance, Urns
from entrepot.config.demo.tables import market_codes, table

MARKET_BITS = 1_000_000_000
FIRMS = 500_000_000


def buyers(keys: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The buyer of each key.

    Shapes: keys has column customer_key (market number × 10⁹ + place in the market's circle; firms from 5 ×
    10⁸ on); one row per key in the same order: customer_key, code, name, email, phone, country, region,
    city, postcode, vat_id.
    """
    number = pl.col("customer_key") // MARKET_BITS
    columns = ["country", "names", "company_suffix", "vat_prefix", "phone_prefix"]
    markets = table("markets").select(pl.int_range(pl.len(), dtype=pl.Int64).alias("number"), *columns)
    frame = keys.select("customer_key", number.alias("number"))
    frame = frame.join(markets, on="number", how="left", maintain_order="left")
    frame = frame.with_columns(
        (pl.col("customer_key") % MARKET_BITS >= FIRMS).alias("firm"),
        _word(frame, chance, "given"),
        _word(frame, chance, "family"),
    ).hstack(_places(frame, chance))
    digits = pl.col("customer_key").cast(pl.String)
    firm = pl.concat_str("family", pl.lit(" & "), "given", pl.lit(" "), "company_suffix")
    person = pl.concat_str("given", pl.lit(" "), "family")
    return frame.select(
        "customer_key",
        pl.concat_str(pl.lit("C"), digits).alias("code"),
        pl.when("firm").then(firm).otherwise(person).alias("name"),
        pl.concat_str(pl.lit("buyer."), digits, pl.lit("@example.com")).alias("email"),
        pl.concat_str("phone_prefix", pl.lit(" "), _digits(chance, "phone", 6)).alias("phone"),
        "country", "region", "city", "postcode",
        pl.when(pl.col("firm") & (pl.col("vat_prefix") != ""))
        .then(pl.concat_str("vat_prefix", _digits(chance, "vat", 9)))
        .otherwise(pl.lit(""))
        .alias("vat_id"),
    )  # fmt: skip


def _word(frame: pl.DataFrame, chance: Chance, part: str) -> pl.Series:
    """A given or family name of the market's language for each row."""
    words = table("names").filter(pl.col("part") == part).select("names", pl.col("words").str.split(" "))
    joined = frame.select("customer_key", "names").join(words, on="names", how="left", maintain_order="left")
    nth = chance.bits("customer_key", part) % pl.col("words").list.len().cast(pl.UInt64)
    return joined.select(pl.col("words").list.get(nth.cast(pl.Int64)).alias(part)).to_series()


def _places(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Region, city and postcode of each row."""
    numbers = {code: number for number, code in enumerate(market_codes())}
    group = pl.col("country").replace_strict(numbers, return_dtype=pl.Int64)
    cities = Urns.of(table("cities").with_columns(group.alias("group")).drop("country"))
    drawn = cities.draw(chance.shares(frame, "customer_key", "city"), frame["number"])
    return drawn.hstack(frame.select("customer_key")).select(
        "region",
        "city",
        pl.concat_str(
            "postcode_head",
            _digits(chance, "postcode", 4).str.head(pl.col("postcode_digits")),
            "postcode_tail",
        ).alias("postcode"),
    )


def _digits(chance: Chance, stream: str, count: int) -> pl.Expr:
    """So many decimal digits for each buyer."""
    low = 10 ** (count - 1)
    return chance.whole("customer_key", stream, low, 10 * low - 1).cast(pl.String)
