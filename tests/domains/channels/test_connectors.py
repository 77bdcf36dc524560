"""Each platform as documented: orders in, parcels and stock out, once, whatever breaks on the way."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from entrepot.core import outbound
from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelAccount, ChannelListing, DeadLetter, ImportRun, Push
from entrepot.domains.channels.services import connecting
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock
from tests.domains.channels.peers import account_of, hasty, pull
from tests.peers import amazon, ebay, shopify, woocommerce
from tests.peers.mock import Mock

pytestmark = pytest.mark.django_db
Platform = tuple[ChannelAccount, Mock]
START = {"start_on": "2026-11-01"}
MAKERS: dict[str, Any] = {
    "shopify": (shopify, shopify.ShopifyShop, {"base_url": "https://tees.myshopify.com"}, shopify.TOKEN),
    "woocommerce": (woocommerce, woocommerce.WooShop, {"base_url": "https://woo.test"}, woocommerce.KEYS),
    "ebay": (ebay, ebay.EbaySeller, {"marketplace": "EBAY_DE"}, ebay.SECRETS),
    "amazon": (amazon, amazon.AmazonSeller, amazon.SETTINGS, amazon.SECRETS),
}


@pytest.fixture(params=list(MAKERS))
def platform(request: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A seller with five orders on a platform, and our account there."""
    return connected(request.param, monkeypatch, range(1, 6))


def connected(name: str, monkeypatch: pytest.MonkeyPatch, numbers: Any) -> Platform:
    maker, mock_of, settings, secrets = MAKERS[name]
    mock = mock_of([maker.order(number) for number in numbers])
    monkeypatch.setattr(connecting, "TRANSPORT", mock.transport)
    monkeypatch.setattr(outbound, "check_address", lambda url: url)
    found_company()
    stock(("RTM", "TEE", 40))
    return account_of(name, {**settings, **START}, secrets, channel="shop"), mock


def test_orders_come_in_once_with_their_sums(platform: Platform):
    account, _mock = platform

    first, second = pull(account), pull(account)

    assert (first.state, first.error, first.added, first.refused) == ("done", "", 5, 0)
    assert second.added == 0
    orders = Order.objects.filter(account=str(account.pk))
    assert {(o.goods_minor, o.shipping_minor, o.discount_minor, o.total_minor) for o in orders} == {
        (6_000, 590, 500, 6_090)
    }
    assert {(o.dest_country, o.dest_city, o.recipient_name, o.currency) for o in orders} == {
        ("DE", "Bonn", "Jo Käufer", "EUR")
    }
    assert {o.placed_at for o in orders} == {datetime(2026, 11, 19, 10, tzinfo=UTC)}
    assert len({o.content_hash for o in orders}) == 1
    assert {o.state for o in orders} == {"confirmed"}


def test_faults_cost_time_and_no_orders(platform: Platform):
    account, mock = platform
    mock.play(["429", "500", "cut", "late"])

    run = pull(account)

    assert (run.state, run.added) == ("done", 5)
    assert mock.broken == 4
    assert run.waited_ms > 0
    assert not DeadLetter.objects.exists()


def test_a_parcel_is_told_once_though_no_answer_came(platform: Platform):
    account, mock = platform
    pull(account)
    ids = [order.pk for order in Order.objects.order_by("pk")[:2]]
    fulfilment.mark_shipped(timezone.localdate() + timezone.timedelta(days=60))
    assert services.record_tracking(ids) == 2

    for faults in (["ok", "ok", "late", "late"], ["late", "ok", "late"], ["429", "500"], [], []):
        mock.faults.clear()
        mock.play(faults)
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())

    assert list(Push.objects.values_list("state", flat=True)) == ["done", "done"]
    assert told(mock) == [1, 1]


def told(mock: Any) -> list[int]:
    """How often each order's parcel stands at the platform."""
    for name in ("fulfilments", "parcels", "notes"):
        if hasattr(mock, name):
            return [len(each) for each in getattr(mock, name).values()]
    return [1 for _ in mock.shipped]


def test_stock_goes_to_what_is_listed_and_a_refused_article_is_a_dead_letter(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    account, mock = platform
    for sku in ("TEE", "MUG"):
        ChannelListing.objects.create(account=account, external_id=sku, sku=sku)
    services.map_sku(account, "MUG", "TEE")

    assert services.record_stock(account) == 2
    for _ in range(3):
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())

    assert Push.objects.get().state == "done"
    letter = DeadLetter.objects.get()
    assert (letter.external_id, letter.stream) == ("MUG", "push:stock")
    sent = {
        "shopify": lambda: mock.stock[0]["quantity"],
        "woocommerce": lambda: mock.products[93]["stock_quantity"],
        "ebay": lambda: mock.stock["TEE"],
        "amazon": lambda: mock.feeds[0]["messages"][0]["patches"][0]["value"][0]["quantity"],
    }
    assert sent[account.platform]() == 40


def test_a_bad_order_stops_no_good_one_and_comes_through_when_it_is_mended(
    monkeypatch: pytest.MonkeyPatch, db: None
):
    account, mock = connected("woocommerce", monkeypatch, [1, 2, 3])
    mock.orders[2]["total"] = mock.orders[2]["line_items"][0]["subtotal"] = "twelve"

    run = pull(account)

    assert (run.state, run.added, run.refused) == ("done", 2, 1)
    letter = DeadLetter.objects.get()
    assert (letter.external_id, letter.reason, letter.state) == ("2", "amount.unreadable", "open")
    assert not services.replay(letter)
    mock.orders[2] = woocommerce.order(2)
    assert services.replay(letter)
    letter.refresh_from_db()
    assert letter.state == "solved"
    assert Order.objects.count() == 3


def test_a_newer_version_changes_the_order_and_a_cancellation_ends_it(
    monkeypatch: pytest.MonkeyPatch, db: None
):
    account, mock = connected("shopify", monkeypatch, [1, 2])
    account.settings["decide"] = "no"
    account.save()
    pull(account)
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    mock.orders["gid://shopify/Order/1"] = shopify.order(1, pieces=3, updated=now)
    cancelled = {"updated": now, "cancelledAt": now}
    mock.orders["gid://shopify/Order/2"] = shopify.order(2, **cancelled)

    run = pull(account)

    assert run.changed == 2
    assert Order.objects.get(external_id="1").goods_minor == 9_000
    assert Order.objects.get(external_id="2").state == "cancelled"


def test_amazons_settlements_are_kept_once(
    monkeypatch: pytest.MonkeyPatch, db: None, settings: Any, tmp_path: Any
):
    settings.MEDIA_ROOT = tmp_path
    account, _mock = connected("amazon", monkeypatch, [])

    first, second = pull(account, "statements"), pull(account, "statements")

    assert (first.error, first.added, second.added) == ("", 1, 0)
    run = ImportRun.objects.get()
    assert (run.kind, run.file_name) == ("file", "settlement-77.txt")
    assert services.statements_to_import(account) == [run.pk]


def test_our_table_of_amazons_marketplaces_is_theirs():
    from sp_api.base import Marketplaces

    from entrepot.domains.channels.adapters.tables import table

    ours = {(row["id"], row["endpoint"]) for row in table("amazon_marketplaces").iter_rows(named=True)}
    theirs = {(market.marketplace_id, market.endpoint.rstrip("/")) for market in Marketplaces}
    assert ours == theirs
