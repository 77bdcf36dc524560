"""Shares: what each line of an order would cost by itself; by this an order's figures are shared out to its lines."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from entrepot.engine.arithmetic import PPM, WIDE, divide
from entrepot.engine.batch import Batch
from entrepot.engine.fx import Rates
from entrepot.engine.parting import Parted, as_orders
from entrepot.engine.policy import company_text
from entrepot.engine.price import Priced
from entrepot.engine.price.customs import amounts, cheapest, with_tariff
from entrepot.engine.price.goods import Facts, facts_of, kinds_of
from entrepot.engine.price.incoterms import placed
from entrepot.engine.price.order_costs import Worked, numbered_orders, order_costs, priced_lines
from entrepot.engine.price.tariff import duty_rate_table, layer_table
from entrepot.engine.price.tax import TAX_KEYS, tax_rates
from entrepot.engine.validity import with_epoch
from entrepot.engine.world import World

FINE = 10_000  # parts of a minor unit that lines are told apart by
VALUE, COST, PIECES, CARRIAGE = "by_value", "by_cost", "by_pieces", "by_carriage"
REVENUE, FEE, DUTY, TAX, CHARGES = "by_revenue", "by_fee", "by_duty", "by_tax", "by_charges"
OWN = (CARRIAGE, REVENUE, FEE, DUTY, TAX, CHARGES)
SHARES = (VALUE, COST, PIECES, *OWN)
KEY = ("order_id", "line_no")
WEIGHTS = ("v", "grams", "sold", CARRIAGE)  # what amounts of an order are shared out by before any is rounded
WORTH = 10**12  # what goods cost, made fine enough to tell articles apart
HALF_UP = frozenset({"half_up"})
READ = (
    "order_id", "goods_dc", "shipping_dc", "freight_dc", "insurance_dc", "onward_dc", "cv_minor", "cv_basis",
    "duty_mode", "duty_minor", "flat_duty_minor", "tax_base", "tax_mode", "tax_ppm", "tax_place", "tax_minor",
    "duties_charged", "price_includes_tax", "at_sale", "w_dc", "w_order", "volumetric_g",
)  # fmt: skip


def several_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of orders that have more than one; the others have nothing to share.

    Shapes: rows of LINES sorted by their key, in and out.
    """
    return lines.filter(~(_starts() & _ends()))


def alone_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that are their order's only one.

    Shapes: rows of LINES sorted by their key, in and out.
    """
    return lines.filter(_starts() & _ends())


def line_shares(priced: Priced, batch: Batch, world: World) -> pl.DataFrame:
    """What each line would cost by itself on its order's way: carriage, fee, duty, tax; and what it earns.

    Shapes: ways one row per order, with every column of `price_carried`, and their charges. Result one row per line of
    orders of several lines: KEY and SHARES, sorted by order. Units: any that are alike within an order; ten-thousandths
    of a minor unit of the declaration for duty and tax, rounded half-up. Figures are never read from these: they only
    say in which proportion the lines have part in the order's own. Source: docs/methods/lines.md.
    """
    worked = priced.worked or _worked(batch, world)
    lines = several_lines(worked.lines)
    ways = priced.ways
    if ways.is_empty() or lines.is_empty():
        return pl.DataFrame(schema=dict.fromkeys((*KEY, *SHARES), pl.Int64))
    facts, heads = facts_of(world), worked.heads
    rows = _rows(lines, ways, _fees(ways, priced.charges, world), facts, world)
    if rows.is_empty():
        return pl.DataFrame(schema=dict.fromkeys((*KEY, *SHARES), pl.Int64))
    rows = rows.with_columns(place=heads["place"].gather(rows["head"]))
    rows = rows.with_columns(tariff=_tariff_duty(rows, heads, facts, world))
    rows = _taxed(rows.with_columns(duty=_duty(), fees=_fee_parts()), world)
    border_tax = pl.when("at_sale").then(0).otherwise("tax")
    worth = divide((pl.col("cost_minor") * pl.col("quantity")).cast(WIDE) * WORTH, pl.col("w_cost"))
    own = {
        REVENUE: _earned(), FEE: pl.col("channel_fee"), DUTY: pl.col("duty") + pl.col("fees"), TAX: pl.col("tax"),
        CHARGES: pl.col("duty") + pl.col("fees") + border_tax, CARRIAGE: pl.col(CARRIAGE),
    }  # fmt: skip
    rows = rows.select(
        *KEY, "v", starts=_starts(), ends=_ends(),
        **{VALUE: pl.col("amount_minor").clip(lower_bound=1), PIECES: pl.col("left").clip(lower_bound=1)},
        **{COST: worth.cast(pl.Int64).fill_null(0).clip(lower_bound=1)},
        **{name: value.fill_null(0).clip(lower_bound=0) for name, value in own.items()},
    )  # fmt: skip
    totals = rows.select(_whole(pl.col(name)).alias(name) for name in OWN)
    counted = [pl.when(totals[name] == 0).then("v").otherwise(name).alias(name) for name in OWN]
    return rows.with_columns(counted).select(*KEY, *SHARES)


def _worked(batch: Batch, world: World) -> Worked:
    """Lines with their prices, facts and fees, of orders that were priced elsewhere."""
    orders, heads = numbered_orders(replace(batch, orders=with_epoch(batch.orders, world)))
    heads = placed(heads, world)
    lines = priced_lines(batch, orders, facts_of(world), world)
    base = company_text(world, "company.base_currency")
    return Worked(heads, order_costs(orders, heads, lines, world, base)[1])


def _starts() -> pl.Expr:
    return (pl.col("order_id") != pl.col("order_id").shift()).fill_null(True)


def _ends() -> pl.Expr:
    return (pl.col("order_id") != pl.col("order_id").shift(-1)).fill_null(True)


def _whole(amount: pl.Expr) -> pl.Expr:
    """The sum of an order's lines on each of them, of a frame that knows where its orders start and end."""
    upto = amount.cum_sum()
    before = pl.when("starts").then(upto - amount).forward_fill()
    return pl.when("ends").then(upto - before).backward_fill()


