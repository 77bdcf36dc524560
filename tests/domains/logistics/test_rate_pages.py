"""The pages of the ways: comparison, cards, versions, files; who may look and who may change."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from entrepot.domains.logistics.models import Rate, RateFile
from entrepot.domains.logistics.services import RateOptions, card_on, import_rates

START = date(2026, 1, 1)
CONTENT = b"service,country,weight to,price\nA,DE,1,10\nA,DE,2,12\nA,DE,3,11\n"


@pytest.fixture
def company(shipped_rules, db):
    """The shipped rules."""


@pytest.fixture
def card(company):
    import_rates(
        "generic", "rates.csv", CONTENT, RateOptions(valid_from=START, ship_from="CN", currency="CNY")
    )
    return card_on("A", START)


def page(client, name, **query):
    return client.get(reverse(f"logistics:{name}"), query)


def test_services_are_compared_for_a_parcel_and_those_that_cannot_say_why(client, bo, company):
    client.force_login(bo)
    parcel = {
        "ship_from": "CN",
        "dest": "DE",
        "weight_g": 900,
        "on": "2026-05-04",
        "battery": "alone",
        "battery_wh": "74",
    }
    response = page(client, "compare", **parcel)
    assert response.status_code == 200
    possible = {row["service"]: row for row in response.context["rows"]}
    impossible = {row["service"]: row["code"] for row in response.context["impossible"]}
    assert possible.keys() == {"CN-LINE-DG"}
    assert impossible["CN-POST"] == "logistics.battery"
    assert response.context["battery"]["instruction"] == "965 IB"
    heavy = page(client, "compare", **{**parcel, "weight_g": 45_000, "battery": ""})
    assert {row["code"] for row in heavy.context["impossible"]} == {"logistics.too_heavy"}


def test_a_remote_postcode_costs_more(client, bo, company):
    client.force_login(bo)
    parcel = {"ship_from": "CN", "dest": "FR", "weight_g": 900, "on": "2026-05-04"}
    near, far = (
        {row["service"]: row for row in page(client, "compare", **parcel, postcode=code).context["rows"]}
        for code in ("75001", "20000")
    )
    assert far["CN-EXP"]["price_minor"] - near["CN-EXP"]["price_minor"] == 18_000 + 18_000 * 22 // 100
    assert [one["surcharge"] for one in far["CN-EXP"]["surcharges"]] == ["remote", "fuel"]


def test_a_parcel_that_is_none_is_named(client, bo, company):
    client.force_login(bo)
    assert page(client, "compare", weight_g="heavy").status_code == 422


def test_cards_are_listed_shown_and_changed_from_a_day(client, bo, card):
    client.force_login(bo)
    listed = page(client, "cards", q="A", on="2026-05-04").context["page"].object_list
    assert [row["service"] for row in listed if row["service"] == "A"] == ["A"]
    address = reverse("logistics:card") + "?service=A&on=2026-05-04"
    light = card.prices["DE", (0, 1000)]
    response = client.post(address, {f"price-{light.pk}": "10.50", "valid_from": "2026-06-01"})
    assert response.status_code == 302
    assert card_on("A", date(2026, 6, 1)).prices["DE", (0, 1000)].base_minor == 1050
    assert card_on("A", date(2026, 5, 31)).prices["DE", (0, 1000)].base_minor == 1000
    shown = page(client, "difference", service="A")
    assert [(row["change"].before, row["change"].after) for row in shown.context["rows"]] == [(1000, 1050)]


def test_a_price_that_is_none_is_refused_and_what_was_typed_stays(client, bo, card):
    client.force_login(bo)
    light = card.prices["DE", (0, 1000)]
    address = reverse("logistics:card") + "?service=A&on=2026-05-04"
    response = client.post(address, {f"price-{light.pk}": "ten", "valid_from": "2026-06-01"})
    assert response.status_code == 422
    assert b'value="ten"' in response.content
    assert Rate.objects.filter(service="A").count() == 2


def test_who_only_looks_changes_nothing(client, make_user, card):
    client.force_login(make_user("vera", "viewer"))
    address = reverse("logistics:card") + "?service=A&on=2026-05-04"
    assert client.get(address).status_code == 200
    assert client.post(address, {"valid_from": "2026-06-01"}).status_code == 403
    assert client.get(reverse("logistics:upload")).status_code == 403


def test_a_file_is_handed_in_and_its_report_shown(client, bo, company):
    client.force_login(bo)
    said = {"kind": "generic", "valid_from": "2026-01-01", "currency": "CNY", "unit": "kg", "ship_from": "cn"}
    file = SimpleUploadedFile("rates.csv", CONTENT)
    response = client.post(reverse("logistics:upload"), {**said, "file": file})
    kept = RateFile.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("logistics:report", args=[kept.pk])
    shown = client.get(response["Location"])
    assert [one["code"] for one in shown.context["findings"]] == ["price.falls"]
    table = client.get(reverse("logistics:findings", args=[kept.pk])).content.decode()
    assert "price" in table.splitlines()[1]
    strange = client.post(
        reverse("logistics:upload"), {**said, "file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}
    )
    assert strange.status_code == 422
