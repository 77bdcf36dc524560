"""A seller drops each file a marketplace gives, and sees on one page what became of every line and every cent."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Page, expect

from entrepot.core import reference
from entrepot.domains.channels import services
from entrepot.domains.channels.models import ImportRun
from tests.domains.channels.conftest import RATES
from tests.journeys.conftest import PHONE, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]
# each file beside its own sums, added up from its cells by hand (csv and json alone)
FILES: dict[str, dict[str, str]] = {
    "shopify_orders_export_57_masked.csv": {
        "Goods, BDT": "126,125.00", "Shipping charged, BDT": "3,800.00", "Total, BDT": "129,925.00",
    },
    "shopify_api_order.json": {
        "Goods, USD": "597.00", "Discount, USD": "199.00", "Tax charged, USD": "11.94", "Total, USD": "409.94",
    },
    "shopify_api_orders.json": {
        "Discount, USD": "10.00", "Tax charged, USD": "11.94", "Total, USD": "598.94",
    },
    "shopify_api_refund.json": {"Refunded, USD": "209.00"},
    "shopify_api_fulfillment.json": {},
    "shopify_api_payouts_transactions.json": {"Settled, USD": "81.88"},
    "amazon_all_orders_flat_file_scrubbed.tsv": {"Goods, EUR": "89.95"},
    "amazon_fulfilled_shipments_headers.tsv": {},
    "amazon_settlement_v2_flat_file_doc_sample.tsv": {"Settled, GBP": "−16.32"},
    "amazon_spapi_fivetran_orders.csv": {"Total, USD": "22,538.20"},
    "amazon_spapi_fivetran_order_item.csv": {
        "Goods, USD": "10,621.52", "Shipping charged, USD": "1,634.49", "Discount, USD": "11,392.77",
        "Tax charged, USD": "−243.29",
    },
    "ebay_orders_report_au.csv": {
        "Goods, AUD": "3,945.00", "Shipping charged, AUD": "68.60", "Total, AUD": "4,206.35",
    },
    "ebay_orders_report_eur_en.csv": {"Goods, EUR": "210.00", "Shipping charged, EUR": "3.50"},
    "woocommerce_v3_order_paid.json": {
        "Goods, USD": "18.00", "Shipping charged, USD": "10.00", "Tax charged, USD": "1.35", "Total, USD": "29.35",
    },
    "woocommerce_v3_orders_list.json": {
        "Goods, USD": "47.00", "Shipping charged, USD": "20.00", "Tax charged, USD": "1.35", "Total, USD": "68.35",
        "Refunded, USD": "19.00",
    },
    "woocommerce_v3_refund.json": {"Refunded, USD": "10.00"},
}  # fmt: skip


@pytest.fixture
def company(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The shipped reference data and an exchange rate a month."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    reference.load()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_fxrate (currency, \"on\", rate_e6, source) SELECT %s, day::date, %s, 'test' "
            "FROM generate_series('2008-01-01'::date, '2026-12-01', '1 month') AS day",
            list(RATES.items()),
        )
    yield
    cache.clear()


def beside_the_file(page: Page) -> dict[str, tuple[str, str]]:
    """Of each amount on the reconciliation page: the file's own sum, and what is missing of it."""
    table = page.locator(".card", has=page.get_by_role("heading", name="The file beside what became of it"))
    rows = table.locator("tbody tr").filter(has=page.locator("[data-label=Difference]"))
    cells = rows.evaluate_all("rows => rows.map(row => [0, 1, 7].map(n => row.cells[n].innerText.trim()))")
    return {name: (total, difference) for name, total, difference in cells}


def test_each_marketplace_file_dropped_gives_its_reconciliation(
    company: None, ada: Any, open_browser: Open, complaints: list[str], shared_data: Path
) -> None:
    page = open_browser()
    sign_in(page, "ada")
    assert set(FILES) == {path.name for path in (shared_data / "marketplaces").iterdir()}
    for name, sums in FILES.items():
        page.goto("/imports/new/")
        expect(page.get_by_role("radio", name="File of a marketplace or shop")).to_be_checked()
        page.locator("input[type=file]").set_input_files(str(shared_data / "marketplaces" / name))
        page.get_by_role("button", name="Upload").click()
        page.wait_for_url("**/imports/*/")
        run = ImportRun.objects.latest("pk")
        assert services.import_file(run).state == "done", name  # what a worker does
        page.goto(f"/imports/{run.pk}/")
        expect(page.get_by_role("heading", name="The file beside what became of it")).to_be_visible()
        assert beside_the_file(page) == {amount: (total, "0.00") for amount, total in sums.items()}, name
    page.goto("/imports/settlements/")
    expect(page.get_by_role("link", name="18906543210")).to_be_visible()
    page.get_by_role("link", name="18906543210").click()
    expect(page.get_by_text("nothing was booked")).to_be_visible()
    page.goto("/channels/")
    expect(page.get_by_role("link", name="Own shop (files)")).to_be_visible()
    page.get_by_role("link", name="Own shop (files)").click()
    expect(page.get_by_role("heading", name="Documents the platform wants")).to_be_visible()
    assert complaints == []


def test_on_a_telephone_the_pages_are_no_wider_than_the_screen(
    company: None, ada: Any, open_browser: Open, complaints: list[str], shared_data: Path
) -> None:
    path = shared_data / "marketplaces" / "ebay_orders_report_au.csv"
    run = services.import_file(services.receive_file("file", path.name, path.read_bytes()))
    page = open_browser(PHONE)
    sign_in(page, "ada")
    for address in (
        f"/imports/{run.pk}/",
        "/imports/new/",
        "/imports/settlements/",
        "/channels/",
        f"/channels/{run.options['account']}/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"), address
    assert complaints == []