def _fees(ways: pl.DataFrame, charges: pl.DataFrame, world: World) -> pl.DataFrame:
    """Import fees of each order by what they are levied on: a tariff line, weight, or the consignment."""
    bases = world["import_fees"].select(code="fee", base="base").unique("code", keep="last")
    rows = charges.filter(pl.col("kind") == "fee").join(bases, on="code", how="left")
    rows = rows.join(ways.select("way", "order_id"), on="way")

    def of(test: pl.Expr) -> pl.Expr:
        return pl.col("amount").filter(test.fill_null(False)).sum()

    base = pl.col("base")
    return rows.group_by("order_id").agg(
        fees_line=of(base == "line"), fees_kg=of(base == "kg"), fees_all=of(~base.is_in(["line", "kg"]))
    )


def _rows(
    lines: pl.DataFrame, ways: pl.DataFrame, fees: pl.DataFrame, facts: Facts, world: World
) -> pl.DataFrame:
    """Lines with their facts, and what pricing said of their order's way; `v` is what they are worth."""
    sides = ("length_mm", "width_mm", "height_mm")
    space = world["skus"].select(space=pl.col(sides[0]) * pl.col(sides[1]) * pl.col(sides[2]))
    number = facts.skus.select("sku_no").hstack(space)
    lines = lines.join(number, on="sku_no", how="left", maintain_order="left")
    told = ways.select(*READ, at_country="tax_country", at_region="tax_region", packed_g="weight_g")
    told = told.join(fees, on="order_id", how="left", maintain_order="left")
    rows = lines.join(told, on="order_id", maintain_order="left").sort(KEY).with_row_index("line")
    rows = rows.with_columns(
        pl.col("line").cast(pl.Int64),
        pl.col("fees_line", "fees_kg", "fees_all").fill_null(0),
        starts=_starts(),
        ends=_ends(),
        v=pl.col("net_minor").fill_null(0).clip(lower_bound=1),
        grams=(pl.col("weight_g") * pl.col("quantity")).fill_null(0).clip(lower_bound=1),
        sold=(pl.col("net_minor") + pl.col("shipping_net")).fill_null(0).clip(lower_bound=1),
    )
    rows = rows.with_columns(
        _carriage().alias(CARRIAGE),
        v_code=pl.col("v").sum().over("order_id", "hs6"),
        codes=pl.col("hs6").n_unique().over("order_id"),
    )
    return rows.with_columns(_whole(pl.col(name)).alias(f"all_{name}") for name in WEIGHTS)


def _part(amount: pl.Expr, weight: str) -> pl.Expr:
    """A line's part of an amount of its order, in FINE parts of its unit."""
    return divide(amount.cast(WIDE) * FINE * pl.col(weight), pl.col(f"all_{weight}")).cast(pl.Int64)


def _carriage() -> pl.Expr:
    """Weight of what is still to leave, or its room where the carrier billed by volume."""
    size = pl.when(pl.col("volumetric_g") > pl.col("packed_g")).then("space").otherwise("weight_g")
    return (size * pl.col("left")).fill_null(0).clip(lower_bound=1)


