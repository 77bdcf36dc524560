"""Home: the day's figures agree with the orders, in about a dozen queries, and each leads to its list."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.insight.queries import profit_groups, profit_series, reference_day, today_figures
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders.models import Order
from entrepot.web.home.views import shift
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import DAY

pytestmark = pytest.mark.django_db
CHARTS = ("/home/profit.json", "/home/costs.json", "/home/market.json", "/home/channel.json")


@pytest.fixture
def trade(db: None) -> dict[int, int]:
    """Three orders on the day, one six days before, one forty days before, one held."""
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 20), on=DAY - timedelta(days=60))
    ids = take_in(
        tees(1), tees(2), tees(3, dest_country="IR"),
        tees(4, placed_on=DAY - timedelta(days=6)), tees(5, placed_on=DAY - timedelta(days=40)),
    )  # fmt: skip
    fulfilment.decide_pending()
    return ids


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def test_figures_look_back_from_the_newest_order_where_orders_ended_long_ago(trade: dict[int, int]):
    assert reference_day(DAY + timedelta(days=2)) == DAY + timedelta(days=2)
    assert reference_day(DAY + timedelta(days=300)) == DAY


def test_figures_agree_with_the_decisions(trade: dict[int, int]):
    figures = today_figures(DAY)
    profits = dict(
        Decision.objects.exclude(profit_base_minor=None).values_list("order_id", "profit_base_minor")
    )

    assert (figures.day.orders, figures.week.orders, figures.month.orders, figures.orders_before) == (
        3,
        4,
        4,
        1,
    )
    assert figures.month.profit == profits[trade[1]] + profits[trade[2]] + profits[trade[4]]
    assert figures.profit_before == profits[trade[5]]
    assert figures.states == {"confirmed": 4, "held": 1}
    assert figures.holds == {"customs.embargo": 1}
    assert figures.month.margin_ppm == round(figures.month.profit * 1_000_000 / figures.month.revenue)


def test_revenue_goes_to_costs_and_profit_to_the_last_unit(trade: dict[int, int]):
    month = today_figures(DAY).month

    costs = (
        month.cogs,
        month.freight,
        month.handling,
        month.channel_fee,
        month.payment_fee,
        month.duty,
        month.import_tax,
    )
    assert month.revenue == sum(costs) + month.profit


def test_days_and_groups_add_up_to_the_same_profit(trade: dict[int, int]):
    by_day = sum(figures.profit for _day, figures in profit_series(DAY, 30))
    by_market = sum(figures.profit for _market, figures in profit_groups("market", DAY, 30))
    by_channel = sum(figures.profit for _channel, figures in profit_groups("channel", DAY, 30, limit=0))

    assert by_day == by_market == by_channel == today_figures(DAY).month.profit
    assert len(profit_series(DAY, 30)) == 30


def test_cancelled_orders_earn_nothing(trade: dict[int, int]):
    before = today_figures(DAY).month.profit
    Order.objects.filter(pk=trade[1]).update(state="cancelled")

    assert today_figures(DAY).month.profit < before


def test_orders_past_their_promise_are_late_until_they_arrive(trade: dict[int, int]):
    late = Order.objects.filter(pk=trade[5])
    late.update(state="shipped", promise_on=DAY - timedelta(days=1))
    Shipment.objects.filter(order_id=trade[5]).update(state="lost")

    before = today_figures(DAY)
    assert trade[5] in [order.pk for order in before.late.first]
    assert before.late_states[trade[5]] == "lost"

    late.update(state="delivered", delivered_on=DAY)
    assert today_figures(DAY).late.count == before.late.count - 1


def test_home_takes_a_dozen_queries_and_leads_to_the_lists(trade: dict[int, int], as_ada: Client):
    as_ada.get("/")  # the company's own facts are read once, then kept
    with CaptureQueriesContext(connection) as queries:
        shown = as_ada.get("/").content.decode()

    assert len(queries) <= 12
    assert "Orders that day" in shown
    assert f"placed_from={DAY}&amp;placed_to={DAY}" in shown
    assert "/orders/review/?reason=customs.embargo" in shown


def test_every_link_of_home_opens_for_a_viewer(trade: dict[int, int], client: Client, make_user: Any):
    client.force_login(make_user("vi", "viewer"))

    links = re.findall(r'href="(/[^"]*)"', client.get("/").content.decode())

    assert len(links) > 10
    for link in {html.unescape(link) for link in links if not link.startswith(("/static/", "/accounts/"))}:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("address", CHARTS)
def test_charts_are_plain_json_with_data(trade: dict[int, int], as_ada: Client, address: str):
    for query in ("", "?days=7", f"?days=365&on={DAY}", "?days=nonsense&on=never"):
        option = json.loads(as_ada.get(address + query).content)
        assert option["series"][0]["data"], query


@pytest.mark.parametrize("address", CHARTS)
def test_charts_without_orders_say_so(as_ada: Client, address: str):
    cache.clear()

    assert "period" in json.loads(as_ada.get(address).content)["empty"]


def test_a_bar_opens_its_orders_for_those_who_may_see_them(trade: dict[int, int], as_ada: Client):
    option = json.loads(as_ada.get("/home/market.json").content)

    links = [bar["href"] for bar in option["series"][0]["data"] if "href" in bar]
    assert links
    assert all(as_ada.get(link).status_code == 200 for link in links)
    assert as_ada.get("/home/moon.json").status_code == 404


def test_an_empty_company_is_welcomed(as_ada: Client):
    cache.clear()

    assert "There are no orders yet" in as_ada.get("/").content.decode()


def test_change_against_the_month_before():
    assert shift(110, 100) == 100_000
    assert shift(-50, -100) == 500_000
    assert shift(5, 0) is None
