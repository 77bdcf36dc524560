"""A real shop as peer: its orders come in, stock and tracking go back, whatever breaks in between."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from entrepot.core.models import OutboxEvent
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.models import ChannelAccount, DeadLetter, Push, SyncCursor
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Policy
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders.models import Order, OrderLine
from tests.company import DAY, found_company, stock
from tests.domains.channels.peers import account_of, hasty, pull
from tests.peers.proxy import FaultProxy
from tests.peers.shop import LOGIN, Shop, install

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    install()
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.start()
    try:
        shop.open_for_trade({"TEE": 3_000, "MUG": 1_250})
        yield shop
    finally:
        shop.close()


@pytest.fixture
def proxy(shop: Shop) -> Iterator[FaultProxy]:
    proxy = FaultProxy(shop.url)
    yield proxy
    proxy.close()


@pytest.fixture
def account(db: None, settings: Any, proxy: FaultProxy) -> ChannelAccount:
    settings.PRIVATE_SHOPS = True
    found_company()
    stock(("RTM", "TEE", 40))
    return account_of("vendure", {"base_url": proxy.url}, LOGIN, channel="shop")


def test_orders_come_in_are_decided_and_their_tracking_is_seen_in_the_shop(
    account: ChannelAccount, shop: Shop, proxy: FaultProxy
):
    assert services.test_connection(account) == "__default_channel__"
    bought = [shop.buy({"TEE": 2}), shop.buy({"TEE": 1}), shop.buy({"TEE": 3, "MUG": 1})]

    run = pull(account)

    assert (run.state, run.added, run.refused) == ("done", 3, 0)
    orders = {order.external_id: order for order in Order.objects.filter(account=str(account.pk))}
    assert [orders[each["id"]].total_minor for each in bought] == [each["totalWithTax"] for each in bought]
    first = orders[bought[0]["id"]]
    assert (first.dest_country, first.recipient_name, first.number) == ("DE", "Jo Käufer", bought[0]["code"])
    assert list(
        OrderLine.objects.filter(order=first).values_list("sku_code", "quantity", "amount_minor")
    ) == [("TEE", 2, 6_000)]
    assert orders[bought[1]["id"]].state == "confirmed"

    # ship: what leaves is told to the shop, once
    fulfilment.mark_shipped(timezone.localdate() + timezone.timedelta(days=30))
    confirmed = [order.pk for order in orders.values() if order.state in ("confirmed", "shipped")]
    assert services.record_tracking(confirmed) == len(confirmed) > 0
    assert services.record_tracking(confirmed) == 0
    proxy.play(["ok", "ok", "late", "429", "500"])
    services.send_waiting(account, clock=hasty())
    Push.objects.filter(state="unsure").update(next_at=timezone.now())
    services.send_waiting(account, clock=hasty())

    assert set(Push.objects.values_list("state", flat=True)) == {"done"}
    for each in bought:
        if orders[each["id"]].pk in confirmed:
            seen = shop.order(each["id"])
            assert seen["state"] == "Shipped"
            assert len(seen["fulfillments"]) == 1


def test_an_order_in_two_parts_is_two_fulfilments_each_with_its_pieces(
    shop: Shop, proxy: FaultProxy, db: None, settings: Any
):
    settings.PRIVATE_SHOPS = True
    found_company()
    stock(("SZX", "TEE", 1), ("RTM", "TEE", 2))
    account = account_of("vendure", {"base_url": proxy.url}, LOGIN, channel="shop")
    Policy.objects.create(key="choose.split", value=2, valid_from=DAY.replace(year=2024))
    bought = shop.buy({"TEE": 3})  # more than either warehouse has
    assert pull(account).added > 0
    order = Order.objects.get(external_id=bought["id"])
    parts = list(Shipment.objects.filter(order_id=order.pk).order_by("part"))
    assert (order.state, order.holds, len(parts)) == ("confirmed", [], 2)

    for n, (part, state) in enumerate(zip(parts, ("PartiallyShipped", "Shipped"), strict=True), start=1):
        day = timezone.localdate() - timezone.timedelta(days=9 - n)
        Shipment.objects.filter(pk=part.pk).update(ship_on=day)
        fulfilment.mark_shipped(day)
        names = ("orders.part_shipped", "orders.shipped")
        jobs.tell_shipped(list(OutboxEvent.objects.filter(name__in=names)))
        proxy.play(["ok", "ok", "late"] if n == 1 else [])  # the answer to the first parcel is lost
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())
        services.send_waiting(account, clock=hasty())
        assert shop.order(bought["id"])["state"] == state

    told = {
        each["trackingCode"]: sum(line["quantity"] for line in each["lines"])
        for each in shop.order(bought["id"])["fulfillments"]
    }
    assert list(told) == list(
        Shipment.objects.filter(order_id=order.pk).order_by("part").values_list("tracking_no", flat=True)
    )
    assert (sum(told.values()), min(told.values()) > 0) == (3, True)


def test_a_change_at_the_shop_is_seen_and_a_restart_loses_nothing(account: ChannelAccount, shop: Shop):
    pull(account)
    known = Order.objects.filter(account=str(account.pk)).count()
    shop.buy({"TEE": 1})
    shop.stop()

    failed = pull(account)

    assert failed.state == "failed"
    account.refresh_from_db()
    assert account.failures == 1
    assert account.rest_until > timezone.now()
    shop.start()
    run = pull(account)
    assert (run.state, run.added) == ("done", 1)
    assert Order.objects.filter(account=str(account.pk)).count() == known + 1
    account.refresh_from_db()
    assert account.failures == 0


def test_faults_on_the_way_lose_and_double_nothing(account: ChannelAccount, shop: Shop, proxy: FaultProxy):
    shop.buy({"TEE": 1})
    proxy.play(["429", "500", "ok", "cut", "late", "429", "ok", "late", "500", "429", "cut"])

    run = pull(account)

    assert run.state == "done"
    assert proxy.broken == 9
    shop_has = shop.admin("{ orders(options: {filter: {orderPlacedAt: {isNull: false}}}) { totalItems } }")
    assert Order.objects.filter(account=str(account.pk)).count() == shop_has["orders"]["totalItems"]
    assert pull(account).added == 0
    assert not DeadLetter.objects.exists()


def test_stock_and_listings_go_both_ways(account: ChannelAccount, shop: Shop):
    assert pull(account, "listings").seen == 2

    assert services.record_stock(account) == 1, (
        "the shop lists TEE, which we have, and MUG, which we do not know"
    )
    services.send_waiting(account, clock=hasty())

    on_hand, promised = shop.stock_of("TEE")
    assert on_hand - promised == 40
    assert services.record_stock(account) == 0


def test_a_wrong_password_pauses_the_account_after_three_tries(account: ChannelAccount):
    services.connect(account, {}, {"password": "wrong"})

    states = [pull(account).error.partition(":")[0] for _ in range(3)]

    assert states == ["INVALID_CREDENTIALS_ERROR"] * 3
    account.refresh_from_db()
    assert account.state == "paused"
    assert not SyncCursor.objects.exists()
