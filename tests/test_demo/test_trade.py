"""The demo's year of orders: the same from the same seed, and plausible to somebody who trades."""

from datetime import UTC, datetime
from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from entrepot.config.demo import afterlife, stock
from entrepot.config.demo.catalogue import Rates, articles, price_list, skus_frame
from entrepot.config.demo.orders import Plan, Trade, draw_trade
from entrepot.config.demo.tables import settings, table
from entrepot.engine.columns import LINES, ORDERS, SKUS

CODES = ["EUR", "USD", "CNY", "GBP", "JPY", "CAD", "AUD", "MXN", "PLN", "SEK", "SGD", "BRL"]
PER_EURO = [1.0, 1.12, 7.43, 0.83, 175.7, 1.56, 1.7, 20.5, 4.25, 11.0, 1.48, 6.1]
RATES = Rates(
    {code: round(rate * 1_000_000) for code, rate in zip(CODES, PER_EURO, strict=True)},
    {code: 0 if code == "JPY" else 2 for code in CODES},
)
UNTIL = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def plan(orders: int = 20_000, seed: int = 7) -> Plan:
    return Plan(orders, seed, UNTIL, RATES)


@cache
def year() -> Trade:
    return draw_trade(plan())


def test_catalogue_has_400_articles_in_ten_categories_with_every_fact() -> None:
    goods = articles()
    assert goods.height == 400
    assert goods["category"].value_counts()["count"].unique().to_list() == [40]
    assert goods["sku"].is_unique().all()
    assert SKUS.check(skus_frame()).filter(pl.col("weight_g") <= 0).is_empty()
    chinese = goods["sku_zh"].str.contains(r"\p{Han}")
    assert chinese.all()


def test_batteries_are_where_they_belong() -> None:
    goods = articles()
    alone = goods.filter(pl.col("battery") == "alone")
    assert alone["hs_code"].unique().to_list() == ["850760"]
    earphones = goods.filter(pl.col("name_en").str.contains("earbuds"))
    assert earphones["battery"].unique().to_list() == ["contained"]
    assert goods.filter((pl.col("battery") != "") & (pl.col("battery_wh_e3") <= 0)).is_empty()


@pytest.mark.parametrize(
    ("market", "step", "ending"), [("US", 100, 99), ("DE", 100, 99), ("JP", 100, 80), ("SE", 1000, 900)]
)
def test_prices_end_as_buyers_of_the_market_expect(market: str, step: int, ending: int) -> None:
    prices = price_list(RATES).filter(pl.col("market") == market)["price_minor"]
    assert prices.min() > 0
    assert (prices % step == ending).all()


def test_same_seed_same_frames_other_seed_others() -> None:
    first, again, other = draw_trade(plan(800)), draw_trade(plan(800)), draw_trade(plan(800, seed=8))
    for name in ("orders", "lines", "customers"):
        assert_frame_equal(getattr(first, name), getattr(again, name))
    assert not first.lines.equals(other.lines)
    lots = stock.purchases(first, plan(800))
    assert_frame_equal(lots, stock.purchases(again, plan(800)))


@pytest.mark.parametrize("orders", [1, 7, 300])
def test_exactly_as_many_orders_as_asked_for(orders: int) -> None:
    trade = draw_trade(plan(orders))
    assert trade.orders.height == orders
    assert trade.lines["order_id"].n_unique() == orders


def test_frames_keep_the_engines_contracts() -> None:
    orders = year().orders.rename({"vat_valid": "buyer_vat_valid"})
    ORDERS.check(orders)
    LINES.check(year().lines)


def test_keys_are_unique_and_orders_in_time() -> None:
    orders = year().orders
    assert orders.select("channel", "external_id").is_unique().all()
    assert orders["number"].is_unique().all()
    assert orders["placed_at"].is_sorted()
    assert orders["placed_at"].max() <= UNTIL
    assert (UNTIL.date() - orders["placed_on"].min()).days in (364, 365)


def test_money_adds_up_and_nothing_is_negative() -> None:
    orders, lines = year().orders, year().lines
    goods = lines.group_by("order_id").agg(pl.col("amount_minor").sum())
    check = orders.join(goods, on="order_id")
    assert (check["goods_minor"] == check["amount_minor"]).all()
    total = pl.col("goods_minor") + pl.col("shipping_minor") - pl.col("discount_minor")
    assert check.filter(total != pl.col("total_minor")).is_empty()
    assert (
        orders.select(pl.min_horizontal("shipping_minor", "discount_minor", "total_minor").min()).item() >= 0
    )
    assert lines.select(pl.min_horizontal("quantity", "unit_price_minor").min()).item() > 0


def share(orders: pl.DataFrame, condition: pl.Expr) -> float:
    return float(orders.select(condition.mean()).item())


def test_markets_have_their_shares() -> None:
    weights = dict(table("markets").select("country", "weight_ppm").iter_rows())
    for market, ppm in weights.items():
        assert share(year().orders, pl.col("market") == market) == pytest.approx(ppm / 1_000_000, abs=0.012)


def test_odd_orders_are_few_but_there() -> None:
    orders = year().orders
    assert 0.003 < share(orders, pl.col("duplicate")) < 0.007
    assert 0.006 < share(orders, pl.col("risky")) < 0.014
    assert 0.012 < share(orders, pl.col("wholesale")) < 0.03
    strange = ~pl.col("dest_country").is_in(table("markets")["country"].to_list())
    assert 0 < share(orders, strange) < 0.002
    known = pl.col("sku").is_in(articles()["sku"].to_list())
    assert 0 < share(year().lines, ~known) < 0.002


