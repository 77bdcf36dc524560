"""The connectors through the real client and real sockets: faults, limits, sign-ins that ran out, pages."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters import signed
from entrepot.domains.channels.adapters.paypal.signature import is_of_paypal
from entrepot.domains.channels.models import DeadLetter, Hook, ImportRun, Push, Settlement
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock
from tests.domains.channels.peers import account_of, hasty, pull
from tests.domains.channels.test_connectors import MAKERS, START, told
from tests.peers import amazon, ebay, paypal
from tests.peers.paypal import movement
from tests.peers.served import served

pytestmark = pytest.mark.django_db
ORIGINS = {
    "shopify": ["https://tees.myshopify.com"],
    "woocommerce": ["https://woo.test"],
    "ebay": ["https://api.ebay.com"],
    "amazon": ["https://spapi.test", "https://lwa.test", "https://files.test"],
}


@pytest.fixture(autouse=True)
def private_shops(settings: Any) -> None:
    """What ENTREPOT_PRIVATE_SHOPS=1 does: addresses of this machine may be called."""
    settings.PRIVATE_SHOPS = True
    signed._certificate.cache_clear()


@pytest.fixture(params=list(ORIGINS))
def peer(request: Any, db: None) -> Iterator[tuple[Any, Any]]:
    """An account connected over sockets with a seller of five orders."""
    name = request.param
    maker, mock_of, settings, secrets = MAKERS[name]
    mock = mock_of([maker.order(number) for number in range(1, 6)])
    with served(mock, *ORIGINS[name]) as real:
        first = real[ORIGINS[name][0]]
        token = {
            "ebay": f"{first}/identity/v1/oauth2/token",
            "amazon": f"{real.get('https://lwa.test')}/auth/o2/token",
        }
        found_company()
        stock(("RTM", "TEE", 40))
        own = {**settings, "base_url": first, **({"token_url": token[name]} if name in token else {})}
        yield account_of(name, {**own, **START}, secrets, channel="shop"), mock


def test_five_orders_come_in_whatever_the_line_does(peer: tuple[Any, Any]):
    account, mock = peer
    mock.play(["429", "500", "cut", "late"])

    run = pull(account)

    assert (run.state, run.error, run.added) == ("done", "", 5)
    assert mock.broken == 4
    assert pull(account).added == 0
    assert set(Order.objects.values_list("total_minor", "state")) == {(6_090, "confirmed")}
    assert not DeadLetter.objects.exists()


def test_a_parcel_is_told_once_though_the_line_went_dead_after_it_was_booked(peer: tuple[Any, Any]):
    account, mock = peer
    pull(account)
    ids = [Order.objects.order_by("pk").values_list("pk", flat=True)[0]]
    fulfilment.mark_shipped(timezone.localdate() + timezone.timedelta(days=60))
    assert services.record_tracking(ids) == 1
    for faults in (["ok", "late", "late"], ["late", "late"], ["ok", "ok", "ok", "late"], ["429"], [], []):
        mock.faults.clear()
        mock.play(faults)
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())
    assert Push.objects.get().state == "done"
    assert told(mock) == [1]


def test_a_sign_in_that_ran_out_is_renewed_in_the_middle(db: None):
    mock = ebay.EbaySeller([ebay.order(number) for number in range(1, 6)])
    give = mock.give_token

    def outlived(request: Any) -> Any:
        given = give(request)
        mock.token += mock.token == 1  # the first token is good no more as soon as it is out
        return given

    mock.routes = [(m, p, outlived if h == give else h) for m, p, h in mock.routes]
    with served(mock, "https://api.ebay.com") as real:
        found_company()
        base = real["https://api.ebay.com"]
        own = {
            "marketplace": "EBAY_DE",
            "base_url": base,
            "token_url": f"{base}/identity/v1/oauth2/token",
            **START,
        }
        account = account_of("ebay", own, ebay.SECRETS, channel="shop")
        run = pull(account)
    assert (run.error, run.added) == ("", 5)
    assert mock.calls.count(("POST", "/identity/v1/oauth2/token")) == 2


def test_an_amazon_feed_is_uploaded_worked_on_and_its_report_read(db: None):
    mock = amazon.AmazonSeller([])
    with served(mock, *ORIGINS["amazon"]) as real:
        found_company()
        own = {**amazon.SETTINGS, "base_url": real["https://spapi.test"],
               "token_url": f"{real['https://lwa.test']}/auth/o2/token", **START}  # fmt: skip
        account = account_of("amazon", own, amazon.SECRETS, channel="shop")
        services.record_prices(account, {"TEE": (2_990, "EUR"), "MUG": (990, "EUR")})
        for _ in range(3):
            services.send_waiting(account, clock=hasty())
            Push.objects.exclude(state="done").update(next_at=timezone.now())
    assert Push.objects.get().state == "done"
    told_of = {m["sku"]: m["patches"][0]["value"][0] for m in mock.feeds[0]["messages"]}
    assert told_of["TEE"]["our_price"][0]["schedule"][0]["value_with_tax"] == 29.9
    assert {value["currency"] for value in told_of.values()} == {"EUR"}
    assert DeadLetter.objects.get().external_id == mock.feeds[0]["messages"][1]["sku"]


MOVEMENTS = [
    movement(1, "T0006", ("60.90", "-2.50", "158.40"), invoice="A-1", day=18),
    movement(2, "T0006", ("60.90", "-2.50", "216.80"), invoice="A-2", day=18),
    movement(3, "T1107", ("-60.90", "2.10", "158.00"), invoice="A-2", day=19),
    movement(4, "T0400", ("-100.00", "", "58.00"), day=20),
]


@pytest.fixture
def payer(company: None) -> Iterator[tuple[Any, paypal.PayPalAccount, str]]:
    """An account with PayPal; the company's own shop has order A-1."""
    mock = paypal.PayPalAccount(list(MOVEMENTS))
    with served(mock, paypal.ORIGIN) as real:
        base = real[paypal.ORIGIN]
        yield account_of("paypal", {"base_url": base, **START}, paypal.SECRETS, channel="shopify"), mock, base


