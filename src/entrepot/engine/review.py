"""Review: who is held before anything is promised, and why."""

from __future__ import annotations

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import ISSUES
from entrepot.engine.fx import Rates, convert
from entrepot.engine.policy import attach_policies, company_text
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

# A person cannot release these: the law or missing data stands against it.
UNRELEASABLE = (
    "customs.embargo",
    "customs.prohibited",
    "customs.country_unknown",
    "catalog.sku_unknown",
    "orders.no_lines",
    "orders.quantity_invalid",
    "orders.amount_invalid",
    "orders.currency_unknown",
    "orders.channel_unknown",
)


def review(batch: Batch, world: World) -> pl.DataFrame:
    """Issues of every order, before ways and prices: data, unknown names, embargo, duplicates, risk.

    Shapes: batch of n orders; result: any number of rows of ISSUES, sorted. An order may go on when none of its
    rows is a hold.
    Units: `detail` is the value that raised the issue, as text.
    Errors: bad data never raises; it becomes an issue.
    """
    found = [
        *_line_issues(batch, world),
        *_order_issues(batch, world),
        _embargo(batch, world),
        _sanctions(batch, world),
        _barred(batch, world),
        _duplicates(batch, world),
        _risk(batch, world),
    ]
    issues = pl.concat([_shaped(frame) for frame in found])
    return release(issues, batch.orders).sort("order_id", "code", "line_no", nulls_last=True)


