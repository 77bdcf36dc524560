"""Price: each candidate's freight, customs, tax, fees, landed cost, profit and promise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from entrepot.engine import few as pl
from entrepot.engine.answers import at
from entrepot.engine.batch import Batch
from entrepot.engine.frames import pick
from entrepot.engine.fx import Rates, converted
from entrepot.engine.policy import company_text
from entrepot.engine.price.customs import Goods
from entrepot.engine.price.freight import freight
from entrepot.engine.price.goods import Facts, facts_of, kinds_of
from entrepot.engine.price.incoterms import BEARS, placed
from entrepot.engine.price.landed_cost import Landed, landed_cost
from entrepot.engine.price.order_costs import Worked, numbered_orders, order_costs, priced_lines
from entrepot.engine.price.profit import profit
from entrepot.engine.price.regime import regime
from entrepot.engine.price.tariff import duty_rate_table, layer_table
from entrepot.engine.price.tax import TAX_KEYS, split_for_tax, tax_rates
from entrepot.engine.slices import each, slices, within
from entrepot.engine.validity import with_epoch
from entrepot.engine.world import World

__all__ = [
    "Priced",
    "declare",
    "joined",
    "landed_cost",
    "landed_of",
    "placed",
    "price",
    "price_carried",
    "price_slice",
]


@dataclass(frozen=True)
class Priced:
    """Priced ways, their single charges (one row per duty, layer, fee, tax), and ways that have no price.

    worked: what was worked out of the orders on the way, kept by `price_carried` alone.
    """

    ways: pl.DataFrame
    charges: pl.DataFrame
    rejections: pl.DataFrame
    worked: Worked | None = None

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
    parts = slices(batch, candidates.height)
    return joined(each(lambda part: price_slice(candidates.filter(within(part.orders)), part, world), parts))


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
    return replace(price_carried(freight(candidates, world), batch, world), worked=None)


def price_carried(ways: pl.DataFrame, batch: Batch, world: World) -> Priced:
    """`price_slice` of ways whose freight is known already.

    Shapes: ways as `freight` gives them. Units: as `price`.
    """
    rates = Rates.of(world)
    orders, heads = numbered_orders(replace(batch, orders=with_epoch(batch.orders, world)))
    heads = placed(heads, world)
    facts = facts_of(world)
    lines = priced_lines(batch, orders, facts, world)
    costs, lines = order_costs(orders, heads, lines, world, company_text(world, "company.base_currency"))
    way = ["order_id", "warehouse", "service"]
    unpriced = pick(ways, pl.col("freight_minor").is_null(), *way)
    unpriced = unpriced.with_columns(code=pl.lit("logistics.no_rate"))
    if unpriced.height:
        ways = ways.filter(pl.col("freight_minor").is_not_null())
    ways = ways.drop("dest_country", "placed_on").with_row_index("way")
    number = costs.select("order_id", place=pl.int_range(pl.len()))
    places = ways.select("order_id").join(number, on="order_id", how="left", maintain_order="left")["place"]
    cons = ways.hstack(at(costs.drop("order_id"), places))
    cons = rates.attach(cons, "freight_currency", "placed_on", "w_freight")
    cons = rates.attach(cons, "warehouse_currency", "placed_on", "w_handling")
    zero = pl.lit(0, dtype=pl.Int64)
    cons = cons.with_columns(insurance_minor=zero, onward_minor=zero)
    cons = _governed(cons, costs, world, rates)
    cons = declare(cons.hstack(at(heads.select("dest_territory", "place", *BEARS), cons["head"])), world)
    landed = landed_of(cons, heads, lines, facts, world)
    priced = profit(landed.consignments)
    unknown = pl.col("rule").is_null() | pl.col("duty_minor").is_null() | pl.col("layers_minor").is_null()
    promised = unknown & pl.col("seller_pays_duty")
    missing = pick(priced, promised, *way)
    missing = missing.with_columns(code=pl.lit("customs.rule_missing_ddp"))
    if missing.height:
        priced = priced.filter(~promised)
    return Priced(priced, landed.charges, pl.concat([unpriced, missing]), Worked(heads, lines))


def _governed(cons: pl.DataFrame, costs: pl.DataFrame, world: World, rates: Rates) -> pl.DataFrame:
    """Consignments with their rule. Of an order in parts the goods of the other part may count with a part's own."""
    by = ["head", "ship_from", "mode"]
    if "twin" not in costs.columns:
        return regime(cons, world, rates, by=by)
    beside = costs.select(twin="order_id", beside="goods_net", item_beside="item_net")
    cons = cons.join(beside, on="twin", how="left", maintain_order="left")
    cons = cons.with_columns(
        goods_alone="goods_net", item_alone="item_net",
        goods_net=pl.col("goods_net") + pl.col("beside").fill_null(0),
        item_net=pl.max_horizontal("item_net", pl.col("item_beside").fill_null(0)),
    )  # fmt: skip
    cons = regime(cons, world, rates, by=by).with_columns(goods_net="goods_alone", item_net="item_alone")
    return cons.drop("goods_alone", "item_alone", "beside", "item_beside", "twin", "paid_before")


