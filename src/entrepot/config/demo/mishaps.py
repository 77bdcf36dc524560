"""What goes wrong in real trade: stolen cards, forbidden places, articles that are no more."""

from __future__ import annotations

import polars as pl

from entrepot.config.demo.chance import Chance, Urns
from entrepot.config.demo.tables import settings, table

OWN_SHOP = "shopify"
KINDS = ("embargoed", "unknown", "billing", "ip", "sku")


def misdirect(heads: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Adds where an order goes to and what its papers say: dest_country, billing_country, ip_country, risky.

    Embargoed and unusable destinations and stolen cards come through the own shop; marketplaces sieve them.
    """
    rule = settings()
    own = pl.col("channel") == OWN_SHOP
    card = own & (pl.col("payment_method") == "card")
    scale = max(heads.select(own.mean()).item() or 0, 0.01)
    card_scale = max(heads.select(card.mean()).item() or 0, 0.01)
    kind = pl.col("dest_kind")
    heads = heads.with_columns(
        pl.when(own & chance.happens("root", "embargoed", int(rule["embargoed_orders"] / scale))).then(0)
        .when(own & chance.happens("root", "unknown", int(rule["unknown_countries"] / scale))).then(1)
        .otherwise(None).cast(pl.Int64).alias("dest_kind"),
        (card & chance.happens("root", "risky", int(rule["risky_orders"] / card_scale))).alias("risky"),
    )  # fmt: skip
    place, billing, ip = (_value(heads, chance, k) for k in (kind, pl.lit(2), pl.lit(3)))
    odd = pl.col("dest_kind").is_not_null()
    dest = pl.when(odd).then(place).otherwise("country")
    return heads.with_columns(
        dest.alias("dest_country"),
        *(pl.when(odd).then(pl.lit("")).otherwise(name).alias(name) for name in ("region", "postcode")),
        pl.when("risky").then(billing).otherwise(dest).alias("billing_country"),
        pl.when(pl.col("risky") & (pl.col("root") % 3 < 2)).then(ip).otherwise(dest).alias("ip_country"),
    ).drop("dest_kind")


def outdated_articles(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """A few first lines name an article the catalogue does not have (any more)."""
    old = (pl.col("line_no") == 1) & chance.happens("root", "outdated", settings()["unknown_skus"])
    return lines.with_columns(sku=pl.when(old).then(_value(lines, chance, pl.lit(4))).otherwise("sku"))


def _value(frame: pl.DataFrame, chance: Chance, kind: pl.Expr) -> pl.Series:
    """A value of the oddities of a kind for each row (rows without a kind get any)."""
    numbers = {name: number for number, name in enumerate(KINDS)}
    group = pl.col("kind").replace_strict(numbers, return_dtype=pl.Int64)
    urns = Urns.of(table("oddities").with_columns(group.alias("group")).drop("kind"))
    wanted = frame.with_columns(wanted=kind.fill_null(0).cast(pl.Int64))["wanted"]
    return urns.draw(chance.shares(frame, "root", "odd"), wanted)["value"]
