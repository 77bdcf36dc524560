"""KPIs: the worked table of the method page, goals and status, values entered, and the way down to the order."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.core import reference
from entrepot.domains.insight import services
from entrepot.domains.insight.models import Kpi, KpiGoal, KpiReading
from entrepot.domains.insight.queries import kpis, pivot
from entrepot.domains.insight.rules.kpis import Goal, change, goal_in, status, value_in
from entrepot.domains.insight.rules.pivot import Question
from tests.engine.small import DAY

METHOD = Path(__file__).resolve().parents[3] / "docs/methods/kpis.md"
MONTH = DAY.replace(day=1)


@pytest.fixture
def tree(trade: dict[int, int], export: Callable[[], Any]) -> dict[int, int]:
    """The small trade exported, and the KPIs as they are shipped."""
    export()
    reference.load(["kpis"])
    return trade


def table(title: str) -> list[dict[str, str]]:
    """A table of the method page under a heading, as rows."""
    after = METHOD.read_text("utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split("|") for line in after.splitlines() if line.startswith("|")]
    head = [cell.strip() for cell in lines[0]]
    return [dict(zip(head, (cell.strip() for cell in line), strict=True)) for line in lines[2:]]


@pytest.mark.django_db
def test_worked_table_of_the_method_page():
    reference.load(["kpis"])
    sums = {row["sum"]: int(row["value"]) for row in table("Sums of the example")}

    for row in table("KPIs of the example"):
        kpi = kpis.definition(Kpi.objects.get(code=row["kpi"]))
        assert value_in(kpi, [MONTH], {MONTH: sums}, {}) == int(row["value"]), row["kpi"]


@pytest.mark.django_db
def test_the_method_page_names_every_kpi_with_its_sums():
    reference.load(["kpis"])
    told = {row["KPI"]: (row["numerator"], row["denominator"], row["scale"]) for row in table("Definitions")}

    rows = {kpi.code: (kpi.numerator, kpi.denominator, str(kpi.scale)) for kpi in Kpi.objects.all()}
    assert told == {
        code: tuple(part or "entered" if n == 0 else part for n, part in enumerate(row))
        for code, row in rows.items()
    }


@pytest.mark.django_db
def test_a_ratio_over_months_is_the_ratio_of_the_sums_and_a_flow_adds_up():
    reference.load(["kpis"])
    monthly = {
        date(2026, 1, 1): {"profit": 10, "revenue": 100},
        date(2026, 2, 1): {"profit": 40, "revenue": 100},
    }
    margin, profit = (kpis.definition(Kpi.objects.get(code=code)) for code in ("margin", "profit"))

    assert value_in(margin, list(monthly), monthly, {}) == 250_000
    assert value_in(profit, list(monthly), monthly, {}) == 50
    goals = [Goal(date(2026, 1, 1), date(2026, 12, 1), 30), Goal(date(2026, 2, 1), date(2026, 2, 1), 35)]
    assert goal_in(profit, list(monthly), goals) == 65
    assert goal_in(margin, list(monthly), goals) == 35
    assert goal_in(profit, [date(2025, 12, 1), *monthly], goals) is None
    assert status(profit, 65, 65) == "good"
    assert status(profit, 60, 65) == "warn"
    assert status(profit, 50, 65) == "bad"
    assert status(profit, 50, None) == ""
    assert change(50, 0) is None
    assert change(-50, -100) == 500_000


@pytest.mark.django_db
def test_values_agree_with_the_orders(tree: dict[int, int]):
    states = {one.kpi.code: one for one in kpis.kpi_tree(kpis.View(MONTH, 1))}
    total = pivot.pivot(Question(MONTH, DAY.replace(day=31), ("market",))).total

    assert states["orders"].value == 3
    assert states["profit"].value == total.values["profit"]
    assert states["margin"].value == total.measure("margin")
    assert states["basket"].value == round(total.values["revenue"] / total.values["kept_orders"])
    assert states["nps"].value is None
    assert states["stock_days"].value > 0
    assert [one.level for one in kpis.kpi_tree(kpis.View(MONTH, 1))][:4] == [0, 1, 2, 3]


@pytest.mark.django_db
def test_groups_of_a_kpi_add_up_to_it(tree: dict[int, int]):
    kpi = Kpi.objects.get(code="profit")
    whole = {one.kpi.code: one.value for one in kpis.kpi_tree(kpis.View(MONTH, 1))}["profit"]

    for by in ("market", "channel", "category", "sku", "warehouse"):
        groups = kpis.kpi_by(kpi, Question(MONTH, DAY.replace(day=31), (by,)))
        assert sum(value for _code, value, _weight in groups) == whole, by


@pytest.mark.django_db
def test_goals_and_owners_are_set_replaced_and_taken_away(tree: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)
    goal = {"first_month": "2026-03", "value": "12.5", "owner": ada.pk}

    assert client.post("/insight/kpis/margin/goal/", goal).status_code == 302
    assert client.post("/insight/kpis/margin/goal/", {**goal, "value": "10"}).status_code == 302
    kept = KpiGoal.objects.get()
    assert (kept.value, kept.first_month, kept.last_month) == (100_000, date(2026, 3, 1), date(2027, 2, 1))
    page = client.get("/insight/?n=1").content.decode()
    assert "10.0\N{NO-BREAK SPACE}%" in page
    assert "ada" in page
    wrong = client.post(
        "/insight/kpis/margin/goal/", {"first_month": "soon", "last_month": "2020-01", "value": "0.00001"}
    )
    assert wrong.status_code == 422
    assert "Type a month like 2026-03." in wrong.content.decode()
    assert KpiGoal.objects.count() == 1
    assert client.post(f"/insight/kpis/profit/goals/{kept.pk}/delete/").status_code == 404
    assert client.post(f"/insight/kpis/margin/goals/{kept.pk}/delete/").status_code == 302
    assert not KpiGoal.objects.exists()


@pytest.mark.django_db
def test_values_no_mart_has_are_entered_with_their_source(tree: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)
    value = {"month": f"{MONTH:%Y-%m}", "value": "41", "source": "survey of March"}

    assert client.post("/insight/kpis/nps/reading/", value).status_code == 302
    assert KpiReading.objects.get().value == 41
    assert "survey of March" in client.get("/insight/kpis/nps/").content.decode()
    assert client.post("/insight/kpis/nps/reading/", {**value, "source": ""}).status_code == 422
    assert client.post("/insight/kpis/profit/reading/", value).status_code == 404
    with pytest.raises(services.NotEntered):
        services.enter_reading(Kpi.objects.get(code="profit"), MONTH, 1, "me", ada)


@pytest.mark.django_db
def test_drill_down_reaches_the_order_level_by_level(tree: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)
    address, levels = "/insight/kpis/profit/?n=1&month=2026-03", []
    while "/lines/" not in address:
        page = client.get(address).content.decode()
        levels.append(re.search(r'<h2 class="card-title">(Market|Channel|Category|SKU)', page).group(1))
        address = re.search(r'<tr data-href="([^"]+)"', page).group(1).replace("&amp;", "&")
        assert len(levels) < 6

    assert levels == ["Market", "Channel", "Category", "SKU"]
    lines = client.get(address).content.decode()
    orders = set(re.findall(r"/orders/(\d+)/", lines))
    assert orders <= {str(order_id) for order_id in tree.values()}
    assert orders
    assert client.get(f"/orders/{orders.pop()}/").status_code == 200


@pytest.mark.django_db
def test_pages_take_a_fixed_number_of_queries(tree: dict[int, int], ada: Any, client: Client):
    client.force_login(ada)
    for address, most in (("/insight/", 16), ("/insight/kpis/profit/", 26), ("/insight/profit/", 22)):
        client.get(address)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= most, address


@pytest.mark.django_db
def test_who_may_not_change_may_look(tree: dict[int, int], bo: Any, client: Client):
    client.force_login(bo)

    page = client.get("/insight/kpis/profit/").content.decode()
    assert "Set the goal" not in page
    assert (
        client.post("/insight/kpis/profit/goal/", {"first_month": "2026-03", "value": "1"}).status_code == 403
    )
