"""Explain: decide again with tracing on, and tell one order's story: figures, rules, and the ways that lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.citing import border_rules, channel_fee_rules, cited, plain
from entrepot.engine.decide import ENGINE_VERSION, Decided, decide, price_ways
from entrepot.engine.measure import demand
from entrepot.engine.parting import Parted, as_orders, in_parts, merged
from entrepot.engine.price.freight import freight_steps
from entrepot.engine.propose import propose
from entrepot.engine.splits import price_parts
from entrepot.engine.world import World

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One shipment of an order: its way with all figures, what is in it, how its freight and charges came about."""

    number: int
    way: Row
    goods: dict[str, int]
    charges: list[Row]
    parcels: list[Row]
    surcharges: list[Row]
    rules: list[Row]


@dataclass(frozen=True)
class Explanation:
    """One order's decision, derived again. Plain rows, ready for a page or for JSON.

    decision: the row of DECISIONS; issues, stock_moves, postings, tax_entries: its rows of those frames.
    ways: every priced way with all its intermediate figures, best first, `chosen` marked; rejected: the others.
    waterfall: steps from what the buyer pays to profit, in the books' currency (key, amount_minor, currency,
    original).
    parcels, surcharges: how the freight of the way shown came about (`price.freight.freight_steps`).
    rules: each rule used, with table, key, valid_from, source and status. lines: facts used per order line.
    parts: the shipments behind these, one where the order goes (or would go) in one piece, none where it cannot go.
    """

    order_id: int
    engine_version: str
    world_hash: str
    decision: Row
    issues: list[Row]
    ways: list[Row]
    rejected: list[Row]
    waterfall: list[Row]
    charges: list[Row]
    parcels: list[Row]
    surcharges: list[Row]
    rules: list[Row]
    lines: list[Row]
    stock_moves: list[Row]
    postings: list[Row]
    tax_entries: list[Row]
    parts: list[Part]


def explain(batch: Batch, world: World, order_id: int) -> Explanation:
    """Why an order was decided as it was, from the batch and the world it was decided in.

    Shapes: the whole batch of the run (stock was shared within it). Units: as in `columns`.
    Errors: KeyError when the order is not in the batch.
    Holds: the decision is identical to the booked one, because the same engine makes it again.
    """
    if batch.orders.filter(pl.col("order_id") == order_id).is_empty():
        raise KeyError(f"order {order_id} is not in this batch")
    decided = decide(batch, world)
    alone = batch.only(pl.Series("order_id", [order_id]))
    priced, rejections = (
        price_ways(_released(alone), world, trace=True) if alone.lines.height else (None, None)
    )
    decision = _rows(decided.decisions, order_id)[0]
    ways = priced.ways if priced is not None and priced.ways.height else None
    cut = in_parts(_released(alone), decided.decisions.filter(pl.col("order_id") == order_id), world)
    if cut is not None:
        parts, whole = _cut_parts(cut, world)
        ways = whole if ways is None else pl.concat([ways, whole.select(ways.columns)])
    told = _ways(ways, decision) if ways is not None else []
    if cut is None:
        shown = next((way for way in told if way["chosen"]), told[0] if told else None)
        parts = [_part(1, shown, _released(alone), priced.charges, world)] if shown and priced else []
    return Explanation(
        order_id=order_id,
        engine_version=ENGINE_VERSION,
        world_hash=world.hash,
        decision=decision,
        ways=told,
        rejected=rejections.sort(rejections.columns).to_dicts() if rejections is not None else [],
        waterfall=_added([_waterfall(part.way) for part in parts]),
        charges=[row for part in parts for row in part.charges],
        parcels=[row for part in parts for row in part.parcels],
        surcharges=[row for part in parts for row in part.surcharges],
        rules=[row for part in parts for row in part.rules],
        lines=_lines(alone, world),
        parts=parts,
        **_own(decided, order_id),
    )


def _part(number: int, way: Row, batch: Batch, charges: pl.DataFrame, world: World) -> Part:
    """One shipment told; the batch holds the order (or the part of it) alone."""
    own = charges.filter(pl.col("way") == way["way"]).to_dicts()
    parcels, surcharges = _freight(batch, world, way)
    goods = dict(demand(batch).sort("sku").select("sku", "quantity").iter_rows())
    return Part(number, way, goods, own, parcels, surcharges, _rules(batch, way, own, world))


