"""An order in two parts: its channel hears of each parcel when it leaves, with the pieces that are in it, once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from entrepot.core import outbound
from entrepot.core.models import OutboxEvent
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.adapters.parcels import in_parcel
from entrepot.domains.channels.models import ChannelAccount, DeadLetter, Push
from entrepot.domains.channels.services import connecting, parcels
from entrepot.domains.channels.services.pushing import Outgoing
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Policy
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders.models import Order
from entrepot.domains.orders.queries.channel import ChannelLine
from tests.company import DAY, found_company, stock
from tests.domains.channels import test_connectors
from tests.domains.channels.peers import account_of, hasty, pull
from tests.domains.channels.test_connectors import MAKERS, connected
from tests.peers.mock import Mock, body_of, reply

pytestmark = pytest.mark.django_db


@pytest.fixture(params=list(MAKERS))
def platform(request: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[ChannelAccount, Any]:
    """An order of three T-shirts, of which two lie in Rotterdam and one in Shenzhen."""
    monkeypatch.setattr(test_connectors, "stock", lambda *_rows: None)
    account, mock = connected(request.param, monkeypatch, [])
    stock(("SZX", "TEE", 1), ("RTM", "TEE", 2))
    Policy.objects.create(key="choose.split", value=2, valid_from=DAY.replace(year=2024))
    found = MAKERS[request.param][0].order(1, pieces=3)
    key = next(name for name in ("AmazonOrderId", "orderId", "id") if name in found)
    mock.orders[found[key]] = found
    return account, mock


def leave(part: int) -> None:
    """One part leaves, and who listens is told."""
    order = Order.objects.get()
    one = Shipment.objects.get(order_id=order.pk, part=part)
    Shipment.objects.filter(pk=one.pk).update(ship_on=timezone.localdate() - timedelta(days=9 - part))
    fulfilment.mark_shipped(timezone.localdate() - timedelta(days=9 - part))
    names = ("orders.part_shipped", "orders.shipped")
    jobs.tell_shipped(list(OutboxEvent.objects.filter(name__in=names)))


def heard(mock: Any) -> list[tuple[str, int]]:
    """Tracking number and pieces of each parcel the platform knows, in the order it heard of them."""
    if hasattr(mock, "fulfilments"):
        return [
            (one["trackingInfo"][0]["number"], sum(line["quantity"] for line in one["fulfillmentLineItems"]["nodes"]))
            for found in mock.fulfilments.values() for one in found
        ]  # fmt: skip
    if hasattr(mock, "parcels"):
        return [
            (one["shipmentTrackingNumber"], sum(line["quantity"] for line in one["lineItems"]))
            for found in mock.parcels.values() for one in found
        ]  # fmt: skip
    if hasattr(mock, "notes"):
        return [
            (parcel["tracking_number"], sum(int(goods["qty"]) for goods in parcel["products_list"]))
            for order in mock.orders.values() for meta in order["meta_data"] for parcel in meta["value"]
        ]  # fmt: skip
    return [
        (one["trackingNumber"], sum(item["quantity"] for item in one["orderItems"]))
        for one in mock.shipped.values()
    ]


def send(account: ChannelAccount, mock: Any, faults: list[str]) -> None:
    for played in (faults, [], []):
        mock.faults.clear()
        mock.play(played)
        services.send_waiting(account, clock=hasty())
        Push.objects.exclude(state="done").update(next_at=timezone.now())


@pytest.mark.parametrize("faults", [[], ["ok", "ok", "late", "late"]], ids=["calm", "answers lost"])
def test_each_part_is_told_when_it_leaves_with_its_pieces(
    platform: tuple[ChannelAccount, Any], faults: list[str]
):
    account, mock = platform
    assert pull(account).added == 1
    first, second = Shipment.objects.order_by("part")

    leave(1)
    send(account, mock, faults)
    assert Order.objects.get().state == "confirmed", "a part is still to be sent"
    first.refresh_from_db()
    assert [number for number, _pieces in heard(mock)] == [first.tracking_no]
    if hasattr(mock, "notes"):
        assert mock.orders[1]["status"] == "processing"

    leave(2)
    send(account, mock, faults)
    second.refresh_from_db()
    assert Order.objects.get().state == "shipped"
    pieces = dict(heard(mock))
    assert (list(pieces), sum(pieces.values()), len(heard(mock))) == (
        [first.tracking_no, second.tracking_no],
        3,
        2,
    )
    goods = {push.payload["tracking_no"]: push.payload["lines"][0]["quantity"] for push in Push.objects.all()}
    assert pieces == goods
    assert not DeadLetter.objects.exists()
    if hasattr(mock, "notes"):
        assert mock.orders[1]["status"] == "completed"
        assert len(mock.notes[1]) == 2
    if hasattr(mock, "shipped"):
        assert [one["packageReferenceId"] for one in mock.shipped.values()] == ["1", "2"]


class VendureShop(Mock):
    """The admin API as far as parcels need it."""

    def __init__(self) -> None:
        super().__init__()
        lines = [
            {"id": number, "quantity": 2, "productVariant": {"sku": sku}}
            for number, sku in (("1", "A"), ("2", "B"))
        ]
        self.order: dict[str, Any] = {"id": "7", "lines": lines, "fulfillments": []}
        self.route("POST", "/admin-api", self.ask)

    def ask(self, request: httpx.Request) -> httpx.Response:
        """A question by its name."""
        body = body_of(request)
        query, given = body["query"], body["variables"]
        if "login(" in query:
            return reply({"data": {"login": {"__typename": "CurrentUser"}}}, vendure_auth_token="t")
        if "addFulfillmentToOrder" in query:
            told = given["input"]
            made = {"id": str(len(self.order["fulfillments"]) + 1), "state": "Pending", "lines": told["lines"],
                    "trackingCode": told["handler"]["arguments"][1]["value"]}  # fmt: skip
            self.order["fulfillments"].append(made)
            return reply({"data": {"addFulfillmentToOrder": made}})
        if "transitionFulfillmentToState" in query:
            made = next(each for each in self.order["fulfillments"] if each["id"] == given["id"])
            made["state"] = given["state"]
            return reply({"data": {"transitionFulfillmentToState": made}})
        return reply({"data": {"order": self.order}})


def test_a_vendure_shop_gets_a_fulfilment_for_each_part(monkeypatch: pytest.MonkeyPatch, db: None):
    mock = VendureShop()
    found_company()
    monkeypatch.setattr(connecting, "TRANSPORT", mock.transport)
    monkeypatch.setattr(outbound, "check_address", lambda url: url)
    account = account_of(
        "vendure", {"base_url": "https://shop.test"}, {"username": "a", "password": "b"}, channel="shop"
    )
    one = {"line_id": "1", "sku": "A", "quantity": 1}
    parts = (("T1", [one]), ("T2", [one, {"line_id": "2", "sku": "B", "quantity": 2}]))
    with connecting.opened(account, clock=hasty()) as exchange:
        for number, lines in (*parts, *parts):
            payload = {"external_id": "7", "tracking_no": number, "carrier": "DHL", "lines": lines}
            exchange.connector.send(Outgoing("tracking", number, payload))
    made = mock.order["fulfillments"]
    assert [(each["trackingCode"], each["state"]) for each in made] == [("T1", "Shipped"), ("T2", "Shipped")]
    assert [[line["quantity"] for line in each["lines"]] for each in made] == [[1], [1, 2]]


def test_lines_are_found_by_their_number_or_by_the_article():
    there = [("1", "A", 2), ("2", "A", 1), ("3", "B", 0)]
    line = {"line_id": "", "sku": "A", "quantity": 3}
    assert in_parcel({"lines": [line]}, there) == {"1": 2, "2": 1}
    assert in_parcel({"lines": [line | {"line_id": "2"}]}, there) == {"2": 1}
    assert in_parcel({"lines": [line | {"line_id": "9"}, line | {"sku": "B"}]}, there) == {}
    assert in_parcel({}, there) == {"1": 2, "2": 1}


def test_an_article_in_several_lines_fills_them_in_their_order(monkeypatch: pytest.MonkeyPatch):
    lines = [
        ChannelLine("1", "TEE", "tee-red", 2),
        ChannelLine("2", "MUG", "MUG", 1),
        ChannelLine("3", "TEE", "tee", 2),
    ]
    monkeypatch.setattr(
        parcels.fulfilment, "part_goods", lambda _: {5: {1: {"TEE": 3}, 2: {"TEE": 1, "MUG": 1}}}
    )
    monkeypatch.setattr(parcels.orders, "channel_lines", lambda _: {5: lines})
    told = parcels.goods_of_parts([5])[5]
    assert [[(line["line_id"], line["sku"], line["quantity"]) for line in told[part]] for part in (1, 2)] == [
        [("1", "tee-red", 2), ("3", "tee", 1)],
        [("3", "tee", 1), ("2", "MUG", 1)],
    ]
