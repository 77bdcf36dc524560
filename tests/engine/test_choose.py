"""Choose: least cost, never oversold, the contended stock to whom it is worth most."""

import polars as pl
from small import batch, order, small_world

from entrepot.engine import decide

WORLD = small_world()


def chosen(*orders, stock=None):
    decisions = decide(batch(*orders, stock=stock), WORLD).decisions
    return {row["order_id"]: (row["status"], row["warehouse"]) for row in decisions.to_dicts()}


def test_the_cheapest_way_wins():
    assert chosen(order(1, [("TEE", 1, 1999)])) == {1: ("confirmed", "RTM")}


def test_the_last_piece_goes_to_the_order_with_priority():
    stock = {("RTM", "TEE"): 1}
    found = chosen(order(1, [("TEE", 1, 1999)]), order(2, [("TEE", 1, 1999)], priority=5), stock=stock)
    assert found == {1: ("backordered", None), 2: ("confirmed", "RTM")}


def test_a_contended_order_takes_its_next_best_way():
    stock = {("RTM", "TEE"): 1, ("SZX", "TEE"): 5}
    found = chosen(order(1, [("TEE", 1, 1999)]), order(2, [("TEE", 1, 1999)]), stock=stock)
    assert sorted(warehouse for _, warehouse in found.values()) == ["RTM", "SZX"]


def test_two_hundred_buyers_of_ten_pieces_are_not_oversold():
    orders = [order(n, [("TEE", 1, 1999)]) for n in range(1, 201)]
    decided = decide(batch(*orders, stock={("RTM", "TEE"): 10}), WORLD)
    assert decided.decisions["status"].value_counts().sort("status").rows() == [
        ("backordered", 190),
        ("confirmed", 10),
    ]
    assert decided.stock_moves["quantity"].sum() == -10


def test_an_order_nobody_carries_is_unroutable_with_its_reasons():
    decided = decide(batch(order(1, [("TEE", 400, 99_000)], buyer_kind="b2b")), WORLD)
    assert decided.decisions["status"].to_list() == ["unroutable"]
    assert set(decided.rejections["code"]) == {"logistics.too_heavy"}


def test_a_margin_below_the_policy_is_held_until_released():
    floor = WORLD["policies"].with_columns(
        value=pl.when(pl.col("key") == "review.min_margin_ppm").then(990_000).otherwise(pl.col("value"))
    )
    strict = WORLD.replace(policies=floor)
    held = decide(batch(order(1, [("TEE", 1, 1999)])), strict)
    assert held.decisions["status"].to_list() == ["held"]
    assert held.issues["code"].to_list() == ["orders.margin_low"]
    assert held.postings.is_empty()
    freed = decide(batch(order(1, [("TEE", 1, 1999)], released="orders.margin_low")), strict)
    assert freed.decisions["status"].to_list() == ["confirmed"]