def _cut_parts(cut: tuple[Parted, pl.DataFrame], world: World) -> tuple[list[Part], pl.DataFrame]:
    """The shipments of an order in parts, and their sum as one way."""
    parts, chosen = cut
    priced = price_parts(parts, world)
    ways = priced.ways.join(chosen.select("order_id", "warehouse", "service"), on=["order_id", "warehouse", "service"],
                            how="semi", maintain_order="left")  # fmt: skip
    later = pl.duration(days=pl.lit(chosen["waits"][0] or 0))
    ways = ways.with_columns(pl.col("ship_on") + later, pl.col("promise_on") + later)
    found = []
    for number, way in enumerate(ways.sort("order_id").to_dicts(), start=1):
        alone = parts.batch.only(pl.Series("order_id", [way["order_id"]]))
        found.append(_part(number, way, alone, priced.charges, world))
    return found, merged(as_orders(ways, parts.heads))


def _freight(alone: Batch, world: World, way: Row) -> tuple[list[Row], list[Row]]:
    """The parcels and surcharges of one way, proposed once more."""
    chosen = (pl.col("warehouse") == way["warehouse"]) & (pl.col("service") == way["service"])
    candidates = propose(alone, world).candidates.filter(chosen)
    parcels, surcharges = freight_steps(candidates, world)
    return parcels.to_dicts(), surcharges.to_dicts()


def _own(decided: Decided, order_id: int) -> dict[str, list[Row]]:
    names = ("issues", "stock_moves", "postings", "tax_entries")
    return {name: _rows(getattr(decided, name), order_id) for name in names}


def _rows(frame: pl.DataFrame, order_id: int) -> list[Row]:
    return frame.filter(pl.col("order_id") == order_id).to_dicts()


def _released(alone: Batch) -> Batch:
    """A held order is priced too, so that the reviewer sees what a release would bring; unknown SKUs are left out."""
    return Batch(
        alone.orders,
        alone.lines.filter(pl.col("quantity") > 0, pl.col("amount_minor") >= 0),
        alone.stock,
        alone.booked,
    )


def _ways(ways: pl.DataFrame, decision: Row) -> list[Row]:
    """Every priced way, the best first; of an order in parts the sum of these is the last row given."""
    chosen = (pl.col("warehouse") == (decision["warehouse"] or "")) & (
        pl.col("service") == (decision["service"] or "")
    )
    is_cut = decision["parts"] is not None
    last = pl.int_range(pl.len()) == pl.len() - 1
    ways = ways.with_columns(chosen=last if is_cut else chosen, in_parts=last & is_cut)
    chosen = pl.col("chosen")
    ranked = ways.sort("total_cost_base_minor", "promise_on", "warehouse", "service")
    best = pl.col("total_cost_base_minor").filter(chosen).first()
    ranked = ranked.with_columns(dearer_base_minor=pl.col("total_cost_base_minor") - best)
    return ranked.to_dicts()


def _added(waterfalls: list[list[Row]]) -> list[Row]:
    """The waterfalls of the parts as one; an amount in its own currency only where the parts have the same."""
    rows = []
    for steps in zip(*waterfalls, strict=True):
        first = steps[0]
        own = [step["original_minor"] for step in steps]
        alike = len({step["original_currency"] for step in steps}) == 1 and None not in own
        amounts = [step["amount_minor"] for step in steps]
        rows.append({
            **first, "amount_minor": None if None in amounts else sum(amounts),
            "original_minor": sum(own) if alike else None,
        })  # fmt: skip
    return [row for row in rows if row["key"] != "tax_sale" or row["original_minor"]]


def _at_border(way: Row) -> tuple[int | None, int | None]:
    """Duty with fees, and tax at the border, that the seller bears, in the currency of the declaration."""
    levied = [way["duty_minor"], way["layers_minor"], way["fees_minor"]]
    if way["decl_currency"] is None or None in levied or way["tax_minor"] is None:
        return None, None
    if not way["seller_pays_duty"] or way["duties_charged"]:
        return 0, 0
    return -sum(levied), 0 if way["at_sale"] else -way["tax_minor"]


def _waterfall(way: Row) -> list[Row]:
    """From what the buyer pays to profit. The steps add up exactly: the last is the sum of those before."""
    tax_sale, includes = way["tax_sale_minor"], way["price_includes_tax"]
    paid = way["goods_gross"] + way["shipping_minor"] + (0 if includes else tax_sale)
    duty, tax = _at_border(way)
    steps = [
        ("revenue", way["revenue_base_minor"], way["revenue_minor"], way["currency"]),
        ("cogs", -way["cogs_base_minor"], -way["cogs_base_minor"], way["base"]),
        ("freight", -way["freight_base_minor"], -way["freight_borne_minor"], way["freight_currency"]),
        ("handling", -way["handling_base_minor"], -way["handling_minor"], way["warehouse_currency"]),
        ("channel_fee", -way["channel_fee_base_minor"], -way["channel_fee_minor"], way["currency"]),
        ("payment_fee", -way["payment_fee_base_minor"], -way["payment_fee_minor"], way["currency"]),
        ("duty", -way["duty_base_minor"], duty, way["decl_currency"]),
        ("import_tax", -way["import_tax_base_minor"], tax, way["decl_currency"]),
        ("profit", way["profit_base_minor"], None, way["base"]),
    ]
    rows = [
        {
            "key": key,
            "amount_minor": amount,
            "currency": way["base"],
            "original_minor": original,
            "original_currency": code,
        }
        for key, amount, original, code in steps
    ]
    inside = {
        "key": "paid", "amount_minor": None, "currency": way["base"], "original_minor": paid,
        "original_currency": way["currency"],
    }  # fmt: skip
    handed = {**inside, "key": "tax_sale", "original_minor": -tax_sale}
    return [inside, handed, *rows]