def declare(cons: pl.DataFrame, world: World) -> pl.DataFrame:
    """Amounts of each consignment in the currency of its declaration, with the rounding profile's columns.

    Shapes: n rows in, n rows out, same order; *_dc columns are null where no rule (so no declaration) is known.
    Rounding: each amount converted half-up once at the day's rate.
    """
    cons = Rates.of(world).attach(cons, "decl_code", "placed_on", "w_dc")
    cons = converted(
        cons,
        goods_dc=(pl.col("goods_net"), "w_order", "w_dc"),
        shipping_dc=(pl.col("shipping_net"), "w_order", "w_dc"),
        freight_dc=(pl.col("freight_minor"), "w_freight", "w_dc"),
        insurance_dc=(pl.col("insurance_minor"), "w_order", "w_dc"),
        onward_dc=(pl.col("onward_minor"), "w_order", "w_dc"),
    )
    abroad = pl.col("tax_place") == "origin"
    cons = cons.with_columns(
        tax_country=pl.when(abroad).then("ship_from").otherwise("dest_country"),
        tax_region=pl.when(abroad).then(pl.lit("")).otherwise("dest_region"),
    )
    rows = pick(cons, abroad, *TAX_KEYS, row=pl.int_range(pl.len()))
    if rows.is_empty():
        return cons
    there = tax_rates(rows, world).select("row", vat_there="vat_ppm")
    cons = cons.with_columns(row=pl.int_range(pl.len())).join(
        there, on="row", how="left", maintain_order="left"
    )
    return cons.with_columns(vat_ppm=pl.when(abroad).then("vat_there").otherwise("vat_ppm")).drop(
        "row", "vat_there"
    )


def landed_of(
    cons: pl.DataFrame, heads: pl.DataFrame, lines: pl.DataFrame, facts: Facts, world: World
) -> Landed:
    """Landed cost of declared consignments from the lines of their orders.

    Shapes: cons n rows, `way` is the row's place; lines as `priced_lines` gives them. Result as `landed_cost`.
    """
    rows, kinds = _goods_lines(cons, heads, lines, facts)
    goods = declared(rows, kinds, _measures(lines, rows, facts), _tax_shares(cons, lines), world)
    return landed_cost(cons, goods, world)


def declared(
    lines: pl.DataFrame, kinds: pl.DataFrame, measures: pl.DataFrame, shares: pl.DataFrame, world: World
) -> Goods:
    """Goods with what the tariff says of their kinds.

    Shapes: kinds as in `tariff.duty_rate_table`; the rest as in `customs.Goods`, lines without hs_code.
    """
    codes = kinds.select("hs_code", kind="place")
    lines = lines.join(codes, on="kind", how="left", maintain_order="left")
    return Goods(lines, duty_rate_table(kinds, world), layer_table(kinds, world), measures, shares)


