"""A seller asks what a real shock does: from the gallery to the result, the advice, an order, and the back-test."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Page, expect

from entrepot.config.demo import build, people
from entrepot.domains.fulfilment.models import ReplayRun
from tests.journeys.conftest import PASSWORD, PHONE, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]
SHOCKS = (
    "EU duty of 3 euro per line",
    "End of US de minimis",
    "End of the IEEPA tariffs and begin of Section 122",
    "USPS weighs by 139",
)
WIDER = "document.documentElement.scrollWidth > innerWidth + 1"


@pytest.fixture
def company(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A small demo company after a year of trade."""
    cache.clear()
    monkeypatch.setattr(people, "state_home", lambda: tmp_path)
    build.build(build.Wish(300, 3, datetime(2026, 9, 18, 12, tzinfo=UTC)), lambda *_event: None)
    ada = User.objects.get(username="ada")
    ada.set_password(PASSWORD)
    ada.save()
    yield
    cache.clear()


def taken(page: Page, name: str, direction: str) -> None:
    """From the gallery to the result."""
    page.get_by_role("link", name="What if", exact=True).first.click()
    card = page.locator(".card", has=page.get_by_role("heading", name=name, exact=True))
    card.get_by_role("button", name=direction).click()
    page.wait_for_url(re.compile(r"/replay/scenarios/\d+/$"))
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_url(re.compile(r"/replay/runs/\d+/$"))


def test_real_shocks_from_the_gallery_to_advice(
    company: None, open_browser: Open, complaints: list[str]
) -> None:
    page = open_browser()
    sign_in(page, "ada")
    for name in SHOCKS:
        taken(page, name, "As if it had held all along")
        expect(page.get_by_text(re.compile(r"^(Profit (falls|rises) from|Nothing changes)"))).to_be_visible()
        expect(page.get_by_text("came out again to the cent")).to_be_visible()
        assert ReplayRun.objects.latest("pk").off_minor == 0
    taken(page, SHOCKS[1], "As if it had never come")
    expect(page.get_by_text(re.compile("^Profit rises from"))).to_be_visible()
    expect(page.locator("[data-chart][data-state=shown] canvas").first).to_be_visible()

    # down to an order, before and after side by side
    result = page.url
    page.locator("table a").first.click()
    page.wait_for_url("**/lines/?*")
    page.locator("table a").first.click()
    page.wait_for_url("**/orders/*/")
    expect(page.get_by_role("heading", name="As it was booked")).to_be_visible()

    # what to do about it
    taken(page, SHOCKS[0], "As if it had held all along")
    page.get_by_role("button", name="Work out", exact=True).last.click()
    expect(page.get_by_role("button", name="Accept").first).to_be_visible()
    page.get_by_role("button", name="Accept").first.click()
    expect(page.get_by_text("accepted").first).to_be_visible()

    # was it right? and on a telephone
    pages = [result, page.url]
    page.goto("/replay/backtests/")
    page.get_by_label("Shock").select_option(label="2026-07-01 · EU duty of 3 euro per line")
    page.get_by_label("How ways are taken").select_option(label="Same ways, new prices")
    page.get_by_role("button", name="Test", exact=True).click()
    page.wait_for_url(re.compile(r"/replay/backtests/\d+/$"))
    expect(page.get_by_text(re.compile(r"^Duty per order"))).to_be_visible()
    phone = open_browser(PHONE)
    sign_in(phone, "ada")
    for address in (*pages, page.url, "/replay/", "/replay/backtests/"):
        phone.goto(address)
        phone.wait_for_load_state("networkidle")
        assert not phone.evaluate(WIDER), address
    assert complaints == []
