"""The shipped reference data: it fits its tables, comes in once, and leaves alone what a user has edited."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from entrepot.core import reference
from entrepot.core.dated import DatedRule, Status
from entrepot.core.models import AuditLog, WorldStamp
from entrepot.domains.customs.models import VatRate
from entrepot.domains.fulfilment import world
from entrepot.domains.ledger import services as ledger
from entrepot.domains.ledger.adapters import ecb
from entrepot.domains.ledger.models import FxRate
from entrepot.domains.warehouse.models import Warehouse

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)


def loaded(name: str) -> reference.Loaded:
    return next(one for one in reference.load() if one.table == name)


def german_rate() -> VatRate:
    return VatRate.objects.get(country="DE", region="", tax_category="standard", valid_to=None)


def test_every_world_table_but_goods_and_rates_is_shipped() -> None:
    known = {source.name for source in reference.sources()}
    assert {"import_rules", "vat_rates", "rates", "policies", "accounts", "carriers", "roundings"} <= known
    beside = {
        "accounts",
        "carriers",
        "hscodes",
        "hssections",
        "account_metrics",
        "kpis",
    }  # no part of the world
    assert set(reference.package_files()) == known - beside


def test_every_dated_row_names_its_source_and_certainty() -> None:
    for source in reference.sources():
        if issubclass(source.model, DatedRule):
            rows = list(reference.read(source))
            assert rows
            assert all(row["source"] and row["status"] in Status.values for row in rows), source.name


def test_loading_twice_changes_nothing() -> None:
    first = reference.load()
    stamps = dict(WorldStamp.objects.values_list("name", "token"))
    second = reference.load()
    assert all(one.added == one.rows for one in first)
    assert all(one.unchanged == one.rows for one in second)
    assert dict(WorldStamp.objects.values_list("name", "token")) == stamps


def test_a_version_is_brought_in_once_and_again_where_its_files_are_others() -> None:
    assert reference.refresh()
    assert not reference.refresh()
    AuditLog.objects.filter(action="reference.load").update(detail={"files": "an earlier version's"})
    again = reference.refresh()
    assert again
    assert all(one.unchanged == one.rows for one in again)
    reference.load(["countries"])  # a part is no version
    assert AuditLog.objects.filter(action="reference.load").count() == 2


def test_the_loaded_tables_make_a_world() -> None:
    reference.load()
    compiled = world.current()
    assert compiled["import_rules"].height > 200
    assert compiled["posting_rules"].height >= 11


def test_a_row_the_package_changed_is_updated() -> None:
    reference.load()
    VatRate.objects.filter(pk=german_rate().pk).update(rate_ppm=1)
    report = loaded("vat_rates")
    assert (report.updated, report.kept, report.added) == (1, 0, 0)
    assert german_rate().rate_ppm == 190_000


def test_a_row_a_user_edited_is_kept() -> None:
    reference.load()
    VatRate.objects.filter(pk=german_rate().pk).update(rate_ppm=1, is_edited=True)
    Warehouse.objects.filter(code="RTM").update(order_fee_minor=1, is_edited=True)
    reports = {one.table: one for one in reference.load()}
    assert (reports["vat_rates"].kept, reports["vat_rates"].updated) == (1, 0)
    assert reports["warehouses"].kept == 1
    assert german_rate().rate_ppm == 1
    assert Warehouse.objects.get(code="RTM").order_fee_minor == 1


def test_a_shipped_row_that_overlaps_an_edited_one_is_left_out() -> None:
    reference.load()
    rate = german_rate()
    rate.delete()
    VatRate.objects.create(
        country="DE", tax_category="standard", rate_ppm=200_000, valid_from=NOVEMBER, is_edited=True
    )
    report = loaded("vat_rates")
    assert (report.left_out, report.added) == (1, 0)


def test_a_period_of_an_earlier_package_gives_way() -> None:
    reference.load()
    rate = german_rate()
    VatRate.objects.filter(pk=rate.pk).update(valid_to=OCTOBER)
    VatRate.objects.create(country="DE", tax_category="standard", rate_ppm=170_000, valid_from=NOVEMBER)
    report = loaded("vat_rates")
    assert (report.removed, report.updated) == (1, 1)
    assert german_rate().valid_from == rate.valid_from


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("country,rate\nDE,1\n", "has no column rate"),
        ("country,territory,valid_from\nDE,EU,soon\n", "row 2, valid_from"),
        ("country,territory,valid_from\nDE,EU,2020-01-01\nDE,EU,2020-01-01\n", "stands there twice"),
        ("country,territory,valid_from\n,EU,\n", "row 2, valid_from: empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, text: str, reason: str, monkeypatch: Any
) -> None:
    path = tmp_path / "territories.csv"
    path.write_text(text)
    territory = next(source for source in reference.sources() if source.name == "territories")
    broken = reference.Source("territories", path, territory.model, territory.key)
    monkeypatch.setattr(reference, "sources", lambda: [broken])
    with pytest.raises(reference.ReferenceDataError, match=reason):
        reference.load()


def test_euro_rates_are_exact_and_come_in_once() -> None:
    lines = ["Date,USD,JPY,BGN,", "2026-10-30,1.1172,175.68,N/A,", "2009-11-30,1.5,130,1.9558,"]
    assert list(ecb.parse_history(lines, since=date(2009, 12, 1))) == [
        ("USD", date(2026, 10, 30), 1_117_200),
        ("JPY", date(2026, 10, 30), 175_680_000),
    ]
    with pytest.raises(ValueError, match="six decimals"):
        list(ecb.parse_history(["Date,USD", "2026-10-30,1.1234567"], since=date(2009, 12, 1)))
    assert ledger.load_ecb_rates(since=date(2026, 10, 1)) > 500
    FxRate.objects.filter(currency="USD", on=date(2026, 10, 30)).update(rate_e6=7)
    assert ledger.load_ecb_rates(since=date(2026, 10, 1)) == 0
    assert FxRate.objects.get(currency="USD", on=date(2026, 10, 30)).rate_e6 == 7
