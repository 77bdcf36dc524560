"""Freight of whole ways: cartons, tiers, surcharges in their order, remote areas, batteries in the air."""

from datetime import date

import polars as pl
import pytest
from small import batch, order, rows, small_world

from entrepot.engine import explain
from entrepot.engine.dangerous import battery_class
from entrepot.engine.price.freight import freight, freight_steps
from entrepot.engine.propose import propose

FLAT = {"carton": "FLAT", "length_mm": 320, "width_mm": 260, "height_mm": 45, "tare_g": 90, "max_g": 3000}
CUBE = {"carton": "CUBE", "length_mm": 320, "width_mm": 260, "height_mm": 220, "tare_g": 220, "max_g": 9000}
CARTONS = rows(
    "cartons",
    {"warehouse": "SZX", "wall_mm": 5, "cost_minor": 60, **FLAT},
    {"warehouse": "SZX", "wall_mm": 5, "cost_minor": 150, **CUBE},
)


NONE = CARTONS.clear()


def ways(one, world, service="LINE"):
    found = freight(propose(batch(one), world).candidates, world)
    return found.filter(pl.col("service") == service).to_dicts()[0]


def with_services(world, **more):
    return world.replace(services=world["services"].with_columns(**more))


def test_the_carton_s_size_and_weight_are_billed():
    world = small_world(cartons=CARTONS)
    row = ways(order(1, [("TEE", 2, 1000)]), world)
    # 2 × 180 g + 90 g; outside 330 × 270 × 55 mm = 4,900,500 mm³ / 6000 = 816.75 g → 820 g
    assert (row["carton"], row["parcels"], row["weight_g"], row["chargeable_g"]) == ("FLAT", 1, 450, 820)
    assert row["transport_minor"] == 1800 + 9 * 850
    assert row["packing_minor"] == 60


def test_several_parcels_of_two_kinds_are_priced_each_and_explained_to_the_cent():
    world = with_services(small_world(cartons=CARTONS), multi_parcel=pl.lit(True))
    proposal = propose(batch(order(1, [("TEE", 14, 1000)])), world)
    row = freight(proposal.candidates, world).filter(pl.col("service") == "LINE").to_dicts()[0]
    parcels, surcharges = freight_steps(proposal.candidates.filter(pl.col("service") == "LINE"), world)
    assert parcels.select("carton", "alike").rows() == [("CUBE", 1), ("CUBE", 1)]
    assert (parcels["price_minor"] * parcels["alike"]).sum() == row["transport_minor"]
    assert surcharges["amount_minor"].sum() == row["surcharge_minor"]
    assert row["weight_g"] == 14 * 180 + 2 * 220


def test_a_service_that_takes_one_parcel_says_so():
    proposal = propose(batch(order(1, [("TEE", 14, 1000)])), small_world(cartons=CARTONS))
    assert ("LINE", "logistics.several_parcels") in set(
        proposal.rejections.select("service", "code").iter_rows()
    )


def test_a_smaller_limit_of_the_service_makes_more_and_smaller_parcels():
    world = with_services(small_world(cartons=CARTONS), multi_parcel=pl.lit(True), max_sum_mm=pl.lit(700))
    row = ways(order(1, [("TEE", 6, 1000)]), world)
    assert (row["parcels"], row["carton"]) == (3, "FLAT")


def test_the_tier_of_our_contract_is_used_from_its_day():
    cheap = {"service": "LINE", "zone": "W", "tier": "100+", "over_g": 0, "to_g": 30_000, "base_minor": 1000}
    plain = small_world()
    rates = pl.concat([plain["rates"], rows("rates", cheap)])
    contract = rows("contracts", {"service": "LINE", "tier": "100+", "valid_from": date(2026, 5, 4)})
    world = small_world(rates=rates, contracts=contract)
    assert ways(order(1, [("TEE", 1, 1000)]), world)["transport_minor"] == 1000
    before = order(1, [("TEE", 1, 1000)], placed_on=date(2026, 5, 3))
    assert ways(before, world)["transport_minor"] == 4350
    assert ways(before, world)["rate_tier"] == ""


def test_one_changed_band_leaves_the_rest_of_the_card():
    rates = small_world()["rates"]
    ended = rates.with_columns(
        valid_to=pl.when((pl.col("service") == "EUP") & (pl.col("over_g") == 0)).then(date(2026, 4, 30))
    )
    new = {
        "service": "EUP",
        "zone": "EU",
        "over_g": 0,
        "to_g": 2000,
        "base_minor": 550,
        "valid_from": date(2026, 5, 1),
    }
    world = small_world(rates=pl.concat([ended, rows("rates", new)]))
    assert ways(order(1, [("TEE", 1, 1000)]), world, "EUP")["freight_minor"] == 550
    assert ways(order(1, [("TEE", 20, 1000)]), world, "EUP")["freight_minor"] == 790


def surcharged(*records, cartons=NONE, **order_more):
    table = rows("surcharges", *({"service": "LINE", **record} for record in records))
    world = small_world(surcharges=table, cartons=cartons)
    one = order(1, [("TEE", 1, 1000)], **order_more)
    candidates = propose(batch(one), world).candidates.filter(pl.col("service") == "LINE")
    _parcels, levied = freight_steps(candidates, world)
    total = freight(candidates, world)["surcharge_minor"].item()
    assert levied["amount_minor"].sum() == total
    return dict(levied.select("surcharge", "amount_minor").iter_rows())


REMOTE = {"surcharge": "remote", "area": "far", "per_kg_minor": 400, "min_minor": 18_000, "per": "shipment"}
FUEL = {"surcharge": "fuel", "stage": 2, "base": "transport remote", "rate_ppm": 100_000}


