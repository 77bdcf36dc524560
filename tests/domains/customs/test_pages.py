"""The pages of tariffs, goods codes and rule changes: what they show, who may act, and how many queries they need."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.core import reference, worldrows
from entrepot.domains.catalog.models import Category, Product, Sku
from entrepot.domains.customs import services
from entrepot.domains.customs.models import CodeChoice, CodeRefusal, ImportFee, NationalCode, TariffRun

pytestmark = pytest.mark.django_db
HTS = b"""HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty
6109.10.00,0,Of cotton,,16.5%,"Free (AU,S) 2% (JP)",90%
6109.10.00.04,1,Men's T-shirts,"[""doz.""]",,,
2402.20.80,0,Cigarettes,,$1.05/kg + 2.3%,,$6.61/kg + 5%
"""


@pytest.fixture
def tariff(shipped_rules: None, db: None) -> TariffRun:
    run = services.receive_tariff("us-hts", "small.csv", HTS, valid_from=date(2025, 4, 1))
    return services.import_tariff(run)


@pytest.fixture
def shirts(db: None) -> list[Sku]:
    category = Category.objects.create(code="shirts", name_en="Shirts")
    product = Product.objects.create(code="P", name_en="Shirt", category=category)
    facts = {"product": product, "name_en": "Cotton T-shirt", "name_zh": "纯棉T恤"}
    return [Sku.objects.create(code=f"TS-{size}", **facts) for size in ("L", "M", "S")]


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def test_the_tree_opens_section_by_section(as_ada: Client, tariff: TariffRun) -> None:
    text = as_ada.get("/customs/tariffs/").content.decode()
    assert "Textiles and textile articles" in text
    assert "/customs/tariffs/61/" in text
    assert "/customs/tariffs/6109/" in as_ada.get("/customs/tariffs/61/").content.decode()


def test_a_search_in_chinese_finds_the_code(as_ada: Client, tariff: TariffRun) -> None:
    answer = as_ada.get("/customs/tariffs/", {"q": "蓝牙耳机"})
    assert answer.context["found"][0]["row"].code == "851830"


def test_a_code_that_is_typed_opens_its_page(as_ada: Client, tariff: TariffRun) -> None:
    answer = as_ada.get("/customs/tariffs/", {"q": "6109.10", "dest": "US"})
    assert answer.headers["Location"] == "/customs/tariffs/610910/?dest=US"


def test_a_code_shows_its_rates_with_source_and_certainty(as_ada: Client, tariff: TariffRun) -> None:
    answer = as_ada.get("/customs/tariffs/6109100004/", {"dest": "US", "origin": "JP", "on": "2026-11-22"})
    text = answer.content.decode()
    assert "16.5%" in text
    assert "US HTS, April 2025" in text  # the shipped line, which the file only confirms
    assert "Printed" in text
    rates = answer.context["rates"]
    assert [claim["row"].scheme for claim in rates["claims"]] == ["USJTA"]
    assert {one["row"].reading for one in rates["readings"]} == {"US-122-EXTENDED", "US-301-FORCED-LABOUR"}
    assert as_ada.get("/customs/tariffs/24022080/", {"dest": "US"}).context["rates"]["ordinary"][0][
        "text"
    ] == ("2.3% + 1.05 USD/kg")


def test_queries_do_not_grow_with_the_lines_of_a_tariff(as_ada: Client, tariff: TariffRun) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_ada.get("/customs/tariffs/6109/", {"dest": "US"})
    row = {
        "country": "US",
        "description": "x",
        "valid_from": date(2025, 4, 1),
        "source": "test",
        "status": "P",
    }
    NationalCode.objects.bulk_create(NationalCode(code=f"610990{n:04}", **row) for n in range(50))
    with CaptureQueriesContext(connection) as many:
        as_ada.get("/customs/tariffs/6109/", {"dest": "US"})
    assert len(many) <= len(few)


def test_a_choice_counts_for_all_variants(as_ada: Client, tariff: TariffRun, shirts: list[Sku]) -> None:
    page = as_ada.get("/customs/codes/")
    assert [row["sku"].code for row in page.context["rows"]] == ["TS-L"]
    assert page.context["rows"][0]["suggested"][0]["code"] == "610910"
    as_ada.post("/customs/codes/choose/", {"sku": "TS-L", "code": "610910", "reason": "label says cotton"})
    assert set(CodeChoice.objects.values_list("sku", "code")) == {(one.code, "610910") for one in shirts}
    assert not as_ada.get("/customs/codes/").context["rows"]
    assert as_ada.get("/customs/codes/", {"state": "chosen"}).context["rows"][0]["choice"].code == "610910"


def test_a_bad_code_says_what_to_do(as_ada: Client, tariff: TariffRun, shirts: list[Sku]) -> None:
    answer = as_ada.post("/customs/codes/choose/", {"sku": "TS-L", "code": "610977"}, follow=True)
    text = answer.content.decode()
    assert "There is no such code" in text
    assert "610910" in text
    assert not CodeChoice.objects.exists()


def test_a_refusal_counts_for_all_variants(as_ada: Client, tariff: TariffRun, shirts: list[Sku]) -> None:
    as_ada.post("/customs/codes/refuse/", {"sku": "TS-M", "code": "610910"})
    assert CodeRefusal.objects.count() == len(shirts)


def test_bo_looks_but_does_not_choose(client: Client, bo: Any, tariff: TariffRun) -> None:
    client.force_login(bo)
    assert client.get("/customs/codes/").status_code == 200
    assert client.post("/customs/codes/choose/", {"sku": "TS-L", "code": "610910"}).status_code == 403
    assert client.get("/customs/imports/new/").status_code == 403


def test_a_change_names_person_and_values(as_ada: Client, ada: Any) -> None:
    reference.load(["import_fees"])
    fee = ImportFee.objects.get(fee="US-HMF")
    table = worldrows.tables()["import_fees"]
    as_ada.get("/customs/changes/")
    values = {"rate_ppm": 1_300, "source": "our broker", "status": "U"}
    worldrows.correct(table, fee, values, ada)
    page = as_ada.get("/customs/changes/", {"table": "import_fees"})
    changed = next(change for change, _name in page.context["changes"] if change.kind == "update")
    assert ("rate (ppm)", "1250", "1300") in changed.listed[0].differences
    assert next(change.rows for change, _name in page.context["changes"] if change.kind == "insert") == 26


def test_the_periods_of_a_rule_stand_on_one_line(as_ada: Client) -> None:
    reference.load(["import_fees"])
    fee = ImportFee.objects.filter(fee="US-MPF").first()
    assert fee
    page = as_ada.get(f"/customs/changes/import_fees/{fee.pk}/")
    assert len(page.context["rows"]) == ImportFee.objects.filter(fee="US-MPF").count()
    assert as_ada.get("/customs/changes/import_fees/999999/").status_code == 404
    assert as_ada.get("/customs/changes/nothing/1/").status_code == 404


def test_a_file_is_handed_in_and_its_report_shown(
    as_ada: Client, tariff: TariffRun, django_capture_on_commit_callbacks: Any
) -> None:
    file = SimpleUploadedFile("list.csv", b"HSCode,Additional Duty\n6109.10.00,0.075\n12,0.1\n")
    answer = as_ada.post("/customs/imports/new/", {"kind": "section-301", "file": file})
    run = TariffRun.objects.get(kind="section-301")
    assert answer.headers["Location"] == f"/customs/imports/{run.pk}/"
    services.import_tariff(run)
    page = as_ada.get(f"/customs/imports/{run.pk}/").content.decode()
    assert "a leading zero was lost" in page
    assert as_ada.get(f"/customs/imports/{run.pk}/report.json").json()["adds_up"] is True
    lines = b"".join(as_ada.get(f"/customs/imports/{run.pk}/problems.csv").streaming_content)  # type: ignore[arg-type]
    assert lines.decode().count("\n") == 1 + run.problems.count()
    assert as_ada.get(f"/customs/imports/{run.pk}/progress/").headers["HX-Refresh"] == "true"
    assert as_ada.get("/customs/imports/").status_code == 200
