"""The orders list: it finds, sorts, counts, keeps its state in the address, and acts on many at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client

from entrepot.core.models import AuditLog, SavedView
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Hold, Order
from entrepot.domains.orders.queries import SORTS, find_orders, order_window, read_search
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db
PANEL = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "orders-panel"}


@pytest.fixture(scope="module")
def traded(for_the_file: Callable[[], Any]) -> dict[int, int]:
    """Ten orders: stock for six T-shirts, one to an embargoed country; the engine has decided them all."""
    with for_the_file():
        found_company()
        stock(("RTM", "TEE", 6))
        ids = take_in(*(tees(n) for n in range(1, 10)), tees(10, dest_country="IR"))
        fulfilment.decide_pending()
    return ids


@pytest.fixture
def trade(traded: dict[int, int], db: None) -> dict[int, int]:
    cache.clear()
    return traded


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def found(query: str) -> set[int]:
    return set(find_orders(read_search(QueryDict(query))).values_list("pk", flat=True))


def test_filters_find_by_state_country_hold_and_sign_of_profit(trade: dict[int, int]):
    states = dict(Order.objects.values_list("pk", "state"))

    assert found("state=held") == {trade[10]} == found("country=IR") == found("hold=customs.embargo")
    assert found("state=confirmed&state=backordered") == {
        pk for pk, state in states.items() if state != "held"
    }
    assert found("profit=none") == set(
        Order.objects.filter(profit_base_minor=None).values_list("pk", flat=True)
    )
    assert found("profit=gain") | found("profit=loss") | found("profit=none") >= found("state=held")
    assert found("warehouse=RTM") == {pk for pk, state in states.items() if state == "confirmed"}


def test_search_finds_number_channel_number_buyer_and_sku(trade: dict[int, int]):
    one = Order.objects.get(pk=trade[3])
    Order.objects.filter(pk=one.pk).update(number="AB-77", recipient_name="Anna 佐藤")

    assert found("q=ab-7") == {one.pk} == found("q=anna") == found("q=佐藤")
    assert found("q=tee") == set(trade.values())
    assert found(f"q={one.external_id}") >= {one.pk}
    assert found("q=nothing+like+this") == set()


def test_senseless_filters_are_left_out_and_never_an_error(trade: dict[int, int]):
    assert found("placed_from=yesterday&profit=huge&sort=drop+table") == set(trade.values())
    assert found("q=%00") == set(trade.values())
    assert found("state=unheard-of") == set()


def test_dates_are_those_of_the_order(trade: dict[int, int]):
    day = Order.objects.get(pk=trade[1]).placed_on

    assert found(f"placed_from={day}&placed_to={day}") == set(
        Order.objects.filter(placed_on=day).values_list("pk", flat=True)
    )
    assert found("placed_to=2001-01-01") == set()


@pytest.mark.parametrize("name", sorted(SORTS))
def test_every_column_sorts_both_ways_and_loses_nobody(trade: dict[int, int], name: str):
    up = order_window(read_search(QueryDict(f"sort={name}")), page=1)
    down = order_window(read_search(QueryDict(f"sort=-{name}")), page=1)

    assert {order.pk for order in up.rows} == {order.pk for order in down.rows} == set(trade.values())


def test_pages_together_are_the_whole_list_once(trade: dict[int, int]):
    for query in ("sort=-profit", "country=DE&sort=number"):
        search = read_search(QueryDict(query))
        pages = [order_window(search, page=page, per_page=3) for page in (1, 2, 3, 4)]
        seen = [order.pk for page in pages[: pages[0].pages] for order in page.rows]
        assert len(seen) == len(set(seen)) == pages[0].count.rows == len(found(query))


def test_a_page_beyond_the_end_shows_a_page_that_exists(trade: dict[int, int], as_ada: Client):
    assert as_ada.get("/orders/?page=99").status_code == 200
    assert as_ada.get("/orders/?state=held&page=99").status_code == 200
    assert as_ada.get("/orders/?page=minus").status_code == 200


def test_htmx_gets_the_panel_alone_and_the_address_to_keep(trade: dict[int, int], as_ada: Client):
    reply = as_ada.get("/orders/?q=&state=held&sort=-total&placed_from=", **PANEL)

    assert b"<html" not in reply.content
    assert reply["HX-Push-Url"] == "/orders/?state=held&sort=-total"
    assert b"<html" in as_ada.get("/orders/?state=held").content


def test_views_are_saved_under_a_name_per_user(trade: dict[int, int], as_ada: Client, ada: Any, bo: Any):
    as_ada.post("/orders/views/", {"name": "German", "query": "country=DE&page=7&evil=1"})
    as_ada.post("/orders/views/", {"name": "German", "query": "country=DE&state=held"})

    view = SavedView.objects.get()
    assert (view.user, view.name, view.query) == (ada, "German", "state=held&country=DE")
    assert "German" in as_ada.get("/orders/").content.decode()

    as_ada.force_login(bo)
    assert "German" not in as_ada.get("/orders/").content.decode()
    as_ada.post(f"/orders/views/{view.pk}/delete/")
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_cancelling_many_is_audited_and_returns_to_the_list(trade: dict[int, int], as_ada: Client):
    chosen = [trade[1], trade[2]]

    reply = as_ada.post("/orders/bulk/", {"action": "cancel", "ids": chosen, "query": "country=DE"})

    assert reply.headers["Location"] == "/orders/?country=DE"
    assert set(Order.objects.filter(state="cancelled").values_list("pk", flat=True)) == set(chosen)
    assert AuditLog.objects.filter(action="orders.cancel").count() == 2


def test_all_found_means_what_the_filters_find(trade: dict[int, int], as_ada: Client):
    as_ada.post(
        "/orders/bulk/",
        {"action": "priority", "priority": "30", "scope": "all", "query": "state=held", "ids": [trade[1]]},
    )

    assert set(Order.objects.filter(priority=30).values_list("pk", flat=True)) == {trade[10]}


def test_a_bulk_action_needs_its_own_permission(trade: dict[int, int], client: Client, make_user: Any):
    client.force_login(make_user("vi", "viewer"))

    for action in ("cancel", "priority", "release"):
        assert client.post("/orders/bulk/", {"action": action, "ids": [trade[1]]}).status_code == 403
    assert not Order.objects.filter(state="cancelled").exists()
    assert not Hold.objects.exclude(state="open").exists()


def test_nothing_ticked_and_strange_requests_change_nothing(trade: dict[int, int], as_ada: Client):
    before = list(Order.objects.order_by("pk").values_list("pk", "state", "priority"))

    for data in (
        {"action": "cancel"},
        {"action": "destroy", "ids": [trade[1]]},
        {"action": "cancel", "ids": ["1;drop"]},
        {},
    ):
        assert as_ada.post("/orders/bulk/", data).status_code == 302
    assert (
        as_ada.post("/orders/bulk/", {"action": "cancel", "next": "https://evil.example/"}).headers[
            "Location"
        ]
        == "/orders/"
    )

    assert list(Order.objects.order_by("pk").values_list("pk", "state", "priority")) == before


def test_ticked_orders_are_decided_again(trade: dict[int, int], as_ada: Client):
    short = list(Order.objects.filter(state="backordered").values_list("pk", flat=True))
    stock(("RTM", "TEE", 50))

    reply = as_ada.post("/fulfilment/decide/", {"ids": short, "next": "/orders/?state=confirmed"})

    assert reply.headers["Location"] == "/orders/?state=confirmed"
    assert set(Order.objects.filter(pk__in=short).values_list("state", flat=True)) == {"confirmed"}
