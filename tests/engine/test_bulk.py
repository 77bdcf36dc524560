"""First leg: carriage by each mode's chargeable weight, minimum and consolidation; duty where goods enter elsewhere."""

from datetime import date

import polars as pl
from small import DAY, START, rows, small_world

from entrepot.engine import World
from entrepot.engine.bulk import carriage, first_legs
from entrepot.engine.columns.bulk import LEGS

WEIGHINGS = rows(
    "weighings",
    {"weighing": "air", "unit": "cm3/kg", "divisor": 6_000, "step_e3": 500},
    {"weighing": "sea", "unit": "cm3/kg", "divisor": 1_000, "step_e3": 10_000, "min_e3": 1_000_000},
    {"weighing": "rail", "unit": "cm3/kg", "divisor": 3_000},
)
HALF = {"weight_g": 500_000, "volume_mm3": 4_000_000_000}  # half a tonne, four cubic metres


def legs(*records: dict[str, object]) -> pl.DataFrame:
    usual = {"ship_from": "CN", "warehouse": "RTM", "forwarder": "F", "currency": "EUR", "min_days": 5, "max_days": 9,
             "battery": "all", "valid_from": START, "valid_to": None}  # fmt: skip
    zero = dict.fromkeys(("per_kg_minor", "per_rt_minor", "min_minor", "per_shipment_minor"), 0)
    return LEGS.check(pl.DataFrame([{**usual, **zero, **record} for record in records], schema=LEGS.schema))


AIR = {"mode": "air", "weighing": "air", "per_kg_minor": 500}
SEA = {"mode": "sea", "weighing": "sea", "per_rt_minor": 9_000, "per_shipment_minor": 6_000}
RAIL = {"mode": "rail", "weighing": "rail", "per_kg_minor": 100, "min_minor": 20_000}


def world(**changed: pl.DataFrame) -> World:
    return small_world(weighings=WEIGHINGS, **changed)


def goods(**more: object) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "load": [1],
            "ship_from": ["CN"],
            "warehouse": ["RTM"],
            "placed_on": [DAY],
            **{k: [v] for k, v in {**HALF, **more}.items()},
        }
    )


def load(sku: str, quantity: int, warehouse: str = "RTM", ship_from: str = "CN") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "load": [1],
            "sku": [sku],
            "ship_from": [ship_from],
            "warehouse": [warehouse],
            "quantity": [quantity],
            "placed_on": [DAY],
        }
    )


def test_each_mode_bills_by_its_own_rule():
    found = carriage(goods(), legs(AIR, SEA, RAIL), world(), "CNY")
    told = {row["mode"]: (row["chargeable_g"], row["carriage_minor"]) for row in found.to_dicts()}
    assert told == {
        "air": (667_000, 333_500),  # 4 m³ / 6000 = 666.67 kg, up to half a kg
        "sea": (4_000_000, 42_000),  # 4 revenue tons × 90.00 + 60.00
        "rail": (1_333_334, 133_333),  # 4 m³ / 3000
    }
    assert found["mode"].to_list() == ["sea", "rail", "air"]


def test_a_little_goods_pay_the_least_of_each_rule():
    found = carriage(goods(weight_g=40_000, volume_mm3=100_000_000), legs(SEA, RAIL), world(), "CNY")
    assert dict(found.select("mode", "carriage_minor").iter_rows()) == {"sea": 15_000, "rail": 20_000}


def test_quotations_hold_on_their_days_alone():
    old = {**AIR, "valid_to": date(2025, 12, 31)}
    assert carriage(goods(), legs(old), world(), "CNY").is_empty()


def test_a_load_is_priced_whole_and_pays_duty_where_it_enters():
    found = first_legs(load("TEE", 10_000), legs(AIR, SEA), world()).row(0, named=True)
    # 1.8 t, 15 m³ and a fifth of room: 18 revenue tons
    assert (found["mode"], found["chargeable_g"], found["pieces"]) == ("sea", 18_000_000, 10_000)
    assert found["carriage_base_minor"] == (18 * 9_000 + 6_000) * 77 // 10
    value = 10_000 * 2_500 + found["carriage_base_minor"]  # CIF in CNY
    assert abs(found["customs_base_minor"] - value * 12 // 100) <= 10
    assert found["code"] is None


def test_a_small_load_travels_in_a_consolidated_one():
    few = first_legs(load("TEE", 100), legs(SEA), world(), load_g=500_000).row(0, named=True)
    alone = first_legs(load("TEE", 100), legs(SEA), world()).row(0, named=True)
    assert few["pieces"] == 2_778  # of 180 g in 500 kg
    assert few["carriage_base_minor"] / few["pieces"] < alone["carriage_base_minor"] / alone["pieces"]


def test_inside_one_customs_area_there_is_no_duty():
    found = first_legs(load("TEE", 500, ship_from="DE"), legs({**RAIL, "ship_from": "DE"}), world())
    assert found["customs_base_minor"].to_list() == [0]


def test_batteries_take_what_carries_them_and_what_is_missing_is_said():
    no_batteries = {**SEA, "battery": "none"}
    assert first_legs(load("POW", 500), legs(no_batteries, RAIL), world())["mode"].to_list() == ["rail"]
    found = first_legs(load("POW", 500), legs(no_batteries), world()).row(0, named=True)
    assert (found["mode"], found["carriage_base_minor"], found["code"]) == (
        None,
        None,
        "logistics.no_first_leg",
    )
