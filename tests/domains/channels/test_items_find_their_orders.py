"""A file of lines goes to the account that has their orders, and may be dropped before them."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.orders.models import OrderLine
from tests.company import found_company

pytestmark = pytest.mark.django_db
HEADS = """amazon_order_id,purchase_date,order_status,order_total_amount,order_total_currency_code
77,2026-01-05 10:00:00,Unshipped,30.00,EUR
"""
ITEMS = """order_item_id,amazon_order_id,asin,seller_sku,quantity_ordered,item_price_amount,item_price_currency_code
5,77,B0,TEE,2,30.00,EUR
"""


def drop(name: str, text: str, account: Any = None) -> ImportRun:
    run = services.receive_file("file", name, text.encode())
    if account:
        services.choose_account(run, account)
    services.import_file(run, decide=False)
    return run


def test_lines_dropped_before_and_after_their_orders(settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path
    found_company()
    _other, second = (services.ensure_account(name, "amazon", "shop")[0] for name in ("One", "Two"))
    with pytest.raises(FileRefused):
        drop("items.csv", ITEMS)

    drop("orders.csv", HEADS, second)
    run = drop("items.csv", ITEMS)

    assert run.options["account"] == second.pk
    line = OrderLine.objects.get()
    assert (line.order.account, line.sku_code, line.quantity) == (str(second.pk), "TEE", 2)
