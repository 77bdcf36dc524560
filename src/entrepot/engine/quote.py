"""Quote: what it costs to bring goods to a place on a day, by the same rules that orders are decided by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from entrepot.engine import few as pl
from entrepot.engine.answers import at
from entrepot.engine.batch import Batch
from entrepot.engine.citing import border_rules
from entrepot.engine.columns import ORDERS, QUOTE_LINES, QUOTES, STOCK
from entrepot.engine.few import Few
from entrepot.engine.fx import Rates
from entrepot.engine.price import declare, landed_of, placed
from entrepot.engine.price.goods import read_facts
from entrepot.engine.price.incoterms import BEARS
from entrepot.engine.price.order_costs import numbered_orders, order_sums, priced_lines
from entrepot.engine.price.profit import collected
from entrepot.engine.price.regime import regime
from entrepot.engine.quick import quick
from entrepot.engine.validity import with_epoch
from entrepot.engine.world import World

Row = dict[str, Any]
# What an order says and a quote does not.
UNASKED = [
    pl.lit(c.default, dtype=c.dtype).alias(c.name) for c in ORDERS.columns if c.name not in QUOTES.schema
]
FEW = 16  # quotes that plain Python answers sooner than Polars


@dataclass(frozen=True)
class Quoted:
    """Landed costs of quotes, with the single charges and the rules behind them.

    consignments: one row per quote in the order asked (order_id): the import rule, who collects, customs value, duty,
    layers, fees, tax base, tax, charges, landed cost in minor units of decl_currency; null rule where none is known,
    null amounts where a rate is not. charges: order_id, kind, code, taxable, rate_ppm, amount.
    lines: the goods as priced.
    """

    consignments: pl.DataFrame
    charges: pl.DataFrame
    lines: pl.DataFrame
    world: World

    def rules(self, order_id: int) -> list[Row]:
        """Every dated rule behind one quote, with its source and how sure it is."""
        row = self.consignments.row(by_predicate=pl.col("order_id") == order_id, named=True)
        charges = self.charges.filter(pl.col("order_id") == order_id).to_dicts()
        goods = (
            self.lines.filter(pl.col("order_id") == order_id).select("hs_code", "origin", "proofs").unique()
        )
        return border_rules(goods, row, charges, self.world)


def quote(quotes: pl.DataFrame, lines: pl.DataFrame, world: World) -> Quoted:
    """Customs value, duty, fees, tax and landed cost of consignments of any goods, ours or not.

    Shapes: quotes n rows of QUOTES, lines of QUOTE_LINES (each quote has at least one); n consignments out.
    Units: minor units of the quote's currency in, of the declaration's currency out, converted at the day's rate.
    Errors: a broken contract raises SchemaError; a place without a known rule gives nulls.
    Holds: landed = goods + freight + insurance + onward + duty + layers + fees + tax, by the functions decide uses.
    Source: docs/methods/landed_cost.md.
    """
    if quotes.height <= FEW:
        found = _quoted(Few.of(quotes), Few.of(lines), quick(world))
        return replace(found, world=world)
    return _quoted(quotes, lines, world)


def quote_rows(quotes: Sequence[Row], lines: Sequence[Row], world: World) -> Quoted:
    """`quote` of plain rows; for a few of them no frame is built.

    Shapes: rows of QUOTES and of QUOTE_LINES, those of one kind with the same fields; fields with a default may be
    left out. Units, errors: as `quote`.
    """
    if len(quotes) > FEW:
        heads, goods = _frame(quotes, QUOTES.schema), _frame(lines, QUOTE_LINES.schema)
        return _quoted(heads, goods, world)
    return replace(_quoted(Few.of_rows(quotes), Few.of_rows(lines), quick(world)), world=world)


def _frame(rows: Sequence[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: schema[name] for name in rows[0]})


def _quoted(quotes: pl.DataFrame, lines: pl.DataFrame, world: World) -> Quoted:
    quotes = QUOTES.check(quotes).sort("order_id")
    lines = QUOTE_LINES.check(lines).sort("order_id", "line_no")
    name = pl.col("order_id").cast(pl.String) + "/" + pl.col("line_no").cast(pl.String)
    unpriced = {"cost_minor": 0, "cost_currency": "", "fee_category": ""}
    facts = read_facts(lines.with_columns(sku=name, **{k: pl.lit(v) for k, v in unpriced.items()}), world)
    batch = _as_batch(quotes, lines.with_columns(sku=name), world)
    orders, heads = numbered_orders(batch)
    heads = placed(heads, world)
    rates = Rates.of(world)
    orders = rates.attach(orders, "currency", "placed_on", "w_order")
    goods = priced_lines(batch, orders, facts, world)
    cons = order_sums(orders, goods).with_row_index("way")
    carried = quotes.select(
        "order_id", "ship_from", "mode", "freight_minor", "insurance_minor", "onward_minor"
    )
    cons = cons.join(carried, on="order_id", how="left", maintain_order="left")
    known = heads.select("dest_territory", "place", *BEARS)
    cons = cons.hstack(at(known, cons["head"]))
    weight = goods.select("order_id", g=pl.col("weight_g") * pl.col("quantity")).group_by("order_id")
    cons = cons.join(weight.agg(weight_g=pl.col("g").sum()), on="order_id", how="left", maintain_order="left")
    cons = regime(cons.with_columns(w_freight="w_order"), world, rates, by=["head", "ship_from", "mode"])
    sellers = world["channels"].select("channel", channel_kind="kind")
    cons = cons.join(sellers, on="channel", how="left", maintain_order="left")
    landed = landed_of(declare(cons, world), heads, goods, facts, world)
    ways = landed.consignments.select("way", "order_id")
    charges = landed.charges.join(ways, on="way", maintain_order="left").drop("way")
    told = collected(landed.consignments).drop("way", "head", "place")
    return Quoted(told, charges, goods, world)


def _as_batch(quotes: pl.DataFrame, lines: pl.DataFrame, world: World) -> Batch:
    """Quotes as orders that nobody has placed."""
    return Batch(with_epoch(quotes.with_columns(*UNASKED), world), lines, STOCK.empty())
