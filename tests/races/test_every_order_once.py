"""The same orders by every way, many times, at once, in any order, and with everything breaking: each is one order."""

import hashlib
import hmac
import json
import random
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from entrepot.core import outbound
from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.woocommerce import parse
from entrepot.domains.channels.models import ChannelAccount, DeadLetter
from entrepot.domains.channels.services import connecting, taking
from entrepot.domains.orders.models import OrderLine
from tests.company import found_company
from tests.domains.channels.peers import account_of, pull
from tests.peers import woocommerce

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS, FAULTS = 1_000, 50
MONEY = MoneyReader({"EUR": 2})


@pytest.fixture
def told() -> list[dict[str, Any]]:
    """What the shop has: a thousand orders of one to five T-shirts, some changed at the same second."""
    return [
        woocommerce.order(number, pieces=number % 5 + 1, modified=f"2026-11-20T10:{number % 60:02d}:00")
        for number in range(1, ORDERS + 1)
    ]


@pytest.fixture
def shop(
    told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> tuple[ChannelAccount, woocommerce.WooShop]:
    monkeypatch.setattr(outbound, "check_address", lambda url: url)
    mock = woocommerce.WooShop(told)
    monkeypatch.setattr(connecting, "TRANSPORT", mock.transport)
    found_company()
    settings = {"base_url": "https://woo.test", "start_on": "2026-11-01", "decide": "no"}
    return account_of(
        "woocommerce", settings, {**woocommerce.KEYS, "webhook_secret": "w"}, channel="shop"
    ), mock


def digest_told(told: list[dict[str, Any]]) -> str:
    """What the books must hold, as one number."""
    orders = [parse.parse_order(each, MONEY) for each in told]
    return _digest(
        (o.external_id, line.sku, line.quantity, line.amount_minor, o.shipping_minor, o.discount_minor)
        for o in orders
        for line in o.lines
    )


def digest_booked(account: ChannelAccount) -> str:
    """What they hold."""
    lines = OrderLine.objects.filter(order__account=str(account.pk))
    rows = lines.values_list(
        "order__external_id",
        "sku_code",
        "quantity",
        "amount_minor",
        "order__shipping_minor",
        "order__discount_minor",
    )
    total = F("order__goods_minor") + F("order__shipping_minor") - F("order__discount_minor")
    assert not lines.exclude(order__total_minor=total).exists()
    return _digest(rows)


def _digest(rows: Any) -> str:
    return hashlib.sha256(repr(sorted(map(tuple, rows))).encode()).hexdigest()


def test_a_thousand_orders_ten_times_by_every_way_at_once(
    shop: tuple[ChannelAccount, woocommerce.WooShop],
    told: list[dict[str, Any]],
    settings: Any,
    tmp_path: Path,
):
    settings.MEDIA_ROOT = tmp_path
    account, _mock = shop
    chance = random.Random(7)
    work: list[Callable[[], object]] = [lambda: by_api(account)] * 4
    for _ in range(4):
        rows = chance.sample(told, len(told))
        work += [lambda part=rows[at : at + 250]: by_file(account, part) for at in range(0, ORDERS, 250)]
    messages = [(number, each) for number in range(2) for each in told]
    chance.shuffle(messages)
    work += [
        lambda part=messages[at : at + 500]: by_message(account, part) for at in range(0, 2 * ORDERS, 500)
    ]
    chance.shuffle(work)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_done, work))

    assert digest_booked(account) == digest_told(told)
    assert not DeadLetter.objects.exists()


def by_api(account: ChannelAccount) -> None:
    """All pages from the first; whoever finds another at it tries again."""
    while True:
        taking.save_cursor(account, "orders", {})
        if pull(account).state == "done":
            return


def by_file(account: ChannelAccount, rows: list[dict[str, Any]]) -> None:
    """The shop's own list as a file, taken in and imported as an upload is: read, booked, every line accounted for."""
    content = json.dumps(rows).encode()
    run = services.receive_file("file", f"orders-{rows[0]['id']}.json", content)
    services.choose_account(run, account)
    done = services.import_file(run, decide=False)
    assert (done.stage, done.report["orders"]) == ("preview", len(rows))
    assert {row["difference"] for row in done.report["reconciliation"]} == {"0.00"}


def by_message(account: ChannelAccount, messages: list[tuple[int, dict[str, Any]]]) -> None:
    """Signed messages, and a worker at them."""
    for round_no, each in messages:
        content = json.dumps(each).encode()
        signature = b64encode(hmac.new(b"w", content, hashlib.sha256).digest()).decode()
        headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": "order.updated",
                   "x-wc-webhook-delivery-id": f"{round_no}-{each['id']}"}  # fmt: skip
        services.receive_hook(account.hook_key, headers, content)
    while services.work_off_hooks():
        pass


def _done(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


def test_fifty_faults_lose_nothing(
    shop: tuple[ChannelAccount, woocommerce.WooShop], told: list[dict[str, Any]]
):
    account, mock = shop
    chance = random.Random(3)
    faults = [fault for fault in ("429", "500", "cut", "late", "kill") for _ in range(FAULTS // 5)]
    chance.shuffle(faults)
    mock.play(each for fault in faults for each in (fault, *["ok"] * chance.randint(0, 1)))

    for _ in range(200):
        try:
            run = pull(account)
        except SystemExit:
            continue
        if run.state == "done" and not mock.faults:
            break

    assert mock.broken == FAULTS
    assert run.state == "done"
    assert digest_booked(account) == digest_told(told)
    assert not DeadLetter.objects.exists()
