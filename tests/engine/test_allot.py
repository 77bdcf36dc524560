"""Choose against brute force: as many orders as can be by priority, then least cost; never more than there is."""

from datetime import date, timedelta
from itertools import product

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small import batch, order, rows

from entrepot.engine import World
from entrepot.engine.choose import choose

DAY = date(2026, 5, 4)
PLACES, SERVICES, SKUS = ("A", "B"), ("X", "Y"), ("K", "L")
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def way(order_id, warehouse, service, cost, parcels=1):
    return {
        "order_id": order_id, "warehouse": warehouse, "service": service, "ship_on": DAY, "promise_on": DAY,
        "parcels": parcels, "weight_g": 500 * parcels, "total_cost_base_minor": cost,
    }  # fmt: skip


def world(*capacities, **policies):
    return World.of({
        "capacities": rows("capacities", *capacities),
        "policies": rows("policies", *({"key": f"choose.{k}", "value": v} for k, v in policies.items())),
    })  # fmt: skip


@st.composite
def cases(draw):
    wanted = draw(
        st.lists(
            st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1), min_size=1, max_size=5
        )
    )
    stock = {(w, s): draw(st.integers(0, 4)) for w in PLACES for s in SKUS}
    orders = [
        order(n, [(sku, q, 100) for sku, q in lines.items()], priority=draw(st.integers(0, 1)))
        for n, lines in enumerate(wanted, 1)
    ]
    ways = [
        way(n, w, s, draw(st.integers(0, 60)), draw(st.integers(1, 2)))
        for n, lines in enumerate(wanted, 1) for w, s in product(PLACES, SERVICES)
        if all(stock[w, sku] >= q for sku, q in lines.items()) and draw(st.booleans())
    ]  # fmt: skip
    capacities = []
    if draw(st.booleans()):
        capacities = [
            {"warehouse": "A", "unit": "orders", "per_day": draw(st.integers(0, 3))},
            {"service": "X", "unit": "parcels", "per_day": draw(st.integers(0, 4))},
        ]
    return ways, batch(*orders, stock=stock), capacities


def best_of_all(ways, some, capacities):
    """Every combination tried: (orders served by priority, −extra cost) of the best that keeps the limits."""
    priority = dict(some.orders.select("order_id", "priority").iter_rows())
    own = {n: [w for w in ways if w["order_id"] == n] for n in priority}
    least = {n: min(w["total_cost_base_minor"] for w in found) for n, found in own.items() if found}
    best = None
    for pick in product(*([None, *found] for found in own.values())):
        taken = [w for w in pick if w]
        if not keeps_limits(taken, some, capacities):
            continue
        served = tuple(sum(priority[w["order_id"]] == level for w in taken) for level in (1, 0))
        extra = sum(w["total_cost_base_minor"] - least[w["order_id"]] for w in taken)
        best = max(best or (served, -extra), (served, -extra))
    return best


def keeps_limits(taken, some, capacities):
    stock = {(w, s): n for w, s, n in some.stock.iter_rows()}
    for w in taken:
        for sku, quantity in (
            some.lines.filter(pl.col("order_id") == w["order_id"]).select("sku", "quantity").iter_rows()
        ):
            stock[w["warehouse"], sku] -= quantity
    full = any(
        sum(w["parcels"] if c["unit"] == "parcels" else 1 for w in taken
            if c.get("warehouse", w["warehouse"]) == w["warehouse"] and c.get("service", w["service"]) == w["service"])
        > c["per_day"] for c in capacities
    )  # fmt: skip
    return min(stock.values(), default=0) >= 0 and not full


@SETTINGS
@given(cases())
def test_the_choice_is_the_best_of_all_and_keeps_every_limit(case):
    ways, some, capacities = case
    if not ways:
        return
    chosen = choose(pl.DataFrame(ways), some, world(*capacities))
    assert keeps_limits(chosen.to_dicts(), some, capacities)
    priority = dict(some.orders.select("order_id", "priority").iter_rows())
    least = pl.DataFrame(ways).group_by("order_id").agg(least=pl.col("total_cost_base_minor").min())
    extra = (
        chosen.join(least, on="order_id")
        .select(pl.col("total_cost_base_minor") - pl.col("least"))
        .sum()
        .item()
    )
    served = tuple(sum(priority[n] == level for n in chosen["order_id"]) for level in (1, 0))
    assert (served, -extra) == best_of_all(ways, some, capacities)


