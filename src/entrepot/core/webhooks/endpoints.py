"""Endpoints of webhooks: add, change, test, replay."""

from __future__ import annotations

import base64
import json
import secrets as random
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.models import WebhookDelivery, WebhookEndpoint
from entrepot.core.secrets import encrypt
from entrepot.core.webhooks.addresses import AddressRefused, check_url
from entrepot.core.webhooks.delivering import send_soon

TEST = "integration.test"
KEY_BYTES = 32


class EndpointRefused(ValueError):
    """An endpoint that cannot be added; the text says why."""


@transaction.atomic
def add_endpoint(name: str, url: str, events: Iterable[str], actor: Actor) -> tuple[WebhookEndpoint, str]:
    """A new endpoint for events of some names (none named: all), and its secret, which nobody can read again.

    Errors: EndpointRefused for an address that nothing may be sent to.
    """
    _check(url)
    text, sealed = _secret()
    person = getattr(actor, "pk", None)
    endpoint = WebhookEndpoint.objects.create(
        name=name, url=url, events=sorted(set(events)), secret=sealed, created_by_id=person
    )
    audit.record(actor, "integration.add_webhook", f"webhook:{endpoint.pk}", url=url)
    return endpoint, text


@transaction.atomic
def change_endpoint(endpoint: WebhookEndpoint, actor: Actor, **values: Any) -> None:
    """Change name, url, events or is_active; switching on again forgets earlier failures.

    Errors: EndpointRefused as in `add_endpoint`.
    """
    if "url" in values:
        _check(values["url"])
    if values.get("is_active"):
        values |= {"failing_since": None, "disabled_at": None, "disabled_reason": ""}
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**values)
    audit.record(actor, "integration.change_webhook", f"webhook:{endpoint.pk}", changed=sorted(values))


@transaction.atomic
def new_secret(endpoint: WebhookEndpoint, actor: Actor) -> str:
    """Another secret in place of the one in use."""
    text, sealed = _secret()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret=sealed)
    audit.record(actor, "integration.new_webhook_secret", f"webhook:{endpoint.pk}")
    return text


@transaction.atomic
def send_test(endpoint: WebhookEndpoint, actor: Actor) -> WebhookDelivery:
    """An event that says nothing but that the endpoint is reached."""
    now = timezone.now()
    body = {"type": TEST, "timestamp": now.isoformat(), "data": {"endpoint": endpoint.name}}
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, message_id=f"test_{uuid4().hex}", event=TEST, body=json.dumps(body), next_at=now
    )
    audit.record(actor, "integration.test_webhook", f"webhook:{endpoint.pk}")
    send_soon()
    return delivery


@transaction.atomic
def replay(delivery_ids: Iterable[int], actor: Actor) -> int:
    """Send deliveries again under their own message ids, from the first attempt on; how many."""
    again = WebhookDelivery.objects.filter(pk__in=list(delivery_ids), endpoint__is_active=True)
    done = again.update(state=WebhookDelivery.State.WAITING, next_at=timezone.now(), attempts=0)
    audit.record(actor, "integration.replay_webhooks", "webhooks", deliveries=done)
    send_soon()
    return done


def list_endpoints() -> QuerySet[WebhookEndpoint]:
    """Endpoints with the number of deliveries that wait or were given up."""
    return WebhookEndpoint.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
        failed=Count("deliveries", filter=Q(deliveries__state="failed")),
    ).order_by("name", "pk")


def list_deliveries(endpoint_id: int | None = None, state: str = "") -> QuerySet[WebhookDelivery]:
    """Deliveries, the newest first."""
    found = WebhookDelivery.objects.select_related("endpoint").order_by("-pk")
    found = found.filter(endpoint_id=endpoint_id) if endpoint_id else found
    return found.filter(state=state) if state else found


def _check(url: str) -> None:
    try:
        check_url(url)
    except AddressRefused as error:
        raise EndpointRefused(str(error)) from None


def _secret() -> tuple[str, str]:
    text = "whsec_" + base64.b64encode(random.token_bytes(KEY_BYTES)).decode("ascii")
    return text, encrypt(text.encode())
