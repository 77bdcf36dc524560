"""Words of the API: money, days, codes, and the two kinds of schema (what is given, what is shown).

Texts never hold control characters (a database refuses them), numbers never come as texts, days and instants only in
the forms of RFC 3339.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, Strict

BIGGEST_ID = 2**63 - 1
BIGGEST_AMOUNT = 9_999_999_999
PLAIN = r"^[^\x00-\x1f\x7f\ud800-\udfff]*$"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
EARLIEST, LATEST = 1970, 2200


def _plain(value: Any) -> Any:
    """Refuse what no database can keep."""
    if isinstance(value, str) and any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in value):
        raise ValueError("control characters are not allowed")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("a day looks like 2026-11-22")
    return date.fromisoformat(value)


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise ValueError("an instant looks like 2026-11-22T08:30:00Z")
    moment = datetime.fromisoformat(value.upper())
    if not EARLIEST <= moment.year <= LATEST:
        raise ValueError(f"the year must be between {EARLIEST} and {LATEST}")
    return moment.astimezone(UTC)


Word = Annotated[str, BeforeValidator(_plain), Field(max_length=200, json_schema_extra={"pattern": PLAIN})]
Line = Annotated[str, BeforeValidator(_plain), Field(max_length=2_000, json_schema_extra={"pattern": PLAIN})]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]
Amount = Annotated[int, Strict(), Field(ge=0, le=BIGGEST_AMOUNT)]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$", min_length=2, max_length=2)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$", min_length=3, max_length=3)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), str, when_used="json"),
]


class Shown(Schema):
    """What an operation answers."""


class Given(Schema):
    """What a caller sends: unknown fields are refused, so that a slip of the pen is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Money(Shown):
    """An amount in minor units of its currency: 1999 EUR are 19.99 euro, 1999 JPY are 1999 yen."""

    minor: int
    currency: str


def money(minor: int | None, currency: str | None) -> Money | None:
    """The amount with its currency; None where either is unknown."""
    return None if minor is None or not currency else Money(minor=minor, currency=currency)
