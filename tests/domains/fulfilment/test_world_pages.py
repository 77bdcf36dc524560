"""The pages of the world's tables: who may see and change them, and that a change is dated, checked and remembered."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.core import reference, worldrows
from entrepot.core.models import AuditLog
from entrepot.domains.customs.models import VatRate
from entrepot.domains.warehouse.models import Warehouse

pytestmark = pytest.mark.django_db
SMALL = ["vat_rates", "warehouses", "currencies", "territories", "carriers"]
FIRST_DAY = "2026-12-01"


@pytest.fixture
def shipped() -> None:
    reference.load(SMALL)


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def german_rate() -> VatRate:
    return VatRate.objects.get(country="DE", region="", tax_category="standard", valid_to=None)


def fields(row: VatRate, **changes: Any) -> dict[str, Any]:
    values = {
        "country": row.country,
        "region": row.region,
        "tax_category": row.tax_category,
        "rate_ppm": row.rate_ppm,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        "status": row.status,
        "source": row.source,
        "note": row.note,
    }
    return {**values, **changes}


def addresses() -> list[tuple[str, str]]:
    """Every address of the pages with the permission it asks for."""
    rate = german_rate().pk
    return [
        ("/world/", "world.view"),
        ("/world/vat_rates/", "world.view"),
        ("/world/vat_rates/export.csv", "world.view"),
        (f"/world/vat_rates/{rate}/", "world.view"),
        ("/world/vat_rates/add/", "world.change"),
        (f"/world/vat_rates/{rate}/change/", "world.change"),
        (f"/world/vat_rates/{rate}/correct/", "world.change"),
    ]


def test_strangers_are_sent_to_sign_in_and_others_refused(
    shipped: None, client: Client, make_user: Callable[..., Any]
) -> None:
    for address, _permission in addresses():
        assert client.get(address)["Location"].startswith("/accounts/login/")
    client.force_login(make_user("cy", None))
    assert {client.get(address).status_code for address, _ in addresses()} == {403}


def test_a_viewer_sees_but_does_not_change(
    shipped: None, client: Client, make_user: Callable[..., Any]
) -> None:
    client.force_login(make_user("dee", "viewer"))
    for address, permission in addresses():
        assert client.get(address).status_code == (200 if permission == "world.view" else 403)
    rate = german_rate()
    for action in ("change", "correct"):
        answer = client.post(f"/world/vat_rates/{rate.pk}/{action}/", fields(rate, rate_ppm=1))
        assert answer.status_code == 403
    assert german_rate().rate_ppm == 190_000
    assert b"change/" not in client.get(f"/world/vat_rates/{rate.pk}/").content.split(b"page-header")[1]


def test_every_table_has_its_page_and_rows(as_ada: Client) -> None:
    reference.load()
    for name, table in worldrows.tables().items():
        assert as_ada.get(f"/world/{name}/").status_code == 200
        row = table.model._default_manager.first()
        if row is not None:
            assert as_ada.get(f"/world/{name}/{row.pk}/").status_code == 200
            if table.can_edit:
                assert as_ada.get(f"/world/{name}/{row.pk}/correct/").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_rows(as_ada: Client) -> None:
    reference.load(["territories"])
    as_ada.get("/world/")
    counts = []
    for names in (["vat_rates"], ["import_rules", "currencies", "accounts"]):
        reference.load(names)
        with CaptureQueriesContext(connection) as queries:
            as_ada.get("/world/")
            as_ada.get("/world/vat_rates/?on=all")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


def test_a_table_is_narrowed_by_text_day_and_certainty(shipped: None, as_ada: Client) -> None:
    def rates(query: str) -> list[str]:
        rows = as_ada.get(f"/world/vat_rates/?{query}").context["rows"]
        return [
            f"{item['row'].country} {item['row'].rate_ppm}"
            for item in rows
            if item["row"].tax_category == "standard"
        ]

    assert rates("q=DE&on=2020-10-01") == ["DE 160000"]
    assert rates("q=DE") == ["DE 190000"]
    assert len(rates("q=DE&on=all")) == 4
    assert rates("q=DE&on=all&status=U") == []
    assert rates("q=nothing like it") == []


def test_a_change_ends_the_old_row_and_begins_a_new_one(shipped: None, as_ada: Client, ada: Any) -> None:
    old = german_rate()
    changed = fields(old, rate_ppm=200_000, valid_from=FIRST_DAY, source="Federal Gazette", status="C")
    answer = as_ada.post(f"/world/vat_rates/{old.pk}/change/", changed)
    new = german_rate()
    assert answer["Location"] == f"/world/vat_rates/{new.pk}/"
    old.refresh_from_db()
    assert (old.valid_to, old.rate_ppm, old.is_edited) == (date(2026, 11, 30), 190_000, True)
    assert (new.valid_from, new.rate_ppm, new.is_edited) == (date(2026, 12, 1), 200_000, True)
    log = AuditLog.objects.filter(action="world.change").get()
    assert (log.actor, log.detail["before"]["rate_ppm"], log.detail["after"]["rate_ppm"]) == (
        ada,
        "190000",
        "200000",
    )
    page = as_ada.get(f"/world/vat_rates/{old.pk}/").content.decode()
    assert "2026-11-30" in page
    assert "ada" in page


def test_a_change_before_the_row_began_is_refused(shipped: None, as_ada: Client) -> None:
    old = german_rate()
    answer = as_ada.post(f"/world/vat_rates/{old.pk}/change/", fields(old, valid_from="2019-01-01"))
    assert answer.status_code == 422
    assert german_rate().pk == old.pk
    assert german_rate().is_edited is False
    assert not AuditLog.objects.filter(action__startswith="world.").exists()


def test_a_correction_rewrites_the_row_and_is_remembered(shipped: None, as_ada: Client) -> None:
    rate = german_rate()
    as_ada.post(f"/world/vat_rates/{rate.pk}/correct/", fields(rate, rate_ppm=185_000))
    assert german_rate().rate_ppm == 185_000
    table = worldrows.tables()["vat_rates"]
    newest = worldrows.history(table, german_rate())[0]
    assert (newest.kind, [change[1:] for change in newest.changes]) == ("update", [("190000", "185000")])


def test_a_row_that_overlaps_another_is_refused(shipped: None, as_ada: Client) -> None:
    before = VatRate.objects.count()
    answer = as_ada.post("/world/vat_rates/add/", fields(german_rate(), valid_from=FIRST_DAY))
    assert answer.status_code == 422
    assert VatRate.objects.count() == before


def test_a_table_without_periods_is_corrected_only(shipped: None, as_ada: Client) -> None:
    place = Warehouse.objects.get(code="RTM")
    assert as_ada.get(f"/world/warehouses/{place.pk}/change/").status_code == 404
    values = {field.name: getattr(place, field.attname) for field in worldrows.tables()["warehouses"].columns}
    as_ada.post(f"/world/warehouses/{place.pk}/correct/", {**values, "is_open": "", "handling_days": 2})
    place.refresh_from_db()
    assert (place.handling_days, place.is_open, place.is_edited) == (2, False, True)


def test_the_export_is_the_shipped_form_and_safe_in_a_spreadsheet(shipped: None, as_ada: Client) -> None:
    rate = german_rate()
    VatRate.objects.filter(pk=rate.pk).update(note="=cmd()", source="@home")
    answer = as_ada.get("/world/vat_rates/export.csv?q=DE&on=all")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = text.splitlines()
    assert lines[0] == "country,region,tax_category,rate_ppm,reading,valid_from,valid_to,status,source,note"
    assert len(lines) == 6
    assert "'=cmd()" in text
    assert "'@home" in text


def test_unknown_tables_and_rows_are_not_found(shipped: None, as_ada: Client) -> None:
    for address in ("/world/secrets/", "/world/vat_rates/0/", "/world/vat_rates/x/", "/world/fx/add/"):
        assert as_ada.get(address).status_code == 404
