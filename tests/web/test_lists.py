"""Every list as a file: whole, exact, harmless, and no heavier for being long."""

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from python_calamine import CalamineWorkbook

from entrepot.core import exports
from entrepot.core.models import AuditLog
from entrepot.domains.catalog.models import Product
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.ledger.models import Posting
from entrepot.web.lists.registry import LISTS, world_lists
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db
ALL = [one.name for one in LISTS] + ["world-duty_rates", "world-services"]


@pytest.fixture(scope="module")
def traded(for_the_file: Callable[[], Any]) -> None:
    with for_the_file():
        found_company()
        stock(("RTM", "TEE", 2))
        take_in(*(tees(n) for n in range(1, 5)))
        fulfilment.decide_pending()


@pytest.fixture
def trade(traded: None, db: None) -> None:
    cache.clear()


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def csv_rows(reply: Any) -> list[list[str]]:
    text = b"".join(reply.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def xlsx_rows(reply: Any) -> list[list[Any]]:
    content = b"".join(reply.streaming_content)
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("name", ALL)
def test_each_list_is_the_same_in_both_forms(name: str, trade: None, as_ada: Client):
    as_csv = csv_rows(as_ada.get(f"/lists/{name}.csv"))
    as_xlsx = xlsx_rows(as_ada.get(f"/lists/{name}.xlsx"))

    assert as_csv[0] == [str(cell) for cell in as_xlsx[0]]
    assert abs(len(as_csv) - len(as_xlsx)) <= (
        1 if name == "actions" else 0
    )  # taking a list away is an action
    assert AuditLog.objects.filter(action="lists.export", object_ref=name).count() == 2


def test_every_table_of_the_world_is_a_list():
    assert {"world-duty_rates", "world-rates", "world-currencies", "world-skus"} <= set(world_lists())


def test_amounts_are_exact_and_narrowed_like_the_page(trade: None, as_ada: Client):
    head, *rows = csv_rows(as_ada.get("/lists/postings.csv?kind=order"))

    assert len(rows) == Posting.objects.filter(entry__kind="order").count() > 0
    assert sum(Decimal(row[head.index("In the books’ currency")]) for row in rows) == 0
    assert csv_rows(as_ada.get("/lists/postings.csv?kind=return")) == [head]


def test_a_formula_stays_a_text_and_a_number_a_number(trade: None, as_ada: Client):
    Product.objects.filter(code="TEE").update(name_en='=HYPERLINK("http://x")', brand="@x", name_zh="\t-1")

    row = csv_rows(as_ada.get("/lists/products.csv?q=TEE"))[1]
    cells = xlsx_rows(as_ada.get("/lists/products.xlsx?q=TEE"))[1]

    assert row[1:3] == ['\'=HYPERLINK("http://x")', "'\t-1"]
    assert row[4] == "'@x"
    assert cells[1] == '=HYPERLINK("http://x")'  # a text cell of Excel is never run
    moves = csv_rows(as_ada.get("/lists/stock-moves.csv?kind=sale"))
    assert {row[4] for row in moves[1:]} == {"-1"}


def test_a_list_needs_its_own_permission(client: Client, bo: Any, trade: None):
    client.force_login(bo)
    assert client.get("/lists/stock.csv").status_code == 200
    assert client.get("/lists/postings.csv").status_code == 403
    assert client.get("/lists/order-lines.csv").status_code == 403
    assert client.get("/lists/moon.csv").status_code == 404
    assert client.get("/lists/stock.pdf").status_code == 404
    assert "Ledger postings" not in client.get("/lists/").content.decode()


def endless(rows: int) -> Iterator[list[Any]]:
    yield ["a", "b"]
    for n in range(rows):
        yield [f"row {n}", n]


@pytest.mark.parametrize("form", [exports.as_csv, lambda rows, name: exports.as_xlsx(rows, name, "x")])
def test_a_long_list_takes_no_more_memory(form: Any):
    peaks = []
    for rows in (2_000, 20_000):
        tracemalloc.start()
        reply = form(endless(rows), "x")
        for _chunk in reply.streaming_content:
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + 2**20


def test_beyond_the_limit_of_a_sheet_another_goes_on(monkeypatch: Any):
    monkeypatch.setattr(exports, "XLSX_ROWS", 3)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(b"".join(exports.as_xlsx(endless(7), "x", "Rows").streaming_content))
    )

    assert book.sheet_names == ["Rows", "Rows 2", "Rows 3"]
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [len(sheet) for sheet in sheets] == [4, 4, 2]
    assert [sheet[0] for sheet in sheets] == [["a", "b"]] * 3
    assert sheets[2][1] == ["row 6", 6]
