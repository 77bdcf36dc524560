"""The landed-cost lookup: the answer with its derivation, its course through the years, and clear errors."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.forms.lookup import LINES
from entrepot.domains.ledger.models import FxRate

pytestmark = [pytest.mark.usefixtures("shipped_rules"), pytest.mark.django_db]
PAGE = "/fulfilment/landed-cost/"


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def asked(**changes: str) -> dict[str, str]:
    usual = {
        "ship_from": "CN", "dest_country": "DE", "placed_on": "2026-05-08", "mode": "courier", "buyer": "b2c",
        "channel": "", "incoterm": "DAP", "currency": "EUR", "freight": "10", "goods-TOTAL_FORMS": str(LINES),
        "goods-INITIAL_FORMS": "0", "goods-0-hs_code": "610910", "goods-0-origin": "cn", "goods-0-amount": "150.01",
        "goods-0-quantity": "2", "goods-0-weight_g": "180",
    }  # fmt: skip
    return {**usual, **changes}


def test_before_anything_is_asked_the_form_stands_there(as_ada: Client) -> None:
    page = as_ada.get(PAGE)
    assert page.status_code == 200
    assert "told" not in page.context


def test_the_golden_import_to_germany_comes_out_to_the_cent(as_ada: Client) -> None:
    page = as_ada.get(PAGE, asked())
    way = page.context["way"]
    assert (way["cv_minor"], way["duty_minor"], way["taxable_minor"], way["tax_minor"]) == (
        16001,
        1920,
        17921,
        3405,
    )
    assert {rule["table"] for rule in page.context["rules"]} >= {
        "import_rules",
        "duty_rates",
        "vat_rates",
        "incoterms",
    }


def test_the_course_holds_the_day_itself_and_every_change(as_ada: Client) -> None:
    course = as_ada.get(PAGE, asked(**{"goods-0-amount": "60"})).context["told"].course
    duties = {str(row["placed_on"]): row["duty_minor"] for row in course}
    assert duties["2026-05-08"] == 0
    assert duties["2026-07-01"] == 300


def test_duties_charged_on_stand_in_the_base_of_a_tax_collected_at_the_sale(as_ada: Client) -> None:
    two = {
        "goods-0-amount": "50", "goods-1-hs_code": "640399", "goods-1-origin": "CN", "goods-1-amount": "10",
        "goods-1-quantity": "1", "goods-1-weight_g": "500", "freight": "0", "placed_on": "2026-07-10",
        "dest_country": "FR", "channel": "shopify", "incoterm": "DDP",
    }  # fmt: skip
    way = as_ada.get(PAGE, asked(**two)).context["way"]
    assert (way["rule"], way["duty_minor"], way["taxable_minor"]) == ("EU-FLAT3-IOSS", 600, 6600)
    assert (way["tax_minor"], way["landed_minor"]) == (1320, 7920)


def test_a_reading_is_shown_beside_the_one_followed() -> None:
    ask = {"order_id": 1, "ship_from": "CN", "dest_country": "US", "placed_on": date(2026, 9, 1), "mode": "courier",
           "currency": "USD", "incoterm": "DDP"}  # fmt: skip
    goods = {"order_id": 1, "line_no": 1, "hs_code": "851762", "origin": "CN", "amount_minor": 100_000}
    FxRate.objects.create(currency="USD", on=date(2026, 8, 31), rate_e6=1_170_000, source="test")
    told = services.landed_cost(ask, [goods])
    differences = {one.name: one.difference_minor for one in told.readings}
    assert differences == {"US-122-EXTENDED": 10_000, "US-301-FORCED-LABOUR": 12_500}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"goods-0-hs_code": "61"}, "Six to ten digits."),
        ({"goods-0-amount": "-1"}, "greater than or equal to 0"),
        ({"dest_country": "ZZ"}, "Select a valid choice"),
        ({"placed_on": "soon"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(as_ada: Client, change: dict[str, str], text: str) -> None:
    page = as_ada.get(PAGE, asked(**change))
    assert text in page.content.decode()
    assert "told" not in page.context


def test_a_place_without_rules_says_so_and_guesses_nothing(as_ada: Client) -> None:
    page = as_ada.get(PAGE, asked(dest_country="AQ"))
    assert page.context["way"]["rule"] is None
    assert "No import rule is known" in page.content.decode()


def test_cy_is_refused(cy: Any, client: Client) -> None:
    client.force_login(cy)
    assert client.get(PAGE).status_code == 403


def test_a_layer_of_two_rates_names_each_charge_by_its_own(as_ada: Client) -> None:
    goods = {
        "goods-0-hs_code": "850760", "goods-0-amount": "180", "goods-1-hs_code": "611030", "goods-1-origin": "CN",
        "goods-1-amount": "49", "goods-1-quantity": "1", "goods-1-weight_g": "380",
    }  # fmt: skip
    page = as_ada.get(PAGE, asked(dest_country="US", currency="USD", **goods))
    charges = page.context["charges"]
    layers = [(one["rate"], one["rate_ppm"]) for one in charges if one["rule"] == "US-301-CN"]
    assert sorted(layers) == [("25.00 %", 250_000), ("7.50 %", 75_000)]
