"""Facts for the papers of decided orders: their chosen ways priced again by the world they were decided in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment.frames import kept_batch
from entrepot.domains.fulfilment.models import Batch, Decision
from entrepot.engine import Batch as EngineBatch
from entrepot.engine import World
from entrepot.engine.decide import price_ways
from entrepot.engine.fx import Rates, convert
from entrepot.engine.parting import in_parts
from entrepot.engine.splits import price_parts
from entrepot.engine.validity import in_force

Row = dict[str, Any]
WAY = ["order_id", "warehouse", "service"]
FIGURES = [
    "revenue_minor",
    "revenue_shipping_minor",
    "tax_sale_minor",
    "weight_g",
    "parcels",
    "rule",
    "collector",
]
UNION = "EU"
SUMS = ("revenue_minor", "tax_sale_minor")


class PapersDiffer(RuntimeError):
    """A way priced again that is not what was booked: papers drawn from it would not fit the books."""


def paper_facts(order_ids: Sequence[int], load: Callable[[str], World]) -> dict[tuple[int, int], Row]:
    """By order and part: the figures of the shipment's way, its goods with the facts of that world, and its places.

    Orders without a confirmed way are missing. Each batch is priced once for all its orders asked for.
    Errors: PapersDiffer; UnknownWorld when a world was not kept.
    """
    decisions = Decision.objects.filter(order_id__in=order_ids, warehouse__isnull=False).values()
    found: dict[tuple[int, int], Row] = {}
    by_batch: dict[tuple[int, str], list[Row]] = {}
    for row in decisions:
        by_batch.setdefault((row["batch_id"], row["world_hash"]), []).append(dict(row))
    for (batch_id, digest), rows in sorted(by_batch.items()):
        found |= _of_batch(Batch.objects.get(pk=batch_id), load(digest), rows)
    return found


def _of_batch(row: Batch, world: World, decided: Sequence[Row]) -> dict[tuple[int, int], Row]:
    schema = {"order_id": pl.Int64, "warehouse": pl.String, "service": pl.String, "parts": pl.String}
    chosen = pl.DataFrame([{name: one[name] for name in schema} for one in decided], schema=schema)
    batch = kept_batch(row).only(chosen["order_id"])
    rows = []
    whole = chosen.filter(pl.col("parts").is_null()).select(WAY)
    if whole.height:
        one = batch.only(whole["order_id"])
        rows += _told(one, price_ways(one, world)[0].ways.join(whole, on=WAY), world)
    cut = in_parts(batch, chosen, world)
    if cut is not None:
        parts, ways = cut
        rows += _told(parts.batch, price_parts(parts, world).ways.join(ways.select(WAY), on=WAY), world)
        orders = {part_id: (order, part) for part_id, order, part in parts.heads.select(
            "part_id", "order_id", "part").iter_rows()}  # fmt: skip
        for each in rows:
            each["order_id"], each["part"] = orders.get(each["order_id"], (each["order_id"], each["part"]))
    return _as_booked(rows, decided)


def _told(batch: EngineBatch, ways: Frame, world: World) -> list[Row]:
    """Ways with their goods and places, one row per shipment."""
    ways = ways.select(*WAY, *FIGURES)
    heads = batch.orders.select(
        "order_id", "channel", "placed_on", "dest_country", "currency", "buyer_kind", "incoterm"
    )
    ways = ways.join(heads, on="order_id").join(_modes(batch.orders, ways.select(WAY), world), on=WAY)
    goods = batch.lines.join(world["skus"], on="sku", how="left", maintain_order="left")
    lines = {
        order_id: part.to_dicts() for (order_id,), part in goods.group_by("order_id", maintain_order=True)
    }
    warehouses = dict(world["warehouses"].select("warehouse", "country").iter_rows())
    return [
        {
            **way, "part": 1, "lines": lines[way["order_id"]], "ship_from": warehouses.get(way["warehouse"], ""),
            "members": union_members(world, way["placed_on"]), "numbers": numbers(world, way["placed_on"]),
            "policies": texts(world, way["placed_on"]),
        }
        for way in _in_euro(ways, world).to_dicts()
    ]  # fmt: skip


def _as_booked(rows: Sequence[Row], decided: Sequence[Row]) -> dict[tuple[int, int], Row]:
    """The rows by order and part, once their sums were found to be what is booked."""
    booked, found = {one["order_id"]: one for one in decided}, {}
    sums: dict[int, list[int]] = {order: [0] * len(SUMS) for order in booked}
    for row in rows:
        one = booked[row["order_id"]]
        sums[row["order_id"]] = [
            have + row[name] for have, name in zip(sums[row["order_id"]], SUMS, strict=True)
        ]
        found[row["order_id"], row["part"]] = {**row, "ship_on": one["ship_on"], "is_cut": bool(one["parts"])}
    for order in {order for order, _part in found}:
        if sums[order] != [booked[order][name] for name in SUMS]:
            raise PapersDiffer(f"order {order}")
    return found


def _modes(orders: Frame, chosen: Frame, world: World) -> Frame:
    """How each chosen service travels on the order's day."""
    services = world["services"].select("service", "mode", "valid_from", "valid_to")
    rows = chosen.join(orders.select("order_id", "placed_on"), on="order_id").join(services, on="service")
    return rows.filter(in_force("placed_on")).select(*WAY, "mode")


def _in_euro(ways: Frame, world: World) -> Frame:
    """The goods' value in cents of the euro at the day's rate, rounded half up; and what the rule requires."""
    rates = Rates.of(world)
    ways = rates.attach(ways.with_columns(euro=pl.lit("EUR")), "currency", "placed_on", "w_own")
    ways = rates.attach(ways, "euro", "placed_on", "w_euro")
    goods = pl.col("revenue_minor") - pl.col("revenue_shipping_minor")
    ways = ways.with_columns(euro_minor=convert(goods, "w_own", "w_euro"))
    rules = (
        world["import_rules"]
        .select("rule", "requires", "valid_from", "valid_to")
        .filter(pl.col("requires") != "")
    )
    asked = ways.select("order_id", "rule", "placed_on").join(rules, on="rule").filter(in_force("placed_on"))
    asked = asked.unique("order_id", keep="first", maintain_order=True).select("order_id", "requires")
    ways = ways.join(asked, on="order_id", how="left", maintain_order="left")
    return ways.with_columns(pl.col("requires").fill_null("")).drop("w_own", "w_euro", "euro")


def union_members(world: World, on: object) -> frozenset[str]:
    """Countries of the European Union's customs territory on a day."""
    rows = world["territories"].with_columns(on=pl.lit(on)).filter(in_force(), pl.col("territory") == UNION)
    return frozenset(rows["country"].to_list())


def numbers(world: World, on: object) -> dict[str, str]:
    """Our own numbers by registration on a day."""
    rows = world["registrations"].with_columns(on=pl.lit(on)).filter(in_force(), pl.col("number") != "")
    return dict(rows.select("scheme", "number").iter_rows())


def texts(world: World, on: object) -> dict[str, tuple[int, str]]:
    """Number and text of every policy in force on a day."""
    rows = world["policies"].with_columns(on=pl.lit(on)).filter(in_force())
    return {key: (value, text) for key, value, text in rows.select("key", "value", "text").iter_rows()}
