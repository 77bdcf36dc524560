"""Orders in parts: offered when no warehouse has all or two are cheaper; the parts add up to the order."""

import json
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small import DAY, batch, order, rows, small_world
from test_allot import way

from entrepot.engine import Batch, World, decide, explain, slices
from entrepot.engine.choose import Pairs, choose_with
from entrepot.engine.measure import demand
from entrepot.engine.parting import TAKES, parted, takes_of
from entrepot.engine.post import postings
from entrepot.engine.replay import Question, replay
from entrepot.engine.replay.frozen import frozen
from entrepot.engine.replay.identity import difference, different, posting_difference
from entrepot.engine.replay.lines import line_figures
from entrepot.engine.splits import shares

BASE = small_world()
STOCK = {("SZX", "TEE"): 9, ("RTM", "POW"): 9, ("SZX", "POW"): 0}


def world(split=2, **policies):
    """The small world where packages of batteries travel from Rotterdam too."""
    services = BASE["services"].with_columns(battery=pl.lit("all"))
    wanted = {"choose.split": split, **policies}
    own = rows("policies", *({"key": key, "value": value} for key, value in wanted.items()))
    return BASE.replace(services=services, policies=pl.concat([BASE["policies"], own]))


def both(number=1, **more):
    return order(number, [("TEE", 2, 6_000), ("POW", 1, 9_000)], dest_country="DE", **more)


def test_an_order_no_warehouse_has_whole_goes_in_two_parts():
    decided = decide(batch(both(), stock=STOCK), world(1))

    row = decided.decisions.to_dicts()[0]
    assert row["status"] == "confirmed"
    assert json.loads(row["parts"]) == [
        {"warehouse": "RTM", "service": "EUP", "goods": {"POW": 1}},
        {"warehouse": "SZX", "service": "LINE", "goods": {"TEE": 2}},
    ]
    assert decided.shipments.select("part", "warehouse", "service").rows() == [
        (1, "RTM", "EUP"), (2, "SZX", "LINE")]  # fmt: skip
    assert decided.stock_moves.select("warehouse", "sku", "quantity").rows() == [
        ("RTM", "POW", -1), ("SZX", "TEE", -2)]  # fmt: skip
    assert decided.shipments["freight_base_minor"].sum() == row["freight_base_minor"]
    assert decided.shipments["promise_on"].max() == row["promise_on"]


SCARCE = {("SZX", "TEE"): 2, ("SZX", "POW"): 2, ("RTM", "TEE"): 2, ("RTM", "POW"): 0}


def test_an_order_whose_stock_went_to_another_gets_what_is_left_in_two_parts():
    decided = decide(batch(both(1), both(2), both(3), stock=SCARCE), world(1))

    rows = decided.decisions.sort("order_id").to_dicts()
    assert [row["status"] for row in rows] == ["confirmed", "confirmed", "backordered"]
    assert [row["chosen_by"] for row in rows[:2]] != ["remainder", "remainder"]
    second = next(row for row in rows if row["parts"])
    assert second["chosen_by"] == "remainder"
    assert json.loads(second["parts"]) == [
        {"warehouse": "RTM", "service": "EUP", "goods": {"TEE": 2}},
        {"warehouse": "SZX", "service": "LINE", "goods": {"POW": 1}},
    ]
    moved = (
        decided.stock_moves.group_by("warehouse", "sku")
        .agg(pl.col("quantity").sum())
        .sort("warehouse", "sku")
    )
    assert moved.rows() == [("RTM", "TEE", -2), ("SZX", "POW", -2), ("SZX", "TEE", -2)]
    books = decided.postings.group_by("order_id").agg(pl.col("base_minor").sum())
    assert books["base_minor"].to_list() == [0, 0]


def test_asked_again_comes_out_the_same_whatever_the_order_of_rows_and_is_explained():
    some = batch(both(1), both(2), both(3), stock=SCARCE)
    turned = Batch.of(orders=some.orders.reverse(), lines=some.lines.reverse(), stock=some.stock.reverse())

    decided, again = decide(some, world(1)), decide(turned, world(1))

    assert_frame_equal(decided.decisions, again.decisions)
    cut = decided.decisions.filter(pl.col("parts").is_not_null()).to_dicts()[0]
    told = explain(some, world(1), cut["order_id"])
    assert told.decision == cut
    assert [part.goods for part in told.parts] == [{"TEE": 2}, {"POW": 1}]
    assert (
        sum(step["amount_minor"] or 0 for step in told.waterfall[2:-1]) == told.waterfall[-1]["amount_minor"]
    )


