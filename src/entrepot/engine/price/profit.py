"""Profit of a way: what the buyer pays less tax, fees, freight, duty and goods, in the currency of the books."""

from __future__ import annotations

from entrepot.engine import few as pl
from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.fx import converted


def profit(cons: pl.DataFrame) -> pl.DataFrame:
    """Each priced way with who collects, who bears duty and tax, revenue, costs and profit.

    Shapes: n rows in, n rows out. Adds collector, revenue_minor, tax_sale_minor, *_base_minor, total_cost_base_minor,
    ship_on, promise_on.
    Units: order currency for revenue and tax at the sale, else minor units of the books' currency.
    The seller bears freight, duty and import tax as the order's Incoterm says; the total cost that ways are chosen by
    holds all freight, duty and tax, whoever pays.
    Holds: profit = revenue - cogs - freight - handling - channel fee - payment fee - duty - import tax.
    Source: docs/methods/profit.md.
    """
    cons = collected(cons)
    cons = _revenue(cons)
    cons = _in_books(cons)
    costs = ("cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax")
    total = pl.sum_horizontal([pl.col(f"{name}_base_minor") for name in costs])
    cons = cons.with_columns(profit_base_minor=pl.col("revenue_base_minor") - total)
    travel = pl.col("carriage_base_minor") + pl.col("handling_base_minor") + pl.col("charges_base_minor")
    lost = at_ppm(pl.col("cogs_base_minor"), pl.col("loss_ppm"))
    ship_on = pl.col("placed_on") + pl.duration(days=pl.col("handling_days"))
    cons = cons.with_columns(total_cost_base_minor=travel + lost, ship_on=ship_on)
    return cons.with_columns(promise_on=pl.col("ship_on") + pl.duration(days=pl.col("max_days")))


def collected(cons: pl.DataFrame) -> pl.DataFrame:
    """Who collects tax and duty: at the sale the marketplace or the seller, at the border the carrier.

    Shapes: n rows in, n rows out; `collector` (of the tax) and `duty_collector` from sale, border or none to the one
    who does, `at_sale` and `duty_at_sale` keep the places; `fee_collector` says who hands the border its fees.
    """
    cons = cons.with_columns(
        seller_side=pl.when(pl.col("channel_kind") == "marketplace")
        .then(pl.lit("marketplace"))
        .otherwise(pl.lit("seller")),
        fee_collector=pl.when(pl.col("seller_pays_duty") | pl.col("duties_charged"))
        .then(pl.lit("carrier"))
        .otherwise(pl.lit("buyer")),
    )
    tax_sale, duty_sale = pl.col("collector") == "sale", pl.col("duty_collector") == "sale"
    at_border = pl.when(pl.col("collector") == "border").then("fee_collector").otherwise(pl.lit("none"))
    return cons.with_columns(
        at_sale=tax_sale.fill_null(False),
        duty_at_sale=duty_sale.fill_null(False),
        collector=pl.when(tax_sale).then("seller_side").otherwise(at_border),
        duty_collector=pl.when(duty_sale).then("seller_side").otherwise("fee_collector"),
    ).drop("seller_side")


def _revenue(cons: pl.DataFrame) -> pl.DataFrame:
    """Price less the tax inside it; tax on top of the price never is revenue."""
    paid = pl.col("goods_gross") + pl.col("shipping_minor")
    net = pl.col("goods_net") + pl.col("shipping_net")
    cons = converted(cons, added=(pl.col("tax_minor"), "w_dc", "w_order"))
    inside = pl.col("price_includes_tax") & (pl.col("tax_place") == "dest") & (pl.col("tax_mode") == "vat")
    taxed = pl.col("at_sale") & (pl.col("tax_minor") > 0)
    sale = pl.when(~taxed).then(0).when(inside).then(paid - net).otherwise(pl.col("added"))
    cons = cons.with_columns(tax_sale_minor=sale.fill_null(0)).drop("added")
    revenue = pl.when(pl.col("price_includes_tax")).then(paid - pl.col("tax_sale_minor")).otherwise(paid)
    shipping = pl.when(inside & taxed).then(pl.col("shipping_net")).otherwise(pl.col("shipping_minor"))
    return cons.with_columns(
        revenue_minor=revenue, revenue_shipping_minor=shipping.fill_null(pl.col("shipping_minor"))
    )


def _in_books(cons: pl.DataFrame) -> pl.DataFrame:
    borne = (pl.col("seller_pays_duty") & ~pl.col("duties_charged")).fill_null(False)
    duty = pl.col("duty_minor") + pl.col("layers_minor") + pl.col("fees_minor")
    tax_border = pl.when(pl.col("at_sale")).then(0).otherwise(pl.col("tax_minor"))
    goods = pl.col("revenue_minor") - pl.col("revenue_shipping_minor")
    handling = pl.col("order_fee_minor") + pl.col("piece_fee_minor") * pl.col("pieces_handled")
    handling = handling + pl.col("packing_minor")
    freight = pl.when("seller_pays_carriage").then("freight_minor").otherwise(0)
    cons = cons.with_columns(handling_minor=handling, freight_borne_minor=freight)
    cons = converted(
        cons,
        duty_books=(duty, "w_dc", "w_base"),
        tax_books=(tax_border, "w_dc", "w_base"),
        goods_books=(goods, "w_order", "w_base"),
        shipping_books=(pl.col("revenue_shipping_minor"), "w_order", "w_base"),
        freight_base_minor=(pl.col("freight_borne_minor"), "w_freight", "w_base"),
        carriage_base_minor=(pl.col("freight_minor"), "w_freight", "w_base"),
        handling_base_minor=(handling, "w_handling", "w_base"),
        channel_fee_base_minor=(pl.col("channel_fee_minor"), "w_order", "w_base"),
        payment_fee_base_minor=(pl.col("payment_fee_minor"), "w_order", "w_base"),
    )
    duty_books, tax_books = pl.col("duty_books").fill_null(0), pl.col("tax_books").fill_null(0)
    return cons.with_columns(
        revenue_base_minor=pl.col("goods_books") + pl.col("shipping_books"),
        duty_base_minor=pl.when(borne).then(duty_books).otherwise(0),
        import_tax_base_minor=pl.when(borne).then(tax_books).otherwise(0),
        charges_base_minor=duty_books + tax_books,
    ).drop("duty_books", "tax_books", "goods_books", "shipping_books")
