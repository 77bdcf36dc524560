"""A year of orders: who, when, where, what, at which price, with the mishaps of real trade among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from entrepot.config.demo import baskets, mishaps
from entrepot.config.demo.buyers import FIRMS, MARKET_BITS, buyers
from entrepot.config.demo.catalogue import Rates
from entrepot.config.demo.chance import Chance, Urns
from entrepot.config.demo.season import day_weights
from entrepot.config.demo.tables import curve, market_codes, settings, table

MILLION = 1_000_000
DAYS = 365
WHOLESALE = "wholesale-b2b"
OWN_SHOP = "shopify"


@dataclass(frozen=True)
class Plan:
    """What to draw: how many orders, with which seed, up to which moment (UTC), at which rates."""

    orders: int
    seed: int
    until: datetime
    rates: Rates

    @property
    def first_day(self) -> date:
        """The first of the 365 days."""
        return self.until.date() - timedelta(days=DAYS - 1)


@dataclass(frozen=True)
class Trade:
    """A drawn year. Orders and lines are in order of time; `order_id` counts from 1."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    customers: pl.DataFrame


def draw_trade(plan: Plan) -> Trade:
    """All orders of the plan: exactly as many as asked for, in order of time.

    Shapes: orders n rows, key order_id; lines 1 to 8 per order, key (order_id, line_no); customers those
    that bought.
    Units: minor units of the order's currency. The same plan gives the same frames.
    """
    chance = Chance(plan.seed)
    heads = _heads(plan, chance)
    heads = heads.with_columns(_customer(plan, chance))
    people = buyers(heads.select(pl.col("customer_key").unique().sort()), chance)
    heads = heads.join(people, on="customer_key", how="left", maintain_order="left")
    heads = mishaps.misdirect(heads, chance)
    lines = baskets.draw_lines(heads, chance, plan.rates)
    lines = mishaps.outdated_articles(lines, chance)
    heads = baskets.totals(heads, lines, chance, plan.rates)
    return Trade(*_numbered(heads, lines, chance), people)


def _heads(plan: Plan, chance: Chance) -> pl.DataFrame:
    """Market, moment, channel and payment of each order.

    `root` is the order whose draws are used: the order itself, or the one before of which it is a duplicate.
    """
    duplicate = chance.happens("seq", "duplicate", settings()["duplicate_orders"])
    frame = pl.DataFrame({"seq": pl.int_range(plan.orders, dtype=pl.Int64, eager=True)}).with_columns(
        (duplicate & ~duplicate.shift(1, fill_value=True) & (pl.col("seq") > 0)).alias("duplicate")
    )
    frame = frame.with_columns((pl.col("seq") - pl.col("duplicate").cast(pl.Int64)).alias("root"))
    frame = frame.hstack(_days(plan).draw(chance.shares(frame, "root", "day")))
    frame = frame.with_columns(_moment(frame, plan, chance))
    codes = {code: number for number, code in enumerate(market_codes())}
    frame = frame.with_columns(pl.col("market").replace_strict(codes, return_dtype=pl.Int64).alias("number"))
    frame = frame.hstack(_by_market(frame, table("channels"), codes, chance.shares(frame, "root", "channel")))
    frame = frame.hstack(_by_market(frame, table("payments"), codes, chance.shares(frame, "root", "method")))
    trade = pl.col("channel") == WHOLESALE
    return frame.with_columns(
        trade.alias("wholesale"),
        pl.when(trade).then(pl.lit("bank_transfer"))
        .when(pl.col("channel") == OWN_SHOP).then(pl.col("method"))
        .otherwise(pl.lit("marketplace")).alias("payment_method"),
    ).drop("method", "number")  # fmt: skip


def _days(plan: Plan) -> Urns:
    """Every market's days as one urn."""
    passed = (plan.until - _midnight(plan.until)) / timedelta(days=1)
    return Urns.single(day_weights(plan.first_day, plan.until.date(), max(passed, 1e-6)))


