"""A browser for the journeys: the machine's Chromium, driven without a window. Skipped plainly where there is none."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tools import browser as finder

PASSWORD = "correct horse battery"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = finder.find()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine; see tools/browser.py")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=finder.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about: script errors, refused resources, broken policies."""
    return []


@pytest.fixture
def open_browser(chromium: Browser, live_server: Any, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """A fresh browser at the product's door, at a desk or on a telephone."""
    contexts: list[BrowserContext] = []

    def open_at(screen: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(viewport=screen, base_url=live_server.url, locale="en-GB")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _note(message, complaints))
        return page

    yield open_at
    for context in contexts:
        context.close()


def sign_in(page: Page, username: str) -> None:
    """Through the form, as a person does."""
    page.goto("/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/")


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in ("error", "warning"):
        complaints.append(message.text)
