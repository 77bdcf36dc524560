"""Review: each reason to hold an order, and what a release may lift."""

from datetime import timedelta

import pytest
from small import DAY, batch, order, small_world

from entrepot.engine.review import held_orders, review

WORLD = small_world()


def codes(*orders, world=WORLD):
    issues = review(batch(*orders), world)
    return {(row["order_id"], row["code"], row["severity"]) for row in issues.to_dicts()}


def test_a_plain_order_has_no_issue():
    assert codes(order(1, [("TEE", 1, 1999)])) == set()


@pytest.mark.parametrize(
    ("code", "lines", "more"),
    [
        ("catalog.sku_unknown", [("NONE", 1, 100)], {}),
        ("orders.quantity_invalid", [("TEE", 0, 100)], {}),
        ("orders.quantity_unusual", [("TEE", 51, 100)], {}),
        ("orders.amount_invalid", [("TEE", 1, -1)], {}),
        ("orders.amount_invalid", [("TEE", 1, 100)], {"discount_minor": 101}),
        ("orders.no_lines", [], {}),
        ("orders.currency_unknown", [("TEE", 1, 100)], {"currency": "XXX"}),
        ("orders.channel_unknown", [("TEE", 1, 100)], {"channel": "bazaar"}),
        ("customs.country_unknown", [("TEE", 1, 100)], {"dest_country": ""}),
        ("customs.embargo", [("TEE", 1, 100)], {"dest_country": "IR"}),
        ("payments.risk", [("TEE", 1, 100)], {"billing_country": "US", "ip_country": "JP"}),
        ("orders.duplicate", [("TEE", 1, 100)], {"duplicate_of": 7}),
    ],
)
def test_each_reason_holds_the_order(code, lines, more):
    assert (1, code, "hold") in codes(order(1, lines, **more))


def test_risk_points_below_the_limit_do_not_hold():
    assert codes(order(1, [("TEE", 1, 100)], billing_country="US")) == set()


def test_the_second_of_two_equal_orders_within_the_window_is_held():
    same = {"customer_key": 9, "content_key": 4}
    late = DAY + timedelta(days=4)
    found = codes(
        order(1, [("TEE", 1, 100)], **same),
        order(2, [("TEE", 1, 100)], **same),
        order(3, [("TEE", 1, 100)], **same, placed_on=late),
    )
    assert found == {(2, "orders.duplicate", "hold")}


def test_a_release_turns_a_hold_into_a_note_but_never_lifts_an_embargo():
    risky = order(1, [("TEE", 1, 100)], billing_country="US", ip_country="JP", released="payments.risk")
    barred = order(2, [("TEE", 1, 100)], dest_country="IR", released="customs.embargo")
    issues = review(batch(risky, barred), WORLD)
    assert held_orders(issues).to_list() == [2]


def test_assumed_facts_are_noted():
    skus = WORLD["skus"].with_columns(assumed=small_assumed())
    assert (1, "catalog.facts_assumed", "note") in codes(
        order(1, [("TEE", 1, 100)]), world=WORLD.replace(skus=skus)
    )


def small_assumed():
    import polars as pl

    return pl.when(pl.col("sku") == "TEE").then(pl.lit("weight cost")).otherwise(pl.lit(""))
