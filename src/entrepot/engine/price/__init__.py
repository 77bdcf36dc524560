"""Price: each candidate's freight, customs, tax, fees, landed cost, profit and promise."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.frames import pick
from entrepot.engine.fx import Rates, convert
from entrepot.engine.policy import company_text
from entrepot.engine.price.customs import KIND_KEYS, duty_rate_table, layer_table
from entrepot.engine.price.freight import freight
from entrepot.engine.price.landed_cost import Landed, landed_cost
from entrepot.engine.price.order_costs import order_costs, priced_lines
from entrepot.engine.price.profit import profit
from entrepot.engine.price.regime import regime, territories
from entrepot.engine.price.tax import tax_rates
from entrepot.engine.slices import each, slices, within
from entrepot.engine.world import World

__all__ = ["Priced", "joined", "landed_cost", "price", "price_slice"]


@dataclass(frozen=True)
class Priced:
    """Priced ways, their single charges (one row per duty, layer, fee, tax), and ways that have no price."""

    ways: pl.DataFrame
    charges: pl.DataFrame
    rejections: pl.DataFrame

    @classmethod
    def nothing(cls) -> Priced:
        """No way at all."""
        return cls(pl.DataFrame(schema={"order_id": pl.Int64}), pl.DataFrame(), pl.DataFrame())


def price(candidates: pl.DataFrame, batch: Batch, world: World) -> Priced:
    """What each way costs and earns.

    Shapes: candidates as `propose` gives them, m rows; result `ways` at most m rows, key (order_id, warehouse,
    service), column `way` numbers them; `rejections` the others with the reason.
    Units: *_minor order currency, *_dc declaration currency, *_base_minor the books' currency, all minor units.
    Errors: a way without a rate-card band is rejected (logistics.no_rate); one without a known import rule keeps null
    duty and tax and, when duty paid was promised, is rejected (customs.rule_missing_ddp).
    Source: docs/methods/profit.md.
    """
    return joined(
        each(lambda part: price_slice(candidates.filter(within(part.orders)), part, world), slices(batch))
    )


def joined(parts: list[Priced]) -> Priced:
    """Slices put together again, their ways numbered through.

    Shapes: rows in the order of the parts.
    """
    parts = [part for part in parts if part.ways.width > 1]
    if len(parts) < 2:
        return parts[0] if parts else Priced.nothing()
    ways, charges, first = [], [], 0
    for part in parts:
        number = pl.col("way").cast(pl.Int64) + first
        ways.append(part.ways.with_columns(way=number))
        charges.append(part.charges.with_columns(way=number))
        first += part.ways.height + part.rejections.height
    return Priced(pl.concat(ways), pl.concat(charges), pl.concat([part.rejections for part in parts]))


def price_slice(candidates: pl.DataFrame, batch: Batch, world: World) -> Priced:
    """`price` of one slice, in one piece.

    Shapes: as `price`.
    """
    rates = Rates(world, batch.orders["placed_on"])
    base = company_text(world, "company.base_currency")
    lines = priced_lines(batch, world, rates)
    costs = order_costs(batch, lines, world, rates, base)
    ways = freight(candidates, world)
    way = ["order_id", "warehouse", "service"]
    unpriced = pick(ways, pl.col("freight_minor").is_null(), *way)
    unpriced = unpriced.with_columns(code=pl.lit("logistics.no_rate"))
    if unpriced.height:
        ways = ways.filter(pl.col("freight_minor").is_not_null())
    ways = ways.drop("dest_country", "placed_on").with_row_index("way")
    cons = ways.join(costs, on="order_id", maintain_order="left")
    cons = rates.attach(cons, "freight_currency", "placed_on", "w_freight")
    cons = rates.attach(cons, "warehouse_currency", "placed_on", "w_handling")
    zero = pl.lit(0, dtype=pl.Int64)
    cons = regime(cons.with_columns(insurance_minor=zero, onward_minor=zero), world, rates)
    cons = declare(cons, world, rates)
    landed = _landed(cons, lines, costs, world)
    priced = profit(landed.consignments)
    promised = pl.col("rule").is_null() & (pl.col("incoterm") == "DDP")
    missing = pick(priced, promised, *way)
    missing = missing.with_columns(code=pl.lit("customs.rule_missing_ddp"))
    if missing.height:
        priced = priced.filter(~promised)
    return Priced(priced, landed.charges, pl.concat([unpriced, missing]))


def declare(cons: pl.DataFrame, world: World, rates: Rates) -> pl.DataFrame:
    """Amounts of each consignment in the currency of its declaration, with the rounding profile's columns.

    Shapes: n rows in, n rows out, same order; *_dc columns are null where no rule (so no declaration) is known.
    Rounding: each amount converted half-up once at the day's rate.
    """
    cons = territories(cons, world, "dest_country", "dest_territory")
    cons = rates.attach(cons, "decl_currency", "placed_on", "w_dc")
    cons = cons.with_columns(
        goods_dc=convert(pl.col("goods_net"), "w_order", "w_dc"),
        shipping_dc=convert(pl.col("shipping_net"), "w_order", "w_dc"),
        freight_dc=convert(pl.col("freight_minor"), "w_freight", "w_dc"),
        insurance_dc=convert(pl.col("insurance_minor"), "w_order", "w_dc"),
        onward_dc=convert(pl.col("onward_minor"), "w_order", "w_dc"),
    )
    cons = cons.join(world["roundings"].drop("source"), on="rounding", how="left", maintain_order="left")
    place = pl.when(pl.col("tax_place") == "origin")
    return cons.with_columns(
        tax_country=place.then(pl.col("ship_from")).otherwise(pl.col("dest_country")),
        tax_region=place.then(pl.lit("")).otherwise(pl.col("dest_region")),
    )


def _landed(cons: pl.DataFrame, lines: pl.DataFrame, costs: pl.DataFrame, world: World) -> Landed:
    goods, kinds = _goods_lines(cons, lines)
    rates = duty_rate_table(kinds, world).select("kind", "hs_code", "duty_ppm")
    goods = goods.join(rates, on="kind", how="left", maintain_order="left")
    layers = layer_table(kinds, world).join(kinds, on=KIND_KEYS).select("kind", "layer", "layer_ppm")
    groups = _tax_groups(cons, lines, costs, world)
    return landed_cost(cons, goods, layers.sort("kind", "layer"), groups, world)


def _goods_lines(cons: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per HS code and origin of each order that some way declares by tariff, and the kinds they are of.

    A kind is a place and day with an HS code and origin, as one whole number: joins on texts would cost more than
    the arithmetic.
    """
    place = ["dest_country", "dest_territory", "placed_on"]
    tariff = pick(cons, pl.col("duty_mode") == "tariff", "order_id", *place).unique("order_id")
    places = tariff.select(place).unique().sort(place).with_row_index("place")
    tariff = tariff.join(places, on=place).select("order_id", pl.col("place").cast(pl.Int64))
    codes = lines.select("hs_code", "origin").unique().sort("hs_code", "origin").with_row_index("goods")
    goods = lines.select("order_id", "hs_code", "origin", "net_minor").join(tariff, on="order_id")
    goods = goods.join(codes, on=["hs_code", "origin"])
    kind = pl.col("place") * codes.height + pl.col("goods").cast(pl.Int64)
    numbered = goods.select("order_id", "net_minor", kind=kind)
    sums = numbered.group_by("order_id", "kind").agg(
        goods_weight=pl.col("net_minor").sum().clip(lower_bound=1)
    )
    sums = sums.sort("order_id", "kind")
    kinds = sums.select("kind").unique().sort("kind")
    number = pl.col("kind")
    kinds = kinds.with_columns(
        place=(number // max(codes.height, 1)).cast(pl.UInt32),
        goods=(number % max(codes.height, 1)).cast(pl.UInt32),
    )
    return sums, kinds.join(places, on="place").join(codes, on="goods").drop("place", "goods")


def _tax_groups(cons: pl.DataFrame, lines: pl.DataFrame, costs: pl.DataFrame, world: World) -> pl.DataFrame:
    """Per order, place of taxation and tax category: its share of the goods, the tax inside its price, its rate."""
    place = ["order_id", "tax_country", "tax_region", "placed_on"]
    heads = costs.select(
        "order_id", "placed_on", tax_country="dest_country", tax_region="dest_region"
    ).select(place)
    elsewhere = pick(cons, pl.col("tax_place") == "origin", *place)
    groups = pl.concat([heads, elsewhere]).unique(place[:3]).join(_tax_shares(lines, costs), on="order_id")
    kinds = groups.select("tax_country", "tax_region", "tax_category", "placed_on").unique()
    rates = tax_rates(kinds, world)
    return groups.join(rates, on=kinds.columns, how="left").drop("placed_on")


def _tax_shares(lines: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """Per order and tax category the goods' value and the tax inside the price; one category needs no grouping."""
    weight = pl.col("tax_weight").clip(lower_bound=1)
    if lines["tax_category"].n_unique() == 1:
        inside = (
            pl.col("goods_gross") + pl.col("shipping_minor") - pl.col("goods_net") - pl.col("shipping_net")
        )
        shares = costs.select("order_id", tax_weight="goods_net", included_minor=inside, tax_groups=pl.lit(1))
        return shares.with_columns(weight, tax_category=pl.lit(lines["tax_category"][0]))
    held = pl.col("gross_minor") + pl.col("shipping_part") - pl.col("net_minor") - pl.col("shipping_net")
    shares = lines.group_by("order_id", "tax_category").agg(
        tax_weight=pl.col("net_minor").sum(), included_minor=held.sum()
    )
    return shares.with_columns(weight, tax_groups=pl.len().over("order_id"))
