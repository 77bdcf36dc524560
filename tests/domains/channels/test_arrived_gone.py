"""Orders that have left, or were given back, before we first hear of them: they are not sent again, and no stock is."""

from typing import Any

import pytest
from django.utils import timezone

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.ledger.models import Entry
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders.models import Order
from entrepot.domains.warehouse.models import StockMove
from tests.domains.channels.peers import pull
from tests.domains.channels.test_connectors import MAKERS, connected
from tests.peers import shopify

pytestmark = pytest.mark.django_db
STANDS = {
    "shopify": {
        "shipped": {"displayFulfillmentStatus": "FULFILLED"},
        "cancelled": {"cancelledAt": "2026-11-19T12:00:00Z"},
        "refunded": {"displayFinancialStatus": "REFUNDED"},
        "partly": {"displayFulfillmentStatus": "PARTIALLY_FULFILLED"},
    },
    "woocommerce": {
        "shipped": {"status": "completed"},
        "cancelled": {"status": "cancelled"},
        "refunded": {"status": "refunded"},
    },
    "ebay": {
        "shipped": {"orderFulfillmentStatus": "FULFILLED"},
        "cancelled": {"cancelStatus": {"cancelState": "CANCELED"}},
        "refunded": {"orderPaymentStatus": "FULLY_REFUNDED"},
        "partly": {"orderFulfillmentStatus": "IN_PROGRESS"},
    },
    "amazon": {
        "shipped": {"OrderStatus": "Shipped"},
        "cancelled": {"OrderStatus": "Canceled"},
        "partly": {"OrderStatus": "PartiallyShipped"},
    },
}
COMES_AS = {"shipped": "shipped", "cancelled": "cancelled", "refunded": "cancelled", "partly": "held"}


@pytest.mark.parametrize("platform", list(STANDS))
def test_the_first_pull_takes_each_order_in_as_it_stands(
    platform: str, monkeypatch: pytest.MonkeyPatch, db: None
):
    account, mock = first_pull(platform, monkeypatch)
    keys = list(mock.orders)
    for number, more in enumerate(STANDS[platform].values(), start=2):
        mock.orders[keys[number - 1]] = MAKERS[platform][0].order(number, **more)
    run = pull(account)

    assert (run.error, run.added) == ("", len(STANDS[platform]) + 1)
    found = dict(Order.objects.order_by("pk").values_list("pk", "state"))
    assert sorted(found.values()) == sorted(["confirmed", *(COMES_AS[stands] for stands in STANDS[platform])])
    assert Shipment.objects.count() == 1
    assert sum(StockMove.objects.filter(kind="sale").values_list("quantity", flat=True)) == -2
    past = Order.objects.get(state="shipped")
    assert past.profit_base_minor is not None
    assert fulfilment.check_explanation(fulfilment.explain_order(past.pk)) == []
    entries = Entry.objects.filter(ref_kind="order", ref_id=past.pk)
    assert sorted(entries.values_list("kind", flat=True)) == ["opening", "order"]
    stock = [p.base_minor for e in entries for p in e.postings.filter(account__code="1200")]
    assert sum(stock) == 0
    assert len(stock) == 2
    assert pull(account).added == 0
    assert Decision.objects.count() == 2


def first_pull(platform: str, monkeypatch: pytest.MonkeyPatch) -> tuple[ChannelAccount, Any]:
    return connected(platform, monkeypatch, range(1, len(STANDS[platform]) + 2))


def test_an_order_that_waits_here_and_leaves_there_is_not_sent_by_us(
    monkeypatch: pytest.MonkeyPatch, db: None
):
    account, mock = first_pull("shopify", monkeypatch)
    account.settings["decide"] = "no"
    account.save()
    pull(account)
    later = {"updated": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}", "displayFulfillmentStatus": "FULFILLED"}
    for number in range(1, 6):
        mock.orders[f"gid://shopify/Order/{number}"] = shopify.order(number, **later)

    pull(account)
    account.settings["decide"] = "yes"
    services.decide_new(account)

    assert set(Order.objects.values_list("state", flat=True)) == {"shipped"}
    assert not Shipment.objects.exists()
    assert not StockMove.objects.filter(kind="sale").exists()


def test_a_confirmed_order_that_leaves_there_has_left_here(monkeypatch: pytest.MonkeyPatch, db: None):
    account, mock = first_pull("shopify", monkeypatch)
    pull(account)
    later = {"updated": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}", "displayFulfillmentStatus": "FULFILLED"}
    mock.orders["gid://shopify/Order/1"] = shopify.order(1, **later)

    pull(account)

    assert Order.objects.get(external_id="1").state == "shipped"
    assert Order.objects.filter(state="confirmed").count() == 4


def test_an_unknown_article_of_a_past_order_is_mapped_and_its_order_booked(
    monkeypatch: pytest.MonkeyPatch, db: None
):
    account, mock = first_pull("shopify", monkeypatch)
    mock.orders["gid://shopify/Order/1"] = shopify.order(1, displayFulfillmentStatus="FULFILLED")
    mock.orders["gid://shopify/Order/1"]["lineItems"]["nodes"][0]["sku"] = "THEIR-TEE"
    pull(account)
    past = Order.objects.get(external_id="1")
    assert (past.state, past.decided_at) == ("shipped", None)

    services.map_sku(account, "THEIR-TEE", "TEE")
    services.decide_new(account)

    past.refresh_from_db()
    assert past.state == "shipped"
    assert past.profit_base_minor is not None
