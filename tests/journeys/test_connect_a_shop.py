"""A seller connects a real shop: orders appear, are decided, leave, and the shopper sees where the parcel is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from entrepot.config import wiring
from entrepot.core import outbox
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.models import ChannelAccount, Push, SyncRun
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock
from tests.journeys.conftest import PHONE, sign_in
from tests.peers.shop import LOGIN, Shop, install

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(tmp_path: Any) -> Iterator[Shop]:
    install()
    shop = Shop(tmp_path)
    shop.start()
    try:
        shop.open_for_trade({"TEE": 3_000})
        yield shop
    finally:
        shop.close()


def work() -> None:
    """What a worker beside the server does."""
    for run in SyncRun.objects.filter(state="waiting"):
        jobs.pull(run.pk)
    wiring.connect()
    outbox.deliver()
    for account in services.waiting_accounts():
        jobs.push(account)


def connect(page: Page, shop: Shop) -> None:
    """Name the account and fill in what the platform asks for."""
    page.get_by_role("link", name="Connections", exact=True).first.click()
    page.get_by_role("link", name="Connect a channel").first.click()
    page.get_by_label("Name", exact=True).fill("My shop")
    page.get_by_label("Platform").select_option("vendure")
    page.get_by_label("Channel", exact=True).select_option("shop")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Address", exact=True).fill(shop.url)
    page.get_by_label("User name").fill(LOGIN["username"])
    page.get_by_label("Password").fill(LOGIN["password"])
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Secrets are encrypted")).to_be_visible()


def test_connect_sync_ship_and_the_tracking_is_seen_in_the_shop(
    transactional_db: None,
    settings: Any,
    shop: Shop,
    ada: Any,
    open_browser: Callable[..., Page],
    complaints: list[str],
):
    settings.PRIVATE_SHOPS = True
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 40))
    bought = shop.buy({"TEE": 2})
    page = open_browser()
    sign_in(page, "ada")

    # connect
    connect(page, shop)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Connected with")).to_be_visible()

    # orders appear, decided
    page.get_by_role("button", name="Sync now").click()
    work()
    expect(page.get_by_role("cell", name="Done").first).to_be_visible()
    page.goto("/orders/")
    expect(page.locator("#orders-count")).to_have_text("1 order")
    order = Order.objects.get()
    assert (order.number, order.state, order.total_minor) == (
        bought["code"],
        "confirmed",
        bought["totalWithTax"],
    )

    # they leave, and the shopper sees it
    fulfilment.mark_shipped(timezone.localdate() + timezone.timedelta(days=30))
    work()
    push = Push.objects.get()
    assert push.state == "done"
    assert shop.tracking_as_shopper(bought["code"]) == [push.payload["tracking_no"]]
    account = ChannelAccount.objects.get()
    page.goto(f"/connections/{account.pk}/")
    expect(page.get_by_text(push.payload["tracking_no"])).to_be_visible()

    # nothing gives the password away, and it fits a telephone
    page.goto(f"/connections/{account.pk}/edit/")
    assert LOGIN["password"] not in page.get_by_label("Password").input_value()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for address in ("/connections/", f"/connections/{account.pk}/", f"/connections/{account.pk}/edit/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), address
    assert complaints == []
    cache.clear()
