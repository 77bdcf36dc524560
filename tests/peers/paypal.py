"""A PayPal account after the documentation of its REST APIs."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.peers.mock import Mock, body_of, reply

ORIGIN = "https://api-m.paypal.test"
SECRETS = {
    "client_id": "AeA1QIZXiflr1",
    "client_secret": "ECYYrrSHdKfk",
    "webhook_secret": "9XL90610J3647323C",
}
SETTINGS = {"base_url": ORIGIN}


def _eur(value: str) -> dict[str, str]:
    return {"currency_code": "EUR", "value": value}


def movement(
    number: int, code: str, amounts: tuple[str, str, str], *, invoice: str = "", day: int = 20
) -> dict[str, Any]:
    """One movement of the account: gross, fee and the balance after it ('' for none)."""
    gross, fee, balance = amounts
    info = {
        "paypal_account_id": "6STWC2LSUYYYE", "transaction_id": f"5TY05013RG00284{number:02d}",
        "transaction_event_code": code, "transaction_status": "S", "protection_eligibility": "01",
        "transaction_initiation_date": f"2026-11-{day:02d}T10:{number:02d}:00+0000",
        "transaction_updated_date": f"2026-11-{day:02d}T10:{number:02d}:00+0000",
        "transaction_amount": _eur(gross),
    }  # fmt: skip
    more = {
        "fee_amount": fee and _eur(fee),
        "ending_balance": balance and _eur(balance),
        "invoice_id": invoice,
    }
    return {"transaction_info": {**info, **{name: value for name, value in more.items() if value}}}


class PayPalAccount(Mock):
    """Tokens that run out, movements in pages, captures and refunds that happen once for a request id."""

    busy = (429, {"Retry-After": "0"}, {"name": "RATE_LIMIT_REACHED", "message": "Too many requests."})

    def __init__(self, movements: list[dict[str, Any]], page: int = 2) -> None:
        super().__init__()
        self.movements, self.page, self.token = movements, page, 0
        self.refunds: dict[str, dict[str, Any]] = {}
        self.route("POST", "/v1/oauth2/token", self.give_token)
        self.route(
            "GET", "/v1/identity/oauth2/userinfo", lambda _: reply({"name": "Tees Ltd", "payer_id": "WDJJ"})
        )
        self.route("GET", "/v1/reporting/transactions", self.list_movements)
        self.route("POST", r"/v2/payments/captures/(\w+)/refund", self.refund)
        self.route("POST", r"/v2/checkout/orders/(\w+)/capture", self.capture)
        self.route("GET", "/v1/notifications/certs/CERT-1", lambda _: _pem(certificate()[1]))

    def give_token(self, request: httpx.Request) -> httpx.Response:
        """For the app's own name and word."""
        assert request.headers["authorization"].startswith("Basic ")
        assert request.content == b"grant_type=client_credentials"
        self.token += 1
        scope = "https://uri.paypal.com/services/reporting/search/read"
        access = {"scope": scope, "token_type": "Bearer", "access_token": f"A21A{self.token}"}
        return reply({**access, "app_id": "APP-1", "expires_in": 31668, "nonce": "n"})

    def _handle(self, request: httpx.Request) -> httpx.Response:
        open_paths = ("/v1/oauth2/token", "/v1/notifications/certs/CERT-1")
        is_open = request.url.path in open_paths
        if not is_open and request.headers.get("authorization") != f"Bearer A21A{self.token}":
            return reply({"name": "AUTHENTICATION_FAILURE", "message": "Authentication failed"}, 401)
        return super()._handle(request)

    def list_movements(self, request: httpx.Request) -> httpx.Response:
        """Of at most 31 days, page by page, the first page is 1."""
        params = request.url.params
        since, until = params["start_date"], params["end_date"]
        span = datetime.fromisoformat(until) - datetime.fromisoformat(since)
        if span > timedelta(days=31):
            issue = {"issue": "INVALID_REQUEST", "description": "Date range is greater than 31 days"}
            return reply({"name": "INVALID_REQUEST", "message": "Invalid request", "details": [issue]}, 400)
        found = [
            each
            for each in self.movements
            if since[:10] <= each["transaction_info"]["transaction_initiation_date"][:10] <= until[:10]
        ]
        at, pages = int(params["page"]), max(1, -(-len(found) // self.page))
        return reply({
            "transaction_details": found[(at - 1) * self.page : at * self.page], "account_number": "WDJJHEBZ4X2LY",
            "start_date": since, "end_date": until, "last_refreshed_datetime": until, "page": at,
            "total_items": len(found), "total_pages": pages, "links": [],
        })  # fmt: skip

    def capture(self, request: httpx.Request, number: str) -> httpx.Response:
        """The money of an approved order."""
        key = request.headers["paypal-request-id"]
        made = self.refunds.setdefault(key, {"id": "3C679366HH908993F", "status": "COMPLETED"})
        unit = {"reference_id": "default", "payments": {"captures": [made]}}
        return reply({"id": number, "status": "COMPLETED", "purchase_units": [unit]}, 201)

    def refund(self, request: httpx.Request, capture: str) -> httpx.Response:
        """Once for a request id; more than was taken is refused."""
        key, body = request.headers["paypal-request-id"], body_of(request)
        if float(body["amount"]["value"]) > 60.9:
            issue = {"issue": "REFUND_AMOUNT_EXCEEDED", "description": "The refund amount must be less"}
            return reply({"name": "UNPROCESSABLE_ENTITY", "message": "No", "details": [issue]}, 422)
        made = {
            "id": f"1JU08902781691{len(self.refunds):03d}",
            "status": "COMPLETED",
            "amount": body["amount"],
        }
        return reply(self.refunds.setdefault(key, made), 201)


@cache
def certificate() -> tuple[rsa.RSAPrivateKey, bytes]:
    """A key and its certificate (PEM)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "messageverificationcerts.paypal.com")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=3650)).sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, made.public_bytes(serialization.Encoding.PEM)


def _pem(content: bytes) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"Content-Type": "application/x-pem-file"})


def signed_headers(
    content: bytes, origin: str, webhook_id: str = SECRETS["webhook_secret"]
) -> dict[str, str]:
    """The headers PayPal sends with a message."""
    number, sent = "d938e770-8046-11e6-8103-6b62a8a99ac4", "2026-11-20T10:00:00Z"
    text = f"{number}|{sent}|{webhook_id}|{zlib.crc32(content)}"
    signature = certificate()[0].sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {
        "paypal-transmission-id": number, "paypal-transmission-time": sent, "paypal-auth-algo": "SHA256withRSA",
        "paypal-transmission-sig": base64.b64encode(signature).decode(),
        "paypal-cert-url": f"{origin}/v1/notifications/certs/CERT-1",
    }  # fmt: skip