def _moment(frame: pl.DataFrame, plan: Plan, chance: Chance) -> pl.Expr:
    """When an order was placed (UTC), by the buyer's clock; on the last day before the plan's moment."""
    hour = Urns.single(curve("hour")).draw(chance.shares(frame, "root", "hour"))["position"]
    clocks = table("markets").select(pl.col("country").alias("market"), "utc_hours")
    zone = frame.select("market").join(clocks, on="market", how="left", maintain_order="left")["utc_hours"]
    second = ((hour - zone) % 24) * 3600 + frame.select(chance.whole("root", "second", 0, 3599)).to_series()
    passed = int((plan.until - _midnight(plan.until)).total_seconds())
    today = pl.col("day") == plan.until.date()
    second_of_day = pl.when(today).then(pl.lit(second) * passed // 86_400).otherwise(pl.lit(second))
    later = chance.whole("seq", "later", 25, settings()["duplicate_seconds"])
    second_of_day += pl.when("duplicate").then(later).otherwise(0)
    moment = pl.col("day").cast(pl.Datetime("us")) + pl.duration(seconds=second_of_day)
    latest = pl.lit(plan.until.replace(tzinfo=None))
    return pl.min_horizontal(moment, latest).dt.replace_time_zone("UTC").alias("placed_at")


def _customer(plan: Plan, chance: Chance) -> pl.Expr:
    """Which buyer of the market's circle: some come often, most once."""
    numbers = {code: number for number, code in enumerate(market_codes())}
    sizes = dict(table("markets").select("country", "weight_ppm").iter_rows())
    per_order = settings()["customers_per_order"]
    circle = {code: max(plan.orders * sizes[code] * per_order // MILLION**2, 20) for code in numbers}
    size = pl.col("market").replace_strict(circle, return_dtype=pl.Float64)
    size = pl.when("wholesale").then(size / 60 + 3).otherwise(size)
    place = (chance.share("root", "buyer").pow(1.6) * size).cast(pl.Int64)
    number = pl.col("market").replace_strict(numbers, return_dtype=pl.Int64)
    firms = pl.when("wholesale").then(FIRMS).otherwise(0)
    return (number * MARKET_BITS + firms + place).alias("customer_key")


def _by_market(
    frame: pl.DataFrame, rows: pl.DataFrame, codes: dict[str, int], shares: pl.Series
) -> pl.DataFrame:
    """One row of a table with columns country and weight for each order's market."""
    group = pl.col("country").replace_strict(codes, return_dtype=pl.Int64).alias("group")
    return Urns.of(rows.with_columns(group).drop("country")).draw(shares, frame["number"])


def _numbered(heads: pl.DataFrame, lines: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders and lines by time, with our number, the channel's number and the earlier twin of duplicates."""
    heads = heads.sort("placed_at", "seq").with_row_index("order_id", offset=1).cast({"order_id": pl.Int64})
    twins = heads.select(pl.col("seq").alias("root"), pl.col("order_id").alias("twin"))
    heads = heads.join(twins, on="root", how="left", maintain_order="left").with_columns(
        pl.when("duplicate").then("twin").alias("duplicate_of"),
        pl.col("placed_at").dt.date().alias("placed_on"),
        chance.bits("root", "content").reinterpret(signed=True).alias("content_key"),
        pl.format("DM-{}", pl.col("order_id").cast(pl.String).str.zfill(8)).alias("number"),
        _external_id(chance),
    )
    lines = lines.join(heads.select("seq", "order_id"), on="seq", how="left").sort("order_id", "line_no")
    return heads.drop("twin"), lines.select("order_id", pl.exclude("order_id", "seq"))


def _external_id(chance: Chance) -> pl.Expr:
    """The number the channel gave, in the channel's own shape; unique because the sequence is part of it."""
    spread = (pl.col("seq") * 7_368_787 + 1_234_577) % 10_000_000_000
    tail = spread.cast(pl.String).str.zfill(10)
    head = chance.whole("seq", "external", 1000, 9999).cast(pl.String)
    channel = pl.col("channel")
    amazon = ("20", tail.str.head(1), "-", head, tail.str.slice(1, 3), "-0", tail.str.slice(4))
    return (
        pl.when(channel.str.starts_with("amazon"))
        .then(pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in amazon]))
        .when(channel.str.starts_with("ebay"))
        .then(pl.format("{}-{}-{}", head.str.head(2), tail.str.head(5), tail.str.slice(5)))
        .when(channel.str.starts_with("tiktok"))
        .then(pl.format("5769{}{}", head, tail))
        .when(channel == WHOLESALE)
        .then(pl.format("PO-{}-{}", pl.col("placed_at").dt.year(), tail))
        .otherwise(pl.format("HY{}", pl.col("seq") + 100_001))
        .alias("external_id")
    )


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
