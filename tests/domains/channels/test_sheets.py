"""Tables of goods and of stock: tried, imported, refused row by row, and our own export changes nothing."""

import io
from typing import Any

import pytest
from django.test import Client

from entrepot.core.models import AuditLog
from entrepot.domains.catalog import services as catalog
from entrepot.domains.catalog.models import Product, Sku
from entrepot.domains.channels import services
from entrepot.domains.channels.models import ImportProfile, ImportRun
from entrepot.domains.ledger.models import Entry
from entrepot.domains.warehouse.models import StockLevel, StockMove
from tests.domains.channels.conftest import article

pytestmark = pytest.mark.django_db
GOODS = """货号;名称;类目;HS 编码;原产地;重量（公斤）;长（厘米）;宽;高;成本;成本币种;售价;币种;有效
MUG-1;Mug;test;6912.00;中国;0,4505;12;8;10,5;12,30;CNY;1.099,00;EUR;是
TEE-1;;;;;;;;;;;19,90;EUR;
MUG-2;;test;12;Mars;-1;x;8;8;5;XXQ;;;vielleicht
MUG-3;Cup;nowhere;;;;;;;;;;;
MUG-1;Mug;test;6912.00;中国;0,4505;12;8;10,5;12,30;CNY;1.099,00;EUR;是
TEE-1;Other;;;;;;;;;;;;
"""
COUNTS = """SKU,Location,Counted,Reason
TEE-1,SZX,7,count of June
TEE-1,UKW,0,
NOBODY,SZX,1,
TEE-1,Mars,1,
TEE-1,SZX,8,
"""


@pytest.fixture
def goods(company: None) -> None:
    category, sku = article("TEE-1")
    catalog.ensure_categories(category)
    catalog.ensure_skus(sku)


def take(kind: str, content: bytes | str, name: str = "t.csv", **options: str) -> ImportRun:
    data = content.encode() if isinstance(content, str) else content
    run = services.receive_file(kind, name, data)
    found = services.preview_file(run)
    services.set_reading(run, found.mapping, {**found.options, **options})
    return services.import_file(run)


def outcomes(run: ImportRun) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in run.report["outcomes"]:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + row["lines"]
    return counts


def problems(run: ImportRun) -> set[tuple[int, str, str]]:
    return set(run.rejects.values_list("row_no", "field", "reason"))


def test_goods_come_in_in_any_units_and_words_and_bad_rows_are_named(goods: None) -> None:
    run = take("products", GOODS)

    assert outcomes(run) == {"added": 1, "changed": 1, "rejected": 3, "duplicate": 1}
    mug = Sku.objects.get(code="MUG-1")
    facts = (mug.weight_g, mug.length_mm, mug.width_mm, mug.height_mm, mug.hs_code, mug.origin, mug.is_active)
    assert facts == (451, 120, 80, 105, "691200", "CN", True)
    assert (mug.cost_minor, mug.cost_currency, mug.list_price_minor) == (1230, "CNY", 109_900)
    tee = Sku.objects.get(code="TEE-1")
    assert (tee.list_price_minor, tee.list_currency, tee.name_en, tee.weight_g) == (1990, "EUR", "TEE-1", 200)
    assert {each for each in problems(run) if each[0] == 4} == {
        (4, "name_en", "value.missing"), (4, "hs_code", "hs.unreadable"), (4, "origin", "country.unknown"),
        (4, "weight", "number.not_positive"), (4, "length", "number.unreadable"),
        (4, "cost_currency", "currency.unknown"), (4, "is_active", "word.unknown"),
    }  # fmt: skip
    assert {each for each in problems(run) if each[0] > 4} == {
        (5, "category", "category.unknown"), (7, "sku", "sku.repeated"),
    }  # fmt: skip
    assert AuditLog.objects.filter(action="catalog.save_skus").count() == 1