def _tariff_duty(rows: pl.DataFrame, heads: pl.DataFrame, facts: Facts, world: World) -> pl.Series:
    """Each line's duty and additional duties by its own code, origin and quantity; null where no tariff is asked."""
    number = pl.col("place") * facts.kinds.height + pl.col("goods")
    lines = rows.filter(pl.col("duty_mode") == "tariff").select(
        "placed_on", "w_dc", "sku_no", "quantity", way="line", order_id="line", kind=number,
        taxable=_part(pl.col("cv_minor"), "v").cast(WIDE), net_g=pl.col("grams") * FINE,
        pieces=pl.col("quantity") * FINE, duty_step=pl.lit(1, dtype=pl.Int64), duty_rounding=pl.lit("half_up"),
    )  # fmt: skip
    found = rows.with_columns(found=pl.lit(None, dtype=pl.Int64))["found"]
    if lines.is_empty():
        return found
    kinds = kinds_of(lines, heads, facts)
    measures = lines.join(facts.measured, on="sku_no").select(
        "order_id", "kind", "unit", quantity_e3=pl.col("quantity") * pl.col("each_e3") * FINE
    )
    ordinary = with_tariff(lines, duty_rate_table(kinds, world), "left")
    added = with_tariff(lines, layer_table(kinds, world), "inner")
    parts = (cheapest(amounts(ordinary, measures, HALF_UP, world)), amounts(added, measures, HALF_UP, world))
    sums = (
        pl.concat([part.select("way", "amount") for part in parts])
        .group_by("way")
        .agg(pl.col("amount").sum())
    )
    return found.scatter(sums["way"], sums["amount"])


def _duty() -> pl.Expr:
    """A line's duty by what its order's rule levies: by tariff, so much per code, or on the whole value."""
    mode = pl.col("duty_mode")
    flat = divide(pl.col("flat_duty_minor").cast(WIDE) * FINE * pl.col("v"), pl.col("v_code")).cast(pl.Int64)
    duty = pl.when(mode == "tariff").then("tariff").when(mode == "flat").then(flat)
    return duty.otherwise(_part(pl.col("duty_minor"), "v")).fill_null(0)


def _fee_parts() -> pl.Expr:
    """Import fees: those per tariff line to each code alike, those per kilogram by weight, others by value."""
    each = pl.col("v_code").cast(WIDE) * pl.col("codes")
    by_line = divide(pl.col("fees_line").cast(WIDE) * FINE * pl.col("v"), each).cast(pl.Int64)
    return by_line + _part(pl.col("fees_kg"), "grams") + _part(pl.col("fees_all"), "v")


def _taxed(rows: pl.DataFrame, world: World) -> pl.DataFrame:
    """Lines with `tax`: their own base × their own rate, or what their price holds of it."""
    rate = pl.col("vat_ppm")
    abroad = (pl.col("tax_place") == "origin").fill_null(False)
    if rows.select(abroad.any()).item():
        keys = rows.select("tax_category", "epoch", tax_country="at_country", tax_region="at_region")
        there = tax_rates(keys.select(TAX_KEYS), world)["vat_ppm"].alias("vat_there")
        rows = rows.with_columns(there)
        rate = pl.when(abroad).then("vat_there").otherwise(rate)
    rate = pl.when(pl.col("tax_mode") == "fixed").then("tax_ppm").otherwise(rate).fill_null(0)
    rows = rows.with_columns(base=_tax_base(), rate=rate)
    over = pl.when(pl.col("tax_base") == "INSIDE").then(PPM - rate).otherwise(PPM)
    tax = divide(pl.col("base").cast(WIDE) * pl.col("rate"), over).cast(pl.Int64)
    held = pl.col("gross_minor") + pl.col("shipping_part") - pl.col("net_minor") - pl.col("shipping_net")
    ruled = (pl.col("tax_base") == "PRICE") & (pl.col("tax_mode") == "vat") & ~abroad
    inside = ruled & pl.col("price_includes_tax") & pl.col("at_sale")
    levied = pl.when(pl.col("tax_mode") == "none").then(0).when(inside).then(held * FINE).otherwise(tax)
    return rows.with_columns(tax=levied.fill_null(0).clip(lower_bound=0))


def _tax_base() -> pl.Expr:
    """A line's part of what the tax is computed on, as `tax.tax_base` says it of the whole."""
    base, value, duty = pl.col("tax_base"), _part(pl.col("cv_minor"), "v"), pl.col("duty")
    goods = _part(pl.col("goods_dc"), "v")
    paid = _part(pl.col("goods_dc") + pl.col("shipping_dc"), "sold")
    inside = pl.when(pl.col("cv_basis") == "CIF").then(0)
    outside = inside.otherwise(pl.col("freight_dc") + pl.col("insurance_dc")) + pl.col("onward_dc")
    return (
        pl.when(base == "PRICE").then(paid + pl.when("duties_charged").then(duty).otherwise(0))
        .when(base == "GOODS").then(goods).when(base == "CV").then(value)
        .when(base == "CV+D+T").then(value + duty + _part(outside, CARRIAGE)).otherwise(value + duty)
    ).fill_null(0)  # fmt: skip


