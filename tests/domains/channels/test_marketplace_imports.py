"""Every marketplace file of the shared data: recognised, imported, reconciled to the cent; twice changes nothing."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelRefund, ImportRun, Settlement, SourceLine
from entrepot.domains.ledger.models import Entry
from entrepot.domains.orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db
FILES = {
    "shopify_orders_export_57_masked.csv": ("shopify-orders", 57, 57),
    "shopify_api_order.json": ("shopify-json", 1, 5),
    "shopify_api_orders.json": ("shopify-json", 0, 1),
    "amazon_all_orders_flat_file_scrubbed.tsv": ("amazon-all-orders", 1, 1),
    "amazon_fulfilled_shipments_headers.tsv": ("amazon-shipments", 0, 0),
    "amazon_spapi_fivetran_orders.csv": ("amazon-spapi-orders", 97, 100),
    "ebay_orders_report_au.csv": ("ebay-orders", 3, 7),
    "ebay_orders_report_eur_en.csv": ("ebay-orders", 2, 3),
    "woocommerce_v3_order_paid.json": ("woocommerce-json", 1, 4),
    "woocommerce_v3_orders_list.json": ("woocommerce-json", 2, 7),
}


@pytest.fixture
def files(shared_data: Path) -> Path:
    return shared_data / "marketplaces"


def take(path: Path) -> dict[str, Any]:
    run = services.receive_file("file", path.name, path.read_bytes())
    done = services.import_file(run)
    assert done.state == "done"
    return done.report


def whole(report: dict[str, Any]) -> None:
    """Each line has one outcome, and every amount of the file is in one place."""
    assert sum(row["lines"] for row in report["outcomes"]) == report["lines"]
    assert {row["difference"] for row in report["reconciliation"]} <= {"0.00"}
    assert {row["difference"] for row in report["records"]} <= {"0.00"}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_recognised_and_reconciled(company: None, files: Path, name: str) -> None:
    kind, orders, lines = FILES[name]
    report = take(files / name)
    assert (report["file_kind"], report["orders"], report["lines"]) == (kind, orders, lines)
    whole(report)
    assert Order.objects.exclude(account="").count() == orders

    state = list(Order.objects.order_by("pk").values_list("external_id", "state", "total_minor"))
    run = services.receive_file("file", name, (files / name).read_bytes())
    assert services.import_file(run).state == "done"
    assert list(Order.objects.order_by("pk").values_list("external_id", "state", "total_minor")) == state


def test_the_shopify_export_sums_up_and_cash_on_delivery_is_to_be_sent(company: None, files: Path) -> None:
    report = take(files / "shopify_orders_export_57_masked.csv")
    totals = {row["measure"]: row["file"] for row in report["reconciliation"]}
    assert totals == {"goods": "126125.00", "shipping": "3800.00", "total": "129925.00"}
    assert set(Order.objects.values_list("state", flat=True)) == {"held"}
    assert Order.objects.first().holds[0] == "catalog.sku_unknown"  # type: ignore[union-attr]


def test_a_cancelled_amazon_line_is_kept_and_not_decided(company: None, files: Path) -> None:
    report = take(files / "amazon_all_orders_flat_file_scrubbed.tsv")
    assert [(row["outcome"], row["amount"]) for row in report["outcomes"]] == [("cancelled", "89.95")]
    order = Order.objects.get()
    assert (order.state, order.channel, order.dest_country) == ("cancelled", "amazon-de", "US")


def test_lines_of_amazon_orders_come_in_a_file_of_their_own(company: None, files: Path) -> None:
    items = files / "amazon_spapi_fivetran_order_item.csv"
    run = services.receive_file("file", items.name, items.read_bytes())
    with pytest.raises(services.FileRefused, match="orders_first"):
        services.import_file(run)
    take(files / "amazon_spapi_fivetran_orders.csv")
    report = services.import_file(run).report
    assert sum(row["lines"] for row in report["outcomes"]) == 100
    assert {row["difference"] for row in report["reconciliation"]} <= {"0.00"}
    assert OrderLine.objects.count() > 60


def test_an_ebay_order_whose_rows_do_not_give_its_total_says_so(company: None, files: Path) -> None:
    report = take(files / "ebay_orders_report_au.csv")
    total = next(row for row in report["reconciliation"] if row["measure"] == "total")
    assert (total["file"], total["orders"], total["apart"]) == ("4206.35", "4013.60", "192.75")
    assert [row["order"] for row in report["apart"]] == ["01-14701-30101"]
    order = Order.objects.get(external_id="04-14689-12345")
    assert (order.goods_minor, order.shipping_minor, order.currency) == (78_000, 900, "AUD")


def test_a_settlement_that_does_not_add_up_is_kept_and_not_booked(company: None, files: Path) -> None:
    take(files / "amazon_settlement_v2_flat_file_doc_sample.tsv")
    found = Settlement.objects.get()
    assert (found.state, found.total_minor, found.lines_minor, found.lines.count()) == (
        "differs",
        184_732,
        -1_632,
        8,
    )
    assert not Entry.objects.filter(ref_kind="settlement").exists()


def test_a_settlement_that_adds_up_is_booked_once_and_tied_to_orders_that_come_later(
    company: None, files: Path
) -> None:
    sample = (files / "amazon_settlement_v2_flat_file_doc_sample.tsv").read_text()
    content = sample.replace("-1847.32", "16.32").replace("1847.32", "-16.32").encode()
    for name in ("a.tsv", "b.tsv"):
        services.import_file(
            services.receive_file("file", name, content if name == "a.tsv" else content + b"\n")
        )
    assert Settlement.objects.get().state == "booked"
    assert Entry.objects.filter(ref_kind="settlement").count() == 1
    order = (
        "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsku\tquantity\tcurrency\titem-price\tship-country\tsales-channel\n"
        "206-1234567-8901234\t2026-03-01T10:00:00+00:00\t2026-03-02T10:00:00+00:00\tShipped\tWIDGET-001\t1\tGBP\t29.99\tGB\tAmazon.co.uk\n"
    )
    services.import_file(services.receive_file("file", "o.tsv", order.encode()))
    tied = Settlement.objects.get().lines.exclude(order_id=None)
    assert tied.count() == 4
    assert Entry.objects.filter(ref_kind="settlement").count() == 3


def test_refunds_wait_for_their_order(company: None, files: Path) -> None:
    take(files / "shopify_api_refund.json")
    refund = ChannelRefund.objects.get()
    assert (refund.amount_minor, refund.currency, refund.is_booked, refund.order_id) == (
        20_900,
        "USD",
        False,
        None,
    )
    take(files / "shopify_api_order.json")
    take(files / "shopify_api_fulfillment.json")
    take(files / "shopify_api_payouts_transactions.json")
    assert Settlement.objects.get().lines.count() > 20
    assert SourceLine.objects.filter(ref_kind="order").exists()


def test_a_file_of_no_known_kind_is_refused_with_its_columns(company: None) -> None:
    run = services.receive_file("file", "x.csv", b"Lorem,Ipsum,Dolor\n1,2,3\n")
    with pytest.raises(services.FileRefused, match="Lorem"):
        services.import_file(run)
    assert ImportRun.objects.get().state == "failed"
