"""What a file says that nothing is made of is listed: columns, keys and elements, so that nothing is lost silently."""

import json
from typing import Any

import pytest
from django.test import Client

from entrepot.domains.channels import services
from tests.domains.channels.test_files_as_people_have_them import SHOPIFY, SHOPIFY_ROW
from tests.domains.channels.test_marketplace_files import read

WOO = {
    "id": 7, "number": "7", "status": "processing", "currency": "EUR", "date_created_gmt": "2026-03-05T10:00:00",
    "total": "10.00", "total_tax": "0", "shipping_total": "0", "discount_total": "0", "customer_note": "ring twice",
    "billing": {"first_name": "A", "country": "DE"}, "shipping": {"country": "DE", "locker": "L 9"},
    "line_items": [
        {"id": 1, "name": "Cup", "sku": "C", "quantity": 1, "subtotal": "10.00", "total": "10.00", "gift": "yes"},
        {"id": 2, "name": "Bag", "sku": "B", "quantity": 1, "subtotal": "0", "total": "0", "gift": "no"},
    ],
}  # fmt: skip
XML = """<AmazonEnvelope><Header><DocumentVersion>1.00</DocumentVersion></Header><Message><SettlementReport>
<SettlementData><AmazonSettlementID>5</AmazonSettlementID><TotalAmount currency="EUR">9.00</TotalAmount>
<StartDate>2026-03-01T00:00:00+00:00</StartDate><EndDate>2026-03-15T00:00:00+00:00</EndDate>
<DepositDate>2026-03-17T00:00:00+00:00</DepositDate></SettlementData>
<Order><AmazonOrderID>1</AmazonOrderID><ShipmentID>S</ShipmentID><Fulfillment><PostedDate>2026-03-02T00:00:00+00:00
</PostedDate><Item><AmazonOrderItemCode>2</AmazonOrderItemCode><SKU>C</SKU><Quantity>1</Quantity><ItemPrice>
<Component><Type>Principal</Type><Amount currency="EUR">9.00</Amount></Component></ItemPrice></Item></Fulfillment>
</Order></SettlementReport></Message></AmazonEnvelope>"""


def left(text: str) -> dict[str, tuple[int, str]]:
    return {each.column: (each.cells, each.example) for each in read(text).leftovers}


def test_columns_without_a_meaning_are_listed_with_an_example_and_empty_ones_are_not() -> None:
    head, row = SHOPIFY.strip() + ",Gift Message,Never filled", SHOPIFY_ROW.strip()
    found = left(f"{head}\n{row},with love,\n{row.replace('#2', '#3').replace('DE,2', 'DE,3')},,\n")
    assert found["Gift Message"] == (1, "with love")
    assert "Never filled" not in found
    assert "Lineitem name" not in found


def test_a_column_passed_over_for_another_counts_where_it_says_something_else() -> None:
    head = (
        "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsku\tquantity\titem-price\tcurrency"
    )
    row = "{}\t2026-03-01T10:00:00Z\t2026-03-01T10:00:00Z\tShipped\tC\t1\t9.00\tEUR"
    text = "\n".join([head + "\tmystery", row.format(1) + "\ta", row.format(2) + "\tb", row.format(3) + "\t"])
    assert left(text) == {"mystery": (2, "a")}


def test_keys_of_json_nobody_asked_for_are_listed_by_their_path() -> None:
    found = left(json.dumps([WOO]))
    assert found["shipping.locker"] == (1, "L 9")
    assert found["line_items.gift"] == (2, "yes")
    assert not {"id", "total", "line_items.sku", "shipping.country"} & set(found)


def test_elements_of_xml_nobody_asked_for_are_listed_by_their_path() -> None:
    assert left(XML) == {
        "Header.DocumentVersion": (1, "1.00"),
        "Message.SettlementReport.Order.ShipmentID": (1, "S"),
    }


@pytest.mark.django_db
def test_report_and_page_list_them(company: None, bo: Any, client: Client) -> None:
    text = f"{SHOPIFY.strip()},Gift Message\n{SHOPIFY_ROW.strip()},<b>love</b>\n"
    run = services.import_file(services.receive_file("file", "orders.csv", text.encode()))
    assert {"column": "Gift Message", "cells": 1, "example": "<b>love</b>"} in run.report["not_kept"]

    client.force_login(bo)
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "Gift Message" in page
    assert "&lt;b&gt;love&lt;/b&gt;" in page


@pytest.mark.django_db
def test_so_do_tables_of_orders_and_of_goods(company: None, bo: Any, client: Client) -> None:
    goods = "sku,name_en,shelf\nC-1,Cup,A 12\n"
    run = services.receive_file("products", "goods.csv", goods.encode())
    done = services.import_file(run)
    assert done.report["not_kept"] == [{"column": "shelf", "cells": 1, "example": "A 12"}]
    client.force_login(bo)
    assert "A 12" in client.get(f"/imports/{run.pk}/").content.decode()

    orders = (
        "order,date,sku,qty,price,currency,country,remark\nG1,2026-03-01,C-1,1,9.00,EUR,DE,mind the dog\n"
    )
    run = services.receive_file("generic", "orders.csv", orders.encode())
    preview = services.preview_file(run)
    services.set_reading(run, preview.mapping, {**preview.options, "channel": "shopify"})
    done = services.import_file(run)
    assert done.report["not_kept"] == [{"column": "remark", "cells": 1, "example": "mind the dog"}]