def test_paypals_movements_become_a_settlement_that_adds_up(payer: tuple[Any, paypal.PayPalAccount, str]):
    account, mock, _base = payer
    mock.play(["ok", "429", "500", "late"])

    run = pull(account, "statements")
    for number in services.statements_to_import(account):
        services.import_file(ImportRun.objects.get(pk=number))

    assert (run.error, run.added) == ("", 1)
    settled = Settlement.objects.get()
    assert (settled.state, settled.total_minor, settled.difference_minor) == ("booked", 10_000, 0)
    kinds = sorted(settled.lines.values_list("kind", "amount_minor"))
    assert kinds == [
        ("fee", -250), ("fee", -250), ("fee", 210), ("refund", -6_090), ("reserve", -5_800), ("reserve", 10_000),
        ("sale", 6_090), ("sale", 6_090), ("transfer", -10_000),
    ]  # fmt: skip
    assert pull(account, "statements").added == 0
    assert services.test_connection(account) == "Tees Ltd"


def test_a_movement_that_is_missing_shows_as_a_difference(payer: tuple[Any, paypal.PayPalAccount, str]):
    account, mock, _base = payer
    del mock.movements[1]

    pull(account, "statements")
    for number in services.statements_to_import(account):
        services.import_file(ImportRun.objects.get(pk=number))

    settled = Settlement.objects.get()
    assert (settled.state, settled.difference_minor) == ("differs", 5_840)


def test_money_is_given_back_once_whatever_the_line_does(payer: tuple[Any, paypal.PayPalAccount, str]):
    account, mock, _base = payer
    assert services.record_refund(
        account, "3C679366HH908993F", (1_050, "EUR"), key="return-7", note="Too small"
    )
    assert not services.record_refund(account, "3C679366HH908993F", (1_050, "EUR"), key="return-7")
    services.record_refund(account, "3C679366HH908993F", (9_999, "EUR"), key="return-8")
    for faults in (["ok", "late"], ["500", "late"], [], []):
        mock.faults.clear()
        mock.play(faults)
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state__in=("done", "failed")).update(next_at=timezone.now())
    assert [each["amount"]["value"] for each in mock.refunds.values()] == ["10.50"]
    assert dict(Push.objects.values_list("key", "state")) == {
        "refund:return-7": "done",
        "refund:return-8": "failed",
    }
    assert DeadLetter.objects.get().reason == "REFUND_AMOUNT_EXCEEDED"


def test_paypals_messages_are_believed_by_their_signature_only(payer: tuple[Any, paypal.PayPalAccount, str]):
    account, _mock, base = payer
    event = {
        "id": "WH-1",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "resource": {"id": "3C67", "invoice_id": "A-1"},
    }
    content = json.dumps(event).encode()
    headers = paypal.signed_headers(content, base)
    browser, address = Browser(), f"/hooks/{account.hook_key}/"

    def tell(body: bytes, own: dict[str, str]) -> int:
        reply = browser.post(address, body, content_type="application/json", headers=own)
        return int(reply.status_code)

    assert tell(content, headers) == tell(content, headers) == 202
    assert Hook.objects.count() == 1
    assert tell(content + b" ", headers) == 401
    assert tell(content, {**headers, "paypal-cert-url": f"{base}/nowhere"}) == 401
    assert tell(content, paypal.signed_headers(content, base, webhook_id="another")) == 401
    services.work_off_hooks()
    account.refresh_from_db()
    assert account.next_pull_at <= timezone.now()


def test_a_certificate_comes_from_paypal_only(settings: Any):
    settings.PRIVATE_SHOPS = False
    assert is_of_paypal("https://api.paypal.com/v1/notifications/certs/CERT-1")
    for url in ("http://api.paypal.com/c", "https://paypal.com.evil.example/c", "https://evilpaypal.com/c",
                "https://api.paypal.com@evil.example/c", "https://u@api.paypal.com/c"):  # fmt: skip
        assert not is_of_paypal(url)