def release(issues: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Holds a person has released become notes; what cannot be released stays a hold.

    Shapes: n rows in, n rows out, columns of ISSUES.
    """
    marked = issues.join(
        orders.select("order_id", "released"), on="order_id", how="left", maintain_order="left"
    )
    freed = pl.col("released").str.split(" ").list.contains(pl.col("code"))
    freed &= ~pl.col("code").is_in(UNRELEASABLE)
    severity = pl.when(freed).then(pl.lit("note")).otherwise(pl.col("severity"))
    return marked.with_columns(severity=severity).drop("released")


def held_orders(issues: pl.DataFrame) -> pl.Series:
    """The ids of orders with at least one hold."""
    return issues.filter(pl.col("severity") == "hold")["order_id"].unique()


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    if "line_no" not in frame.columns:
        frame = frame.with_columns(line_no=pl.lit(None, dtype=pl.Int64))
    if "severity" not in frame.columns:
        frame = frame.with_columns(severity=pl.lit("hold"))
    return ISSUES.check(frame)


def _issue(frame: pl.DataFrame, code: str, detail: pl.Expr | str = "", **more: pl.Expr) -> pl.DataFrame:
    text = pl.lit(detail) if isinstance(detail, str) else detail.cast(pl.String).fill_null("")
    keep = ["order_id", *(["line_no"] if "line_no" in frame.columns else [])]
    return frame.select(*keep, pl.lit(code).alias("code"), text.alias("detail"), **more)


def _line_issues(batch: Batch, world: World) -> list[pl.DataFrame]:
    lines = batch.lines
    unknown = lines.join(world["skus"].select("sku"), on="sku", how="anti")
    assumed = lines.join(world["skus"].filter(pl.col("assumed") != "").select("sku", "assumed"), on="sku")
    return [
        _issue(unknown, "catalog.sku_unknown", pl.col("sku")),
        _issue(lines.filter(pl.col("quantity") <= 0), "orders.quantity_invalid", pl.col("quantity")),
        _issue(lines.filter(pl.col("amount_minor") < 0), "orders.amount_invalid", pl.col("amount_minor")),
        _unusual(batch, world),
        _issue(assumed, "catalog.facts_assumed", pl.col("assumed"), severity=pl.lit("note")),
    ]


def _unusual(batch: Batch, world: World) -> pl.DataFrame:
    placed = batch.orders.select("order_id", "placed_on", "buyer_kind")
    lines = batch.lines.join(placed, on="order_id")
    lines = attach_policies(lines, world, {"most": "review.max_quantity"})
    lines = lines.filter((pl.col("quantity") > pl.col("most")) & (pl.col("buyer_kind") == "b2c"))
    return _issue(lines, "orders.quantity_unusual", pl.col("quantity"))


def _order_issues(batch: Batch, world: World) -> list[pl.DataFrame]:
    orders = batch.orders
    rates = Rates.of(world)
    priced = rates.attach(orders, "currency", "placed_on", "weight")
    sums = batch.lines.group_by("order_id").agg(goods=pl.col("amount_minor").sum())
    negative = orders.join(sums, on="order_id").filter(
        (pl.col("discount_minor") < 0)
        | (pl.col("shipping_minor") < 0)
        | (pl.col("discount_minor") > pl.col("goods") + pl.col("shipping_minor"))
    )
    countries = world["territories"].select(pl.col("country").alias("dest_country")).unique()
    channels = world["channels"].select("channel")
    return [
        _issue(orders.join(batch.lines, on="order_id", how="anti"), "orders.no_lines"),
        _issue(negative, "orders.amount_invalid", pl.col("discount_minor")),
        _issue(priced.filter(pl.col("weight").is_null()), "orders.currency_unknown", pl.col("currency")),
        _issue(
            orders.join(countries, on="dest_country", how="anti"),
            "customs.country_unknown",
            pl.col("dest_country"),
        ),
        _issue(orders.join(channels, on="channel", how="anti"), "orders.channel_unknown", pl.col("channel")),
    ]


def _embargo(batch: Batch, world: World) -> pl.DataFrame:
    rules = world["embargoes"].rename({"country": "dest_country"})
    hits = batch.orders.join(rules, on="dest_country").filter(
        in_force("placed_on") & ((pl.col("region") == "") | (pl.col("region") == pl.col("dest_region")))
    )
    return _issue(hits.unique("order_id"), "customs.embargo", pl.col("reason"))


def _sanctions(batch: Batch, world: World) -> pl.DataFrame:
    """Orders whose buyer is like a listed name, at least so much as policy says; the most alike entry explains it."""
    least = attach_policies(
        batch.orders.select("order_id", "placed_on"), world, {"least": "review.sanctions_score"}
    )
    alike = batch.hits.join(least, on="order_id").filter(pl.col("score") >= pl.col("least"))
    alike = alike.sort("order_id", -pl.col("score"), "list", "uid").unique(
        "order_id", keep="first", maintain_order=True
    )
    name = pl.when(pl.col("alias") == "").then("listed").otherwise(pl.format("{} = {}", "alias", "listed"))
    told = pl.format(
        "{} {} #{}: {}; {} %; {}", "list", pl.col("version").cast(pl.String), "uid", name, "score", "programs"
    )
    return _issue(alike, "customs.sanctions", told)


def _barred(batch: Batch, world: World) -> pl.DataFrame:
    """Goods that the destination, or its customs territory, prohibits or restricts on that day; one issue a line."""
    rules = world["restrictions"]
    if rules.is_empty():
        return _issue(batch.lines.clear(), "customs.prohibited")
    heads = batch.orders.select("order_id", "dest_country", "placed_on")
    places = world["territories"].filter(pl.col("country") != pl.col("territory"))
    unions = heads.join(places, left_on="dest_country", right_on="country").filter(in_force("placed_on"))
    own = heads.select("order_id", "placed_on", dest="dest_country")
    where = pl.concat([own, unions.select("order_id", "placed_on", dest="territory")])
    goods = world["skus"].select("sku", "hs_code", goods="category")
    lines = batch.lines.select("order_id", "line_no", "sku").join(where, on="order_id").join(rules, on="dest")
    lines = lines.filter(in_force("placed_on")).join(goods, on="sku")
    meant = pl.col("hs_code").str.starts_with(pl.col("hs_prefix"))
    meant &= (pl.col("category") == "") | (pl.col("category") == pl.col("goods"))
    lines = lines.filter(meant).sort("order_id", "line_no", "verdict", "dest", "hs_prefix", "category")
    lines = lines.unique(["order_id", "line_no"], keep="first", maintain_order=True)
    told = pl.format("{} {}: {} ({})", "dest", pl.concat_str("hs_prefix", "category"), "reason", "source")
    parts = [
        _issue(lines.filter(pl.col("verdict") == verdict), f"customs.{verdict}", told)
        for verdict in ("prohibited", "restricted")
    ]
    return pl.concat(parts)


def _duplicates(batch: Batch, world: World) -> pl.DataFrame:
    orders = attach_policies(batch.orders, world, {"days": "review.duplicate_days"})
    known = orders.filter(pl.col("duplicate_of").is_not_null()).select("order_id", first="duplicate_of")
    keyed = orders.filter(pl.col("customer_key").is_not_null() & pl.col("content_key").is_not_null())
    keyed = keyed.sort("customer_key", "content_key", "placed_on", "order_id")
    same = (pl.col("customer_key") == pl.col("customer_key").shift()) & (
        pl.col("content_key") == pl.col("content_key").shift()
    )
    gap = (pl.col("placed_on") - pl.col("placed_on").shift()).dt.total_days()
    within = keyed.with_columns(first=pl.col("order_id").shift(), gap=gap, same=same)
    within = within.filter(pl.col("same") & (pl.col("gap") <= pl.col("days")))
    both = (
        pl.concat([known, within.select("order_id", "first")]).group_by("order_id").agg(pl.col("first").min())
    )
    return _issue(both, "orders.duplicate", pl.col("first"))


def _risk(batch: Batch, world: World) -> pl.DataFrame:
    base = company_text(world, "company.base_currency")
    keys = {
        "limit": "review.risk_hold_points",
        "billing": "review.risk_points_billing_mismatch",
        "ip": "review.risk_points_ip_mismatch",
        "high": "review.risk_points_high_amount",
        "amount": "review.high_amount_base_minor",
    }
    sums = batch.lines.group_by("order_id").agg(goods=pl.col("amount_minor").sum())
    orders = attach_policies(batch.orders.filter(pl.col("buyer_kind") == "b2c"), world, keys)
    rates = Rates.of(world)
    orders = orders.join(sums, on="order_id", how="left", maintain_order="left").with_columns(
        base=pl.lit(base)
    )
    orders = rates.attach(rates.attach(orders, "currency", "placed_on", "w"), "base", "placed_on", "wb")
    value = convert(pl.col("goods").fill_null(0), "w", "wb")
    points = (
        _points(
            (pl.col("billing_country") != "") & (pl.col("billing_country") != pl.col("dest_country")),
            "billing",
        )
        + _points((pl.col("ip_country") != "") & (pl.col("ip_country") != pl.col("dest_country")), "ip")
        + _points(value > pl.col("amount"), "high")
    )
    scored = orders.with_columns(points=points).filter(pl.col("points") >= pl.col("limit"))
    return _issue(scored, "payments.risk", pl.col("points"))


def _points(condition: pl.Expr, column: str) -> pl.Expr:
    return pl.when(condition).then(pl.col(column)).otherwise(0).fill_null(0)
