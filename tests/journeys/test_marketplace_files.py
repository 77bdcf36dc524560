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
FILES = (
    "shopify_orders_export_57_masked.csv",
    "shopify_api_order.json",
    "shopify_api_refund.json",
    "shopify_api_fulfillment.json",
    "shopify_api_payouts_transactions.json",
    "amazon_all_orders_flat_file_scrubbed.tsv",
    "amazon_fulfilled_shipments_headers.tsv",
    "amazon_settlement_v2_flat_file_doc_sample.tsv",
    "amazon_spapi_fivetran_orders.csv",
    "amazon_spapi_fivetran_order_item.csv",
    "ebay_orders_report_au.csv",
    "ebay_orders_report_eur_en.csv",
    "woocommerce_v3_orders_list.json",
    "woocommerce_v3_refund.json",
)


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


def test_each_marketplace_file_dropped_gives_its_reconciliation(
    company: None, ada: Any, open_browser: Open, complaints: list[str], shared_data: Path
) -> None:
    page = open_browser()
    sign_in(page, "ada")
    for name in FILES:
        page.goto("/imports/new/")
        expect(page.get_by_role("radio", name="File of a marketplace or shop")).to_be_checked()
        page.locator("input[type=file]").set_input_files(str(shared_data / "marketplaces" / name))
        page.get_by_role("button", name="Upload").click()
        page.wait_for_url("**/imports/*/")
        run = ImportRun.objects.latest("pk")
        assert services.import_file(run).state == "done", name  # what a worker does
        page.goto(f"/imports/{run.pk}/")
        expect(page.get_by_role("heading", name="The file beside what became of it")).to_be_visible()
        differences = page.locator("[data-label=Difference] .badge")
        assert (
            page.locator("td[data-label=Difference] .bg-red-lt, td[data-label=Difference] .text-red").count()
            == 0
        ), name
        assert differences.count() >= 0
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
