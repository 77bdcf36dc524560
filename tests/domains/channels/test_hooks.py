"""Signed messages: only those of the channel, each once, answered at once and booked by a worker."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from entrepot.core import outbound
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.models import ChannelAccount, DeadLetter, Hook
from entrepot.domains.channels.services import connecting
from entrepot.domains.orders.models import Order, OrderLine
from tests.company import found_company, stock
from tests.domains.channels.peers import account_of, pull
from tests.peers import shopify

pytestmark = pytest.mark.django_db
STANDARD_SECRET = "whsec_" + b64encode(b"a secret of our own").decode()
DOCUMENT = {
    "id": "A-1", "placed_at": "2026-11-19T10:00:00Z", "currency": "EUR", "shipping": "5.90", "discount": "5.00",
    "buyer": {"email": "jo@example.com"}, "address": {"name": "Jo", "country": "DE", "city": "Bonn"},
    "lines": [{"sku": "TEE", "quantity": 2, "unit_price": "30.00"}],
}  # fmt: skip


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    monkeypatch.setattr(outbound, "check_address", lambda url: url)
    found_company()
    stock(("RTM", "TEE", 40))
    settings = {"base_url": "https://tees.myshopify.com", "start_on": "2026-11-01"}
    return account_of("shopify", settings, shopify.TOKEN, channel="shop")


def tell(client: Client, account: ChannelAccount, body: Any, number: str = "w1", secret: str = "hush") -> Any:  # noqa: S107
    """A message as Shopify sends it."""
    content = json.dumps(body).encode()
    signature = b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": number, "X-Shopify-Topic": "orders/create",
    }  # fmt: skip
    return client.post(
        f"/hooks/{account.hook_key}/", content, content_type="application/json", headers=headers
    )


def test_a_message_is_kept_once_and_its_order_booked(client: Client, shop: ChannelAccount):
    answers = [tell(client, shop, shopify.message(1)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert Hook.objects.count() == 1
    assert not Order.objects.exists(), "the answer does not wait for the work"
    assert jobs.work_hooks() == 1
    order = Order.objects.get()
    assert (order.number, order.total_minor, order.state) == ("#1", 6_090, "confirmed")
    assert jobs.work_hooks() == 0


def test_by_message_or_by_api_it_is_the_same_order(
    client: Client, shop: ChannelAccount, monkeypatch: pytest.MonkeyPatch
):
    mock = shopify.ShopifyShop([shopify.order(1)])
    monkeypatch.setattr(connecting, "TRANSPORT", mock.transport)
    tell(client, shop, shopify.message(1))
    jobs.work_hooks()
    before = Order.objects.values().get()

    run = pull(shop)

    assert (run.seen, run.added, run.changed) == (1, 0, 0)
    assert Order.objects.values().get() == before
    assert OrderLine.objects.get().channel_line_id == "11"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"secret": "guess"}, 401), ({"secret": ""}, 401), ({"body": [1, 2]}, 400)],
)
def test_what_is_not_the_channels_is_refused(client: Client, shop: ChannelAccount, change: dict, status: int):
    answer = tell(client, shop, **{"body": shopify.message(1), **change})

    assert answer.status_code == status
    assert not Hook.objects.exists()


def test_nobody_guesses_an_address_and_a_closed_account_has_none(client: Client, shop: ChannelAccount):
    assert client.post("/hooks/guess/", b"{}", content_type="application/json").status_code == 404
    assert client.get(f"/hooks/{shop.hook_key}/").status_code == 405
    services.set_state(shop, "closed")
    assert tell(client, shop, shopify.message(1)).status_code == 404


def test_an_order_that_cannot_be_read_is_a_dead_letter(client: Client, shop: ChannelAccount):
    tell(client, shop, {**shopify.message(1), "currency": "XXX"}, "w1")
    tell(client, shop, shopify.message(2), "w2")

    assert jobs.work_hooks() == 2

    assert Order.objects.get().external_id == "2"
    letter = DeadLetter.objects.get()
    assert (letter.external_id, letter.reason) == ("1", "currency.unknown")


def test_any_shop_may_tell_us_by_a_standard_webhook(client: Client, shop: ChannelAccount):
    account = account_of("generic", {}, {"webhook_secret": STANDARD_SECRET}, channel="shop")
    content = json.dumps({"type": "order.created", "data": DOCUMENT})
    now = datetime.now(UTC)  # noqa: TID251
    signature = Webhook(STANDARD_SECRET).sign("msg_1", now, content)
    headers = {
        "webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature,
    }  # fmt: skip

    answer = client.post(
        f"/hooks/{account.hook_key}/", content, content_type="application/json", headers=headers
    )

    assert answer.status_code == 202
    jobs.work_hooks()
    order = Order.objects.get()
    assert (order.external_id, order.total_minor, order.dest_country) == ("A-1", 6_090, "DE")


def test_woocommerces_trial_call_is_answered(client: Client, shop: ChannelAccount):
    account = account_of(
        "woocommerce", {"base_url": "https://woo.test"},
        {"consumer_key": "k", "consumer_secret": "s", "webhook_secret": "w"}, channel="shop",
    )  # fmt: skip

    answer = client.post(
        f"/hooks/{account.hook_key}/", b"webhook_id=7", content_type="application/x-www-form-urlencoded"
    )

    assert answer.json() == {"accepted": False, "test": True}
