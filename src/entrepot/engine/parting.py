"""Parting: an order cut into parts, each an order of its own to whoever prices it, and parts added up again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import polars as pl

from entrepot.engine.arithmetic import divide
from entrepot.engine.batch import Batch
from entrepot.engine.policy import company_value
from entrepot.engine.world import World

TAKES = {
    "split": pl.Int64, "order_id": pl.Int64, "part": pl.Int64, "warehouse": pl.String, "sku": pl.String,
    "quantity": pl.Int64,
}  # fmt: skip
WEIGHED = ("parcels", "weight_g", "chargeable_g", "volumetric_g")
LATEST = ("ship_on", "promise_on", "waits")
SUMMED_POLICY = "customs.parts_summed"


@dataclass(frozen=True)
class Parted:
    """Orders in two parts. heads: part_id, split, order_id, part, warehouse; batch: the parts as orders, by part_id.

    Its orders have two columns more: paid_before (what the buyer pays with the part before) and twin (the part whose
    goods count with it against the limits of value).
    """

    heads: pl.DataFrame
    batch: Batch


def parted(batch: Batch, takes: pl.DataFrame, world: World) -> Parted:
    """The parts of some orders as a batch: lines cut by pieces, what the order pays as a whole shared out.

    Shapes: takes rows of TAKES, splits numbered from nought, two parts each; part 2 is whatever part 1 leaves.
    Units: minor units of the order's currency. Rounding: part 1 half-up by goods value, part 2 the rest.
    Holds: lines, shipping and discount of both parts are the order's, to the cent and the piece.
    """
    heads = _heads(takes)
    splits = heads.filter(pl.col("part") == 1).select("split", "order_id", first_id="part_id")
    lines = _lines(batch, takes, splits)
    orders = _orders(batch, heads, lines, _twins(heads, world))
    first = lines.select(
        order_id="first_id", line_no="line_no", sku="sku", quantity="one", amount_minor="a_one"
    )
    second = lines.select(
        order_id=pl.col("first_id") + 1, line_no="line_no", sku="sku",
        quantity=pl.col("quantity") - pl.col("one"), amount_minor=pl.col("amount_minor") - pl.col("a_one"),
    )  # fmt: skip
    both = pl.concat([first, second]).filter(pl.col("quantity") > 0).sort("order_id", "line_no")
    if "sent" in batch.lines.columns:  # what has left in part already is never cut
        both = both.with_columns(sent=pl.lit(0, dtype=pl.Int64))
    return Parted(heads, Batch(orders, both, batch.stock, batch.booked))


def _heads(takes: pl.DataFrame) -> pl.DataFrame:
    """One row per part; the parts' numbers lie below nought, so that they never meet an order's."""
    count = int(takes["split"].n_unique())
    number = pl.col("split") * 2 + pl.col("part") - 1 - 2 * count
    heads = takes.select("split", "order_id", "part", "warehouse").unique()
    return heads.with_columns(part_id=number).sort("part_id")


def _lines(batch: Batch, takes: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """The order's lines for each split, with the pieces (`one`) and the amount (`a_one`) of its first part."""
    taken = takes.filter(pl.col("part") == 1).select("split", "sku", taken="quantity")
    lines = splits.join(batch.lines, on="order_id").join(taken, on=["split", "sku"], how="left")
    lines = lines.sort("split", "line_no")
    before = pl.col("quantity").cum_sum().over("split", "sku") - pl.col("quantity")
    own = (pl.col("taken").fill_null(0) - before).clip(lower_bound=0)
    lines = lines.with_columns(one=pl.min_horizontal(own, "quantity"))
    return lines.with_columns(
        a_one=divide(pl.col("amount_minor") * pl.col("one"), pl.col("quantity").clip(lower_bound=1))
    )


def _orders(batch: Batch, heads: pl.DataFrame, lines: pl.DataFrame, twins: pl.DataFrame) -> pl.DataFrame:
    worth = lines.group_by("split").agg(one=pl.col("a_one").sum(), whole=pl.col("amount_minor").sum())
    rows = heads.select("part_id", "split", "order_id", "part").join(batch.orders, on="order_id", how="left")
    rows = rows.join(worth, on="split", how="left").join(twins, on="part_id", how="left")
    share = {
        name: divide(pl.col(name) * pl.col("one"), pl.col("whole").clip(lower_bound=1))
        for name in ("shipping_minor", "discount_minor")
    }
    paid = pl.col("one") - share["discount_minor"] + share["shipping_minor"]
    is_first = pl.col("part") == 1
    parts = {name: pl.when(is_first).then(one).otherwise(pl.col(name) - one) for name, one in share.items()}
    rows = rows.with_columns(order_id="part_id", paid_before=pl.when(~is_first).then(paid), **parts)
    return rows.select(*batch.orders.columns, "paid_before", "twin").sort("order_id")


def beside(parts: Batch, whole: Batch) -> Batch:
    """Parts and orders that go in one piece, as one batch.

    Shapes: the parts' orders as `parted` makes them; the result's have the same columns, empty for the whole ones.
    """
    orders = pl.concat([parts.orders, whole.orders], how="diagonal")
    lines = pl.concat([parts.lines, whole.lines.select(parts.lines.columns)])
    return replace(whole, orders=orders, lines=lines)


