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
from entrepot.engine.world import World

__all__ = ["Priced", "landed_cost", "price"]


@dataclass(frozen=True)
class Priced:
    """Priced ways, their single charges (one row per duty, layer, fee, tax), and ways that have no price."""

    ways: pl.DataFrame
    charges: pl.DataFrame
    rejections: pl.DataFrame


def price(candidates: pl.DataFrame, batch: Batch, world: World) -> Priced:
    """What each way costs and earns.

    Shapes: candidates as `propose` gives them, m rows; result `ways` at most m rows, key (order_id, warehouse,
    service), column `way` numbers them; `rejections` the others with the reason.
    Units: *_minor order currency, *_dc declaration currency, *_base_minor the books' currency, all minor units.
    Errors: a way without a rate-card band is rejected (logistics.no_rate); one without a known import rule keeps null
    duty and tax and, when duty paid was promised, is rejected (customs.rule_missing_ddp).
    Source: docs/methods/profit.md.
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
    landed = _landed(cons, lines, world)
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


def _landed(cons: pl.DataFrame, lines: pl.DataFrame, world: World) -> Landed:
    goods = _goods_lines(cons, lines)
    kinds = goods.select("kind", *KIND_KEYS).unique("kind")
    goods = goods.select("order_id", "kind", "hs_code", "goods_weight")
    rates = duty_rate_table(kinds, world).select("kind", "duty_ppm")
    goods = goods.join(rates, on="kind", how="left", maintain_order="left")
    layers = layer_table(kinds, world).join(kinds, on=KIND_KEYS).select("kind", "layer", "layer_ppm")
    return landed_cost(cons, goods, layers.sort("kind", "layer"), _tax_groups(cons, lines, world), world)


def _goods_lines(cons: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per HS code and origin of each order that some way declares by tariff, numbered by kind of goods."""
    tariff = pick(cons, pl.col("duty_mode") == "tariff", "order_id", "dest_country", "dest_territory")
    tariff = tariff.unique("order_id")
    goods = lines.select("order_id", "hs_code", "origin", "placed_on", "net_minor").join(
        tariff, on="order_id"
    )
    kinds = goods.select(KIND_KEYS).unique().sort(KIND_KEYS).with_row_index("kind")
    goods = (
        goods.join(kinds, on=KIND_KEYS)
        .group_by("order_id", "kind")
        .agg(goods_weight=pl.col("net_minor").sum())
    )
    goods = goods.with_columns(pl.col("goods_weight").clip(lower_bound=1)).sort("order_id", "kind")
    return goods.join(kinds, on="kind", maintain_order="left")


def _tax_groups(cons: pl.DataFrame, lines: pl.DataFrame, world: World) -> pl.DataFrame:
    held = pl.col("gross_minor") + pl.col("shipping_part") - pl.col("net_minor") - pl.col("shipping_net")
    weights = lines.group_by("order_id", "tax_category").agg(
        tax_weight=pl.col("net_minor").sum().clip(lower_bound=1), included_minor=held.sum()
    )
    weights = weights.with_columns(tax_groups=pl.len().over("order_id"))
    place = ["order_id", "tax_country", "tax_region", "placed_on"]
    heads = lines.select(place).filter((pl.col("order_id") != pl.col("order_id").shift()).fill_null(True))
    elsewhere = pick(cons, pl.col("tax_place") == "origin", *place)
    groups = pl.concat([heads, elsewhere]).unique(place[:3]).join(weights, on="order_id")
    kinds = groups.select("tax_country", "tax_region", "tax_category", "placed_on").unique()
    rates = tax_rates(kinds, world)
    return groups.join(rates, on=kinds.columns, how="left").drop("placed_on")
