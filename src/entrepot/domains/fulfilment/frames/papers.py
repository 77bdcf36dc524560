"""Facts for the papers of decided orders: their chosen ways priced again by the world they were decided in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment.frames import kept_batch
from entrepot.domains.fulfilment.models import Batch, Decision
from entrepot.engine import World
from entrepot.engine.decide import price_ways
from entrepot.engine.fx import Rates, convert
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


class PapersDiffer(RuntimeError):
    """A way priced again that is not what was booked: papers drawn from it would not fit the books."""


def paper_facts(order_ids: Sequence[int], load: Callable[[str], World]) -> dict[int, Row]:
    """By order: its decision, the figures of the chosen way, its goods with the facts of that world, and its places.

    Orders without a confirmed way are missing. Each batch is priced once for all its orders asked for.
    Errors: PapersDiffer; UnknownWorld when a world was not kept.
    """
    decisions = Decision.objects.filter(order_id__in=order_ids, warehouse__isnull=False).values()
    found: dict[int, Row] = {}
    by_batch: dict[tuple[int, str], list[Row]] = {}
    for row in decisions:
        by_batch.setdefault((row["batch_id"], row["world_hash"]), []).append(dict(row))
    for (batch_id, digest), rows in sorted(by_batch.items()):
        found |= _of_batch(Batch.objects.get(pk=batch_id), load(digest), rows)
    return found


def _of_batch(row: Batch, world: World, decided: Sequence[Row]) -> dict[int, Row]:
    batch = kept_batch(row).only(pl.Series("order_id", [one["order_id"] for one in decided]))
    schema = {"order_id": pl.Int64, "warehouse": pl.String, "service": pl.String}
    chosen = pl.DataFrame([{name: one[name] for name in WAY} for one in decided], schema=schema)
    ways = price_ways(batch, world)[0].ways.join(chosen, on=WAY).select(*WAY, *FIGURES)
    heads = batch.orders.select(
        "order_id", "channel", "placed_on", "dest_country", "currency", "buyer_kind", "incoterm"
    )
    ways = ways.join(heads, on="order_id").join(_modes(batch.orders, chosen, world), on=WAY)
    goods = batch.lines.join(world["skus"], on="sku", how="left", maintain_order="left")
    lines = {
        order_id: part.to_dicts() for (order_id,), part in goods.group_by("order_id", maintain_order=True)
    }
    warehouses = dict(world["warehouses"].select("warehouse", "country").iter_rows())
    found = {}
    for way in _in_euro(ways, world).to_dicts():
        one = next(each for each in decided if each["order_id"] == way["order_id"])
        if way["revenue_minor"] != one["revenue_minor"] or way["tax_sale_minor"] != one["tax_sale_minor"]:
            raise PapersDiffer(f"order {way['order_id']}")
        found[way["order_id"]] = {
            **way, "lines": lines[way["order_id"]], "ship_from": warehouses.get(way["warehouse"], ""),
            "members": union_members(world, way["placed_on"]), "numbers": numbers(world, way["placed_on"]),
            "policies": texts(world, way["placed_on"]), "ship_on": one["ship_on"],
        }  # fmt: skip
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
