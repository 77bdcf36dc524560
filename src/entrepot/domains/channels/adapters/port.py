"""The port: what every connector can do, and the few shapes it speaks in.

A connector is made for one account and used for one exchange. It reads streams page by page, each page with the cursor
that leads on, and it sends one message at a time. Its requests are built and its answers read by pure functions
(`build_*`, `parse_*`) beside it; HTTP is done by the one client in `client.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from entrepot.domains.channels.adapters.client import Client
from entrepot.domains.channels.rules import IncomingOrder

Cursor = Mapping[str, Any]
Json = Any


@dataclass(frozen=True)
class Refusal:
    """One record of an answer that could not be read: its number where it is known, why, and the record whole."""

    external_id: str
    reason: str
    detail: str
    record: Json


@dataclass(frozen=True)
class Page:
    """Orders of one answer, what of it could not be read, and the cursor to save once they are booked."""

    orders: tuple[IncomingOrder, ...]
    refused: tuple[Refusal, ...]
    cursor: Cursor


@dataclass(frozen=True)
class Listing:
    """An article as the channel lists it. `data`: the channel's own ids, needed to change it."""

    external_id: str
    sku: str
    title: str = ""
    price_minor: int | None = None
    currency: str = ""
    quantity: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ListingPage:
    """Listings of one answer, and the cursor that leads on; the last page has an empty one."""

    listings: tuple[Listing, ...]
    cursor: Cursor


@dataclass(frozen=True)
class Statement:
    """One settlement or payout file of the channel: its number, its kind and its content as it was."""

    external_id: str
    kind: str
    created_at: str
    content: bytes


@dataclass(frozen=True)
class Outgoing:
    """A message for the channel. `kind`: tracking, stock, price; `key` is the same whenever the same thing is said."""

    kind: str
    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the channel said to a message: its own number of what was made, and which parts it refused (sku → why)."""

    external_id: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    pending: bool = False


class NotOffered(RuntimeError):
    """The platform has no such thing by its API: names it."""


class Connector(Protocol):
    """What an account's connector does. Errors of all: those of `client.py`."""

    client: Client

    def identify(self) -> str:
        """Who the platform takes us for: the name of the shop or seller. For the connection test."""

    def orders(self, cursor: Cursor) -> Iterator[Page]:
        """Orders changed since the cursor, page by page, until the moment the call began."""

    def order(self, external_id: str) -> Page:
        """One order as it stands now."""

    def listings(self, cursor: Cursor) -> Iterator[ListingPage]:
        """Everything the account lists, page by page."""

    def statements(self, cursor: Cursor) -> Iterator[tuple[Statement, Cursor]]:
        """Settlements or payouts since the cursor, each with the cursor to save once it is kept."""

    def send(self, message: Outgoing) -> Answer:
        """Tell the channel; `Unsure` is raised when nobody knows whether it heard.

        What a platform would do twice is looked for before it is sent, so that a message may be sent again.
        """

    def result(self, message: Outgoing, external_id: str) -> Answer:
        """What became of a message the channel took in but had not worked on yet (`Answer.pending`)."""


Parse = Callable[[Json], IncomingOrder]


def parse_records(
    records: Sequence[Json], parse: Parse, name: Callable[[Json], str]
) -> tuple[tuple[IncomingOrder, ...], tuple[Refusal, ...]]:
    """Read records one by one: a bad one is refused with its reason and stops no other."""
    from entrepot.domains.channels.adapters.reading import Unreadable

    orders, refused = list[IncomingOrder](), list[Refusal]()
    for record in records:
        try:
            orders.append(parse(record))
        except Unreadable as error:
            refused.append(Refusal(_named(record, name), error.reason, error.detail, record))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            detail = f"{type(error).__name__}: {error}"
            refused.append(Refusal(_named(record, name), "record.unreadable", detail[:200], record))
    return tuple(orders), tuple(refused)


def _named(record: Json, name: Callable[[Json], str]) -> str:
    try:
        return name(record)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return ""


@dataclass(frozen=True)
class Window:
    """Part of a stream by time of change, closed in the past, read page by page. `token`: the next page's name."""

    since: datetime
    until: datetime
    token: str = ""
    total: int | None = None

    @classmethod
    def of(cls, cursor: Cursor, *, first: datetime, now: datetime) -> Window:
        """The window a cursor is in the middle of, or the next one up to now."""
        since = datetime.fromisoformat(cursor["since"]) if cursor.get("since") else first
        if cursor.get("until"):
            return cls(
                since, datetime.fromisoformat(cursor["until"]), cursor.get("token", ""), cursor.get("total")
            )
        return cls(since, max(now, since))

    def cursor(self, token: str, total: int | None = None) -> Cursor:
        """The cursor to save when another page follows."""
        return {
            "since": self.since.isoformat(), "until": self.until.isoformat(), "token": token, "total": total,
        }  # fmt: skip

    def restarted(self) -> Window:
        """The same window from its first page."""
        return Window(self.since, self.until)