@SETTINGS
@given(cases(), st.integers(0, 99), st.sampled_from([{}, {"solver_columns": 0}, {"core_columns": 0}]))
def test_rows_in_any_order_and_any_method_keep_the_limits(case, seed, policies):
    ways, some, capacities = case
    if not ways:
        return
    frame = pl.DataFrame(ways)
    one = choose(frame, some, world(*capacities, **policies))
    other = choose(
        frame.sample(fraction=1, shuffle=True, seed=seed), some, world(*reversed(capacities), **policies)
    )
    assert_frame_equal(one, other.sort("order_id"))
    assert keeps_limits(one.to_dicts(), some, capacities)


def test_the_method_is_named():
    ways = pl.DataFrame([way(1, "A", "X", 5), way(1, "B", "X", 9), way(2, "A", "X", 5), way(2, "B", "X", 7)])
    some = batch(order(1, [("K", 1, 100)]), order(2, [("K", 1, 100)]), stock={("A", "K"): 1, ("B", "K"): 5})
    assert choose(ways, some, world())["chosen_by"].to_list() == ["optimum", "optimum"]
    assert choose(ways, some, world())["warehouse"].to_list() == ["A", "B"]
    assert set(choose(ways, some, world(solver_columns=1))["chosen_by"]) == {"heuristic"}
    plenty = batch(order(1, [("K", 1, 100)]), order(2, [("K", 1, 100)]), stock={("A", "K"): 2, ("B", "K"): 5})
    assert set(choose(ways, plenty, world())["chosen_by"]) == {"cheapest"}


def test_the_earlier_of_two_alike_is_served():
    ways = pl.DataFrame([way(n, "A", "X", 5) for n in (1, 2, 3)])
    orders = [order(n, [("K", 1, 100)], placed_on=DAY - timedelta(days=n == 2)) for n in (1, 2, 3)]
    assert choose(ways, batch(*orders, stock={("A", "K"): 1}), world())["order_id"].to_list() == [2]


@pytest.mark.parametrize("promised", [0, 1])
def test_an_order_waits_for_a_free_day_unless_the_promise_forbids_it(promised):
    ways = pl.DataFrame([way(n, "A", "X", 5) for n in (1, 2, 3)])
    limited = world({"warehouse": "A", "unit": "orders", "per_day": 1}, wait_days=3, wait_cost_base_minor=2)
    channels = rows("channels", {"channel": "shop", "kind": "own", "max_days": promised})
    some = batch(*(order(n, [("K", 1, 100)]) for n in (1, 2, 3)), stock={("A", "K"): 9})
    chosen = choose(ways, some, limited.replace(channels=channels))
    assert chosen["waits"].to_list() == ([0, 1] if promised else [0, 1, 2])
    assert chosen["ship_on"].to_list() == [DAY + timedelta(days=n) for n in chosen["waits"]]


def test_what_is_planned_already_counts():
    ways = pl.DataFrame([way(n, "A", "X", 5) for n in (1, 2, 3)])
    some = batch(*(order(n, [("K", 1, 100)]) for n in (1, 2, 3)), stock={("A", "K"): 9})
    planned = pl.DataFrame(
        {
            "warehouse": ["A"],
            "service": ["Y"],
            "ship_on": [DAY],
            "orders": [1],
            "parcels": [4],
            "weight_g": [900],
        }
    )
    full = type(some).of(orders=some.orders, lines=some.lines, stock=some.stock, booked=planned)
    limited = world({"warehouse": "A", "unit": "parcels", "per_day": 6})
    assert choose(ways, some, limited).height == 3
    assert choose(ways, full, limited)["order_id"].to_list() == [1, 2]
