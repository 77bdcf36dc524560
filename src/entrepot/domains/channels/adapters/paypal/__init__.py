"""A PayPal account: what it took and paid out as settlements, money taken and given back on our word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from entrepot.domains.channels.adapters.client import Call, Refused
from entrepot.domains.channels.adapters.oauth import TokenManners
from entrepot.domains.channels.adapters.paypal import build
from entrepot.domains.channels.adapters.port import (
    Answer,
    Cursor,
    ListingPage,
    NotOffered,
    Outgoing,
    Page,
    Statement,
)
from entrepot.domains.channels.adapters.reading import MoneyReader, words
from entrepot.domains.channels.adapters.session import Session
from entrepot.kernel.money import to_major

LATE = timedelta(hours=3)  # so long a movement may take to be listed
LONGEST = timedelta(days=31)
SECOND = timedelta(seconds=1)
DONE = frozenset({"COMPLETED", "PENDING"})


class PayPalManners(TokenManners):
    """A token an hour; errors have a name, a message and an issue."""

    renew_on = frozenset({401})

    def words(self, status: int, data: object) -> tuple[str, str]:
        """The issue where one is told, else the error's name."""
        if not isinstance(data, dict) or not data.get("name"):
            return super().words(status, data)
        details = data.get("details") or [{}]
        first = details[0] if isinstance(details[0], dict) else {}
        text = first.get("description") or data.get("message") or ""
        return str(first.get("issue") or data["name"]), str(text)[:300]


class PayPal:
    """The connector; see `port.Connector`."""

    def __init__(self, session: Session) -> None:
        self.session, self.money = session, MoneyReader(session.minor_units)
        base_url = session.setting("base_url").rstrip("/")
        manners = PayPalManners(
            build.build_token(base_url, session.credentials),
            lambda token: {"Authorization": f"Bearer {token}"},
        )
        self.client = session.client(manners)
        manners.client = self.client

    def identify(self) -> str:
        """The account's name, or its number."""
        found = self._ask(build.build_identity())
        return words(found.get("name")) or words(found.get("payer_id")) or words(found.get("user_id"))

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders come from the shop that was paid this way."""
        raise NotOffered("orders")

    def order(self, external_id: str) -> Page:
        """Orders come from the shop."""
        raise NotOffered("orders")

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """There are none."""
        raise NotOffered("listings")

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """Everything that moved the balance, in statements of whole days (UTC) that can no longer change."""
        now = self.session.clock.now().astimezone(UTC)
        end = (now - LATE).replace(hour=0, minute=0, second=0, microsecond=0)
        told = str(cursor.get("since") or "")
        first = self.session.first_day(now).astimezone(UTC)
        since = (
            datetime.fromisoformat(told) if told else first.replace(hour=0, minute=0, second=0, microsecond=0)
        )
        while since < end:
            until = min(since + LONGEST, end)
            content = self._transactions(since, until - SECOND)
            name = f"paypal-{since:%Y%m%d}-{until - SECOND:%Y%m%d}.json"
            yield (
                Statement(name, "paypal-transactions", until.isoformat(), content),
                {"since": until.isoformat()},
            )
            since = until

    def send(self, message: Outgoing) -> Answer:
        """Take the money of an order, or give some back; the key makes it happen once."""
        if message.kind == "capture":
            made = self._ask(build.build_capture(message.payload["external_id"], message.key))
            captures = [
                capture
                for unit in made.get("purchase_units") or ()
                for capture in (unit.get("payments") or {}).get("captures") or ()
            ]
            return self._made(captures[0] if captures else made)
        if message.kind == "refund":
            payload = message.payload
            value = to_major(payload["amount_minor"], self.money.decimals(payload["currency"]))
            amount = {"value": str(value), "currency_code": payload["currency"]}
            note, invoice = str(payload.get("note", "")), str(payload.get("invoice", ""))
            return self._made(
                self._ask(build.build_refund(payload["capture_id"], amount, message.key, note, invoice))
            )
        raise NotOffered(message.kind)

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """Everything is answered at once."""
        raise NotOffered("result")

    def _made(self, record: Mapping[str, Any]) -> Answer:
        state = words(record.get("status"))
        if state not in DONE:
            raise Refused("paypal.refused", state)
        return Answer(words(record.get("id")))

    def _transactions(self, since: datetime, until: datetime) -> bytes:
        """All pages of a window as one document, the same whenever it is asked for."""
        found, page, pages, account = list[Any](), 1, 1, ""
        while page <= pages:
            data = self._ask(build.build_transactions(since, until, page))
            found += data.get("transaction_details") or []
            account = words(data.get("account_number"))
            pages, page = int(data.get("total_pages") or 1), page + 1
        document = {
            "account_number": account, "start_date": build.utc_text(since), "end_date": build.utc_text(until),
            "transaction_details": found,
        }  # fmt: skip
        return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()

    def _ask(self, call: Call) -> Mapping[str, Any]:
        return self.client.call(call).data or {}
