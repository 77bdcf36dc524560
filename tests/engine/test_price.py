"""Price: freight, regime, duty, tax, fees and profit of small orders, worked by hand."""

import polars as pl
import pytest
from small import batch, order, rows, small_world

from entrepot.engine import decide, explain
from entrepot.engine.price.tax import net_of_tax

WORLD = small_world()


def way(one, warehouse, world=WORLD, **batch_more):
    found = explain(batch(one, **batch_more), world, one[0]["order_id"])
    return next(w for w in found.ways if w["warehouse"] == warehouse)


def test_freight_is_the_heavier_of_weight_and_volume_with_fuel():
    # 180 g + 60 g packaging; 300×250×20 mm × 1.2 void / 6000 = 300 g volumetric → 3 steps; 18.00 + 3 × 8.50, fuel 10 %
    row = way(order(1, [("TEE", 1, 1999)]), "SZX")
    assert (row["weight_g"], row["chargeable_g"]) == (240, 300)
    assert (row["transport_minor"], row["surcharge_minor"], row["freight_minor"]) == (4350, 435, 4785)


def test_tax_inside_the_price_is_taken_out_and_adds_up():
    row = way(order(1, [("TEE", 1, 4999)]), "RTM")
    assert (row["goods_net"], row["tax_minor"], row["tax_sale_minor"], row["revenue_minor"]) == (
        4201,
        798,
        798,
        4201,
    )


def test_over_the_ioss_limit_duty_and_import_tax_are_due_and_borne_under_ddp():
    one = order(1, [("TEE", 1, 20000)], price_includes_tax=False)
    row = way(one, "SZX")
    freight_eur = round(4785 / 7.7)
    value = 20000 + freight_eur
    assert row["rule"] == "EU-H1"
    assert row["cv_minor"] == value
    assert row["duty_minor"] == round(value * 0.12)
    assert row["tax_minor"] == round((value + row["duty_minor"]) * 0.19)
    assert row["duty_base_minor"] > 0
    assert row["import_tax_base_minor"] > 0


def test_under_dap_the_buyer_bears_duty_and_tax():
    row = way(order(1, [("TEE", 1, 20000)], price_includes_tax=False, incoterm="DAP"), "SZX")
    assert row["collector"] == "buyer"
    assert (row["duty_base_minor"], row["import_tax_base_minor"]) == (0, 0)
    assert row["charges_base_minor"] > 0


def test_the_limit_itself_is_inside_one_cent_more_is_out():
    inside = way(order(1, [("TEE", 1, 15000)], price_includes_tax=False), "SZX")
    outside = way(order(1, [("TEE", 1, 15001)], price_includes_tax=False), "SZX")
    assert (inside["rule"], outside["rule"]) == ("EU-IOSS", "EU-H1")


def test_layers_come_on_the_same_customs_value_and_value_is_cut_to_dollars():
    one = order(1, [("POW", 1, 8049)], dest_country="US", currency="USD", price_includes_tax=False)
    row = way(one, "SZX")
    assert (row["cv_minor"], row["duty_minor"], row["layers_minor"], row["fees_minor"]) == (
        8000,
        400,
        2000,
        269,
    )


def test_two_tax_categories_share_the_base_exactly():
    mixed = WORLD["skus"].with_columns(
        tax_category=pl.when(pl.col("sku") == "POW").then(pl.lit("reduced")).otherwise(pl.lit("standard"))
    )
    one = order(1, [("TEE", 1, 1190), ("POW", 1, 1070)], shipping_minor=113)
    found = explain(batch(one), WORLD.replace(skus=mixed), 1)
    taxes = [charge for charge in found.charges if charge["kind"] == "tax"]
    row = next(w for w in found.ways if w["chosen"])
    assert sum(tax["taxable"] for tax in taxes) == row["goods_net"] + row["shipping_net"]
    assert (
        sum(tax["amount"] for tax in taxes)
        == row["tax_minor"]
        == 1190 + 1070 + 113 - row["goods_net"] - row["shipping_net"]
    )