def test_a_duplicate_repeats_its_twin_within_minutes() -> None:
    orders = year().orders.select(
        "order_id", "customer_key", "content_key", "total_minor", "placed_at", "duplicate_of"
    )
    twins = orders.filter(pl.col("duplicate_of").is_not_null()).join(
        orders, left_on="duplicate_of", right_on="order_id", suffix="_first"
    )
    assert twins.height
    assert (twins["customer_key"] == twins["customer_key_first"]).all()
    assert (twins["content_key"] == twins["content_key_first"]).all()
    assert (twins["total_minor"] == twins["total_minor_first"]).all()
    later = (twins["placed_at"] - twins["placed_at_first"]).dt.total_seconds()
    assert later.min() >= 0
    assert later.max() <= settings()["duplicate_seconds"]


def test_risky_papers_do_not_match() -> None:
    orders = year().orders
    assert (
        orders.filter("risky").select(pl.col("billing_country") != pl.col("dest_country"))
    ).to_series().mean() > 0.9
    honest = orders.filter(~pl.col("risky"))
    assert (honest["billing_country"] == honest["dest_country"]).all()


def test_seasons_show() -> None:
    by_day = year().orders.group_by("placed_on").len().sort("placed_on")
    black_friday = by_day.filter(pl.col("placed_on") == pl.date(2025, 11, 28))["len"].item()
    new_year = by_day.filter(pl.col("placed_on").is_between(pl.date(2026, 2, 14), pl.date(2026, 2, 24)))[
        "len"
    ].mean()
    usual = by_day["len"].median()
    assert black_friday > 1.6 * usual
    assert new_year < 0.9 * usual
    with_category = (
        year()
        .lines.join(articles().select("sku", "category"), on="sku")
        .join(year().orders.select("order_id", "placed_on"), on="order_id")
    )
    toys = with_category.filter(pl.col("category") == "toys")["placed_on"].dt.month().value_counts(sort=True)
    assert toys["placed_on"][0] == 12


def test_few_articles_sell_most_and_plugs_fit() -> None:
    sold = year().lines.group_by("sku").len().sort("len", descending=True)
    assert 0.25 < sold["len"].head(40).sum() / sold["len"].sum() < 0.6
    assert sold.height > 370
    american = (
        year()
        .lines.filter(pl.col("sku").str.ends_with("-EU"))
        .join(year().orders.filter(pl.col("market") == "US").select("order_id"), on="order_id")
    )
    assert american.is_empty()


def test_most_orders_are_small() -> None:
    lines = year().lines.join(year().orders.select("order_id", "wholesale", "risky"), on="order_id")
    consumers = lines.filter(~pl.col("wholesale"))
    sizes = consumers.group_by("order_id").len()["len"]
    assert 1.3 < sizes.mean() < 1.6
    assert sizes.max() <= 4
    assert consumers.filter(~pl.col("risky"))["quantity"].max() <= 4


def test_purchases_meet_demand_but_not_always() -> None:
    lots = stock.purchases(year(), plan())
    assert lots["quantity"].min() > 0
    assert lots.select("lot", "sku").is_unique().all()
    assert set(lots["warehouse"]) == {"SZX", "RTM", "EWR"}
    bought, sold = lots["quantity"].sum(), year().lines["quantity"].sum()
    assert 1.0 < bought / sold < 1.35
    assert lots.filter(pl.col("kind") == "opening")["received_on"].n_unique() == 1
    assert lots["received_on"].max() <= UNTIL.date()
    cosmetics = lots.filter(pl.col("sku").str.starts_with("BT05"))
    assert cosmetics["expires_on"].is_not_null().all()


def test_parcels_are_late_or_lost_by_carrier() -> None:
    days = pl.DataFrame({"order_id": range(1, 40_001)}).with_columns(
        part=1,
        draw=pl.col("order_id"),
        kind=pl.when(pl.col("order_id") % 2 == 0).then(pl.lit("postal")).otherwise(pl.lit("express")),
        ship_on=pl.date(2026, 3, 1),
        promise_on=pl.date(2026, 3, 15),
    )
    days = days.with_columns(service=pl.col("kind"))
    arrived = afterlife.deliveries(days, 7, UNTIL.date()).join(days, on=["order_id", "part"])
    late = arrived.group_by("kind").agg((pl.col("delivered_on") > pl.col("promise_on")).mean().alias("late"))
    late_share = dict(late.iter_rows())
    assert arrived.height == days.height
    assert 0.04 < late_share["postal"] < 0.14
    assert late_share["express"] < late_share["postal"]
    assert 0.001 < (arrived["state"] == "lost").mean() < 0.008
    assert (arrived["delivered_on"] > arrived["ship_on"]).all()


def test_apparel_comes_back_more_often_than_toys() -> None:
    lines = pl.DataFrame({"order_id": range(1, 40_001)}).with_columns(
        draw=pl.col("order_id"),
        line_no=pl.lit(1),
        quantity=pl.lit(1),
        delivered_on=pl.date(2026, 3, 1),
        category=pl.when(pl.col("order_id") % 2 == 0).then(pl.lit("apparel")).otherwise(pl.lit("toys")),
    )
    back = afterlife.returns(lines, 7, UNTIL.date())["category"].value_counts()
    counts = dict(back.iter_rows())
    assert 0.11 < counts["apparel"] / 20_000 < 0.13
    assert 0.05 < counts["toys"] / 20_000 < 0.07
    early = afterlife.returns(lines, 7, lines["delivered_on"].max())
    assert early.is_empty()
