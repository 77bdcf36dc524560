"""The shipped tables fit together: whatever one of them names, another one knows."""

from datetime import date

import polars as pl
import pytest

from entrepot.config.demo.world import demo_world
from entrepot.engine.world import World

MARKETS = ["US", "GB", "DE", "FR", "IT", "ES", "NL", "PL", "SE", "CA", "AU", "JP", "SG", "MX", "BR"]
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return demo_world()


def in_force(frame: pl.DataFrame, day: date = TODAY) -> pl.DataFrame:
    return frame.filter(
        pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
    )


def words(frame: pl.DataFrame, column: str) -> set[str]:
    return set(frame[column].str.split(" ").explode().to_list()) - {"", None}


def test_names_in_one_table_exist_in_the_other(world: World) -> None:
    currencies = set(world["currencies"]["currency"])
    for name in ("import_rules", "import_fees", "services", "warehouses", "channel_fees", "payment_fees"):
        assert set(world[name]["currency"]) <= currencies, name
    assert set(world["import_rules"]["limit_currency"]) - {""} <= currencies
    assert words(world["import_rules"], "fees") <= set(world["import_fees"]["fee"])
    assert set(world["import_rules"]["rounding"]) <= set(world["roundings"]["rounding"])
    assert set(world["lanes"]["service"]) == set(world["services"]["service"])
    surcharged = world["surcharges"]["service"]
    own = surcharged.filter(~surcharged.str.starts_with("carrier:"))
    assert set(own) <= set(world["services"]["service"])
    assert set(world["channel_fees"]["channel"]) == set(world["channels"]["channel"])
    countries = set(world["countries"]["country"])
    assert set(world["territories"]["country"]) == countries
    assert set(world["lanes"]["dest_country"]) | set(world["warehouses"]["country"]) <= countries


def test_import_fees_are_in_the_currency_of_their_rules(world: World) -> None:
    rules = world["import_rules"].with_columns(fee=pl.col("fees").str.split(" ")).explode("fee")
    pairs = rules.filter(pl.col("fee") != "").join(
        world["import_fees"].select("fee", fee_currency="currency"), on="fee"
    )
    assert pairs.filter(pl.col("currency") != pl.col("fee_currency")).is_empty()


@pytest.mark.parametrize("country", MARKETS)
def test_every_market_has_rules_for_whatever_arrives(world: World, country: str) -> None:
    territory = in_force(world["territories"]).filter(pl.col("country") == country)["territory"][0]
    rules = in_force(world["import_rules"]).filter(pl.col("dest").is_in([country, territory]))
    conditions = ["region", "mode", "buyer_kind", "ship_from", "origins", "origins_except", "requires"]
    always = rules.filter([pl.col(name) == "" for name in conditions], pl.col("max_minor").is_null())
    assert {"import", "domestic"} <= set(always["flow"])
    assert (
        in_force(world["duty_rates"]).filter(pl.col("dest") == territory, pl.col("hs_prefix") == "").height
        == 1
    )
    rates = in_force(world["vat_rates"]).filter(
        pl.col("country") == country, pl.col("tax_category") == "standard"
    )
    assert rates.filter(pl.col("region") == "").height == 1


@pytest.mark.parametrize("country", MARKETS)
def test_every_market_is_reached_with_and_without_batteries(world: World, country: str) -> None:
    lanes = in_force(world["lanes"]).filter(pl.col("ship_from") == "CN", pl.col("dest_country") == country)
    services = lanes.join(in_force(world["services"]), on="service")
    assert {"postal", "line", "express", "freight"} <= set(services["kind"])
    assert "all" in set(services["battery"])


def test_rate_cards_have_no_gap_and_never_get_cheaper(world: World) -> None:
    card = ["service", "zone", "tier", "valid_from"]
    rates = world["rates"].sort(*card, "over_g")
    before = rates.with_columns(
        end=pl.col("to_g").shift().over(card).fill_null(0),
        most=(
            pl.col("base_minor")
            + pl.when(pl.col("step_g") > 0)
            .then(-(-(pl.col("to_g") - pl.col("over_g")) // pl.col("step_g").clip(1)) * pl.col("step_minor"))
            .otherwise(0)
        )
        .shift()
        .over(card)
        .fill_null(0),
    )
    assert before.filter(pl.col("end") != pl.col("over_g")).is_empty()
    assert before.filter(pl.col("base_minor") < pl.col("most")).is_empty()
    heaviest = rates.group_by(card).agg(pl.col("to_g").max())
    carried = heaviest.join(world["services"].select("service", "max_g").unique("service"), on="service")
    assert carried.filter(pl.col("to_g") < pl.col("max_g")).is_empty()


def test_every_lane_has_a_rate_card_all_its_days(world: World) -> None:
    cards = world["rates"].select("service", "zone", "valid_from", "valid_to").unique()
    for day in (date(2011, 6, 1), date(2018, 3, 1), date(2025, 12, 1), TODAY):
        lanes = in_force(world["lanes"], day)
        assert lanes.join(in_force(cards, day), on=["service", "zone"], how="anti").is_empty(), day


def test_every_posting_leg_of_the_engine_has_a_rule(world: World) -> None:
    sale = {"sale_goods", "sale_shipping", "sale_tax"}
    cost = {"cogs", "freight", "handling", "channel_fee", "payment_fee", "duty", "import_tax", "duty_prepaid"}
    assert sale | cost <= set(world["posting_rules"]["leg"])
    assert world["posting_rules"].filter(pl.col("debit") == pl.col("credit")).is_empty()


def test_rates_of_special_days(world: World) -> None:
    def rate(country: str, day: date, region: str = "") -> int:
        rows = in_force(world["vat_rates"], day).filter(
            pl.col("country") == country, pl.col("region") == region
        )
        return int(rows.filter(pl.col("tax_category") == "standard")["rate_ppm"].item())

    assert rate("GB", date(2011, 1, 3)) == 175_000
    assert rate("GB", date(2011, 1, 4)) == 200_000
    assert rate("DE", date(2020, 12, 31)) == 160_000
    assert rate("EE", date(2025, 7, 1)) == 240_000
    assert rate("IE", date(2020, 9, 1)) == 210_000
    assert rate("CA", date(2025, 3, 31), "NS") == 150_000
    assert rate("CA", date(2025, 4, 1), "NS") == 140_000


def test_amazon_fees_of_the_golden_cases(world: World) -> None:
    def fee(category: str, price: int) -> int:
        rows = world["channel_fees"].filter(
            pl.col("channel") == "amazon-us", pl.col("fee_category") == category
        )
        band = rows.filter(
            (pl.col("over_minor") < price) & (pl.col("to_minor").is_null() | (pl.col("to_minor") >= price))
        )
        row = band.to_dicts()[0]
        part = price - row["over_minor"] if row["marginal"] else price
        return max(row["carry_minor"] + part * row["rate_ppm"] // 1_000_000, row["min_minor"])

    assert fee("electronics_accessories", 15_000) == 1_900
    assert fee("home_kitchen", 150) == 30
    assert [fee("clothing", price) for price in (1_499, 1_800, 2_500)] == [74, 180, 425]
