"""Signed messages from platforms: whether the signature is right, which number a message has, and what is in it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from entrepot.core import outbound
from entrepot.domains.channels.adapters.generic_order import parse_document
from entrepot.domains.channels.adapters.paypal.signature import Unsigned, check_signature, is_of_paypal
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.shopify import parse as shopify
from entrepot.domains.channels.adapters.woocommerce import parse as woocommerce
from entrepot.domains.channels.rules import IncomingOrder

Headers = Mapping[str, str]


class SignatureWrong(ValueError):
    """The message is not from whom it says: the text names what is missing or wrong."""


@dataclass(frozen=True)
class Signed:
    """A message whose signature is right. `external_id` is the platform's number of this message."""

    external_id: str
    topic: str
    body: Any


@dataclass(frozen=True)
class Dialect:
    """How a platform signs and what it sends. `takes`: topics that carry an order."""

    verify: Callable[[Headers, bytes, str], tuple[str, str]]
    parse: Callable[[Mapping[str, Any], MoneyReader], IncomingOrder]
    takes: Callable[[str], bool]


def read_message(platform: str, headers: Headers, content: bytes, secret: str) -> Signed | None:
    """The message, if it is signed with the account's secret; None for a platform's trial call without content.

    Headers with lower-case names. Errors: SignatureWrong; ValueError when the content is no JSON object.
    """
    if not secret:
        raise SignatureWrong("no secret is set for this account")
    dialect = DIALECTS.get(platform, DIALECTS["generic"])
    if (
        platform == "woocommerce"
        and "x-wc-webhook-topic" not in headers
        and content.startswith(b"webhook_id=")
    ):
        return None
    number, topic = dialect.verify(headers, content, secret)
    body = json.loads(content.decode("utf-8"), parse_float=str)
    if not isinstance(body, dict):
        raise ValueError("no JSON object")
    return Signed(number, topic, body)


def _shopify(headers: Headers, content: bytes, secret: str) -> tuple[str, str]:
    _equal(headers.get("x-shopify-hmac-sha256", ""), content, secret)
    return _numbered(headers.get("x-shopify-webhook-id", ""), content), headers.get("x-shopify-topic", "")


def _woocommerce(headers: Headers, content: bytes, secret: str) -> tuple[str, str]:
    _equal(headers.get("x-wc-webhook-signature", ""), content, secret)
    return _numbered(headers.get("x-wc-webhook-delivery-id", ""), content), headers.get(
        "x-wc-webhook-topic", ""
    )


def _standard(headers: Headers, content: bytes, secret: str) -> tuple[str, str]:
    try:
        body = Webhook(secret).verify(content, dict(headers))
    except WebhookVerificationError as error:
        raise SignatureWrong(str(error)) from None
    except (ValueError, TypeError) as error:
        raise SignatureWrong(f"the secret or the signature is malformed: {error}") from None
    kind = body.get("type") if isinstance(body, dict) else ""
    return headers["webhook-id"], str(kind or "")


def _paypal(headers: Headers, content: bytes, secret: str) -> tuple[str, str]:
    """`secret` is the number PayPal gave our webhook; the key is in a certificate at an address of PayPal's."""
    try:
        number = check_signature(headers, content, secret, _certificate, timezone.now())
    except Unsigned as error:
        raise SignatureWrong(str(error)) from None
    body = json.loads(content)
    return number, str(body.get("event_type", "")) if isinstance(body, dict) else ""


@lru_cache(maxsize=8)
def _certificate(url: str) -> bytes:
    """A certificate of PayPal's, fetched once. Errors: Unsigned when the address is not PayPal's or gives none."""
    own = url if settings.PRIVATE_SHOPS else ""
    if not is_of_paypal(url, own):
        raise Unsigned("the certificate is not at PayPal")
    try:
        with httpx.Client(transport=outbound.transport(), timeout=10.0, trust_env=False) as http:
            reply = http.get(url)
    except httpx.HTTPError as error:
        raise Unsigned(f"no certificate: {error}") from None
    if reply.status_code != 200:
        raise Unsigned(f"no certificate: {reply.status_code}")
    return reply.content


def _nothing(_body: Mapping[str, Any], _money: MoneyReader) -> IncomingOrder:
    raise ValueError("no order")


def _equal(told: str, content: bytes, secret: str) -> None:
    """Compared in constant time."""
    expected = b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest())
    if not hmac.compare_digest(expected, told.strip().encode("utf-8", "replace")):
        raise SignatureWrong("the signature is missing or wrong")


def _numbered(number: str, content: bytes) -> str:
    """The platform's number, or one made of the content where it gives none."""
    return number.strip()[:200] or "sha256:" + hashlib.sha256(content).hexdigest()


DIALECTS = {
    "shopify": Dialect(_shopify, shopify.parse_message, lambda topic: topic.startswith("orders/")),
    "woocommerce": Dialect(_woocommerce, woocommerce.parse_order, lambda topic: topic.startswith("order.")),
    "paypal": Dialect(_paypal, _nothing, lambda topic: False),
    "generic": Dialect(
        _standard, parse_document, lambda topic: topic in ("", "order") or topic.startswith("order.")
    ),
}


def dialect_of(platform: str) -> Dialect:
    """How a platform's messages are read; any other speaks Standard Webhooks with our own order document."""
    return DIALECTS.get(platform, DIALECTS["generic"])
