"""Lines: duty, tax, carriage and fees of an order stand with the article that brought them."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from small import batch, import_rule, order, rows, small_world
from test_properties import batches, worlds

from entrepot.engine import Batch, World, decide
from entrepot.engine.replay import CAUSES, Question, by_line, frozen, replay
from entrepot.engine.replay.lines import FIGURES, line_figures
from entrepot.engine.scenario import Edit

SETTINGS = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
EU = {"dest": "EU", "currency": "EUR"}
FREE_POWER = rows(
    "duty_rates",
    {"dest": "EU", "hs_prefix": "6109", "rate_ppm": 200_000}, {"dest": "EU", "hs_prefix": "", "rate_ppm": 0},
    {"dest": "US", "hs_prefix": "", "rate_ppm": 50_000}, {"dest": "JP", "hs_prefix": "", "rate_ppm": 40_000},
)  # fmt: skip
FLAT = rows("import_rules", import_rule("EU-FLAT", **EU, duty_mode="flat", flat_duty_minor=300))
CHINA = {("SZX", "TEE"): 999, ("SZX", "POW"): 999}


def on_lines(orders: Batch, world: World) -> pl.DataFrame:
    """What was decided about some orders, by line."""
    booked = decide(orders, world).decisions.filter(pl.col("status") == "confirmed")
    found = frozen(orders, booked, world, by_line=True)
    lines = line_figures(found.ways, orders.only(booked["order_id"]), world, found.shares)
    return lines.rename({f"{name}_base_minor": name for name in FIGURES})


def test_an_article_free_of_duty_carries_none_beside_one_that_pays():
    orders = batch(order(1, [("TEE", 10, 20_000), ("POW", 4, 20_000)], price_includes_tax=False), stock=CHINA)
    lines = on_lines(orders, small_world(duty_rates=FREE_POWER))
    duty = dict(lines.select("sku", "duty").iter_rows())
    assert duty["POW"] == 0
    assert (
        duty["TEE"] == decide(orders, small_world(duty_rates=FREE_POWER)).decisions["duty_base_minor"][0] > 0
    )


def test_import_tax_follows_each_line_s_own_base_of_value_duty_and_carriage():
    orders = batch(order(1, [("TEE", 10, 20_000), ("POW", 4, 20_000)], price_includes_tax=False), stock=CHINA)
    lines = on_lines(orders, small_world(duty_rates=FREE_POWER))
    tax, duty, freight = (
        dict(lines.select("sku", name).iter_rows()) for name in ("import_tax", "duty", "freight")
    )
    # half of the customs value each, freight in it: what lies between the two taxes is that on the one's duty
    assert tax["TEE"] - tax["POW"] == pytest.approx(duty["TEE"] * 0.19, abs=2)
    assert freight["TEE"] / freight["POW"] == pytest.approx(10 * 180 / (4 * 350), rel=0.001)


def test_three_euro_for_each_code_are_shared_within_the_code_alone():
    orders = batch(
        order(1, [("TEE", 1, 1_000), ("POW", 1, 9_000), ("TEE", 2, 2_000)], price_includes_tax=False),
        stock=CHINA,
    )
    lines = on_lines(orders, small_world(import_rules=FLAT, registrations=rows("registrations")))
    duty = lines["duty"].to_list()
    assert sum(duty) == 4_620  # 6 EUR at 7.7
    assert duty == [770, 2_310, 1_540]


def test_tax_of_two_categories_is_shared_by_each_line_s_rate():
    skus = small_world()["skus"].with_columns(
        tax_category=pl.when(pl.col("sku") == "TEE").then(pl.lit("reduced")).otherwise("tax_category")
    )
    orders = batch(order(1, [("TEE", 10, 30_000), ("POW", 4, 30_000)], price_includes_tax=False), stock=CHINA)
    lines = on_lines(
        orders,
        small_world(skus=skus, duty_rates=rows("duty_rates", {"dest": "EU", "hs_prefix": "", "rate_ppm": 0})),
    )
    tax = dict(lines.select("sku", "import_tax").iter_rows())
    assert tax["POW"] / tax["TEE"] == pytest.approx(19 / 7, rel=0.001)


def test_a_change_of_one_article_s_duty_leaves_the_other_articles_alone():
    world = small_world()
    orders = batch(
        *(
            order(n, [("TEE", n, 2_000 * n), ("POW", 1, 5_000)], dest_country="US", currency="USD")
            for n in range(1, 6)
        ),
        stock=CHINA,
    )
    booked = decide(orders, world).decisions.filter(pl.col("status") == "confirmed")
    edit = Edit("duty_layer", {"dest": "US", "hs_prefix": "6109", "rate_ppm": 150_000, "origin": "CN"})
    found = replay(orders, booked, Question(world, [edit]))
    lines = by_line(found, orders)
    power = lines.filter(pl.col("sku") == "POW")
    assert lines.filter(pl.col("sku") == "TEE")["duty"].sum() < 0
    assert power["duty"].abs().max() <= 1  # a rest of rounding
    assert lines["duty"].sum() == found.orders["duty"].sum()


@given(batches(), worlds())
@SETTINGS
def test_lines_add_up_and_their_order_does_not_matter(orders, world):
    booked = decide(orders, world).decisions.filter(pl.col("status") == "confirmed")
    if booked.is_empty():
        return
    lines = on_lines(orders, world)
    turned = Batch.of(
        orders=orders.orders,
        lines=orders.lines.with_columns(line_no=1_000 - pl.col("line_no")),
        stock=orders.stock,
    )
    again = on_lines(turned, world)
    names = list(FIGURES)
    sums = lines.group_by("order_id").agg(pl.col(names).sum()).sort("order_id")
    assert sums.select(names).equals(booked.select(**{name: f"{name}_base_minor" for name in names}))
    by_sku = [
        frame.group_by("order_id", "sku").agg(pl.col(names).sum()).sort("order_id", "sku")
        for frame in (lines, again)
    ]
    assert by_sku[0].equals(by_sku[1])


@given(batches())
@SETTINGS
def test_a_line_s_causes_are_its_own_difference(orders):
    world = small_world()
    booked = decide(orders, world).decisions.filter(pl.col("status") == "confirmed")
    edits = [
        Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"}),
        Edit("fx_shift", {"currency": "USD", "change_ppm": -80_000}),
        Edit("price", {"sku": "TEE", "change_ppm": 50_000}),
    ]
    lines = by_line(replay(orders, booked, Question(world, edits, redecide=True)), orders)
    gap = lines["profit_after"] - lines["profit_before"]
    assert (lines.select(pl.sum_horizontal(CAUSES)).to_series() == gap).all()


@pytest.mark.parametrize("redecide", [False, True])
def test_an_order_in_parts_adds_up_and_chosen_again_it_may_go_whole(redecide):
    world = small_world()
    world = world.replace(
        services=world["services"].with_columns(battery=pl.lit("all")),
        policies=pl.concat([world["policies"], rows("policies", {"key": "choose.split", "value": 1})]),
    )
    orders = batch(
        order(1, [("TEE", 2, 6_000), ("POW", 1, 9_000)], dest_country="DE"),
        order(2, [("TEE", 1, 6_000)], dest_country="DE"),
        stock={("SZX", "TEE"): 9, ("RTM", "POW"): 9},
    )
    booked = decide(orders, world).decisions.filter(pl.col("status") == "confirmed")
    assert booked["parts"].null_count() == 1
    edit = Edit("rate_card", {"service": "LINE", "change_ppm": 500_000})
    found = replay(orders, booked, Question(world, [edit], redecide=redecide))
    anew = replay(orders, booked, Question(world, [edit], redecide=redecide, proof=False))
    assert found.off_minor == 0
    assert found.orders.equals(anew.orders)
    sums = (
        by_line(found, orders).group_by("order_id").agg(pl.col("profit_after", "freight", *CAUSES[:2]).sum())
    )
    wanted = found.orders.select(sums.columns)
    assert sums.sort("order_id").equals(wanted)
    one = found.orders.row(0, named=True)
    if redecide:  # from one warehouse that has everything now
        whole = frozen(
            orders,
            pl.DataFrame({"order_id": [1], "warehouse": [one["new_warehouse"]], "service": [one["new_service"]],
                          "waits": [0], "chosen_by": ["cheapest"]}),
            Question(world, [edit]).after,
        )  # fmt: skip
        assert one["profit_after"] == whole.ways["profit_base_minor"][0]