def test_asked_again_no_capacity_is_passed():
    full = rows("capacities", {"warehouse": "RTM", "service": "", "unit": "orders", "per_day": 0, "valid_from": DAY,
                               "valid_to": None, "source": "test", "status": "C"})  # fmt: skip
    decided = decide(batch(both(1), both(2), stock=SCARCE), world(1).replace(capacities=full))

    assert sorted(decided.decisions["status"]) == ["backordered", "confirmed"]


@pytest.mark.parametrize("split", [None, 0])
def test_where_policy_forbids_it_the_order_waits_for_stock(split):
    policies = BASE.replace(services=world()["services"]) if split is None else world(split)

    decided = decide(batch(both(), stock=STOCK), policies)

    assert decided.decisions.select("status", "parts").row(0) == ("backordered", None)
    assert decided.shipments.is_empty()


def test_a_line_is_cut_by_pieces_where_no_warehouse_has_enough_of_it():
    some = batch(order(1, [("TEE", 5, 10_001)], dest_country="DE", shipping_minor=777, discount_minor=99,
                       price_includes_tax=False), stock={("SZX", "TEE"): 3, ("RTM", "TEE"): 2})  # fmt: skip

    decided = decide(some, world(1))

    assert decided.stock_moves.select("warehouse", "quantity").rows() == [("RTM", -2), ("SZX", -3)]
    assert decided.decisions["revenue_minor"][0] == 10_001 + 777 - 99


def test_the_parts_hold_what_the_order_holds():
    some = batch(order(1, [("TEE", 5, 10_001), ("POW", 3, 2), ("TEE", 2, 333)], shipping_minor=777, discount_minor=99),
                 stock={("SZX", "TEE"): 3, ("RTM", "TEE"): 5, ("RTM", "POW"): 3, ("SZX", "POW"): 3})  # fmt: skip
    near = pl.DataFrame({"order_id": [1, 1], "warehouse": ["SZX", "RTM"]})
    takes = shares(some, near, world())
    parts = parted(some, takes, world())

    for name in ("shipping_minor", "discount_minor"):
        sums = parts.batch.orders.join(parts.heads, left_on="order_id", right_on="part_id").group_by("split")
        assert set(sums.agg(pl.col(name).sum())[name]) == {some.orders[name][0]}
    lines = parts.batch.lines.join(parts.heads, left_on="order_id", right_on="part_id")
    for (_split,), own in lines.group_by("split"):
        whole = own.group_by("line_no").agg(pl.col("quantity", "amount_minor").sum()).sort("line_no")
        assert_frame_equal(whole, some.lines.select("line_no", "quantity", "amount_minor"))
    assert takes["split"].n_unique() == 2  # what Shenzhen can give first, and what Rotterdam can


def test_one_payment_is_paid_for_once():
    single = decide(
        batch(both(payment_method="card"), stock={("SZX", "TEE"): 9, ("SZX", "POW"): 9}), world(0)
    )
    cut = decide(batch(both(payment_method="card"), stock=STOCK), world(1))

    fees = [
        found.postings.filter(pl.col("account") == "5300")["amount_minor"].to_list()
        for found in (single, cut)
    ]
    assert cut.decisions["parts"][0]
    assert fees[0] == fees[1]


def test_two_parts_are_taken_where_they_are_cheaper_and_only_then():
    near = {("SZX", "TEE"): 99, ("SZX", "POW"): 99, ("RTM", "POW"): 99}
    far = [("TEE", 1, 6_000), ("POW", 20, 90_000)]
    heavy = order(1, far, dest_country="DE")

    cut = decide(batch(heavy, stock=near), world(2))
    kept = decide(batch(heavy, stock=near), world(1))
    light = decide(
        batch(order(1, [("TEE", 1, 900), ("POW", 1, 900)], dest_country="DE"), stock=near), world(2)
    )

    assert cut.decisions["parts"][0]
    assert kept.decisions["parts"][0] is None
    assert light.decisions["parts"][0] is None


def test_parts_from_one_country_count_together_against_limits_of_value():
    places = pl.concat([BASE["warehouses"], rows("warehouses", {
        "warehouse": "PVG", "country": "CN", "currency": "CNY", "order_fee_minor": 300, "tare_g": 60})])  # fmt: skip
    stock = {("SZX", "TEE"): 9, ("PVG", "POW"): 9}
    dear = order(
        1, [("TEE", 2, 9_000), ("POW", 1, 9_000)], dest_country="DE", channel="amazon", incoterm="DDP"
    )

    def rule(summed):
        changed = world(1, **{"customs.parts_summed": summed}).replace(warehouses=places)
        decided = decide(batch(dear, stock=stock), changed)
        assert decided.decisions["parts"][0]
        return decided.decisions["import_rule"][0]

    assert rule(1) == "EU-H1"  # 180.00 together is over the 150.00 of IOSS
    assert rule(0) == "EU-IOSS"


