"""Goods: what pricing reads of SKUs, with texts as numbers so that joins stay cheap."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.engine import few as pl
from entrepot.engine.answers import at
from entrepot.engine.fx import Rates
from entrepot.engine.price.regime import origin_bit
from entrepot.engine.world import World

READ = [
    "sku", "hs_code", "origin", "proofs", "measures", "weight_g", "cost_minor", "cost_currency", "tax_category",
    "fee_category",
]  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """Facts of SKUs.

    skus: one row per SKU (`sku_no` is its place) with `goods`, the number of its HS code, origin and proofs, and
    numbers for tax and fee category. kinds: HS code, origin and proofs of each number in `goods`, in their order.
    measured: sku_no, unit, each_e3: what a piece measures in units other than weight and pieces, in thousandths.
    """

    skus: pl.DataFrame
    kinds: pl.DataFrame
    measured: pl.DataFrame


def facts_of(world: World) -> Facts:
    """Facts of the world's SKUs, put together once per world."""
    return world.once("facts of goods", lambda: read_facts(world["skus"], world))


def read_facts(skus: pl.DataFrame, world: World) -> Facts:
    """Facts of SKUs that need not be the world's own.

    Shapes: one row per SKU with the columns of READ. Units: as in the contract `SKUS`.
    """
    kind = pl.struct("hs_code", "origin", "proofs")
    frame = skus.select(READ).with_row_index("sku_no").with_columns(
        pl.col("sku_no").cast(pl.Int64),
        origin_bit=origin_bit(skus["origin"], world),
        goods=kind.rank("dense").cast(pl.Int64) - 1,
        hs6=pl.col("hs_code").str.slice(0, 6).rank("dense").cast(pl.Int64),
        tax_no=pl.col("tax_category").rank("dense").cast(pl.Int64) - 1,
        fee_no=pl.col("fee_category").rank("dense").cast(pl.Int64) - 1,
        cost_code=Rates.of(world).code("cost_currency"),
    )  # fmt: skip
    kinds = frame.unique("goods").sort("goods").select("hs_code", "origin", "proofs")
    given = frame.filter(pl.col("measures") != "")
    if given.is_empty():
        none = given.select("sku_no", unit=pl.lit("", dtype=pl.String), each_e3=pl.lit(0, dtype=pl.Int64))
        return Facts(frame.drop("measures", "cost_currency"), kinds, none)
    parts = given.select("sku_no", measure=pl.col("measures").str.split(" ")).explode("measure")
    words = pl.col("measure").str.split("=")
    measured = parts.select("sku_no", unit=words.list.get(0), each_e3=words.list.get(1).cast(pl.Int64))
    return Facts(frame.drop("measures", "cost_currency"), kinds, measured)


def kinds_of(rows: pl.DataFrame, heads: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The kinds of goods among rows, as tariffs are asked for them.

    Shapes: rows with `kind`, the place of a head × how many codes there are + the number of its code; heads with place,
    dest_country, dest_territory, epoch. Result one row per kind: those, HS code, origin, proofs, the kind as `place`.
    """
    kinds, codes = rows.select("kind").unique().sort("kind"), max(facts.kinds.height, 1)
    places = heads.select("place", "dest_country", "dest_territory", "epoch").unique("place").sort("place")
    found = at(places.drop("place"), kinds["kind"] // codes)
    return found.hstack(at(facts.kinds, kinds["kind"] % codes)).with_columns(place=kinds["kind"])
