"""Replay: what was decided comes out again to the cent, causes and lines add up, choosing again costs no more."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small import DAY, batch, order, small_world
from test_properties import batches, worlds

from entrepot.engine import Batch, World, decide
from entrepot.engine.choose import choose
from entrepot.engine.decide import price_ways
from entrepot.engine.post import postings
from entrepot.engine.price.freight import freight
from entrepot.engine.replay import CAUSES, Question, by_line, cells, frozen, replay
from entrepot.engine.replay.frozen import CARRIAGE, PACKING, packing
from entrepot.engine.replay.identity import different, posting_difference
from entrepot.engine.replay.redecided import plenty, redecided
from entrepot.engine.scenario import Edit

WORLD = small_world()
SETTINGS = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
EDITS = [
    Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"}),
    Edit("tax_rate", {"country": "DE", "points_ppm": 20_000}),
    Edit("fx_shift", {"currency": "USD", "change_ppm": -80_000}),
    Edit("rate_card", {"service": "LINE", "change_ppm": 120_000}),
    Edit("surcharge", {"service": "EUP", "fixed_minor": 90, "name": "peak"}),
    Edit("closed", {"ship_from": "NL"}),
    Edit("channel_fee", {"channel": "amazon", "points_ppm": 20_000}),
    Edit("product_cost", {"sku": "TEE", "change_ppm": 70_000}),
    Edit("threshold", {"dest": "EU", "figure": "max_minor", "value": 2_000}),
    Edit("price", {"sku": "TEE", "change_ppm": 50_000}),
]


def trade() -> Batch:
    """A few orders of every kind the small world knows."""
    return batch(
        order(1, [("TEE", 2, 4_000)], incoterm="DDP"),
        order(2, [("TEE", 1, 2_000), ("POW", 1, 5_000)], dest_country="US", currency="USD", incoterm="DDP"),
        order(3, [("POW", 3, 90_000)], dest_country="JP", currency="JPY", shipping_minor=500),
        order(4, [("TEE", 9, 30_000)], channel="amazon", price_includes_tax=True, payment_method="card"),
        order(5, [("POW", 1, 6_001), ("TEE", 2, 1_999), ("TEE", 1, 1)], dest_country="US", currency="USD"),
        stock={("SZX", "TEE"): 99, ("SZX", "POW"): 99, ("RTM", "TEE"): 99},
    )


def confirmed(orders: Batch, world: World) -> pl.DataFrame:
    return decide(orders, world).decisions.filter(pl.col("status") == "confirmed")


@given(batches(), worlds())
@SETTINGS
def test_the_own_world_gives_every_booked_figure_again(orders, world):
    decided = decide(orders, world)
    booked = decided.decisions.filter(pl.col("status") == "confirmed")
    found = replay(orders, booked, Question(world))
    assert found.off_minor == 0
    assert found.orders.select(pl.sum_horizontal(pl.col(CAUSES).abs()).sum()).item() == 0
    assert (found.orders["profit_after"] == booked["profit_base_minor"]).all()
    if booked.height:
        again = frozen(orders, booked, world)
        assert different(booked, again.ways).is_empty()
        assert posting_difference(decided.postings, postings(again.legs, world)) == 0


@given(
    batches(),
    st.lists(st.sampled_from(EDITS), min_size=1, max_size=3, unique_by=lambda edit: edit.kind),
    st.booleans(),
)
@SETTINGS
def test_causes_and_lines_add_up_to_the_difference(orders, edits, redecide):
    booked = confirmed(orders, WORLD)
    replayed = replay(orders, booked, Question(WORLD, edits, redecide=redecide))
    found = replayed.orders
    gap = found["profit_after"] - found["profit_before"]
    assert (found.select(pl.sum_horizontal(CAUSES)).to_series() == gap).all()
    if found.is_empty():
        return
    lines = by_line(replayed, orders)
    sums = (
        lines.group_by("order_id")
        .agg(pl.col("profit_before", "profit_after", *CAUSES).sum())
        .sort("order_id")
    )
    assert sums.equals(found.select(sums.columns))
    assert cells(lines)["profit_after"].sum() == found["profit_after"].sum()


@pytest.mark.parametrize("edit", [EDITS[n] for n in (0, 2, 5, 7, 9)], ids=lambda edit: edit.kind)
def test_a_change_without_effect_is_exactly_nothing(edit):
    booked = confirmed(trade(), WORLD)
    late = Edit(edit.kind, edit.values, DAY.replace(year=DAY.year + 1)) if edit.kind != "product_cost" else Edit(
        edit.kind, {"sku": "TEE", "change_ppm": 0}
    )  # fmt: skip
    found = replay(trade(), booked, Question(WORLD, [late])).orders
    assert (found["profit_after"] == found["profit_before"]).all()
    assert found.select(pl.sum_horizontal(pl.col(CAUSES).abs()).sum()).item() == 0


@given(batches(), st.lists(st.sampled_from(EDITS[:5]), max_size=2, unique_by=lambda edit: edit.kind))
@SETTINGS
def test_choosing_again_without_limits_costs_no_order_more(orders, edits):
    booked = confirmed(orders, WORLD)
    found = replay(orders, booked, Question(WORLD, edits, redecide=True)).orders
    both = found.drop_nulls(["cost_same", "cost_after"])
    assert (both["cost_after"] <= both["cost_same"]).all()


@pytest.mark.parametrize(
    ("edit", "cause"),
    [(0, "duty"), (2, "fx"), (3, "freight"), (4, "freight"), (6, "fee"), (7, "goods"), (9, "price")],
)
def test_each_kind_of_change_is_named_as_its_cause(edit, cause):
    found = replay(trade(), confirmed(trade(), WORLD), Question(WORLD, [EDITS[edit]])).orders
    assert found[cause].abs().sum() > 0
    assert {name for name in CAUSES if found[name].abs().sum()} <= {cause, "duty", "tax"}


def test_a_closed_way_is_lost_and_says_why():
    booked = confirmed(trade(), WORLD)
    gone = booked.filter(pl.col("warehouse") == "RTM")["order_id"]
    found = replay(trade(), booked, Question(WORLD, [EDITS[5]])).orders
    lost = found.filter(pl.col("code").is_not_null())
    assert lost["order_id"].to_list() == gone.to_list()
    assert (lost["profit_after"] == 0).all()
    assert (lost["route"] == -lost["profit_before"]).all()
    again = replay(trade(), booked, Question(WORLD, [EDITS[5]], redecide=True)).orders
    assert again["code"].null_count() == again.height
    assert set(again["new_warehouse"]) == {"SZX"}


def test_freight_is_read_from_the_tables_it_says_and_no_others():
    seen: set[str] = set()

    class Watched(World):
        def __getitem__(self, name: str) -> pl.DataFrame:
            seen.add(name)
            return super().__getitem__(name)

    watched = Watched(WORLD.tables)
    packed, _stranded = packing(trade(), confirmed(trade(), WORLD), watched)
    assert seen <= PACKING
    freight(packed, watched)
    assert seen <= CARRIAGE


@pytest.mark.parametrize("edit", [0, 3, 4, 5, 7])
def test_what_is_taken_over_is_what_would_be_worked_out(edit):
    booked, asked = confirmed(trade(), WORLD), Question(WORLD, [EDITS[edit]])
    known = frozen(trade(), booked, WORLD)
    anew = frozen(trade(), booked, asked.after)
    assert frozen(trade(), booked, asked.after, known, asked.changed).ways.equals(anew.ways)


def test_partitions_give_the_same_as_the_whole():
    booked = confirmed(trade(), WORLD)
    asked = Question(WORLD, EDITS[:3], redecide=True)
    whole = replay(trade(), booked, asked).orders
    parts = [replay(trade(), booked.filter(pl.col("order_id") % 2 == rest), asked).orders for rest in (0, 1)]
    assert pl.concat(parts).sort("order_id").equals(whole)


@given(batches())
@SETTINGS
def test_leaving_out_what_cannot_be_cheapest_changes_no_choice(orders):
    clean = orders.only(confirmed(orders, WORLD)["order_id"])
    every = replace(clean, stock=plenty(clean, WORLD))
    ways = price_ways(every, WORLD)[0].ways
    if ways.is_empty():
        return
    columns = ["order_id", "warehouse", "service", "total_cost_base_minor", "profit_base_minor"]
    whole = choose(ways, every, WORLD).select(columns)
    assert redecided(clean, WORLD, unlimited=True).select(columns).equals(whole)


@given(batches(), st.booleans())
@SETTINGS
def test_ways_priced_before_are_not_priced_again_and_change_no_choice(orders, unlimited):
    booked = confirmed(orders, WORLD)
    clean = orders.only(booked["order_id"])
    known = frozen(clean, booked, WORLD).ways
    columns = ["order_id", "warehouse", "service", "total_cost_base_minor", "profit_base_minor", "promise_on"]
    anew = redecided(clean, WORLD, unlimited=unlimited)
    if anew.is_empty():
        return
    again = redecided(clean, WORLD, unlimited=unlimited, known=known)
    assert again.select(columns).sort("order_id").equals(anew.select(columns).sort("order_id"))
