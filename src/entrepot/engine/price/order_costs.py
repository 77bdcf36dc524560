"""What an order earns and costs whichever way it travels: goods, channel fees, payment fees, cost of goods."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import at_ppm, cumulative_share, divide, running
from entrepot.engine.batch import Batch
from entrepot.engine.fx import Rates, convert
from entrepot.engine.price.regime import origin_bits
from entrepot.engine.price.tax import net_of_tax, tax_rates
from entrepot.engine.validity import in_force
from entrepot.engine.world import World


def priced_lines(batch: Batch, world: World, rates: Rates) -> pl.DataFrame:
    """Order lines with the SKU's facts, their part of discount and shipping, and the tax inside their price.

    Shapes: lines of known SKUs, sorted by order and line. Adds net_minor (goods after discount, without the tax the
    price includes) and gross_minor. Units: minor units of the order's currency.
    Holds: per order the parts of discount and shipping add up exactly.
    """
    head = batch.orders.select(
        "order_id", "placed_on", "currency", "channel", "dest_country", "dest_region", "discount_minor",
        "shipping_minor",
        "price_includes_tax",
    )  # fmt: skip
    facts = world["skus"].select(
        "sku", "hs_code", "origin", "cost_minor", "cost_currency", "tax_category", "fee_category"
    )
    lines = batch.lines.join(head, on="order_id", maintain_order="left")
    lines = lines.join(facts, on="sku", maintain_order="left")
    weight = pl.col("amount_minor").clip(lower_bound=1)
    lines = lines.with_columns(weight=weight)
    upto, total = running("order_id", "weight")
    lines = lines.with_columns(upto=upto, total=total)
    off = cumulative_share(pl.col("discount_minor"), pl.col("upto"), pl.col("weight"), pl.col("total"))
    carried = cumulative_share(pl.col("shipping_minor"), pl.col("upto"), pl.col("weight"), pl.col("total"))
    lines = lines.with_columns(gross_minor=pl.col("amount_minor") - off, shipping_part=carried)
    lines = lines.rename({"dest_country": "tax_country", "dest_region": "tax_region"})
    kinds = lines.select("tax_country", "tax_region", "tax_category", "placed_on").unique()
    vat = tax_rates(kinds, world).drop("vat_source", "vat_status", "vat_from")
    lines = lines.join(vat, on=kinds.columns, how="left", maintain_order="left")
    inside = pl.when(pl.col("price_includes_tax")).then(pl.col("vat_ppm")).otherwise(0)
    lines = lines.with_columns(
        net_minor=net_of_tax(pl.col("gross_minor"), inside),
        shipping_net=net_of_tax(pl.col("shipping_part"), inside),
    )
    return lines.drop("upto", "total", "weight", "vat_ppm")


def order_costs(batch: Batch, lines: pl.DataFrame, world: World, rates: Rates, base: str) -> pl.DataFrame:
    """One row per order: goods and shipping with and without included tax, fees, cost of goods in the books' currency.

    Shapes: one row per order that has priced lines. Units: *_minor order currency, *_base_minor the books'.
    Source: docs/methods/profit.md.
    """
    orders = batch.orders.drop(
        "priority", "customer_key", "content_key", "duplicate_of", "released", "ip_country"
    )
    kinds = world["channels"].select("channel", channel_kind="kind")
    orders = orders.join(kinds, on="channel", how="left", maintain_order="left").with_columns(
        base=pl.lit(base)
    )
    orders = rates.attach(orders, "base", "placed_on", "w_base")
    orders = rates.attach(orders, "currency", "placed_on", "w_order")
    weights = orders.select("order_id", "w_base", "w_order")
    lines = lines.join(weights, on="order_id", how="left", maintain_order="left")
    lines = rates.attach(_channel_fees(lines, world, rates), "cost_currency", "placed_on", "w_cost")
    cost = convert(pl.col("cost_minor") * pl.col("quantity"), "w_cost", "w_base")
    item = -(-pl.col("net_minor") // pl.col("quantity").clip(lower_bound=1))
    sums = (
        lines.with_columns(cogs=cost, item=item)
        .group_by("order_id")
        .agg(
            goods_gross=pl.col("gross_minor").sum(),
            goods_net=pl.col("net_minor").sum(),
            shipping_net=pl.col("shipping_net").sum(),
            item_net=pl.col("item").max(),
            channel_fee_minor=pl.col("channel_fee").sum(),
            cogs_base_minor=pl.col("cogs").sum(),
            tariff_lines=pl.col("hs_code").str.slice(0, 6).n_unique(),
            pieces_ordered=pl.col("quantity").sum(),
        )
    )
    costs = orders.join(sums, on="order_id", maintain_order="left")
    costs = costs.join(origin_bits(lines, world), on="order_id", how="left", maintain_order="left")
    return _payment_fees(costs, world, rates)


def _channel_fees(lines: pl.DataFrame, world: World, rates: Rates) -> pl.DataFrame:
    """Referral fee per piece by price band, whole-price or marginal, on item and shipping, with its minimum."""
    fees = world["channel_fees"].rename({"currency": "fee_currency", "fee_category": "fee_for"})
    lines = lines.with_row_index("row")
    pieces = pl.col("quantity").clip(lower_bound=1)
    slim = lines.select(
        "row", "channel", "fee_category", "placed_on", "w_order", quantity=pieces,
        unit=divide(pl.col("gross_minor") + pl.col("shipping_part"), pieces),
    )  # fmt: skip
    named = fees.filter(pl.col("fee_for") != "")
    best = _band(
        slim.join(named, left_on=["channel", "fee_category"], right_on=["channel", "fee_for"]), rates
    )
    rest = slim.join(best.select("row"), on="row", how="anti")
    general = fees.filter(pl.col("fee_for") == "").drop("fee_for")
    best = pl.concat([best, _band(rest.join(general, on="channel"), rates).select(best.columns)])
    rated = (
        pl.when(pl.col("marginal")).then(pl.col("price") - pl.col("over_minor")).otherwise(pl.col("price"))
    )
    fee = at_ppm(rated, pl.col("rate_ppm")) + pl.col("carry_minor") + pl.col("fixed_minor")
    best = best.with_columns(fee=pl.max_horizontal(fee, pl.col("min_minor")) * pl.col("quantity"))
    best = best.select("row", channel_fee=convert(pl.col("fee"), "w_fee", "w_order"))
    lines = lines.join(best, on="row", how="left", maintain_order="left").drop("row")
    return lines.with_columns(pl.col("channel_fee").fill_null(0))


def _band(found: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """Of the bands in force, the one that each row's unit price lies in."""
    found = rates.attach(found.filter(in_force("placed_on")), "fee_currency", "placed_on", "w_fee")
    found = found.with_columns(price=convert(pl.col("unit"), "w_order", "w_fee"))
    above = (pl.col("price") > pl.col("over_minor")) | (pl.col("over_minor") == 0)
    return found.filter(above & ((pl.col("price") <= pl.col("to_minor")) | pl.col("to_minor").is_null()))


def _payment_fees(costs: pl.DataFrame, world: World, rates: Rates) -> pl.DataFrame:
    keys = costs.select("payment_method", "placed_on").unique()
    fees = keys.join(world["payment_fees"], left_on="payment_method", right_on="method").filter(
        in_force("placed_on")
    )
    fees = fees.select("payment_method", "placed_on", "rate_ppm", "fixed_minor", fee_currency="currency")
    costs = costs.join(fees, on=["payment_method", "placed_on"], how="left", maintain_order="left")
    costs = rates.attach(costs, "fee_currency", "placed_on", "w_fee")
    paid = pl.col("goods_gross") + pl.col("shipping_minor")
    fee = at_ppm(paid, pl.col("rate_ppm")) + convert(pl.col("fixed_minor"), "w_fee", "w_order")
    return costs.with_columns(payment_fee_minor=fee.fill_null(0)).drop(
        "rate_ppm", "fixed_minor", "fee_currency", "w_fee"
    )
