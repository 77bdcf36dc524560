"""Scenarios: edits hold in their window only, shocks move and vanish, and what cannot be done is said."""

from datetime import date, timedelta

import polars as pl
import pytest
from small import DAY, rows, small_world

from entrepot.engine.scenario import KINDS, Edit, EditError, changed_world, problems
from entrepot.engine.scenario.windows import cut

WORLD = small_world()
ON = date(2026, 7, 1)


def in_force(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    return frame.filter(
        pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
    )


def rate(world, day, table="vat_rates", **key):
    found = in_force(world[table], day).filter(*(pl.col(name) == value for name, value in key.items()))
    return found["rate_ppm"].to_list()


def test_an_edit_holds_from_its_first_day_to_its_last():
    edit = Edit("tax_rate", {"country": "DE", "tax_category": "standard", "rate_ppm": 210_000}, DAY, ON)
    world = changed_world([edit], WORLD)
    key = {"country": "DE", "tax_category": "standard"}
    days = [DAY - timedelta(days=1), DAY, ON, ON + timedelta(days=1)]
    assert [rate(world, day, **key) for day in days] == [[190_000], [210_000], [210_000], [190_000]]
    assert world["duty_rates"] is WORLD["duty_rates"]


def test_cutting_leaves_the_same_rules_in_force_on_every_day():
    inside, outside = cut(WORLD["vat_rates"], pl.col("country") == "DE", DAY, ON)
    both = pl.concat([inside, outside]).sort("country", "region", "tax_category", "valid_from")
    for day in (DAY - timedelta(days=1), DAY, ON, ON + timedelta(days=1)):
        names = ["country", "tax_category", "rate_ppm"]
        assert in_force(both, day).select(names).equals(in_force(WORLD["vat_rates"], day).select(names))


def shocked() -> object:
    """19 % became 21 % in Germany on ON, and a duty of 10 % ended then."""
    vat = rows(
        "vat_rates",
        {
            "country": "DE",
            "tax_category": "standard",
            "rate_ppm": 190_000,
            "valid_to": ON - timedelta(days=1),
        },
        {"country": "DE", "tax_category": "standard", "rate_ppm": 210_000, "valid_from": ON},
        {"country": "NL", "tax_category": "standard", "rate_ppm": 210_000},
    )
    layers = rows(
        "duty_layers",
        {
            "layer": "OLD",
            "dest": "US",
            "hs_prefix": "",
            "rate_ppm": 100_000,
            "valid_to": ON - timedelta(days=1),
        },
        {"layer": "NEW", "dest": "US", "hs_prefix": "", "rate_ppm": 50_000, "valid_from": ON},
    )
    return small_world(vat_rates=vat, duty_layers=layers)


@pytest.mark.parametrize(
    ("direction", "before", "after"), [("held", [210_000], [210_000]), ("undone", [190_000], [190_000])]
)
def test_a_shock_moves_back_or_never_comes(direction, before, after):
    values = {
        "table": "vat_rates",
        "on": ON.isoformat(),
        "direction": direction,
        "column": "country",
        "values": "DE",
    }
    world = changed_world([Edit("shock", values)], shocked())
    early = ON - timedelta(days=200)
    assert [rate(world, day, country="DE") for day in (early, ON)] == [before, after]
    assert rate(world, early, country="NL") == [210_000]


@pytest.mark.parametrize(
    ("direction", "names"), [("held", (["NEW"], ["NEW"])), ("undone", (["OLD"], ["OLD"]))]
)
def test_a_shock_ends_what_it_ended(direction, names):
    values = {
        "table": "duty_layers",
        "on": ON.isoformat(),
        "direction": direction,
        "column": "dest",
        "values": "US",
    }
    layers = changed_world([Edit("shock", values)], shocked())["duty_layers"]
    found = tuple(in_force(layers, day)["layer"].to_list() for day in (ON - timedelta(days=200), ON))
    assert found == names


def test_a_shock_may_hold_since_a_day():
    values = {
        "table": "vat_rates",
        "on": ON.isoformat(),
        "direction": "held",
        "column": "country",
        "values": "DE",
    }
    world = changed_world([Edit("shock", values, DAY)], shocked())
    days = [DAY - timedelta(days=1), DAY, ON]
    assert [rate(world, day, country="DE") for day in days] == [[190_000], [210_000], [210_000]]


def test_a_currency_moves_along_a_path():
    edit = Edit(
        "fx_shift", {"currency": "USD", "change_ppm": 0, "to_ppm": 100_000}, DAY, DAY + timedelta(days=10)
    )
    fx = changed_world([edit], WORLD)["fx"].filter(pl.col("currency") == "USD").sort("on")
    assert fx.filter(pl.col("on") == DAY)["rate_e6"].to_list() == [1_100_000]
    assert fx["rate_e6"][-1] == 1_100_000  # the day after the path
    stronger = changed_world([Edit("fx_shift", {"currency": "USD", "change_ppm": 100_000})], WORLD)["fx"]
    assert stronger.filter(pl.col("currency") == "USD")["rate_e6"].to_list() == [1_000_000]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Edit("flood"), "scenario.kind_unknown"),
        (Edit("tax_rate", {"country": "XX", "rate_ppm": 1}), "scenario.not_in_world"),
        (Edit("tax_rate", {"country": "DE"}), "scenario.one_needed"),
        (Edit("tax_rate", {"country": "DE", "rate_ppm": "many"}), "scenario.no_number"),
        (Edit("tax_rate", {"country": "DE", "rate_ppm": -1}), "scenario.too_low"),
        (Edit("tax_rate", {"country": "DE", "rate_ppm": 1}, ON, DAY), "scenario.days_crossed"),
        (Edit("product_cost", {"change_ppm": 1}, DAY), "scenario.no_days"),
        (Edit("closed", {"service": "EUP", "ship_from": "CN"}), "scenario.nothing_meant"),
        (Edit("duty_layer", {"dest": "US"}), "scenario.required"),
        (Edit("duty_layer", {"dest": "US", "rate_ppm": 1, "who": 1}), "scenario.field_unknown"),
        (Edit("surcharge", {"fixed_minor": 1, "name": "fuel"}), "scenario.name_taken"),
        (Edit("fx_shift", {"currency": "USD", "change_ppm": 1, "to_ppm": 2}), "scenario.path_needs_days"),
        (Edit("new_warehouse", {"warehouse": "W", "country": "JP", "like": "SZX"}), "scenario.no_lanes"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_what_cannot_be_done_is_said(edit, code):
    with pytest.raises(EditError) as caught:
        changed_world([edit], WORLD)
    assert caught.value.code == code
    assert [(place, error.code) for place, error in problems([edit], WORLD)] == [(0, code)]


def test_an_edit_is_kept_as_a_record_and_read_back():
    edit = Edit("tax_rate", {"country": "DE", "rate_ppm": 1}, DAY)
    assert Edit.from_record(edit.record()) == edit
    with pytest.raises(EditError):
        Edit.from_record({"values": {}})


def test_every_kind_of_edit_has_fields_the_world_knows():
    for kind in KINDS.values():
        for one in kind.fields:
            for place in filter(None, one.source.split("|")):
                table, column = place.split(".")
                assert column in WORLD[table].columns
