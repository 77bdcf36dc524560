"""Pictures of the running demo: those of the README, or every page, wide and narrow, in both languages.

    python -m tools.screenshots               writes docs/pictures/<page>-<language>.png
    python -m tools.screenshots --all FOLDER  writes <page>-<language>-<width>.png there; fails on any console error

Needs a demo company (`make demo` once) and a browser.
"""

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from entrepot.config.commands.serve import free_port
from entrepot.config.home import state_home
from tools import browser

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
README_PAGES = ("home", "orders", "order")
PAGES = {
    "home": "/",
    "orders": "/orders/",
    "order": "",  # the newest confirmed order, found in the list
    "review": "/orders/review/",
    "stock": "/stock/",
    "ledger": "/ledger/",
    "imports": "/imports/",
    "world": "/world/",
    "runs": "/fulfilment/",
}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
WIDE, NARROW = (1440, 900), (390, 844)
SECONDS_TO_START = 60


@contextmanager
def server() -> Iterator[str]:
    """The product on a free port, for as long as the block runs."""
    port = free_port("127.0.0.1", 8700)
    command = [sys.executable, "-m", "entrepot.config.cli", "serve", "--port", str(port), "--no-jobs"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield _wait_for(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> str:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/health/", timeout=5)  # noqa: S310  # our own server
        except OSError:
            time.sleep(0.3)
        else:
            return address
    raise SystemExit("the server does not answer")


class Camera:
    """One signed-in browser window of one size and language."""

    def __init__(self, chromium: Browser, address: str, size: tuple[int, int], language: str) -> None:
        self.address, self.faults = address, list[str]()
        self.page: Page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(f"{address}/accounts/login/")
        self.page.fill("#id_login", "ada")
        self.page.fill(
            "#id_password", json.loads((state_home() / "demo-logins.json").read_text("utf-8"))["ada"]
        )
        self.page.click("main button[type=submit]")
        if language != "en":
            self.page.locator(f"button[name=language][value={language}]:visible").first.click()
        self.page.wait_for_load_state()

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.faults.append(f"{self.page.url}: {getattr(message, 'text', '')}")

    def take(self, name: str, path: Path, *, whole: bool = False) -> None:
        """One page, once its charts and panels stand still."""
        self.page.goto(self.address + (PAGES[name] or self._newest_order()))
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(900)
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.faults.append(f"{self.page.url}: wider than the window")
        self.page.screenshot(path=path, full_page=whole)

    def _newest_order(self) -> str:
        self.page.goto(f"{self.address}/orders/?state=delivered")
        return str(self.page.locator("tr[data-href]").first.get_attribute("data-href"))


def main() -> int:
    """1 when a page spoke of an error."""
    parser = argparse.ArgumentParser(description="Pictures of the running demo")
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    folder = parser.parse_args().all
    program = browser.find()
    if not program:
        print("no browser: see tools/browser.py", file=sys.stderr)
        return 1
    (folder or PICTURES).mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with server() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=browser.FLAGS)
        for short, language in LANGUAGES.items():
            for size in (WIDE, NARROW) if folder else (WIDE,):
                camera = Camera(chromium, address, size, language)
                for name in PAGES if folder else README_PAGES:
                    file = (
                        folder / f"{name}-{short}-{size[0]}.png"
                        if folder
                        else PICTURES / f"{name}-{short}.png"
                    )
                    camera.take(name, file, whole=bool(folder))
                faults += camera.faults
        chromium.close()
    print("\n".join(faults) if faults else "pictures taken, no fault seen")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
