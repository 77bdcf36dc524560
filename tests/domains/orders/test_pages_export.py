"""Orders as files: complete, exact, in the reader's language, and harmless in a spreadsheet."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from python_calamine import CalamineWorkbook

from entrepot.core.exports import harmless
from entrepot.core.models import AuditLog
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(db: None) -> dict[int, int]:
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 2))
    ids = take_in(*(tees(n) for n in range(1, 5)))
    fulfilment.decide_pending()
    return ids


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def csv_rows(reply: Any) -> list[list[str]]:
    text = b"".join(reply.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_csv_has_every_order_found_with_exact_amounts(trade: dict[int, int], as_ada: Client):
    head, *rows = csv_rows(as_ada.get("/orders/export.csv?sort=number"))

    assert head[0] == "Number"
    assert len(rows) == 4
    by_number = {row[0]: row for row in rows}
    for order in Order.objects.all():
        row = by_number[order.number]
        assert Decimal(row[head.index("Total")]) == Decimal(order.total_minor) / 100
        assert row[head.index("Pieces")] == "1"


def test_filters_and_ticks_narrow_the_file(trade: dict[int, int], as_ada: Client):
    confirmed = csv_rows(as_ada.get("/orders/export.csv?state=confirmed"))
    ticked = csv_rows(as_ada.post("/orders/export.csv", {"ids": [trade[3]], "query": "state=confirmed"}))

    assert len(confirmed) - 1 == Order.objects.filter(state="confirmed").count() == 2
    assert [row[0] for row in ticked[1:]] == [Order.objects.get(pk=trade[3]).number]


def test_excel_holds_the_same_numbers_as_numbers(trade: dict[int, int], as_ada: Client):
    reply = as_ada.get("/orders/export.xlsx")

    data = io.BytesIO(b"".join(reply.streaming_content))
    head, *rows = CalamineWorkbook.from_filelike(data).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    assert {row[head.index("Total")] for row in rows} == {
        order.total_minor / 100 for order in Order.objects.all()
    }


def test_a_name_that_is_a_formula_is_only_a_text(trade: dict[int, int], as_ada: Client):
    Order.objects.filter(pk=trade[1]).update(recipient_name='=HYPERLINK("http://evil")', dest_city="+1")

    _head, *rows = csv_rows(as_ada.get("/orders/export.csv"))

    cells = [cell for row in rows for cell in row]
    assert '\'=HYPERLINK("http://evil")' in cells
    assert "'+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_texts_that_a_spreadsheet_would_run_are_quoted_and_others_left(text: str):
    assert harmless(text) == f"'{text}"
    assert harmless("x" + text) == "x" + text
    assert harmless(Decimal("-1.50")) == Decimal("-1.50")


def test_taking_a_list_away_is_logged(trade: dict[int, int], as_ada: Client, ada: Any):
    as_ada.get("/orders/export.csv?state=confirmed")

    log = AuditLog.objects.get(action="orders.export")
    assert (log.actor, log.detail["query"], log.detail["format"]) == (ada, "state=confirmed", "csv")


def test_the_file_speaks_the_readers_language(trade: dict[int, int], as_ada: Client):
    as_ada.cookies["django_language"] = "zh-hans"

    head, *_rows = csv_rows(as_ada.get("/orders/export.csv"))

    assert head[0] == "订单号"
