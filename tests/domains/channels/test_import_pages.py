"""The import pages as people use them, and as those who may not."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.models import ImportProfile, ImportRun
from entrepot.domains.orders.models import Order

pytestmark = pytest.mark.django_db
TABLE = (
    "order,date,sku,qty,price,currency,country,shipping\n"
    "G1,2026-03-01,S1,2,12.50,GBP,Germany,4.00\nG1,2026-03-01,S2,1,2.95,GBP,Germany,\n"
    "G2,2026-03-02,S1,=cmd(),2.95,GBP,France,\nG3,2026-03-02,S1,1,2.95,GBP,Nowhere,\n"
)
COLUMNS = {
    "channel": "shopify", "column_order_id": "order", "column_placed_at": "date", "column_sku": "sku",
    "column_quantity": "qty", "column_unit_price": "price", "column_currency": "currency",
    "column_country": "country", "column_shipping": "shipping",
}  # fmt: skip


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Imports that a worker was asked to carry out."""
    asked: list[int] = []
    monkeypatch.setattr(jobs.import_file, "defer", lambda *, run_id: asked.append(run_id))
    return asked


def upload(client: Client, text: str = TABLE, **more: Any) -> Any:
    file = SimpleUploadedFile("orders.csv", text.encode())
    return client.post("/imports/new/", {"kind": "generic", "file": file, **more})


def test_a_table_goes_from_upload_through_columns_and_trial_to_orders(
    company: None, bo: Any, client: Client, queued: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(bo)
    run_page = upload(client)
    run = ImportRun.objects.get()
    assert run_page.url == f"/imports/{run.pk}/columns/"

    page = client.get(run_page.url).content.decode()
    assert 'value="order" selected' in page

    trial = client.post(
        f"/imports/{run.pk}/columns/check/", COLUMNS, headers={"HX-Request": "true"}
    ).content.decode()
    assert "This is no whole number." in trial
    assert not Order.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        begun = client.post(f"/imports/{run.pk}/columns/", {**COLUMNS, "profile_name": "Wholesale list"})
    assert begun.url == f"/imports/{run.pk}/"
    assert queued == [run.pk]
    assert ImportProfile.objects.get().mapping["sku"] == "sku"

    assert jobs.import_file(run.pk) == "done"
    assert dict(Order.objects.values_list("external_id", "state")) == {"G1": "held", "G3": "held"}
    done = client.get(f"/imports/{run.pk}/").content.decode()
    assert "Refused rows" in done
    rejects = b"".join(client.get(f"/imports/{run.pk}/rejects.csv").streaming_content).decode("utf-8-sig")
    assert (
        rejects.splitlines()[1]
        == '4,Quantity,\'=cmd(),This is no whole number.,"Write the quantity in digits, without units."'
    )


def test_a_saved_profile_reads_the_next_file_by_itself(
    company: None, bo: Any, client: Client, queued: list[int]
) -> None:
    client.force_login(bo)
    mapping = {
        name.removeprefix("column_"): column for name, column in COLUMNS.items() if name.startswith("column_")
    }
    profile = services.save_profile("Wholesale list", mapping, {"channel": "shopify"}, bo)
    upload(client, profile=profile.pk)
    page = client.get(f"/imports/{ImportRun.objects.get().pk}/columns/").content.decode()
    assert '<option value="shopify" selected>' in page


def test_missing_columns_are_named_and_nothing_starts(
    company: None, bo: Any, client: Client, queued: list[int]
) -> None:
    client.force_login(bo)
    upload(client, "a,b\n1,2\n")
    run = ImportRun.objects.get()
    reply = client.post(f"/imports/{run.pk}/columns/", {"channel": "shopify", "column_sku": "a"})
    assert reply.status_code == 422
    assert "Order number" in reply.content.decode()
    assert queued == []


def test_a_file_that_is_no_table_is_explained(company: None, bo: Any, client: Client) -> None:
    client.force_login(bo)
    upload(client, "just words\n")
    reply = client.get(f"/imports/{ImportRun.objects.get().pk}/columns/")
    assert reply.status_code == 422
    assert "No row with column names was found." in reply.content.decode()


def test_a_file_of_another_kind_fails_in_words(company: None, bo: Any, client: Client) -> None:
    client.force_login(bo)
    run = services.receive_file("online-retail", "x.csv", b"InvoiceNo,Quantity\n1,2\n")
    assert jobs.import_file(run.pk) == "refused"
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "This is another kind of file. Columns that are missing: StockCode" in page


def test_a_run_can_be_stopped_and_resumed(
    company: None, bo: Any, client: Client, queued: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(bo)
    run = services.receive_file("online-retail", "x.csv", b"InvoiceNo\n1\n")
    client.post(f"/imports/{run.pk}/stop/")
    assert ImportRun.objects.get().state == "stopped"
    assert jobs.import_file(run.pk) == "stopped"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{run.pk}/resume/")
    assert queued == [run.pk]
    panel = client.get(f"/imports/{run.pk}/progress/", headers={"HX-Request": "true"}).content.decode()
    assert "Waiting for a worker" in panel


def test_pages_speak_chinese(company: None, bo: Any, client: Client) -> None:
    client.force_login(bo)
    page = client.get("/imports/new/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "将文件拖到此处" in page


def test_lists_ask_the_same_number_of_queries_however_long(
    company: None, bo: Any, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(bo)
    for number in range(12):
        services.receive_file("generic", f"{number}.csv", f"a,b\n{number},2\n".encode(), user=bo)
    with django_assert_max_num_queries(12):
        client.get("/imports/")


PATHS = (
    "/imports/", "/imports/new/", "/imports/{run}/", "/imports/{run}/progress/", "/imports/{run}/columns/",
    "/imports/{run}/report.json", "/imports/{run}/rejects.csv", "/imports/{run}/lines/fee.csv",
    "/imports/{run}/charts/outcomes.json",
)  # fmt: skip


def test_strangers_are_refused_everywhere(company: None, cy: Any, client: Client) -> None:
    run = services.receive_file("generic", "x.csv", TABLE.encode())
    for path in PATHS:
        assert client.get(path.format(run=run.pk)).status_code == 302, path
    client.force_login(cy)
    for path in PATHS:
        assert client.get(path.format(run=run.pk)).status_code == 403, path
    for action in ("stop", "resume", "columns/check"):
        assert client.post(f"/imports/{run.pk}/{action}/").status_code == 403