def test_a_trial_books_nothing_and_says_what_the_import_does(goods: None) -> None:
    run = services.receive_file("products", "t.csv", GOODS.encode())
    before = list(Sku.objects.values())

    found = services.preview_file(run)

    assert found.outcomes == {"added": 1, "changed": 1, "rejected": 3, "duplicate": 1}
    assert list(Sku.objects.values()) == before
    assert outcomes(take("products", GOODS)) == found.outcomes
    assert services.import_file(run).state == "done"
    assert AuditLog.objects.filter(action="catalog.save_skus").count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_our_own_lists_come_back_and_change_nothing(
    goods: None, ada: Any, client: Client, form: str, language: str
) -> None:
    take("products", GOODS)
    take("stock", COUNTS)
    Sku.objects.filter(code="MUG-1").update(name_en="=cmd|mug", is_active=False, battery="contained")
    client.force_login(ada)
    client.cookies["django_language"] = language
    skus, stock = (
        b"".join(client.get(f"/lists/{name}.{form}").streaming_content)  # type: ignore[attr-defined]
        for name in ("skus", "stock")
    )
    before = list(Sku.objects.order_by("pk").values()), list(Product.objects.order_by("pk").values())
    moves = StockMove.objects.count()

    assert outcomes(take("products", skus, f"skus.{form}")) == {"same": 2}
    assert outcomes(take("stock", stock, f"stock.{form}")) == {"same": 1}
    assert (
        list(Sku.objects.order_by("pk").values()),
        list(Product.objects.order_by("pk").values()),
    ) == before
    assert StockMove.objects.count() == moves


def test_counts_are_booked_as_differences_with_their_reason_and_worth(goods: None) -> None:
    run = take("stock", COUNTS)

    assert outcomes(run) == {"changed": 1, "same": 1, "rejected": 3}
    assert problems(run) == {
        (4, "sku", "sku.unknown"), (5, "warehouse", "warehouse.unknown"), (6, "sku", "place.repeated"),
    }  # fmt: skip
    move = StockMove.objects.get()
    assert (move.kind, move.quantity, move.note, move.warehouse.code) == (
        "adjustment",
        7,
        "count of June",
        "SZX",
    )
    entry = Entry.objects.get(kind="adjustment")
    assert sorted(entry.postings.values_list("account__code", flat=True)) == ["1300", "5410"]
    again = take("stock", COUNTS.replace("Counted", "On hand"), "other.csv")
    assert outcomes(again) == {"same": 2, "rejected": 3}
    assert StockMove.objects.count() == 1


def test_changes_are_added_and_never_leave_less_than_nothing(goods: None) -> None:
    take("stock", COUNTS)
    table = "SKU,Qty\nTEE-1,-3\nTEE-1,-2\n"
    run = take("stock", table, mode="change", warehouse="SZX", note="samples")
    assert outcomes(run) == {"changed": 2}
    assert StockLevel.objects.get().on_hand == 2

    short = take("stock", "SKU,Qty\nTEE-1,-3\n", mode="change", warehouse="SZX")
    assert problems(short) == {(2, "quantity", "stock.short")}
    assert StockLevel.objects.get().on_hand == 2


def test_a_kilogram_is_said_in_the_head_or_for_the_file(goods: None) -> None:
    table = "SKU,Weight,Length (in)\nTEE-1,1.5,10\n"
    take("products", table, weight_unit="lb")
    assert list(Sku.objects.values_list("weight_g", "length_mm")) == [(680, 254)]


def test_the_pages_lead_from_the_file_over_its_columns_to_the_report(
    goods: None, bo: Any, cy: Any, client: Client
) -> None:
    client.force_login(bo)
    upload = {"kind": "products", "file": io.BytesIO(GOODS.encode())}
    page = client.post("/imports/new/", upload, follow=True)
    run = ImportRun.objects.get()
    assert page.redirect_chain[-1][0] == f"/imports/{run.pk}/columns/"
    assert "This country is unknown." in page.content.decode()
    chosen = {f"column_{name}": column for name, column in services.preview_file(run).mapping.items()}
    trial = client.post(f"/imports/{run.pk}/columns/check/", chosen).content.decode()
    assert "Another row says something else of this SKU." in trial
    listed = client.post(f"/imports/{run.pk}/columns/problems.csv", chosen)
    assert b"Mars" in b"".join(listed.streaming_content)  # type: ignore[attr-defined]
    client.post(f"/imports/{run.pk}/columns/", {**chosen, "profile_name": "Shop goods"})
    assert ImportProfile.objects.get().kind == "products"
    services.import_file(run)
    assert "New SKUs" in client.get(f"/imports/{run.pk}/").content.decode()
    client.force_login(cy)
    assert client.get(f"/imports/{run.pk}/columns/").status_code == 403


def test_who_may_not_change_goods_does_not_import_them(
    goods: None, ada: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(ada)
    rights = frozenset({"channels.import", "channels.view"})
    monkeypatch.setattr("entrepot.core.roles.permissions_of", lambda user: rights)
    monkeypatch.setattr("entrepot.domains.channels.views.listing.permissions_of", lambda user: rights)
    for kind in ("products", "stock"):
        reply = client.post("/imports/new/", {"kind": kind, "file": io.BytesIO(b"SKU,Qty\nA,1\n")})
        assert reply.status_code == 403
    assert not ImportRun.objects.exists()