def test_what_was_told_of_the_parts_can_be_read_again():
    some = batch(both(1), both(2), stock=STOCK)
    decided = decide(some, world(1))
    takes = takes_of(decided.decisions)

    assert takes.filter(pl.col("split") == 1)["order_id"].unique().to_list() == [2]
    again = takes.group_by("order_id", "sku").agg(pl.col("quantity").sum()).sort("order_id", "sku")
    assert_frame_equal(again, demand(some).sort("order_id", "sku"))


def test_orders_in_parts_share_scarce_stock_with_the_others():
    stock = {("SZX", "TEE"): 3, ("RTM", "POW"): 1, ("SZX", "POW"): 0}
    some = batch(both(1), both(2), order(3, [("TEE", 1, 6_000)], dest_country="DE"), stock=stock)

    decided = decide(some, world(1))

    found = dict(decided.decisions.select("order_id", "status").iter_rows())
    assert found == {1: "confirmed", 2: "backordered", 3: "confirmed"}


def test_the_explanation_of_an_order_in_parts_adds_up_to_what_is_booked():
    some = batch(both(1, payment_method="card", shipping_minor=801), both(2), stock=STOCK)
    decided = decide(some, world(1))
    row = decided.decisions.to_dicts()[0]

    found = explain(some, world(1), 1)

    assert found.decision == row
    assert [part.goods for part in found.parts] == [{"POW": 1}, {"TEE": 2}]
    way = next(way for way in found.ways if way["chosen"])
    for name in ("profit_base_minor", "landed_minor", "freight_base_minor", "revenue_minor", "weight_g"):
        assert way[name] == row[name]
    steps = {step["key"]: step["amount_minor"] for step in found.waterfall}
    assert steps["profit"] == row["profit_base_minor"]
    assert sum(part.way["freight_base_minor"] for part in found.parts) == row["freight_base_minor"]
    assert {charge["kind"] for charge in found.charges} == set(decided.tax_entries["kind"])


def test_priced_again_an_order_in_parts_comes_out_as_booked():
    some = batch(both(1), both(2, payment_method="none"), order(3, [("TEE", 1, 6_000)]), stock=STOCK)
    decided = decide(some, world(1))

    again = frozen(some, decided.decisions, world(1))

    assert difference(decided.decisions, again.ways) == 0
    assert different(decided.decisions, again.ways).is_empty()
    assert posting_difference(decided.postings, postings(again.legs, world(1))) == 0
    assert again.lost.is_empty()


def test_an_order_is_lost_with_any_of_its_parts():
    decided = decide(batch(both(1), order(3, [("TEE", 1, 6_000)]), stock=STOCK), world(1))
    lanes = world(1)["lanes"].filter(pl.col("service") != "EUP")

    again = frozen(
        batch(both(1), order(3, [("TEE", 1, 6_000)])), decided.decisions, world(1).replace(lanes=lanes)
    )

    assert again.lost.rows() == [(1, "logistics.no_lane")]
    assert again.ways["order_id"].to_list() == [3]


def test_what_a_part_costs_stands_with_its_own_lines():
    some = batch(both(1), both(2), stock=STOCK)
    decided = decide(some, world(1))
    again = frozen(some, decided.decisions, world(1), by_line=True)

    lines = line_figures(again.ways, some, world(1), again.shares)

    freight = dict(
        again.of_parts.filter(pl.col("order_id") == 1).select("part", "freight_base_minor").iter_rows()
    )
    told = dict(lines.filter(pl.col("order_id") == 1).select("sku", "freight_base_minor").iter_rows())
    assert told == {"POW": freight[1], "TEE": freight[2]}
    sums = lines.group_by("order_id").agg(pl.col("profit_base_minor").sum()).sort("order_id")
    assert sums["profit_base_minor"].to_list() == decided.decisions["profit_base_minor"].to_list()


def test_chosen_again_from_its_own_stock_an_order_goes_in_parts_again():
    one, two = batch(both(1), stock=STOCK), batch(both(2), order(3, [("TEE", 1, 6_000)]), stock=STOCK)
    booked = pl.concat([decide(some, world(1)).decisions for some in (one, two)])
    whole = batch(both(1), both(2), order(3, [("TEE", 1, 6_000)]), stock=STOCK)

    for apart in ([one, two], [whole]):
        asked = Question(world(1), redecide=True, unlimited=False)
        found = replay(whole, booked, asked, apart)
        assert found.off_minor == 0
        assert (found.orders["profit_after"] == booked["profit_base_minor"]).all()
        assert found.orders["code"].null_count() == 3


