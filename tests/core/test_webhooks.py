"""Webhooks: signed, at least once, tried again by the schedule, never into a private network."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from entrepot.core import outbox, webhooks
from entrepot.core.models import AuditLog, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from entrepot.core.webhooks import addresses, delivering
from entrepot.core.webhooks.sending import Message, Reply, send

pytestmark = pytest.mark.django_db
PUBLIC = "https://shop.example/hooks"


class Peer:
    """Another system: notes what it gets, answers as it is told."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.got = list(statuses), list[Message]()

    def __call__(self, message: Message) -> Reply:
        self.got.append(message)
        status = self.statuses.pop(0) if self.statuses else 200
        return Reply(status or None, "" if status and status < 300 else "no", milliseconds=3)


@pytest.fixture
def endpoint(ada: Any) -> WebhookEndpoint:
    made, _secret = webhooks.add_endpoint("Shop", PUBLIC, ["orders.shipped"], ada)
    return made


@pytest.fixture
def tapped(monkeypatch: Any) -> None:
    monkeypatch.setattr(outbox, "_listeners", {"tests.heard": [lambda events: None]})
    monkeypatch.setattr(outbox, "_taps", [outbox.Tap(webhooks.wants_events, webhooks.queue_events)])


def due_now() -> None:
    WebhookDelivery.objects.filter(state="waiting").update(next_at=timezone.now())


def test_events_become_deliveries_once_and_only_those_wanted(
    endpoint: WebhookEndpoint, ada: Any, tapped: None
):
    webhooks.add_endpoint("All", "https://erp.example/", [], ada)
    outbox.emit("orders.shipped", {"order_id": 7})
    outbox.emit("tests.heard", {"n": 1})

    outbox.deliver()
    outbox.deliver()

    told = WebhookDelivery.objects.order_by("pk").values_list("endpoint__name", "event")
    assert sorted(told) == [("All", "orders.shipped"), ("All", "tests.heard"), ("Shop", "orders.shipped")]
    body = json.loads(WebhookDelivery.objects.filter(event="orders.shipped")[0].body)
    assert (body["type"], body["data"]) == ("orders.shipped", {"order_id": 7})


def test_nothing_is_queued_for_what_was_undone_or_came_before(ada: Any, tapped: None):
    outbox.emit("orders.shipped", {"order_id": 1})
    endpoint, _secret = webhooks.add_endpoint("Shop", PUBLIC, [], ada)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(created_at=timezone.now() + timedelta(seconds=1))
    with transaction.atomic():
        outbox.emit("orders.shipped", {"order_id": 2})
        transaction.set_rollback(True)

    outbox.deliver()

    assert WebhookDelivery.objects.count() == 0


def test_a_failed_delivery_is_tried_again_under_the_same_id(endpoint: WebhookEndpoint, ada: Any):
    webhooks.send_test(endpoint, ada)
    peer = Peer(500, 0, 200)

    assert webhooks.send_due(peer) == 1
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, waiting.attempts, waiting.last_status) == ("waiting", 1, 500)
    assert waiting.next_at is not None
    assert waiting.next_at > timezone.now()
    assert webhooks.send_due(peer) == 0
    for _ in range(2):
        due_now()
        webhooks.send_due(peer)

    assert WebhookDelivery.objects.get().state == "sent"
    assert len({message.message_id for message in peer.got}) == 1
    assert list(WebhookAttempt.objects.order_by("pk").values_list("status", flat=True)) == [500, None, 200]


def test_the_schedule_ends_and_a_replay_begins_it_anew(endpoint: WebhookEndpoint, ada: Any):
    webhooks.send_test(endpoint, ada)
    plan, peer = delivering.schedule(), Peer(*[503] * 99)
    assert plan.waits == tuple(sorted(plan.waits))

    for _ in range(len(plan.waits) + 3):
        due_now()
        webhooks.send_due(peer)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", len(plan.waits) + 1)

    assert webhooks.replay([delivery.pk], ada) == 1
    webhooks.send_due(Peer())
    assert WebhookDelivery.objects.get().state == "sent"


