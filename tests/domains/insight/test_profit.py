"""The profit explorer: pivots against sums worked out by hand, exact counts of orders, and its pages."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client, override_settings

from entrepot.core import saved_views
from entrepot.domains.insight import services
from entrepot.domains.insight.adapters import duck
from entrepot.domains.insight.forms.profit import read_state
from entrepot.domains.insight.queries import pivot
from entrepot.domains.insight.rules.facts import GOODS
from entrepot.domains.insight.rules.pivot import Question, goods_level, heat, ratio, waterfall
from tests.domains.insight.conftest import trade_a_little
from tests.engine.small import DAY

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DIMS = ("month", "market", "channel", "sku", "product", "category", "warehouse", "state", "buyer_kind")


@pytest.fixture(scope="module")
def exported(
    for_the_file: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[int, int]]:
    """The small trade, exported once: where its marts are, and our ids."""
    folder = tmp_path_factory.mktemp("profit") / "marts"
    with override_settings(MART_ROOT=folder), for_the_file():
        cache.clear()
        ids = trade_a_little()
        services.export_marts(services.start_export())
    return folder, ids


@pytest.fixture
def marts(exported: tuple[Path, dict[int, int]], db: None, settings: Any) -> dict[int, int]:
    cache.clear()
    settings.MART_ROOT, ids = exported
    return ids


def by_hand(
    dims: tuple[str, ...], filters: dict[str, tuple[str, ...]], first: date, last: date
) -> dict[Any, Any]:
    """Profit, lines and distinct orders by some dimensions, straight from the lines."""
    names = ", ".join(f"{name}::VARCHAR" for name in dims)
    test = "".join(
        f" AND {name} IN ({', '.join(repr(value) for value in values)})" for name, values in filters.items()
    )
    rows = duck.ask(
        f"SELECT {names}, sum(profit_base_minor)::BIGINT, count(*), count(DISTINCT order_id) FROM order_lines "
        f"WHERE placed_on BETWEEN ? AND ?{test} GROUP BY ALL",
        [first, last],
    )
    return {tuple(row[: len(dims)]): row[len(dims) :] for row in rows}


@pytest.mark.parametrize("dims", [*((one,) for one in DIMS), *list(combinations(DIMS, 2))[::5]])
def test_every_pivot_equals_the_sums_of_its_lines(marts: dict[int, int], dims: tuple[str, ...]):
    for first, last in (
        (FIRST, LAST),
        (FIRST, DAY),
        (date(2026, 1, 15), DAY),
        (DAY, DAY),
    ):  # cube, lines, and both
        for filters in (
            {},
            {"sku": ("TEE",)},
            {"sku": ("TEE", "POW")},
            {"category": ("apparel",), "market": ("DE", "US")},
        ):
            found = pivot.pivot(Question(first, last, dims, "", filters))
            told = {
                key: (one.values["profit"], one.values["lines"], one.values["orders"])
                for key, one in found.rows.items()
            }
            assert told == by_hand(dims, filters, first, last), filters


def test_rows_columns_and_cells_add_up_to_the_whole(marts: dict[int, int]):
    found = pivot.pivot(Question(FIRST, LAST, ("market",), "sku"))

    for name in ("profit", "revenue", "lines", "quantity"):
        sums = [
            sum(one.values[name] for one in part.values())
            for part in (found.rows, found.columns, found.cells)
        ]
        assert sums == [found.total.values[name]] * 3
    assert found.total.values["orders"] == 5
    assert sum(one.values["orders"] for one in found.columns.values()) == 6  # one order holds both articles


def test_levels_of_goods_at_which_orders_can_be_counted():
    assert goods_level(("market",), {}) == ""
    assert goods_level(("sku", "category"), {}) == "sku"
    assert goods_level(("category",), {"sku": ("A",)}) == "sku"
    assert goods_level(("category",), {"sku": ("A", "B")}) is None
    assert goods_level(("sku",), {"category": ("a", "b")}) == "sku"
    assert goods_level((), {"product": ("A", "B")}) is None
    assert GOODS == ("sku", "product", "category")


def test_the_waterfall_ends_in_profit(marts: dict[int, int]):
    steps = waterfall(pivot.pivot(Question(FIRST, LAST, ("market",))).total)
    level = 0
    for _name, amount, is_level in steps:
        assert not is_level or level in (0, amount)
        level = amount if is_level else level + amount

    assert steps[-1][0] == "profit"


def test_rounding_and_heat():
    assert [ratio(5, 2), ratio(-5, 2), ratio(1, 3, 100), ratio(5, -2), ratio(1, 0)] == [3, -3, 33, -3, None]
    assert [heat(value, -100, 50) for value in (50, 1, 0, None, -1, -100)] == [5, 1, 0, 0, -1, -5]


def test_the_address_holds_everything_and_forgives_nonsense():
    span = (date(2026, 1, 1), date(2026, 3, 1))
    text = "from=2026-02-01&to=2026-02-28&rows=market&rows=sku&column=month&m=profit&m=margin&market=DE&market=US"
    state = read_state(QueryDict(f"{text}&sort=-margin"), span)

    assert read_state(QueryDict(state.query), span) == state
    assert state.question.filters == {"market": ("DE", "US")}
    odd = read_state(
        QueryDict("from=x&to=2026-13-01&rows=password&column=1&m=;drop&month=never&sort=a&market=%00"), span
    )
    assert (odd.question.first, odd.question.last) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (odd.question.rows, odd.question.column, odd.question.filters) == (("market",), "", {})
    assert Question(date(2026, 3, 1), date(2026, 3, 31)).before.first == date(2026, 2, 1)
    days = Question(date(2026, 3, 5), date(2026, 3, 11)).before
    assert (days.first, days.last) == (date(2026, 2, 26), date(2026, 3, 4))


def test_pages_show_drill_and_reach_the_orders(marts: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)

    page = client.get("/insight/profit/?rows=market&column=month&m=profit").content.decode()
    assert "heat-" in page
    panel = client.get(
        "/insight/profit/?rows=sku", headers={"HX-Request": "true", "HX-Target": "profit-panel"}
    )
    assert "<html" not in panel.content.decode()
    lines = client.get("/insight/profit/lines/?market=DE&from=2026-01-01&to=2026-12-31").content.decode()
    assert f"/orders/{marts[1]}/" in lines
    assert f"/orders/{marts[2]}/" not in lines
    for address in (
        "?rows=month&rows=state&rows=sku",
        "?market='; DROP VIEW order_lines --",
        "?from=2030-01-01&to=2029-01-01",
    ):
        assert client.get(f"/insight/profit/{address}").status_code == 200, address


def test_files_hold_every_row_and_are_harmless(marts: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)

    reply = client.get("/insight/profit/export.csv?rows=sku&column=market&m=profit&m=orders")
    rows = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert rows[0] == "SKU,Name,Market,Name,Profit,Orders,Books’ currency"
    assert len(rows) == 1 + len(by_hand(("sku", "market"), {}, DAY - timedelta(days=300), LAST))
    book = client.get("/insight/profit/export.xlsx?rows=sku")
    assert b"".join(book.streaming_content).startswith(b"PK")
    assert client.get("/insight/profit/export.exe").status_code == 404


def test_views_are_kept_and_forgotten_by_their_owner(
    marts: dict[int, int], ada: Any, bo: Any, client: Client
):
    client.force_login(ada)
    client.post("/insight/profit/views/", {"name": "Germany", "query": "rows=sku&market=DE&password=x"})
    (view,) = saved_views.list_views(ada, "insight.profit")

    assert "market=DE" in view.query
    assert "password" not in view.query
    assert "Germany" in client.get("/insight/profit/").content.decode()
    client.force_login(bo)
    client.post(f"/insight/profit/views/{view.pk}/delete/")
    assert len(saved_views.list_views(ada, "insight.profit")) == 1