def _twins(heads: pl.DataFrame, world: World) -> pl.DataFrame:
    """Parts that leave the same country count together against limits of value, unless the company says otherwise."""
    if not company_value(world, SUMMED_POLICY, 1):
        return heads.select("part_id", twin=pl.lit(None, dtype=pl.Int64))
    places = world["warehouses"].select("warehouse", "country")
    rows = heads.join(places, on="warehouse", how="left", maintain_order="left")
    alike = (pl.col("country").n_unique() == 1).over("split")
    other = pl.when(pl.col("part") == 1).then(pl.col("part_id") + 1).otherwise(pl.col("part_id") - 1)
    return rows.select("part_id", twin=pl.when(alike).then(other))


def merged(parts: pl.DataFrame) -> pl.DataFrame:
    """Orders in parts as one row each: amounts and weights added up, the later dates, all else the first part's.

    Shapes: rows with order_id and part; one row per order, its columns without `part`. Units: none changed; a landed
    cost in two currencies is null. Who collects is told by the part that is taxed at the sale.
    """
    last = [name for name in LATEST if name in parts.columns]
    sums = [n for n in parts.columns if (n.endswith("_minor") or n in WEIGHED) and parts[n].dtype == pl.Int64]
    added: dict[str, pl.Expr] = {
        name: pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()) for name in sums
    }
    if "landed_minor" in added:
        alike = pl.col("decl_currency").n_unique() == 1
        added["landed_minor"] = pl.when(alike).then(added["landed_minor"])
    if "collector" in parts.columns:
        added["collector"] = pl.col("collector").get(pl.col("tax_sale_minor").arg_max())
    rest = [n for n in parts.columns if n not in (*added, *last, "order_id", "part")]
    rows = parts.sort("order_id", "part").group_by("order_id", maintain_order=True)
    whole = rows.agg(pl.col(last).max(), pl.col(rest).first(), **added)
    return whole.select(n for n in parts.columns if n != "part")


def in_parts(batch: Batch, decided: pl.DataFrame, world: World) -> tuple[Parted, pl.DataFrame] | None:
    """Decided orders that go in parts, cut as they were; and the way of each part; None where all go in one piece.

    Shapes: decided rows with order_id, warehouse, service, waits, chosen_by and parts; ways part_id as order_id, one
    row per part. Units: as `parted`.
    """
    if "parts" not in decided.columns or decided["parts"].null_count() == decided.height:
        return None
    takes = takes_of(decided)
    parts = parted(batch.only(takes["order_id"].unique()), takes.drop("service"), world)
    services = takes.select("split", "part", "service").unique()
    ways = parts.heads.join(services, on=["split", "part"], how="left", maintain_order="left")
    about = decided.select("order_id", *(n for n in ("waits", "chosen_by") if n in decided.columns))
    ways = ways.join(about, on="order_id", how="left", maintain_order="left")
    return parts, ways.drop("order_id", "split", "part").rename({"part_id": "order_id"})


def as_orders(rows: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Rows of parts under the number of their order, with `part`."""
    names = heads.select("part", own="order_id", order_id="part_id")
    rows = rows.join(names, on="order_id", how="left", maintain_order="left")
    return rows.with_columns(order_id="own").drop("own")


def told(legs: pl.DataFrame, goods: pl.DataFrame) -> pl.DataFrame:
    """How each order in parts was cut, as one text: the way and the goods of every part.

    Shapes: legs one row per part (order_id, part, warehouse, service); goods order_id, part, sku, quantity.
    Result order_id, parts; `takes_of` reads it.
    """
    pieces: dict[tuple[int, int], dict[str, int]] = {}
    for order, part, sku, quantity in goods.select("order_id", "part", "sku", "quantity").iter_rows():
        pieces.setdefault((order, part), {})[sku] = quantity
    texts: dict[int, list[dict[str, object]]] = {}
    columns = legs.sort("order_id", "part").select("order_id", "part", "warehouse", "service")
    for order, part, warehouse, service in columns.iter_rows():
        own = dict(sorted(pieces.get((order, part), {}).items()))
        texts.setdefault(order, []).append({"warehouse": warehouse, "service": service, "goods": own})
    rows = {
        "order_id": list(texts),
        "parts": [json.dumps(text, ensure_ascii=False) for text in texts.values()],
    }
    return pl.DataFrame(rows, schema={"order_id": pl.Int64, "parts": pl.String})


def takes_of(decided: pl.DataFrame) -> pl.DataFrame:
    """The parts of decided orders as they were told: rows of TAKES and the service of each.

    Shapes: decided rows with order_id and parts; orders in one piece give none. Splits are numbered by order.
    """
    rows = []
    some = decided.filter(pl.col("parts").is_not_null()).sort("order_id").select("order_id", "parts")
    for split, (order, text) in enumerate(some.iter_rows()):
        for part, one in enumerate(json.loads(text), start=1):
            facts = (split, order, part, one["warehouse"], one["service"])
            rows += [(*facts, sku, quantity) for sku, quantity in one["goods"].items()]
    schema = {**{n: TAKES[n] for n in ("split", "order_id", "part", "warehouse")}, "service": pl.String}
    return pl.DataFrame(rows, schema={**schema, "sku": pl.String, "quantity": pl.Int64}, orient="row")
