"""Advice: what each measure is said to bring is what a replay of the same change brings, article by article."""

import polars as pl
import pytest
from small import batch, order, small_world

from entrepot.engine import decide
from entrepot.engine.replay import Question, by_line, replay
from entrepot.engine.replay.advice import effects, without
from entrepot.engine.scenario import Edit

WORLD = small_world()
SKUS = ["POW", "TEE"]
ORDERS = batch(
    order(1, [("TEE", 2, 4_000)], incoterm="DDP"),
    order(2, [("TEE", 1, 2_000), ("POW", 1, 5_000)], dest_country="US", currency="USD", incoterm="DDP"),
    order(3, [("POW", 3, 90_000)], dest_country="JP", currency="JPY", shipping_minor=500),
    order(4, [("TEE", 9, 30_000)], channel="amazon", price_includes_tax=True),
    order(
        5,
        [("POW", 1, 6_001), ("TEE", 2, 1_999), ("TEE", 1, 1)],
        dest_country="US",
        currency="USD",
        incoterm="DAP",
    ),
    order(6, [("POW", 4, 30_000), ("TEE", 3, 9_000)], incoterm="DDP"),
    stock={("SZX", "TEE"): 99, ("SZX", "POW"): 99},
)
BOOKED = decide(ORDERS, WORLD).decisions.filter(pl.col("status") == "confirmed")
PRICES = {"TEE": 120_000, "POW": 70_000}


def replayed(*edits: Edit) -> dict[str, int]:
    """Profit by article after a replay with some edits."""
    lines = by_line(replay(ORDERS, BOOKED, Question(WORLD, edits)), ORDERS)
    sums = lines.group_by("sku").agg(pl.col("profit_after").sum())
    return dict(sums.iter_rows())


@pytest.mark.parametrize(
    ("kind", "detail", "edits"),
    [
        ("none", "", []),
        ("reprice", "", [Edit("price", {"sku": sku, "change_ppm": ppm}) for sku, ppm in PRICES.items()]),
        ("incoterm", "DAP", [Edit("incoterm", {"incoterm": "DAP"})]),
        ("incoterm", "DDP", [Edit("incoterm", {"incoterm": "DDP"})]),
    ],
)
def test_a_measure_brings_what_its_replay_brings(kind, detail, edits):
    rows, _moved = effects(ORDERS, BOOKED, WORLD, SKUS, PRICES)
    told = rows.filter(pl.col("kind") == kind, pl.col("detail") == detail)
    assert dict(told.select("sku", "profit").iter_rows()) == replayed(*edits)


def test_another_origin_brings_what_its_replay_brings():
    skus = WORLD["skus"].with_columns(
        origin=pl.when(pl.col("sku") == "POW").then(pl.lit("JP")).otherwise("origin")
    )
    world = WORLD.replace(skus=skus)
    rows, _moved = effects(ORDERS, BOOKED, world, ["TEE"], {})
    edits = [Edit("origin", {"sku": "TEE", "origin": "JP"})]
    lines = by_line(replay(ORDERS, BOOKED, Question(world, edits)), ORDERS).filter(pl.col("sku") == "TEE")
    told = rows.filter(pl.col("kind") == "origin", pl.col("detail") == "JP")
    assert told["profit"].to_list() == [lines["profit_after"].sum()]


def test_a_country_the_company_could_buy_from_is_tried_too():
    rows, _moved = effects(ORDERS, BOOKED, WORLD, ["TEE"], {}, ["JP", "ZZ"])
    edits = [Edit("origin", {"sku": "TEE", "origin": "JP"})]
    lines = by_line(replay(ORDERS, BOOKED, Question(WORLD, edits)), ORDERS).filter(pl.col("sku") == "TEE")
    told = rows.filter(pl.col("kind") == "origin", pl.col("detail") == "JP")
    assert told["profit"].to_list() == [lines["profit_after"].sum()]
    assert rows.filter(pl.col("detail") == "ZZ").is_empty()  # no country of the world
    assert effects(ORDERS, BOOKED, WORLD, ["TEE"], {})[0].filter(pl.col("detail") == "JP").is_empty()


def test_goods_that_stand_near_their_buyers_are_counted_with_where_they_come_from():
    rows, moved = effects(ORDERS, BOOKED, WORLD, SKUS, {})
    assert rows.filter(pl.col("kind") == "stock").height == 2
    told = {(row["sku"], row["ship_from"], row["warehouse"]): row["pieces"] for row in moved.to_dicts()}
    # the parcels to Germany; a power bank by itself goes by no service from there
    assert told == {("TEE", "CN", "RTM"): 11}


def test_without_an_article_its_orders_are_gone_or_lighter():
    kept = replayed()
    assert without(ORDERS, BOOKED.filter(pl.col("order_id").is_in([1, 4])), WORLD, "TEE") == 0
    alone = without(ORDERS, BOOKED.filter(pl.col("order_id") == 2), WORLD, "TEE")
    assert alone != 0
    assert kept.keys() == {"TEE", "POW"}
