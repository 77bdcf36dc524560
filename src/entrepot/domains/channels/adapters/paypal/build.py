"""Questions to PayPal: who we are, what moved on the account, money taken and given back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from entrepot.domains.channels.adapters.client import Call

PAGE = 500


def build_token(base_url: str, secrets: Mapping[str, str]) -> Call:
    """A token for our own account."""
    words = f"{secrets.get('client_id', '')}:{secrets.get('client_secret', '')}"
    basic = b64encode(words.encode()).decode("ascii")
    form = {"grant_type": "client_credentials"}
    return Call(
        "POST",
        f"{base_url}/v1/oauth2/token",
        form=form,
        headers={"Authorization": f"Basic {basic}"},
        bare=True,
    )


def build_identity() -> Call:
    """The account's own name."""
    return Call("GET", "/v1/identity/oauth2/userinfo", params={"schema": "paypalv1.1"})


def build_transactions(since: datetime, until: datetime, page: int) -> Call:
    """What moved the balance between two instants, at most 31 days apart; filters would hide the balances."""
    params = {"start_date": utc_text(since), "end_date": utc_text(until), "page_size": PAGE, "page": page}
    return Call("GET", "/v1/reporting/transactions", params=params, bucket="reporting")


def build_order(number: str) -> Call:
    """One checkout order."""
    return Call("GET", f"/v2/checkout/orders/{quote(number, safe='')}")


def build_capture(number: str, key: str) -> Call:
    """Take the money of an approved order; the same key again is the same capture."""
    path = f"/v2/checkout/orders/{quote(number, safe='')}/capture"
    return Call("POST", path, json={}, headers=_once(key))


def build_refund(
    capture: str, amount: Mapping[str, str], key: str, note: str = "", invoice: str = ""
) -> Call:
    """Give back a part or all of a capture; the same key again is the same refund."""
    body: dict[str, Any] = {"amount": dict(amount)}
    body |= {name: text for name, text in (("note_to_payer", note[:255]), ("invoice_id", invoice)) if text}
    path = f"/v2/payments/captures/{quote(capture, safe='')}/refund"
    return Call("POST", path, json=body, headers=_once(key))


def _once(key: str) -> dict[str, str]:
    return {"PayPal-Request-Id": key[:108], "Prefer": "return=representation"}


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
