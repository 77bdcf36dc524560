"""Stock pages: what is on hand where, how long it lasts, and every move with the balance after it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.domains.catalog.models import Sku
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.warehouse.queries import (
    StockSearch,
    moves_of_sku,
    sku_checks,
    stock_by_day,
    stock_window,
)
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(db: None) -> Sku:
    """Ten T-shirts in Rotterdam, five in Shenzhen; two orders take three from Rotterdam."""
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 10), ("SZX", "TEE", 5))
    take_in(tees(1), tees(2, 2))
    fulfilment.decide_pending()
    return Sku.objects.get(code="TEE")


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def window(**search: Any) -> dict[str, Any]:
    found = stock_window(StockSearch(sold_since=DAY - timedelta(days=30), **search), page=1)
    return {row.sku.code: row for row in found.rows}


def test_the_list_adds_up_places_and_sales(trade: Sku):
    row = window()["TEE"]

    assert (row.on_hand, row.sold) == (12, 3)
    assert row.by_warehouse == {"RTM": 7, "SZX": 5}
    assert row.cover_days == 12 * 30 // 3


def test_filters_narrow_by_text_warehouse_and_days_left(trade: Sku):
    assert "TEE" in window(text="tee")
    assert window(text="no such") == {}
    assert window(text="100%_") == {}
    assert window(warehouse="SZX")["TEE"].on_hand == 5
    assert "TEE" not in window(low_days=100)
    assert "TEE" in window(low_days=120)


@pytest.mark.parametrize("sort", ["sku", "-sku", "name", "category", "on_hand", "-sold", "nonsense"])
def test_every_sort_keeps_every_sku(trade: Sku, sort: str):
    assert set(window(sort=sort)) == set(Sku.objects.values_list("code", flat=True))


def test_the_journal_shows_the_balance_after_each_move(trade: Sku):
    moves = list(moves_of_sku(trade.pk, "RTM"))

    assert [(move.quantity, move.balance) for move in reversed(moves)] == [(10, 10), (-1, 9), (-2, 7)]
    assert {code: level for _day, code, level in stock_by_day(trade.pk)} == {"RTM": 7, "SZX": 5}


def test_stock_on_hand_is_the_sum_of_its_moves(trade: Sku, as_ada: Client):
    checks = sku_checks(trade.pk)

    assert {(check.place, check.on_hand, check.is_equal) for check in checks} == {
        ("RTM", 7, True),
        ("SZX", 5, True),
    }
    assert "proof-bad" not in as_ada.get("/stock/check/").content.decode()


def test_pages_open_and_take_few_queries(trade: Sku, as_ada: Client):
    for address in (
        "/stock/",
        "/stock/?q=tee&low=9&warehouse=RTM&category=x&sort=-sold&page=9",
        f"/stock/{trade.pk}/",
        f"/stock/{trade.pk}/chart.json",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert as_ada.get(address).status_code == 200, address
        assert len(queries) <= 12, address
    assert as_ada.get("/stock/999999/").status_code == 404


def test_the_panel_alone_is_swapped(trade: Sku, as_ada: Client):
    reply = as_ada.get("/stock/?q=tee", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="stock-panel")

    assert b"<html" not in reply.content
    assert b"TEE" in reply.content


def test_empty_stock_says_where_stock_comes_from(as_ada: Client):
    cache.clear()

    assert "No stock yet" in as_ada.get("/stock/").content.decode()