@pytest.mark.parametrize(("price", "fee"), [(150, 19_00), (100, 15_00), (1, 30)])
def test_marginal_channel_fee_bands_with_minimum(price, fee):
    bands = rows(
        "channel_fees",
        {"channel": "amazon", "fee_category": "", "to_minor": 10_000, "rate_ppm": 150_000, "min_minor": 30,
         "currency": "USD"},
        {"channel": "amazon", "fee_category": "", "over_minor": 10_000, "rate_ppm": 80_000, "carry_minor": 1500,
         "marginal": True, "min_minor": 30, "currency": "USD"},
    )  # fmt: skip
    one = order(
        1,
        [("TEE", 1, price * 100)],
        dest_country="US",
        currency="USD",
        channel="amazon",
        price_includes_tax=False,
    )
    assert way(one, "SZX", WORLD.replace(channel_fees=bands))["channel_fee_minor"] == fee


def test_ddp_without_a_known_rule_is_refused_and_dap_only_noted():
    world = WORLD.replace(import_rules=WORLD["import_rules"].filter(pl.col("dest") != "US"))
    us = {"dest_country": "US", "currency": "USD", "price_includes_tax": False}
    refused = decide(batch(order(1, [("TEE", 1, 2000)], **us)), world)
    assert refused.decisions["status"].to_list() != ["confirmed"]
    assert "customs.rule_missing_ddp" in set(refused.rejections["code"])
    noted = decide(batch(order(1, [("TEE", 1, 2000)], **us, incoterm="DAP")), world)
    assert noted.decisions["status"].to_list() == ["confirmed"]
    assert noted.issues["code"].to_list() == ["customs.rule_missing"]


def test_the_waterfall_ends_at_profit_and_profit_is_what_the_ledger_says():
    one = order(1, [("TEE", 2, 20000), ("POW", 1, 4500)], shipping_minor=499, discount_minor=250)
    found = explain(batch(one), WORLD, 1)
    steps = {row["key"]: row["amount_minor"] for row in found.waterfall}
    costs = ("cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax")
    assert steps["profit"] == steps["revenue"] + sum(steps[key] for key in costs)
    result = [row["base_minor"] for row in found.postings if row["account"][0] in "45"]
    assert -sum(result) == found.decision["profit_base_minor"] == steps["profit"]


def test_ex_works_the_buyer_pays_freight_and_import_and_the_books_hold_neither():
    usual = {"price_includes_tax": False}
    ours = way(order(1, [("TEE", 1, 20000)], **usual, incoterm="DDP"), "SZX")
    theirs = way(order(1, [("TEE", 1, 20000)], **usual, incoterm="EXW"), "SZX")
    assert ours["freight_minor"] == theirs["freight_minor"] > 0
    assert theirs["freight_base_minor"] == theirs["duty_base_minor"] == theirs["import_tax_base_minor"] == 0
    assert ours["total_cost_base_minor"] == theirs["total_cost_base_minor"]
    spared = ours["freight_base_minor"] + ours["duty_base_minor"] + ours["import_tax_base_minor"]
    assert theirs["profit_base_minor"] - ours["profit_base_minor"] == spared
    booked = decide(batch(order(1, [("TEE", 1, 20000)], **usual, incoterm="EXW")), WORLD).postings
    assert "5100" not in booked["account"].to_list()


@pytest.mark.parametrize(("tax_per", "tax"), [("order", 684), ("line", 684), ("unit", 680)])
def test_the_tax_is_rounded_per_order_line_or_unit_as_the_profile_says(tax_per, tax):
    # ten pieces of 3.60 at 19 %: 6.84 on the whole, 0.68 on each piece
    world = small_world(roundings=rows("roundings", {"rounding": "half_up", "tax_per": tax_per}))
    one = order(1, [("TEE", 10, 3600)], price_includes_tax=False, shipping_minor=0)
    row = way(one, "SZX", world)
    assert (row["rule"], row["tax_minor"], row["taxable_minor"]) == ("EU-IOSS", tax, 3600)


def test_of_a_tie_inside_the_price_the_tax_takes_the_odd_cent():
    frame = pl.DataFrame({"gross": [5250, -5250], "rate": [120_000, 120_000]})
    assert frame.select(net_of_tax(pl.col("gross"), pl.col("rate"))).to_series().to_list() == [4687, -4687]