def _earned() -> pl.Expr:
    """What a line brings: its price after discount with its part of the shipping, without tax we hand on."""
    paid = pl.col("gross_minor") + pl.col("shipping_part")
    inside = pl.col("price_includes_tax") & pl.col("at_sale") & (pl.col("tax_minor") > 0)
    inside &= (pl.col("tax_place") == "dest") & (pl.col("tax_mode") == "vat")
    return pl.when(inside.fill_null(False)).then(pl.col("net_minor") + pl.col("shipping_net")).otherwise(paid)


def shares_of_parts(ways: pl.DataFrame, shares: pl.DataFrame, parts: Parted) -> pl.DataFrame:
    """`line_shares` of orders in parts: each line has its part of what its own shipment earns and costs.

    Shapes: ways one row per part with every column of `price_carried`, shares of the parts' lines, both by the part's
    number; rows of `line_shares`, null where shares need no way (value, cost, pieces). Units: minor units of the books'
    currency, of the declaration for duty and tax.
    """
    levied = pl.col("duty_minor") + pl.col("layers_minor") + pl.col("fees_minor")
    figures = {
        CARRIAGE: pl.col("carriage_base_minor"), REVENUE: pl.col("revenue_base_minor"),
        FEE: pl.col("channel_fee_base_minor"), DUTY: levied, TAX: pl.col("tax_minor"),
        CHARGES: pl.col("charges_base_minor"),
    }  # fmt: skip
    amounts_of = ways.select("order_id", **{f"of_{name}": figure for name, figure in figures.items()})
    rows = parts.batch.lines.select(*KEY, v=pl.col("amount_minor").clip(lower_bound=1))
    rows = rows.join(shares, on=KEY, how="left").join(amounts_of, on="order_id")
    rows = rows.with_columns(pl.col(OWN).fill_null(1))
    total = {name: pl.col(name).sum().over("order_id").clip(lower_bound=1) for name in OWN}
    own = {
        name: divide(pl.col(f"of_{name}").fill_null(0).cast(WIDE) * FINE * pl.col(name), total[name])
        for name in OWN
    }
    rows = as_orders(rows.select("order_id", "line_no", "v", **own), parts.heads)
    sums = rows.group_by(KEY).agg(
        pl.col("v").sum(), *(pl.col(name).sum().clip(lower_bound=0) for name in OWN)
    )
    nothing = {name: pl.col(name).sum().over("order_id") == 0 for name in OWN}
    counted = {name: pl.when(nothing[name]).then("v").otherwise(name).cast(pl.Int64) for name in OWN}
    plain = dict.fromkeys((VALUE, COST, PIECES), pl.lit(None, dtype=pl.Int64))
    return sums.sort(KEY).select(*KEY, **{**plain, **counted})


def plain_shares(lines: pl.DataFrame, orders: pl.DataFrame, world: World) -> pl.DataFrame:
    """What may be said of lines without any way: what they were sold for, what they cost, pieces, weight.

    Shapes: n rows of LINES; orders with order_id and placed_on; result n rows, same order, with every column of SHARES.
    Units: minor units of the order, of the euro (finer), pieces, g; nothing counts as one.
    """
    facts = world["skus"].select("sku", "weight_g", "cost_minor", "cost_currency")
    rows = lines.join(facts, on="sku", how="left", maintain_order="left")
    rows = rows.join(orders.select("order_id", "placed_on"), on="order_id", maintain_order="left")
    rows = rows.with_columns(pl.col("cost_currency").fill_null(""))
    rows = Rates.of(world).attach(rows, "cost_currency", "placed_on", "w")
    worth = divide((pl.col("cost_minor") * pl.col("quantity")).cast(WIDE) * WORTH, pl.col("w"))
    weight = pl.col("weight_g").fill_null(0) * pl.col("quantity")
    sold = pl.col("amount_minor").clip(lower_bound=1)
    return rows.select(
        *lines.columns,
        by_value=sold,
        by_cost=worth.cast(pl.Int64).fill_null(0).clip(lower_bound=1),
        by_pieces=pl.col("quantity").clip(lower_bound=1),
        **{name: weight.clip(lower_bound=1) if name == CARRIAGE else sold for name in OWN},
    )
