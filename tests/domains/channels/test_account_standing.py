"""How accounts stand: papers, separation, health by the platform's definition, cases with a clock, mapped articles."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from entrepot.core import reference, worldrows
from entrepot.domains.channels.adapters.metrics import account_metrics
from entrepot.domains.channels.models import (
    AccountDocument,
    AccountTrait,
    ChannelAccount,
    HealthFigure,
    MarketplaceMetric,
)
from entrepot.domains.channels.queries import standing as queries
from entrepot.domains.channels.rules import standing as rules
from entrepot.domains.channels.services import standing
from entrepot.domains.orders.models import Order

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)


@pytest.fixture
def account(company: None) -> ChannelAccount:
    return ChannelAccount.objects.create(
        name="Amazon DE", platform="amazon", market="DE", channel="amazon-de", state="active"
    )


def order(account: ChannelAccount, number: int, **more: Any) -> Order:
    values = {
        "number": f"A{number}", "external_id": f"A{number}", "channel": account.channel, "account": str(account.pk),
        "placed_at": timezone.now(), "placed_on": TODAY - timedelta(days=3), "currency": "EUR", "goods_minor": 1,
        "total_minor": 1, "state": "confirmed", **more,
    }  # fmt: skip
    return Order.objects.create(**values)


def test_windows_are_read_as_the_platforms_write_them() -> None:
    rows = list(account_metrics())
    by_name = {(row.marketplace, row.name): row for row in rows}
    amazon = by_name["Amazon", "Late shipment rate"]
    ebay = by_name["eBay", "Transaction defect rate (minimum)"]
    same = by_name["eBay", "Late shipment rate (minimum)"]
    assert [rules.window_days(row, 0) for row in (amazon, ebay, same)] == [30, 365, 365]
    assert [rules.window_days(row, 400) for row in (ebay, same)] == [90, 90]


def test_health_is_counted_from_own_orders_in_the_window(account: ChannelAccount) -> None:
    for number in range(100):
        order(account, number)
    order(account, 100, state="cancelled")
    order(account, 101, state="cancelled", channel_state="cancelled")  # the buyer's or the platform's doing
    order(account, 102, state="cancelled", placed_on=TODAY - timedelta(days=8))  # before the window of 7 days
    standing.open_case(account, "claim", "Not as described", "A1")
    figures = {figure.metric: figure for figure in standing.measure_health(account, TODAY)}
    cancelled = figures["Amazon:cancelled:minimum"]
    assert (cancelled.count, cancelled.among, cancelled.level) == (1, 102, "good")
    assert HealthFigure.objects.count() == len(standing.measure_health(account, TODAY)) == 5
    for number in range(200, 203):
        order(account, number, state="cancelled")
    figures = {
        figure.metric: figure for figure in standing.measure_health(account, TODAY + timedelta(days=1))
    }
    assert figures["Amazon:cancelled:minimum"].level == "breach"


def test_a_limit_that_changes_holds_from_its_first_day(account: ChannelAccount, ada: Any) -> None:
    table = worldrows.tables()["account_metrics"]
    old = MarketplaceMetric.objects.get(marketplace="Amazon", metric="cancelled")
    values = {column.name: getattr(old, column.name) for column in table.columns}
    stricter = {**values, "threshold_ppm": 10_000, "valid_from": TODAY, "valid_to": None}
    worldrows.change(table, old, stricter, ada)

    before, after = (
        {m.metric: m.threshold_ppm for m in standing.metrics_of(account, day)}
        for day in (TODAY - timedelta(days=1), TODAY)
    )
    assert (before["cancelled"], after["cancelled"]) == (25_000, 10_000)
    assert reference.load(["account_metrics"])[0].kept == 1


def test_the_checklist_follows_the_customs_territory_of_the_market(account: ChannelAccount) -> None:
    def wanted(market: str) -> set[str]:
        account.market = market
        return {paper.code for paper in queries.papers(account, [], TODAY)}

    assert {"epr", "gpsr"} <= wanted("DE")
    assert wanted("CY") == wanted("DE") == wanted("eu")
    assert "vat_gb" in wanted("UK")
    assert wanted("UK") == wanted("GB")
    assert not {"epr", "vat_gb"} & wanted("US")


def test_two_accounts_of_a_platform_that_share_data_are_warned_of(account: ChannelAccount, bo: Any) -> None:
    other = ChannelAccount.objects.create(name="Amazon 2", platform="amazon", channel="amazon-de")
    shop = ChannelAccount.objects.create(name="Shop", platform="shopify", channel="shopify")
    for each, phone in (
        (account, "+49 (0)170 123-4567"),
        (other, "49 0170 1234567"),
        (shop, "4901701234567"),
    ):
        standing.add_trait(each, "phone", phone, bo)
    assert [shared.other for shared in queries.shared_traits(account)] == [other]
    assert {row.account.name: row.shared for row in queries.standings()} == {
        "Amazon DE": 1,
        "Amazon 2": 1,
        "Shop": 0,
    }
    assert "1701234567" not in str(list(AccountTrait.objects.values()))


def test_papers_are_missing_then_there_then_ending(account: ChannelAccount, bo: Any) -> None:
    def state(code: str) -> str:
        papers = queries.papers(account, queries.documents_of(account), TODAY)
        return next(paper.state for paper in papers if paper.code == code)

    assert state("epr") == "missing"
    standing.add_document(account, "epr", {"expires_on": TODAY + timedelta(days=300)}, b"paper", bo)
    assert state("epr") == "there"
    standing.add_document(account, "epr", {"expires_on": TODAY + timedelta(days=30)}, None, bo)
    assert state("epr") == "ending"
    assert AccountDocument.objects.count() == 2


def test_the_page_takes_papers_traits_cases_and_codes_and_refuses_the_stranger(
    account: ChannelAccount, bo: Any, cy: Any, client: Client
) -> None:
    address = f"/channels/{account.pk}/"
    client.force_login(cy)
    assert client.get(address).status_code in (302, 403)
    client.force_login(bo)
    client.post(address + "cases/", {"kind": "message", "subject": "Where is it?"})
    case = account.cases.get()
    assert case.answer_by - case.opened_at == timedelta(hours=24)
    client.post(f"{address}cases/{case.pk}/", {"text": "On its way", "close": "on"})
    case.refresh_from_db()
    assert case.answered_at
    assert case.closed_at
    client.post(address + "measure/")
    assert client.post(address + "skus/", {"channel_sku": "X", "sku": "NOBODY"}).status_code == 422
    page = client.get(address).content.decode()
    assert "On its way" in page
    assert "Order defect rate" in page
    listed = client.get("/channels/").content.decode()
    assert "Germany" in listed
    assert ">amazon<" not in listed
