"""The real files beside the checkout, from the first line to profit."""

from pathlib import Path

import pytest
from django.db import connection

from entrepot.domains.channels import services
from entrepot.domains.ledger import services as ledger

pytestmark = pytest.mark.django_db


def value(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


@pytest.mark.slow
def test_the_whole_online_retail_file_reconciles_to_the_penny(company: None, shared_data: Path) -> None:
    ledger.load_ecb_rates()
    content = (shared_data / "orders" / "online_retail.csv.gz").read_bytes()
    run = services.import_file(services.receive_file("online-retail", "online_retail.csv.gz", content))
    report = run.report

    assert run.state == "done"
    assert [row["difference"] for row in report["controls"]] == ["0", "0.00", "0.00", *["0"] * 9]
    assert report["rounding"] == {
        "exact": "9747747.934",
        "in_pence": "9747747.93",
        "difference": "0.004",
        "lines": "4",
    }
    assert sum(row["lines"] for row in report["outcomes"]) == 541_909
    assert {row["outcome"]: row["lines"] for row in report["outcomes"]} == {
        "order_line": 522_595, "return": 8_668, "write_off": 1_336, "fee": 2_197, "adjustment": 1_845,
        "duplicate": 5_268, "rejected": 0,
    }  # fmt: skip
    assert {row["difference"] for row in report["books"]} == {"0.00"}
    assert report["books"][-1]["file"] == "9747747.93"
    assert report["orders"] == 19_773 == value("SELECT count(*) FROM orders_order WHERE state <> 'new'")
    assert report["profit"]["orders"] > 17_000
    assert value("SELECT count(*) FROM orders_order WHERE state = 'backordered'") == 0
    assert value("SELECT count(*) FROM channels_sourceline") == 541_909
    assert value("SELECT sum(base_minor) FROM ledger_posting") == 0
    assert (
        value(
            "SELECT (SELECT sum(on_hand) FROM warehouse_stocklevel) - (SELECT sum(quantity) FROM warehouse_stockmove)"
        )
        == 0
    )


def test_the_olist_sample_compares_our_freight_and_promise_with_theirs(
    company: None, shared_data: Path
) -> None:
    content = services.pack_folder(shared_data / "orders" / "olist")
    assert content == services.pack_folder(shared_data / "orders" / "olist")
    run = services.import_file(services.receive_file("olist", "olist", content))
    report = run.report

    assert (run.state, report["lines"], report["orders"]) == ("done", 1149, 998)
    assert [(row["outcome"], row["lines"]) for row in report["outcomes"]] == [
        ("order_line", 1147),
        ("adjustment", 2),
    ]
    assert (report["goods"], report["freight_charged"]) == ("136278.93", "22632.15")
    assert report["assumptions"]["assumed"]["weight"] == 0
    assert report["compared"] == report["profit"]["orders"] > 800
    for side in ("theirs", "ours"):
        assert sum(row[side] for row in report["freight"]["bins"]) == report["compared"]
        assert report["freight"][side]["count"] == report["compared"]
    assert 0 < report["promise"]["theirs_on_time"] <= report["promise"]["arrived"]
    assert (
        value("SELECT count(*) FROM orders_order WHERE state = 'delivered'") == report["promise"]["arrived"]
    )
    assert value("SELECT count(*) FROM orders_order WHERE length(dest_postcode) <> 5") == 0
