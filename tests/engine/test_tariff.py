"""Tariff: duties per unit, compound and bounded, preferences with proof, layers that displace, disputed readings."""

import polars as pl
import pytest
from small import batch, import_rule, order, rows, small_world

from entrepot.engine import World, decide, explain

# 10 T-shirts of 180 g on a FOB basis: worth 200.00 USD whole, 1.8 kg net
TEN = [("TEE", 10, 20000)]
TO_US = {"dest_country": "US", "currency": "USD", "price_includes_tax": False, "incoterm": "DAP"}
RULE = import_rule("US-ENTRY", "US", currency="USD", cv_basis="FOB", tax_base="CV", tax_mode="none")


def world_with(*rates: dict[str, object], **tables: pl.DataFrame) -> World:
    tariff = rows(
        "duty_rates",
        *({"dest": "US", "hs_prefix": "6109", "currency": "USD", "rate_ppm": 0, **r} for r in rates),
    )
    return small_world(import_rules=rows("import_rules", RULE), duty_rates=tariff, **tables)


def shown(world: World, **more: object):
    found = explain(batch(order(1, TEN, **{**TO_US, **more})), world, 1)
    return found.ways[0], found


def changed(world: World, **sku: object) -> World:
    skus = world["skus"].with_columns(
        pl.when(pl.col("sku") == "TEE").then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in sku.items()
    )
    return world.replace(skus=skus)


@pytest.mark.parametrize(
    ("rate", "duty"),
    [
        # 4.4 cents a kilogram on 1.8 kg = 7.92 cents, rounded once
        ({"specific_e4": 44_000, "unit": "kg"}, 8),
        ({"specific_e4": 1_000_000, "unit": "no"}, 1000),
        ({"specific_e4": 6_000_000, "unit": "doz"}, 500),
        ({"rate_ppm": 50_000, "specific_e4": 44_000, "unit": "kg"}, 1008),
        ({"rate_ppm": 50_000, "specific_e4": 2_000_000, "unit": "no", "combine": "greater"}, 2000),
        ({"rate_ppm": 50_000, "specific_e4": 2_000_000, "unit": "no", "combine": "lesser"}, 1000),
        ({"rate_ppm": 50_000, "floor_ppm": 80_000}, 1600),
        ({"rate_ppm": 50_000, "ceiling_ppm": 30_000}, 600),
        ({"rate_ppm": 50_000, "unit": "kg", "floor_e4": 10_000_000}, 1800),
        ({"rate_ppm": 50_000, "unit": "kg", "ceiling_e4": 1_000_000}, 180),
    ],
)
def test_duty_by_value_by_unit_and_by_both(rate, duty):
    assert shown(world_with(rate))[0]["duty_minor"] == duty


def test_a_rate_in_another_currency_is_converted_once():
    # 1.00 EUR a piece on 10 pieces at 1.1 USD for 1 EUR
    rate = {"specific_e4": 1_000_000, "unit": "no", "currency": "EUR"}
    assert shown(world_with(rate))[0]["duty_minor"] == 1100


def test_pairs_are_measured_by_what_the_sku_says():
    world = changed(world_with({"specific_e4": 1_000_000, "unit": "pr"}), measures="pr=500 m2=2500")
    assert shown(world)[0]["duty_minor"] == 500


def test_an_unknown_measure_leaves_the_duty_open_and_duty_paid_impossible():
    world = world_with({"specific_e4": 1_000_000, "unit": "m2"})
    row, found = shown(world)
    assert row["duty_minor"] is None
    assert [issue["code"] for issue in found.issues] == ["customs.duty_unknown"]
    one = batch(order(1, TEN, **{**TO_US, "incoterm": "DDP"}))
    refused = explain(one, world, 1)
    assert [row["service"] for row in refused.rejected if row["code"] == "customs.rule_missing_ddp"] == [
        "LINE"
    ]
    assert refused.ways == []
    assert decide(one, world).decisions["status"].to_list() == ["unroutable"]


def test_a_preference_needs_its_proof_and_never_raises_the_duty():
    schemes = rows(
        "preferences", {"dest": "US", "scheme": "PACT", "countries": "VN CN", "proof": "certificate"}
    )
    world = world_with({"rate_ppm": 100_000}, {"rate_ppm": 20_000, "scheme": "PACT"}, preferences=schemes)
    assert shown(world)[0]["duty_minor"] == 2000
    assert shown(changed(world, proofs="OTHER PACT"))[0]["duty_minor"] == 400
    assert shown(changed(world, proofs="PACT", origin="JP"))[0]["duty_minor"] == 2000
    dearer = world_with({"rate_ppm": 10_000}, {"rate_ppm": 20_000, "scheme": "PACT"}, preferences=schemes)
    assert shown(changed(dearer, proofs="PACT"))[0]["duty_minor"] == 200


def test_the_longest_prefix_counts_within_a_scheme_and_origin_before_all():
    world = world_with(
        {"rate_ppm": 100_000}, {"rate_ppm": 70_000, "hs_prefix": "610910"},
        {"rate_ppm": 60_000, "hs_prefix": "610910", "origin": "CN"},
    )  # fmt: skip
    assert shown(world)[0]["duty_minor"] == 1200
    assert shown(changed(world, origin="VN"))[0]["duty_minor"] == 1400


def test_a_layer_displaces_another_and_may_be_per_tonne():
    layers = rows(
        "duty_layers",
        {"layer": "232", "dest": "US", "hs_prefix": "61", "rate_ppm": 500_000, "displaces": "122 xyz"},
        {"layer": "122", "dest": "US", "hs_prefix": "", "rate_ppm": 100_000},
        {
            "layer": "AD", "dest": "US", "hs_prefix": "6109", "rate_ppm": 0, "specific_e4": 144_100_000, "unit": "t",
            "currency": "USD",
        },
    )  # fmt: skip
    row, found = shown(world_with({"rate_ppm": 0}, duty_layers=layers))
    assert {c["code"]: c["amount"] for c in found.charges if c["kind"] == "layer"} == {"232": 10000, "AD": 26}
    assert row["layers_minor"] == 10026


def test_only_the_reading_the_company_follows_counts():
    layers = rows(
        "duty_layers",
        {"layer": "301", "dest": "US", "hs_prefix": "", "rate_ppm": 125_000, "reading": "proposal in force"},
        {"layer": "301", "dest": "US", "hs_prefix": "", "rate_ppm": 0, "reading": "nothing-follows"},
    )
    layers = layers.with_columns(pl.col("reading").str.replace_all(" ", "-"))
    world = world_with({"rate_ppm": 0}, duty_layers=layers)
    assert shown(world)[0]["layers_minor"] == 0
    for reading, amount in (("proposal-in-force", 2500), ("nothing-follows", 0)):
        policy = rows("policies", {"key": "customs.readings", "text": reading})
        one = world.replace(policies=pl.concat([world["policies"], policy]))
        assert shown(one)[0]["layers_minor"] == amount


def test_a_fee_in_another_currency_is_converted_to_the_declarations():
    fees = rows("import_fees", {"fee": "PARCEL", "base": "none", "fixed_minor": 200, "currency": "EUR"})
    rule = rows("import_rules", {**RULE, "fees": "PARCEL"})
    world = world_with({"rate_ppm": 0}).replace(import_rules=rule, import_fees=fees)
    assert shown(world)[0]["fees_minor"] == 220
