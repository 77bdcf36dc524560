"""A parcel as a carrier weighs it: worked cases in centimetres and inches, to the date and to the edge."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.config.demo.world import demo_world
from entrepot.engine.price.parcel import billable, is_over, measured, size_tests, weighing_rules

WORLD = demo_world()
DAY = date(2026, 8, 3)
FINE = 10**6  # nanometres and micrograms: inches and pounds are whole numbers of them
UNITS = {"cm": (10_000_000, 1_000_000_000), "in": (25_400_000, 453_592_370)}


def parcel(unit, sides, weight, weighing, on=DAY):
    length, mass = UNITS[unit]
    long, mid, short = (round(side * length) for side in sides)
    frame = pl.DataFrame({"long": [long], "mid": [mid], "short": [short], "weight": [round(weight * mass)]})
    return frame.with_columns(weighing=pl.lit(weighing), divisor=0, round_g=1, placed_on=pl.lit(on))


def weighed(*args, **more):
    frame = weighing_rules(parcel(*args, **more), WORLD)
    row = billable(frame, per_mm=FINE, per_g=FINE).to_dicts()[0]
    return row["volume_num"] / row["volume_den"], row["billed_e3"] / 1000


@pytest.mark.parametrize(
    ("case", "volume", "billed"),
    [
        (("cm", (40, 30, 25), 4.2, "courier-500g"), 30_000, 6.0),
        (("cm", (41, 31, 26), 4.2, "courier-500g"), 33_046, 7.0),
        (("in", (20, 15, 10), 16, "ups-us-daily"), 3_000, 22),
        (("in", (15, 15, 22), 10, "usps", date(2026, 7, 11)), 4_950, 30),
        (("in", (15, 15, 22), 10, "usps", date(2026, 7, 12)), 4_950, 36),
        (("in", (12, 12, 12), 7, "usps"), 1_728, 7),
        (("in", (12, 12, 12.01), 7, "usps"), 1_872, 14),
        (("in", (11.1, 8.5, 6.2), 1, "ups-us-daily", date(2025, 8, 17)), 594, 5),
        (("in", (11.1, 8.5, 6.2), 1, "fedex-us", date(2025, 8, 18)), 756, 6),
        (("cm", (10, 10, 10), 30, "courier-500g"), 1_000, 30),
        (("cm", (10, 10, 10), 30.001, "courier-500g"), 1_000, 31),
        (("cm", (10, 10, 10), 20.6, "fedex-international"), 1_000, 21),
        (("cm", (40, 40, 40), 1, "post-line"), 64_000, 1),
        (("cm", (40.1, 40, 40), 1, "post-line"), 64_160, 8.02),
    ],
)
def test_worked_parcels(case, volume, billed):
    assert weighed(*case) == (volume, billed)


def test_sixteen_pounds_are_sixteen_pounds_to_the_last_microgram():
    assert weighed("in", (1, 1, 1), 16, "ups-us-daily")[1] == 16
    frame = parcel("in", (1, 1, 1), 16, "ups-us-daily").with_columns(pl.col("weight") + 1)
    row = billable(weighing_rules(frame, WORLD), per_mm=FINE, per_g=FINE)
    assert row["billed_e3"].to_list() == [17_000]


def test_sea_freight_counts_the_greater_of_tons_and_cubic_metres_and_at_least_one():
    def tons(volume_m3, weight_kg):
        nothing = dict.fromkeys(("long", "mid", "short"), pl.Series([None], dtype=pl.Int64))
        frame = pl.DataFrame(
            {**nothing, "volume_mm3": [round(volume_m3 * 10**9)], "weight": [weight_kg * 1000]}
        )
        frame = frame.with_columns(weighing=pl.lit("sea-lcl"), divisor=0, round_g=1, placed_on=pl.lit(DAY))
        return billable(weighing_rules(frame, WORLD))["billed_e3"][0] / 1_000_000

    assert [tons(2.4, 1500), tons(2.4, 3100), tons(0.2, 100), tons(2.401, 100)] == [2.4, 3.1, 1, 2.41]


@pytest.mark.parametrize(
    ("sides", "pounds", "large"),
    [
        ((30, 24, 24), 40, False),  # 17,280 cubic inches do not exceed 17,280
        ((31, 24, 24), 40, True),
        ((62, 34, 13), 10, True),  # 156 inches of length and girth
        ((96, 9, 8), 10, False),  # 130 inches of length and girth, 96 long: both on the limit
        ((97, 5, 5), 10, True),
        ((24, 12, 12), 110, False),
        ((24, 12, 12), 110.01, True),
    ],
)
def test_a_large_package_exceeds_a_limit_and_one_on_the_limit_is_not(sides, pounds, large):
    assert is_levied("large", sides, pounds) is large


def test_additional_handling_begins_above_six_cubic_feet():
    assert is_levied("additional-handling", (24, 18, 24), 20) is False
    assert is_levied("additional-handling", (25, 18, 24), 20) is True


def is_levied(surcharge, sides, pounds):
    rows = WORLD["surcharges"].filter(pl.col("surcharge") == surcharge, pl.col("service") == "carrier:ups")
    limits = size_tests(rows).select("test_unit", pl.col("^test_.*_e3$"), "test_volume")
    frame = measured(weighing_rules(parcel("in", sides, pounds, "ups-us-daily"), WORLD), per_mm=FINE)
    return frame.hstack(limits).select(is_over(per_mm=FINE, per_g=FINE)).item()


@given(
    sides=st.tuples(*[st.integers(1, 3000)] * 3),
    weight=st.integers(1, 70_000),
    rule=st.sampled_from(["courier-500g", "usps", "ups-us-daily", "air-cargo", "road-ltl", ""]),
)
def test_what_is_billed_never_is_less_than_the_weight_and_does_not_ask_for_the_order_of_sides(
    sides, weight, rule
):
    frame = pl.DataFrame(
        [{"long": a, "mid": b, "short": c, "weight": weight} for a, b, c in (sides, sides[::-1])]
    ).with_columns(weighing=pl.lit(rule), divisor=5000, round_g=10, placed_on=pl.lit(DAY))
    first, second = billable(weighing_rules(frame, WORLD)).to_dicts()
    assert first["billed_g"] == second["billed_g"] >= weight
    heavier = billable(weighing_rules(frame.with_columns(pl.col("weight") + 1), WORLD))
    assert heavier["billed_g"][0] >= first["billed_g"]