def _goods_lines(
    cons: pl.DataFrame, heads: pl.DataFrame, lines: pl.DataFrame, facts: Facts
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per kind of goods of each order that some way declares by tariff, and the kinds they are of.

    A kind is a place (of a head) with an HS code, origin and proofs, as one whole number: joins on texts would cost
    more than the arithmetic. Kinds: KIND_KEYS and that number as `place`.
    """
    tariff = pick(cons, pl.col("duty_mode") == "tariff", "order_id", "place")
    tariff = tariff.filter((pl.col("order_id") != pl.col("order_id").shift()).fill_null(True))
    codes = facts.kinds
    goods = lines.select("order_id", "goods", "net_minor", "quantity", "weight_g")
    goods = goods.join(tariff, on="order_id", maintain_order="left")
    kind = pl.col("place") * codes.height + pl.col("goods")
    starts = (pl.col("order_id") != pl.col("order_id").shift()).fill_null(True)
    ends = (pl.col("order_id") != pl.col("order_id").shift(-1)).fill_null(True)
    goods = goods.select(
        "order_id", kind=kind, goods_weight="net_minor", net_g=pl.col("weight_g") * pl.col("quantity"),
        pieces="quantity", alone=starts & ends,
    )  # fmt: skip
    several = goods.filter(~pl.col("alone")).group_by("order_id", "kind")
    totals = several.agg(pl.col("goods_weight", "net_g", "pieces").sum())
    sums = pl.concat([goods.filter("alone").drop("alone"), totals]).sort("order_id", "kind")
    sums = sums.with_columns(pl.col("goods_weight").clip(lower_bound=1))
    return sums, kinds_of(sums, heads, facts)


def _measures(lines: pl.DataFrame, rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Quantities of goods measured in other units than weight and pieces: order_id, kind, unit, quantity_e3."""
    units = facts.measured
    if units.is_empty():
        none = rows.clear().with_columns(unit=pl.lit("", dtype=pl.String), quantity_e3="pieces")
        return none.select("order_id", "kind", "unit", "quantity_e3")
    some = lines.filter(pl.col("sku_no").is_in(units["sku_no"].unique().implode()))
    some = some.select("order_id", "goods", "sku_no", "quantity").join(units, on="sku_no")
    some = some.select("order_id", "goods", "unit", quantity_e3=pl.col("quantity") * pl.col("each_e3"))
    sums = some.group_by("order_id", "goods", "unit").agg(pl.col("quantity_e3").sum())
    number = pl.col("kind") % max(facts.kinds.height, 1)
    keyed = rows.select("order_id", "kind", goods=number).join(sums, on=["order_id", "goods"])
    return keyed.select("order_id", "kind", "unit", "quantity_e3")


def _tax_shares(cons: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Value of goods and the tax inside their price, by category or line, of orders not taxed as a whole.

    One row per order and tax category, or per line where the rounding profile of a way rounds there; `pieces` only
    where it rounds per unit.
    """
    split = pick(cons, split_for_tax(), "order_id", pl.col("tax_per").cast(pl.String)).unique()
    if split.is_empty():
        return split
    held = pl.col("gross_minor") + pl.col("shipping_part") - pl.col("net_minor") - pl.col("shipping_net")
    row = pl.int_range(pl.len())
    parts = lines.select("order_id", "tax_category", "net_minor", "quantity", held=held, row=row)
    parts = parts.join(split, on="order_id")
    line = pl.when(pl.col("tax_per") == "order").then(-1).otherwise("row").alias("line")
    unit = (pl.col("tax_per") == "unit").first()
    shares = parts.group_by("order_id", "tax_per", "tax_category", line).agg(
        tax_weight=pl.col("net_minor").sum().clip(lower_bound=1),
        included_minor=pl.col("held").sum(),
        pieces=pl.when(unit).then(pl.col("quantity").sum().clip(lower_bound=1)),
    )
    return shares.sort("order_id", "line").drop("line")
