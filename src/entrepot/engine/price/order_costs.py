"""What an order earns and costs whichever way it travels: goods, channel fees, payment fees, cost of goods."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.engine import few as pl
from entrepot.engine.answers import at, consult, first_that_holds, numbered
from entrepot.engine.arithmetic import PPM, at_ppm, cumulative_share, divide, running, segment_sums, width
from entrepot.engine.batch import Batch
from entrepot.engine.few import Few
from entrepot.engine.fx import Rates, converted
from entrepot.engine.price.goods import Facts
from entrepot.engine.price.tax import net_of_tax, tax_rates
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

HEAD = [
    "channel", "dest_country", "dest_region", "currency", "price_includes_tax", "buyer_kind", "buyer_vat_valid",
    "incoterm", "duties_charged", "payment_method", "epoch",
]  # fmt: skip
PART = ("paid_before", "twin")  # of orders in parts (`parting.parted`)


@dataclass(frozen=True)
class Worked:
    """Heads of orders by their place, and the orders' lines with price, facts and fee, as `order_costs` gives them."""

    heads: pl.DataFrame
    lines: pl.DataFrame


def numbered_orders(batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders with the number of their head (`head`), and the heads: what orders share, as one row each.

    Shapes: n orders in and out, same order; heads h rows, `head` is the place. Rules are looked up per head.
    """
    heads = batch.orders.select(HEAD).unique(maintain_order=True).with_row_index("head")
    heads = heads.with_columns(pl.col("head").cast(pl.Int64))
    of_parts = [name for name in PART if name in batch.orders.columns]
    orders = batch.orders.select(
        "order_id", "placed_on", "shipping_minor", "discount_minor", *of_parts, *HEAD
    ).join(heads, on=HEAD, how="left", maintain_order="left")  # fmt: skip
    return orders, heads


def priced_lines(batch: Batch, orders: pl.DataFrame, facts: Facts, world: World) -> pl.DataFrame:
    """Order lines with the SKU's facts, their part of discount and shipping, and the tax inside their price.

    Shapes: lines of known SKUs, sorted by order and line; `order` is the place of the order in `orders`. Adds
    net_minor (goods after discount, without the tax the price includes), gross_minor and left (pieces still to be
    sent).
    Units: minor units of the order's currency.
    Holds: per order the parts of discount and shipping add up exactly.
    """
    places = orders.select("order_id").with_row_index("order")
    left = pl.col("quantity") - pl.col("sent") if "sent" in batch.lines.columns else pl.col("quantity")
    lines = batch.lines.select("order_id", "line_no", "sku", "quantity", "amount_minor", left=left)
    lines = lines.join(places, on="order_id", maintain_order="left")
    lines = lines.join(facts.skus, on="sku", maintain_order="left").drop("sku")
    needed = orders.select(
        "placed_on", "epoch", "discount_minor", "shipping_minor", "price_includes_tax", "head",
        tax_country="dest_country", tax_region="dest_region",
    )  # fmt: skip
    lines = lines.hstack(at(needed, lines["order"]))
    weight = pl.col("amount_minor").clip(lower_bound=1)
    lines = lines.with_columns(weight=weight)
    upto, total = running("order", "weight")
    lines = lines.with_columns(upto=upto, total=total)
    shared = [pl.col("discount_minor"), pl.col("shipping_minor")]
    wide = width(lines, shared, [pl.col("total")])
    off, carried = (
        cumulative_share(amount, pl.col("upto"), pl.col("weight"), pl.col("total"), wide) for amount in shared
    )
    lines = lines.with_columns(gross_minor=pl.col("amount_minor") - off, shipping_part=carried)
    inside = pl.when(pl.col("price_includes_tax")).then(pl.col("vat_ppm")).otherwise(0)
    lines = _with_rates(lines, world).with_columns(inside=inside)
    wide = width(lines, [pl.col("gross_minor"), pl.col("shipping_part")], [pl.lit(PPM)])
    return lines.with_columns(
        net_minor=net_of_tax(pl.col("gross_minor"), pl.col("inside"), wide),
        shipping_net=net_of_tax(pl.col("shipping_part"), pl.col("inside"), wide),
    ).drop("upto", "total", "weight", "inside", "price_includes_tax", "discount_minor", "shipping_minor")


def _with_rates(lines: pl.DataFrame, world: World) -> pl.DataFrame:
    """Lines with the tax rate at their destination."""
    if isinstance(lines, Few):
        known = tax_rates(lines.select("tax_country", "tax_region", "tax_category", "epoch"), world)
        return lines.with_columns(known["vat_ppm"])
    number, wanted = _pairs(lines, "tax_no", "tax_country", "tax_region", "tax_category", "epoch")
    rates = tax_rates(wanted, world)["vat_ppm"]
    return lines.with_columns(vat_ppm=rates.gather(number))


def _pairs(lines: pl.DataFrame, of: str, *columns: str) -> tuple[pl.Series, pl.DataFrame]:
    """Each line's place among the distinct pairs of head and category, and those pairs with some columns."""
    pair = lines.select(pl.col("head") * (pl.col(of).max() + 1) + pl.col(of)).to_series()
    places = pair.rank("dense") - 1
    first = places.arg_unique()
    wanted = lines.select(pl.col(columns).gather(first))
    order = places.gather(first)
    return places, wanted.select(pl.all().sort_by(order))


def order_costs(
    orders: pl.DataFrame, heads: pl.DataFrame, lines: pl.DataFrame, world: World, base: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per order: goods and shipping with and without included tax, fees, cost of goods in the books' currency.

    Shapes: one row per order that has priced lines; and those lines with their channel fee and the weights of the
    day's exchange rates. Units: *_minor order currency, *_base_minor the books'.
    Source: docs/methods/profit.md.
    """
    rates = Rates.of(world)
    kinds = world["channels"].select("channel", channel_kind="kind")
    heads = heads.join(kinds, on="channel", how="left", maintain_order="left")
    orders = orders.hstack(at(heads.select("channel_kind"), orders["head"]))
    orders = orders.with_columns(base=pl.lit(base))
    codes = heads.select(rates.code("currency").alias("currency_code"))
    orders = orders.hstack(at(codes, orders["head"])).with_columns(base_code=rates.code("base").first())
    orders = rates.attach(orders, "base_code", "placed_on", "w_base")
    orders = rates.attach(orders, "currency_code", "placed_on", "w_order").drop("base_code", "currency_code")
    lines = lines.hstack(at(orders.select("w_base", "w_order"), lines["order"]))
    lines = channel_fees(lines, heads, world)
    lines = rates.attach(lines, "cost_code", "placed_on", "w_cost")
    lines = converted(lines, cogs=(pl.col("cost_minor") * pl.col("quantity"), "w_cost", "w_base"))
    own = {"channel_fee_minor": pl.col("channel_fee"), "cogs_base_minor": pl.col("cogs")}
    costs = order_sums(orders, lines, **own)
    return _payment_fees(costs, heads, world), lines


def order_sums(orders: pl.DataFrame, lines: pl.DataFrame, **amounts: pl.Expr) -> pl.DataFrame:
    """Each order with the sums of its lines and what its goods are (see `_kinds_of_goods`).

    Shapes: one row per order that has lines; included_minor is the tax inside its price. Units: minor units of the
    order's currency, `amounts` as they are.
    """
    sums = segment_sums(
        lines,
        "order",
        goods_gross=pl.col("gross_minor"),
        goods_net=pl.col("net_minor"),
        shipping_net=pl.col("shipping_net"),
        pieces_handled=pl.col("left"),
        **amounts,
    )
    sums = sums.hstack(_kinds_of_goods(lines))
    held = pl.col("goods_gross") + pl.col("shipping_minor") - pl.col("goods_net") - pl.col("shipping_net")
    return at(orders, sums["order"]).hstack(sums.drop("order")).with_columns(included_minor=held)


def _kinds_of_goods(lines: pl.DataFrame) -> pl.DataFrame:
    """Per order the dearest piece, how many HS6 codes, origins as bits, tax category; most orders have one line.

    `tax_groups` counts the tax categories; tax_category and vat_ppm are the first line's.
    """
    item = -(-pl.col("net_minor") // pl.col("quantity").clip(lower_bound=1))
    starts = (pl.col("order") != pl.col("order").shift()).fill_null(True)
    ends = (pl.col("order") != pl.col("order").shift(-1)).fill_null(True)
    marked = lines.select(
        "order",
        "hs6",
        "origin_bit",
        "tax_category",
        "tax_no",
        "vat_ppm",
        item_net=item,
        starts=starts,
        alone=starts & ends,
    )
    one = pl.lit(1, dtype=pl.Int64)
    first = marked.filter("starts").select(
        "order",
        "item_net",
        "tax_category",
        "vat_ppm",
        origin_bits="origin_bit",
        tariff_lines=one,
        tax_groups=one,
    )
    several = marked.filter(~pl.col("alone"))
    if several.is_empty():
        return first.drop("order")
    bits = several["origin_bit"].unique().to_list()
    counted = segment_sums(
        several.with_columns(tax_new=_new(several, "tax_no"), hs_new=_new(several, "hs6")), "order",
        tax_groups=pl.col("tax_new"), tariff_lines=pl.col("hs_new"),
        **{str(bit): (pl.col("origin_bit") == bit).cast(pl.Int64) for bit in bits},
    )  # fmt: skip
    held = [pl.when(pl.col(str(bit)) > 0).then(bit).otherwise(0) for bit in bits]
    dearest = several.select("order", "item_net").sort("order", "item_net")
    last = (pl.col("order") != pl.col("order").shift(-1)).fill_null(True)
    mixed = counted.select("order", "tax_groups", "tariff_lines", origin_bits=pl.sum_horizontal(held))
    mixed = mixed.hstack(dearest.filter(last).select("item_net"))
    return first.update(mixed, on="order").drop("order")


def _new(lines: pl.DataFrame, column: str) -> pl.Series:
    """One where a value appears in its order for the first time, else zero."""
    pairs = lines.select("order", column).with_row_index("row").sort("order", column, "row")
    fresh = (pl.struct("order", column) != pl.struct("order", column).shift()).fill_null(True)
    marks = pairs.select("row", new=fresh.cast(pl.Int64)).sort("row")
    return marks["new"]


def channel_fees(lines: pl.DataFrame, heads: pl.DataFrame, world: World) -> pl.DataFrame:
    """Referral fee per piece by price band, whole-price or marginal, on item and shipping, with its minimum.

    Shapes: n lines in (head, fee_no, fee_category, quantity, gross_minor, shipping_part, placed_on, w_order), n out
    with `channel_fee`; heads by their place (channel, epoch). Units: minor units of the order's currency.
    Errors: a line without a band pays nothing.
    """
    number, wanted = _pairs(lines, "fee_no", "head", "fee_category")
    wanted = wanted.hstack(at(heads.select("channel", "epoch"), wanted["head"]))
    keys = ["channel", "fee_category", "epoch"]
    book = consult(
        world, "channel fees", wanted.select(keys).unique(maintain_order=True), lambda new: _bands(new, world)
    )
    kinds = numbered(wanted.select(keys), book)["kind"].gather(number)
    pieces = pl.col("quantity").clip(lower_bound=1)
    paid = pl.col("gross_minor") + pl.col("shipping_part")
    priced = lines.select("placed_on", "w_order", quantity=pieces, unit=divide(paid, pieces))
    found = first_that_holds(priced, book, kinds, lambda tried: _in_band(tried, world))
    bands = priced.hstack(at(book.answers.drop("kind"), found))
    return lines.with_columns(_fee(bands, world).fill_null(0).alias("channel_fee"))


def _bands(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """Price bands in force of each kind: those of its category before those of a channel that name none."""
    fees = world["channel_fees"].rename({"currency": "fee_currency", "fee_category": "fee_for"})
    found = kinds.join(fees, on="channel").filter(in_force("epoch"))
    general = pl.col("fee_for") == ""
    found = found.filter(general | (pl.col("fee_for") == pl.col("fee_category"))).with_columns(
        general=general
    )
    return found.select(
        "kind", "general", "over_minor", "to_minor", "rate_ppm", "carry_minor", "marginal", "fixed_minor", "min_minor",
        fee_code=Rates.of(world).code("fee_currency"),
    ).sort("kind", "general", "over_minor").drop("general")  # fmt: skip


def _in_fee_currency(priced: pl.DataFrame, world: World) -> pl.DataFrame:
    priced = Rates.of(world).attach(priced, "fee_code", "placed_on", "w_fee")
    return converted(priced, price=(pl.col("unit"), "w_order", "w_fee"))


def _in_band(tried: pl.DataFrame, world: World) -> pl.Series:
    """True where the unit price lies in the band."""
    tried = _in_fee_currency(tried, world)
    above = (pl.col("price") > pl.col("over_minor")) | (pl.col("over_minor") == 0)
    below = (pl.col("price") <= pl.col("to_minor")) | pl.col("to_minor").is_null()
    return tried.select(held=(above & below).fill_null(False)).to_series()


def _fee(bands: pl.DataFrame, world: World) -> pl.Series:
    """The fee of each line by its band; null where there is none."""
    bands = _in_fee_currency(bands, world)
    price = pl.col("price")
    rated = pl.when(pl.col("marginal")).then(price - pl.col("over_minor")).otherwise(price)
    fee = at_ppm(rated, pl.col("rate_ppm")) + pl.col("carry_minor") + pl.col("fixed_minor")
    fee = pl.when(fee.is_not_null()).then(pl.max_horizontal(fee, pl.col("min_minor"))) * pl.col("quantity")
    return converted(bands, fee=(fee, "w_fee", "w_order"))["fee"]


def _payment_fees(costs: pl.DataFrame, heads: pl.DataFrame, world: World) -> pl.DataFrame:
    fees = heads.select("head", "payment_method", "epoch").join(
        world["payment_fees"], left_on="payment_method", right_on="method"
    )
    rates = Rates.of(world)
    fees = fees.filter(in_force("epoch")).select(
        "head", "rate_ppm", "fixed_minor", fee_code=rates.code("currency")
    )
    fees = heads.select("head").join(fees, on="head", how="left", maintain_order="left").drop("head")
    costs = costs.hstack(at(fees, costs["head"]))
    costs = rates.attach(costs, "fee_code", "placed_on", "w_fee")
    costs = converted(costs, fixed_minor=(pl.col("fixed_minor"), "w_fee", "w_order"))
    paid = pl.col("goods_gross") + pl.col("shipping_minor")
    fee = at_ppm(paid, pl.col("rate_ppm")) + pl.col("fixed_minor")
    if (
        "paid_before" in costs.columns
    ):  # one payment for both parts: the second adds what the whole costs more
        before = pl.col("paid_before")
        more = at_ppm(paid + before, pl.col("rate_ppm")) - at_ppm(before, pl.col("rate_ppm"))
        fee = pl.when(before.is_null()).then(fee).otherwise(more)
    return costs.with_columns(payment_fee_minor=fee.fill_null(0)).drop(
        "rate_ppm", "fixed_minor", "fee_code", "w_fee"
    )