def test_an_endpoint_that_keeps_failing_is_switched_off_and_waits(endpoint: WebhookEndpoint, ada: Any):
    webhooks.send_test(endpoint, ada)
    long_ago = timezone.now() - delivering.schedule().disable_after
    WebhookEndpoint.objects.update(failing_since=long_ago)

    webhooks.send_due(Peer(500))

    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert endpoint.disabled_reason.startswith("no success since")
    assert AuditLog.objects.filter(action="integration.webhook_switched_off").count() == 1
    due_now()
    assert webhooks.send_due(Peer()) == 0
    webhooks.change_endpoint(endpoint, ada, is_active=True)
    assert webhooks.send_due(Peer()) == 1
    assert WebhookDelivery.objects.get().state == "sent"


def test_gone_for_good_is_believed_at_once(endpoint: WebhookEndpoint, ada: Any):
    webhooks.send_test(endpoint, ada)
    webhooks.send_due(Peer(410))
    endpoint.refresh_from_db()
    assert (endpoint.is_active, WebhookDelivery.objects.get().state) == (False, "failed")


def test_a_worker_that_dies_leaves_the_delivery_to_the_next(endpoint: WebhookEndpoint, ada: Any):
    webhooks.send_test(endpoint, ada)
    assert len(delivering._lease()) == 1  # killed here: nothing is recorded
    assert webhooks.send_due(Peer()) == 0

    due_now()  # the lease runs out
    assert webhooks.send_due(Peer()) == 1
    assert WebhookDelivery.objects.get().state == "sent"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/", "file:///etc/passwd", "https://", "https://u:p@shop.example/", "https://shop.example:x/",
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
        "http://0.0.0.0/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://[::1]/", "http://[::]/",
        "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://[ff02::1]/", "http://198.18.0.1/", "http://192.0.2.1/", "http://a b/",
        "http://shop.example\\@127.0.0.1/", "http://shop.example/\r\nX: y", "http://localhost./",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_private_networks(url: str):
    with pytest.raises(addresses.AddressRefused):
        addresses.resolve(url)
    reply = send(Message(url, "whsec_c2VjcmV0", "m", "{}"))
    assert reply.status is None
    assert "AddressRefused" in reply.error


def test_every_address_of_a_name_is_judged_and_the_judged_one_is_called(monkeypatch: Any):
    answers = [["93.184.216.34"], ["93.184.216.34", "10.0.0.1"], ["::ffff:10.0.0.1"]]

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in answers.pop(0)]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)

    target = addresses.resolve("https://shop.example/hooks?a=1")
    assert (target.pinned_url, target.netloc) == ("https://93.184.216.34:443/hooks?a=1", "shop.example")
    for _ in range(2):
        with pytest.raises(addresses.AddressRefused, match="private"):
            addresses.resolve("https://shop.example/")


def test_an_endpoint_in_a_private_network_is_not_even_kept(ada: Any):
    with pytest.raises(webhooks.EndpointRefused, match="private"):
        webhooks.add_endpoint("x", "http://169.254.169.254/", [], ada)
    assert WebhookEndpoint.objects.count() == 0


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A real server of this machine that keeps what it is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.got.append((self.path, dict(self.headers), body))
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(b"thanks" * 2_000)

        def log_message(self, *_: Any) -> None:
            pass

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.got = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_arrives_is_signed_and_redirects_are_not_followed(receiver: Any, ada: Any, settings: Any):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    address = f"http://127.0.0.1:{receiver.server_port}"
    endpoint, secret = webhooks.add_endpoint("Here", f"{address}/hooks", [], ada)
    moved, _other = webhooks.add_endpoint("Moved", f"{address}/moved", [], ada)
    webhooks.send_test(endpoint, ada)
    webhooks.send_test(moved, ada)

    webhooks.send_due()

    arrived = {path: (headers, body) for path, headers, body in receiver.got}
    headers, body = arrived["/hooks"]
    assert Webhook(secret).verify(body, headers)["type"] == "integration.test"
    assert headers["webhook-id"] == WebhookDelivery.objects.get(endpoint=endpoint).message_id
    assert secret not in str(WebhookEndpoint.objects.values().get(pk=endpoint.pk))
    assert WebhookDelivery.objects.get(endpoint=endpoint).state == "sent"
    assert WebhookDelivery.objects.get(endpoint=moved).last_error == "redirects are not followed"
    assert len(receiver.got) == 2


def test_another_secret_takes_the_place_of_the_first(endpoint: WebhookEndpoint, ada: Any):
    secret = webhooks.new_secret(endpoint, ada)
    webhooks.send_test(endpoint, ada)
    peer = Peer()
    webhooks.send_due(peer)
    assert peer.got[0].secret == secret