def _lines(alone: Batch, world: World) -> list[Row]:
    return alone.lines.join(world["skus"], on="sku", how="left", maintain_order="left").to_dicts()


def _rules(alone: Batch, way: Row, charges: list[Row], world: World) -> list[Row]:
    """Every dated rule behind the figures of a way, with its source and how sure it is."""
    lane = {"service": way["service"], "ship_from": way["ship_from"], "dest_country": way["dest_country"]}
    asked: list[tuple[str, dict[str, object]]] = [
        ("lanes", lane),
        ("services", {"service": way["service"]}),
        ("contracts", {"service": way["service"]}),
        ("payment_fees", {"method": way["payment_method"]}),
    ]
    rows = [row for table, key in asked for row in cited(world[table], table, key, way["placed_on"])]
    skus = alone.lines.join(world["skus"], on="sku")
    goods = skus.select("hs_code", "origin", "proofs").unique()
    own = [
        *channel_fee_rules(set(skus["fee_category"]), way, world),
        *plain(world["warehouses"], "warehouses", {"warehouse": way["warehouse"]}),
    ]
    return [
        *border_rules(goods, way, charges, world),
        *rows,
        *own,
        *_weighing(world, way),
        *_rate_band(world, way),
    ]


def _weighing(world: World, way: Row) -> list[Row]:
    service = cited(world["services"], "services", {"service": way["service"]}, way["placed_on"])
    names = {row["weighing"] for row in service} - {""}
    return [
        row
        for name in sorted(names)
        for row in cited(world["weighings"], "weighings", {"weighing": name}, way["placed_on"])
    ]


def _rate_band(world: World, way: Row) -> list[Row]:
    rows = world["rates"].filter(
        pl.col("service") == way["service"], pl.col("zone") == way["zone"], pl.col("valid_from") == way["rate_from"],
        pl.col("tier") == way["rate_tier"],
        pl.col("over_g") < way["billed_g"], pl.col("to_g") >= way["billed_g"],
    )  # fmt: skip
    return [{"table": "rates", "key": f"{way['service']} · {way['zone']}", **row} for row in rows.to_dicts()]


def explain_way(
    batch: Batch, world: World, way: tuple[int, str, str], parts: str | None = None
) -> dict[str, Any]:
    """One given way of an order (order_id, warehouse, service), told as `explain` tells the chosen one; `parts` as the
    decision tells them where it went in parts.

    Shapes: plain rows: way, waterfall, charges, rules, lines. Units: as in `columns`.
    Errors: KeyError when the way is not possible in this world.
    """
    order_id, warehouse, service = way
    alone = _released(batch.only(pl.Series("order_id", [order_id])))
    stock = alone.lines.select("sku").unique().join(world["warehouses"].select("warehouse"), how="cross")
    stock = stock.with_columns(available=pl.lit(2**40))
    alone = Batch.of(orders=alone.orders, lines=alone.lines, stock=stock)
    row = {"order_id": [order_id], "waits": [0], "parts": [parts]}
    decided = pl.DataFrame(row, schema={"order_id": pl.Int64, "waits": pl.Int64, "parts": pl.String})
    cut = in_parts(alone, decided, world)
    if cut is not None:
        found, whole = _cut_parts(cut, world)
        if len(found) < cut[0].heads.height:
            raise KeyError(f"order {order_id} cannot go in these parts in this world")
        return _told(whole.to_dicts()[0], found, alone, world)
    priced, _rejections = price_ways(alone, world, trace=True)
    here = (pl.col("warehouse") == warehouse) & (pl.col("service") == service)
    ways = priced.ways.filter(here).to_dicts() if priced.ways.height else []
    if not ways:
        raise KeyError(f"{service} from {warehouse} cannot carry order {order_id} in this world")
    return _told(ways[0], [_part(1, ways[0], alone, priced.charges, world)], alone, world)


def _told(way: Row, parts: list[Part], alone: Batch, world: World) -> dict[str, Any]:
    return {
        "way": way,
        "waterfall": _added([_waterfall(part.way) for part in parts]),
        "charges": [row for part in parts for row in part.charges],
        "rules": [row for part in parts for row in part.rules],
        "lines": _lines(alone, world),
    }
