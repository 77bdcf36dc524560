"""Decide: the five steps over one batch and one world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from entrepot.engine.alone import alone
from entrepot.engine.arithmetic import PPM
from entrepot.engine.batch import Batch
from entrepot.engine.columns import (
    DECISIONS,
    ISSUES,
    POSTINGS,
    REJECTIONS,
    SHIPMENTS,
    STOCK_MOVES,
    TAX_ENTRIES,
)
from entrepot.engine.policy import attach_policies
from entrepot.engine.post import postings, stock_moves, tax_entries
from entrepot.engine.price import Priced, joined, price_slice
from entrepot.engine.propose import propose
from entrepot.engine.review import held_orders, release, review
from entrepot.engine.slices import each, slices
from entrepot.engine.take import Taken, take
from entrepot.engine.world import World

ENGINE_VERSION = "4"


@dataclass(frozen=True)
class Decided:
    """Everything one decision run answers, in canonical row order."""

    decisions: pl.DataFrame
    issues: pl.DataFrame
    rejections: pl.DataFrame
    shipments: pl.DataFrame
    stock_moves: pl.DataFrame
    postings: pl.DataFrame
    tax_entries: pl.DataFrame


def decide(batch: Batch, world: World) -> Decided:
    """Decide a whole batch: who is held, which way each order goes, what it costs and earns, what is booked.

    Shapes: n orders in, n decisions out (key order_id). The same batch and world give identical frames, in any row
    order of the input.
    Units: see the contracts in `columns`.
    Errors: bad data becomes an issue and a held order; only a broken frame or world raises.
    Holds: postings balance per order and currency; stock taken ≤ stock available.
    """
    if len(slices(batch)) > 1:  # every core has work of its own
        return _decided(batch, world)
    return alone(partial(_decided, batch, world))


def _decided(batch: Batch, world: World) -> Decided:
    issues = review(batch, world)
    held = held_orders(issues)
    clean = batch.only(batch.orders.filter(~pl.col("order_id").is_in(held.implode()))["order_id"])
    priced, rejections = price_ways(clean, world)
    taken = take(priced, clean, rejections, world)
    thin = low_margin(taken.orders, clean, world)
    kept = taken.orders.join(thin.filter(pl.col("severity") == "hold"), on="order_id", how="anti")
    taken = taken.only(kept)
    notes = _no_rule(taken.legs)
    issues = pl.concat([issues, thin, notes]).sort("order_id", "code", "line_no", nulls_last=True)
    decisions = _decisions(batch, taken, held_orders(issues), _wanting_stock(rejections, taken.offered))
    stuck = decisions.filter(pl.col("status").is_in(["backordered", "unroutable"]))
    rejections = rejections.join(stuck, on="order_id", how="semi").sort(REJECTIONS.schema.keys())
    if kept.is_empty():
        nothing = [frame.empty() for frame in (SHIPMENTS, STOCK_MOVES, POSTINGS, TAX_ENTRIES)]
        return Decided(decisions, issues, rejections, *nothing)
    return Decided(
        decisions,
        issues,
        rejections,
        SHIPMENTS.check(taken.legs, unique=False),
        stock_moves(taken.legs, taken.goods),
        postings(taken.legs, world),
        tax_entries(taken.legs, taken.charges),
    )


def price_ways(batch: Batch, world: World, *, trace: bool = False) -> tuple[Priced, pl.DataFrame]:
    """Propose and price in slices of orders, so that memory stays flat on a batch of millions.

    Shapes: n orders in; priced ways and charges numbered by `way`, and all rejections.
    """

    def work(part: Batch) -> tuple[Priced, pl.DataFrame]:
        proposal = propose(part, world, trace=trace)
        if proposal.candidates.is_empty():
            return Priced.nothing(), proposal.rejections
        priced = price_slice(proposal.candidates, part, world)
        if not trace:
            priced = Priced(priced.ways.select(KEPT), priced.charges, priced.rejections)
        return priced, pl.concat([proposal.rejections, REJECTIONS.check(priced.rejections)])

    results = each(work, slices(batch))
    refused = pl.concat([rejections for _, rejections in results])
    return joined([priced for priced, _ in results]), refused


# What later steps read of a priced way; tracing keeps every column instead.
KEPT = [
    "way", "order_id", "warehouse", "service", "rule", "collector", "duty_collector", "fee_collector", "ship_on",
    "promise_on", "parcels", "weight_g", "chargeable_g", "currency", "revenue_minor", "revenue_shipping_minor",
    "tax_sale_minor", "base", "w_order", "w_base", "w_dc", "w_freight", "w_handling", "revenue_base_minor",
    "cogs_base_minor", "freight_base_minor",
    "handling_base_minor", "channel_fee_base_minor", "payment_fee_base_minor", "duty_base_minor",
    "import_tax_base_minor", "profit_base_minor", "total_cost_base_minor", "landed_minor", "decl_currency",
    "freight_minor", "freight_currency", "handling_minor", "warehouse_currency", "channel_fee_minor",
    "payment_fee_minor", "duty_minor", "layers_minor", "fees_minor", "tax_minor", "at_sale", "duty_at_sale",
    "freight_borne_minor", "seller_pays_duty",
    "duties_charged", "dest_country", "dest_region", "tax_country", "tax_region", "placed_on",
]  # fmt: skip


def low_margin(chosen: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """Orders whose chosen way earns less than the policy's lowest margin, as issues.

    Shapes: chosen one row per order; result rows of ISSUES. Units: margin in ppm of revenue.
    """
    if chosen.is_empty():
        return ISSUES.empty()
    rows = attach_policies(chosen, world, {"least": "review.min_margin_ppm"})
    margin = pl.col("profit_base_minor") * PPM // pl.col("revenue_base_minor").clip(lower_bound=1)
    rows = rows.with_columns(margin=margin).filter(pl.col("margin") < pl.col("least"))
    issues = rows.select(
        "order_id", line_no=pl.lit(None, dtype=pl.Int64), code=pl.lit("orders.margin_low"), severity=pl.lit("hold"),
        detail=pl.col("margin").cast(pl.String),
    )  # fmt: skip
    return release(ISSUES.check(issues), batch.orders)


def _no_rule(chosen: pl.DataFrame) -> pl.DataFrame:
    if chosen.is_empty():
        return ISSUES.empty()
    no_duty = pl.col("duty_minor").is_null() | pl.col("layers_minor").is_null()
    no_tax = pl.col("at_sale") & pl.col("tax_minor").is_null()
    rows = chosen.filter(pl.col("rule").is_null() | no_duty | no_tax)
    missing = pl.when(pl.col("rule").is_null()).then(pl.lit("customs.rule_missing"))
    code = missing.when(no_duty).then(pl.lit("customs.duty_unknown"))
    issues = rows.select(
        "order_id",
        code=code.otherwise(pl.lit("customs.tax_rate_missing")),
        severity=pl.lit("note"),
        detail="dest_country",
    )
    return ISSUES.check(issues.unique(maintain_order=True))


def _wanting_stock(rejections: pl.DataFrame, offered: pl.Series) -> pl.Series:
    """Orders that some way could carry but for stock: short from the start, or left without once others were
    served."""
    short = rejections.filter(pl.col("code") == "warehouse.stock_out")["order_id"]
    return pl.concat([short, offered]).unique()


def _decisions(batch: Batch, taken: Taken, held: pl.Series, waiting: pl.Series) -> pl.DataFrame:
    """One row per order. Without a way: backordered when stock alone is wanting, else unroutable."""
    kept = taken.orders
    frame = batch.orders.select("order_id")
    if kept.height:
        renamed = kept.rename(
            {"rule": "import_rule", "base": "base_currency", "decl_currency": "landed_currency"}
        )
        wanted = [c.name for c in DECISIONS.columns if c.name in renamed.columns]
        frame = frame.join(renamed.select(wanted), on="order_id", how="left", maintain_order="left")
    else:
        frame = frame.with_columns(warehouse=pl.lit(None, dtype=pl.String))
    frame = frame.join(taken.parts, on="order_id", how="left", maintain_order="left")
    offered = pl.col("order_id").is_in(waiting.implode())
    status = (
        pl.when(pl.col("order_id").is_in(held.implode()))
        .then(pl.lit("held"))
        .when(pl.col("warehouse").is_not_null())
        .then(pl.lit("confirmed"))
        .when(offered)
        .then(pl.lit("backordered"))
        .otherwise(pl.lit("unroutable"))
    )
    return DECISIONS.check(frame.with_columns(status=status), unique=False)
