"""A program with a token, and an order as a shop hands it in."""

import json
from itertools import count
from typing import Any

from django.test import Client


class Caller:
    """A program with a token; every POST gets a key of its own unless one is given."""

    def __init__(self, token: str) -> None:
        self.client, self.token, self.keys = Client(raise_request_exception=False), token, count(1)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None) -> Any:
        key = f"key-{next(self.keys)}" if key is None else key
        content = raw if raw is not None else json.dumps(body or {}).encode()
        headers = {**self._headers(), **({"Idempotency-Key": key} if key else {})}
        return self.client.post(f"/api/v1{path}", content, content_type="application/json", headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def order_body(number: str, **more: Any) -> dict[str, Any]:
    """An order as a shop hands it in."""
    usual = {
        "channel": "shop",
        "external_id": number,
        "placed_at": "2026-03-09T08:30:00Z",
        "currency": "EUR",
        "ship_to": {"country": "DE", "name": "Erika Muster", "city": "Berlin", "postcode": "10115"},
        "lines": [{"sku": "TEE", "quantity": 2, "amount_minor": 6000}],
        "payment_method": "card",
    }
    return {**usual, **more}