def test_fuel_comes_on_transport_and_on_the_surcharges_it_names():
    assert surcharged(REMOTE, FUEL, dest_areas="far other") == {"remote": 18_000, "fuel": 2235}
    assert surcharged(REMOTE, FUEL, dest_areas="other") == {"fuel": 435}


def test_of_surcharges_that_exclude_one_another_the_dearest_is_levied():
    size = {"one_of": "size", "over_side_e3": 29_999}
    small, large = (
        {"surcharge": "big", "fixed_minor": 300, **size},
        {"surcharge": "huge", "fixed_minor": 900, **size},
    )
    assert surcharged(small, large, cartons=CARTONS) == {"huge": 900}
    apart = {**large, "one_of": ""}
    assert surcharged(small, apart, cartons=CARTONS) == {"big": 300, "huge": 900}


@pytest.mark.parametrize(("limit", "levied"), [(33_000, {}), (32_999, {"large": 500})])
def test_a_large_parcel_is_billed_at_its_least_weight(limit, levied):
    large = {
        "surcharge": "large",
        "service": "carrier:L",
        "over_side_e3": limit,
        "fixed_minor": 500,
        "min_billed_e3": 9000,
    }
    world = small_world(cartons=CARTONS, surcharges=rows("surcharges", large))
    candidates = propose(batch(order(1, [("TEE", 2, 1000)])), world).candidates.filter(
        pl.col("service") == "LINE"
    )
    row = freight(candidates, world).to_dicts()[0]
    assert row["billed_g"] == (9000 if levied else 820)
    assert row["surcharge_minor"] == sum(levied.values())


def test_a_share_has_a_least_and_a_greatest_amount():
    insured = {"surcharge": "insurance", "rate_ppm": 10_000, "min_minor": 200, "max_minor": 300}
    assert surcharged(insured) == {"insurance": 200}
    assert surcharged({**insured, "rate_ppm": 500_000}) == {"insurance": 300}


def rule(text, to_wh=0, over=0):
    battery, un, instruction, passenger_g, cargo_g, charge = text.split(" ")
    return {
        "kind": "ion", "battery": battery, "to_wh_e3": to_wh, "un": un, "instruction": instruction.replace("-", " "),
        "passenger": passenger_g != "0", "passenger_g": int(passenger_g), "cargo_g": int(cargo_g),
        "charge": charge, "charge_ppm": 300_000, "charge_over_wh_e3": over,
    }  # fmt: skip


RULES = rows(
    "battery_rules",
    rule("alone UN3480 965-IB 0 10000 mandatory", 100_000),
    rule("alone UN3480 965-IA 0 35000 mandatory"),
    rule("packed UN3481 966-II 5000 5000 mandatory", 100_000, 2700),
    rule("contained UN3481 967-II 5000 5000 recommended", 100_000),
)


def test_batteries_are_classed_by_how_they_travel_and_how_large_they_are():
    goods = pl.DataFrame(
        [("ion", "alone", 74_000), ("ion", "alone", 100_000), ("ion", "alone", 100_001), ("", "packed", 90_000),
         ("ion", "packed", 2700), ("ion", "contained", 15_000), ("ion", "alone", None), ("metal", "alone", 1)],
        schema=["battery_kind", "battery", "battery_wh_e3"], orient="row",
    ).with_columns(placed_on=date(2026, 5, 4))  # fmt: skip
    found = battery_class(goods, small_world(battery_rules=RULES))
    assert found.select("instruction", "passenger", "charge").rows() == [
        ("965 IB", False, "mandatory"), ("965 IB", False, "mandatory"), ("965 IA", False, "mandatory"),
        ("966 II", True, "mandatory"), ("966 II", True, "recommended"), ("967 II", True, "recommended"),
        ("965 IA", False, "mandatory"), (None, None, None),
    ]  # fmt: skip


def test_batteries_alone_do_not_fly_with_passengers_and_only_so_many_in_a_package():
    skus = small_world()["skus"].with_columns(battery_kind=pl.lit("ion"), battery_wh_e3=37_000, battery_g=300)
    world = with_services(small_world(battery_rules=RULES, skus=skus), transport=pl.lit("air"))
    assert codes(order(1, [("POW", 1, 100)], dest_country="US"), world) == {"logistics.battery_air"}
    cargo = with_services(world, transport=pl.lit("cargo"))
    assert codes(order(1, [("POW", 33, 100)], dest_country="US"), cargo) == set()
    assert codes(order(1, [("POW", 34, 100)], dest_country="US"), cargo) == {"logistics.battery_weight"}


def test_goods_above_the_value_a_service_takes_go_another_way():
    world = with_services(small_world(), max_value_minor=pl.lit(7700))
    assert "logistics.too_dear" not in codes(order(1, [("TEE", 1, 1000)]), world, "LINE")
    assert codes(order(1, [("TEE", 1, 1001)]), world, "LINE") == {"logistics.too_dear"}


def codes(one, world, service="LINE"):
    found = propose(batch(one), world).rejections.filter(pl.col("service") == service)
    return set(found["code"])


def test_the_explanation_tells_the_freight_of_the_way_that_was_taken():
    world = small_world(cartons=CARTONS)
    found = explain(batch(order(1, [("TEE", 2, 3000)])), world, 1)
    taken = next(way for way in found.ways if way["chosen"])
    priced = sum(one["price_minor"] * one["alike"] for one in found.parcels)
    assert priced + sum(one["amount_minor"] for one in found.surcharges) == taken["freight_minor"]
    assert {one["warehouse"] for one in found.parcels} == {taken["warehouse"]}