@st.composite
def offers(draw):
    """Orders with ways in one piece and in two parts, at costs drawn, and scarce stock of two places."""
    lines = [
        {"K": draw(st.integers(0, 2)), "L": draw(st.integers(0, 2))} for _ in range(draw(st.integers(1, 4)))
    ]
    wanted = [own if any(own.values()) else {"K": 1, "L": 0} for own in lines]
    stock = {(w, s): draw(st.integers(0, 4)) for w in ("A", "B") for s in ("K", "L")}
    costs = [{w: draw(st.integers(1, 60)) for w in ("A", "B", "split")} for _ in wanted]
    return wanted, stock, costs


@settings(max_examples=60, deadline=None)
@given(offers())
def test_pairs_and_ways_share_scarce_stock_as_well_as_any_combination_could(some):
    wanted, stock, costs = some
    orders = batch(
        *(order(n, [(s, q, 100) for s, q in own.items() if q]) for n, own in enumerate(wanted, 1)),
        stock=stock,
    )
    options = {n: [] for n in range(1, len(wanted) + 1)}  # (cost, {(warehouse, sku): pieces})
    ways, halves, takes = [], [], []
    for n, own in enumerate(wanted, 1):
        for place in ("A", "B"):
            if all(stock[place, sku] >= q for sku, q in own.items()):
                ways.append(way(n, place, "X", costs[n - 1][place]))
                options[n].append((costs[n - 1][place], {(place, sku): q for sku, q in own.items() if q}))
        if own["K"] and own["L"] and stock["A", "K"] >= own["K"] and stock["B", "L"] >= own["L"]:
            split = len(takes) // 2
            takes += [(split, n, 1, "A", "K", own["K"]), (split, n, 2, "B", "L", own["L"])]
            options[n].append((costs[n - 1]["split"], {("A", "K"): own["K"], ("B", "L"): own["L"]}))
    count = len(takes) // 2
    if not ways or not count:
        return
    parts = parted(orders, pl.DataFrame(takes, schema=TAKES, orient="row"), World.of({}))
    for split, n, part, place, _sku, _q in takes:
        cost = costs[n - 1]["split"] if part == 1 else 0
        halves.append(way(2 * split + part - 1 - 2 * count, place, "Y", cost))
    pairs = pl.DataFrame([
        {"order_id": takes[2 * s][1], "split": s, "first": 2 * s, "second": 2 * s + 1,
         "cost": costs[takes[2 * s][1] - 1]["split"], "promise_on": DAY} for s in range(count)
    ])  # fmt: skip
    nothing = World.of({"policies": BASE["policies"]})

    chosen = choose_with(pl.DataFrame(ways), orders, nothing, Pairs(pl.DataFrame(halves), parts.batch, pairs))

    taken, spent = {}, 0
    split_of = dict(parts.heads.select("part_id", "order_id").iter_rows())
    picked = [(n, place) for n, place, *_ in chosen.alone("order_id", "warehouse").iter_rows()]
    for n, place in picked:
        spent += costs[n - 1][place]
        for sku, q in wanted[n - 1].items():
            taken[place, sku] = taken.get((place, sku), 0) + q
    for part_id, place in chosen.parts.select("order_id", "warehouse").iter_rows():
        n, sku = split_of[part_id], "K" if place == "A" else "L"
        spent += costs[n - 1]["split"] if place == "A" else 0
        taken[place, sku] = taken.get((place, sku), 0) + wanted[n - 1][sku]
    assert all(q <= stock[key] for key, q in taken.items())
    served = len(picked) + chosen.parts.height // 2
    best = (0, 0)
    for pick in product(*([None, *found] for found in options.values())):
        use = {}
        for one in filter(None, pick):
            for key, q in one[1].items():
                use[key] = use.get(key, 0) + q
        if all(q <= stock[key] for key, q in use.items()):
            extra = sum(o[0] - min(c for c, _ in options[n]) for n, o in enumerate(pick, 1) if o)
            best = max(best if best != (0, 0) else (-1, 0), (sum(o is not None for o in pick), -extra))
    own = sum(
        min(c for c, _ in options[n])
        for n in {n for n, _ in picked} | {split_of[p] for p in chosen.parts["order_id"]}
    )
    assert (served, own - spent) == best


@pytest.mark.parametrize("size", [1, 2, 3])
def test_slices_change_nothing_and_leave_an_orders_parts_together(size, monkeypatch):
    orders = batch(*(both(number) for number in range(1, 7)), stock={("SZX", "TEE"): 99, ("RTM", "POW"): 99})
    whole = decide(orders, world(1))

    monkeypatch.setattr(slices, "ORDERS_PER_SLICE", size)

    again = decide(orders, world(1))
    assert whole.shipments["part"].max() == 2
    for name in ("decisions", "shipments", "stock_moves", "postings", "tax_entries"):
        assert_frame_equal(getattr(again, name), getattr(whole, name))
