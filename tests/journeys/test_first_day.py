"""A first day: sign in, see how things stand, find an order, see why it was decided so, release what is held."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Hold, Order
from tests.company import found_company, stock, take_in, tees
from tests.journeys.conftest import PHONE, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def trade(transactional_db: None) -> Iterator[dict[int, int]]:
    """Six orders: five go, one waits because it is unusually large."""
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 400))
    ids = take_in(*(tees(n) for n in range(1, 6)), tees(6, 60))
    fulfilment.decide_pending()
    yield ids
    cache.clear()


def is_wider_than_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


def test_from_sign_in_to_a_released_order_in_both_languages(
    trade: dict[int, int], ada: Any, open_browser: Open, complaints: list[str]
):
    page = open_browser()
    sign_in(page, "ada")

    # home: what waits, and charts that were drawn
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
    expect(page.locator("[data-chart][data-state=shown] canvas").first).to_be_visible()

    # orders: a filter narrows the list and stays in the address
    page.get_by_role("link", name="Orders", exact=True).first.click()
    expect(page.locator("#orders-count")).to_have_text("6 orders")
    page.get_by_role("button", name="State").click()
    page.get_by_label("Confirmed", exact=True).check()
    expect(page.locator("#orders-count")).to_have_text("5 orders")
    page.wait_for_url("**/orders/?state=confirmed")
    page.reload()
    expect(page.locator("#orders-count")).to_have_text("5 orders")

    # search as one types
    number = Order.objects.get(pk=trade[2]).number
    page.get_by_role("searchbox", name="Search orders").last.fill(number)
    expect(page.locator("#orders-count")).to_have_text("1 order")

    # the order, and why it was decided so
    page.locator("#orders-panel tbody").get_by_role("link", name=number, exact=True).click()
    explanation = page.locator("#explanation")
    expect(explanation).to_contain_text("identical to what is booked")
    expect(explanation.locator("canvas")).to_be_visible()
    expect(explanation).to_contain_text("Ways compared")

    # the review queue: release with one press
    page.get_by_role("link", name="Review queue").click()
    held = Order.objects.get(pk=trade[6])
    page.get_by_role("button", name=f"Release order {held.number}").click()
    expect(page.get_by_text("1 hold released")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert Hold.objects.get(order=held).state == "released"

    # Chinese, everywhere at once
    page.get_by_role("button", name="中文").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("审核")
    page.goto("/orders/")
    expect(page.locator("#orders-count")).to_have_text("6 个订单")
    assert complaints == []


def test_ticked_orders_are_cancelled_together(
    trade: dict[int, int], ada: Any, open_browser: Open, complaints: list[str]
):
    page = open_browser()
    sign_in(page, "ada")
    page.goto("/orders/?sort=number")
    bar = page.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()

    page.get_by_role("checkbox", name="Tick all on this page").check()
    expect(bar).to_contain_text("6 ticked")
    page.get_by_role("checkbox", name="Tick all on this page").uncheck()
    page.locator("#orders-panel tbody input[name=ids]").nth(0).check()
    page.locator("#orders-panel tbody input[name=ids]").nth(1).check()
    page.on("dialog", lambda dialog: dialog.accept())
    bar.get_by_role("button", name="Cancel orders").click()

    expect(page.get_by_text("2 orders cancelled.")).to_be_visible()
    assert Order.objects.filter(state="cancelled").count() == 2
    assert complaints == []


def test_the_keyboard_alone_works_the_queue(trade: dict[int, int], ada: Any, open_browser: Open):
    page = open_browser()
    sign_in(page, "ada")
    page.goto("/orders/review/")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-bar]")).to_contain_text("1 ticked")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/orders/{trade[6]}/")


def test_on_a_telephone_nothing_is_wider_than_the_screen(
    trade: dict[int, int], ada: Any, open_browser: Open, complaints: list[str]
):
    page = open_browser(PHONE)
    sign_in(page, "ada")
    addresses = (
        "/",
        "/orders/",
        f"/orders/{trade[1]}/",
        "/orders/review/",
        "/stock/",
        "/ledger/",
        "/fulfilment/",
    )
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert not is_wider_than_the_screen(page), address
    assert complaints == []


def test_the_dark_side_and_the_light_keep_their_charts(trade: dict[int, int], ada: Any, open_browser: Open):
    page = open_browser()
    sign_in(page, "ada")
    expect(page.locator("[data-chart] canvas").first).to_be_visible()

    page.locator("[data-theme-toggle]:visible").click()

    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
