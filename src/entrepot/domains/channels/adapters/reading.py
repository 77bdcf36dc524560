"""Reading what platforms answer: amounts, dates and texts, each refused with its reason and place when it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any


class Unreadable(ValueError):
    """A part of an answer that is not as it should be: `reason` a dotted code, `field` its place, `value` as it was."""

    def __init__(self, reason: str, field: str = "", value: object = "") -> None:
        self.detail = f"{field}={str(value)[:200]!r}" if field else ""
        super().__init__(f"{reason} {self.detail}".strip())
        self.reason, self.field, self.value = reason, field, str(value)[:200]


@dataclass(frozen=True)
class MoneyReader:
    """Reads a platform's amounts: how many decimals each currency has."""

    minor_units: Mapping[str, int]

    def minor(self, amount: Any, currency: str, field: str) -> int:
        """The amount in minor units, exact. Errors: Unreadable (no amount, unknown currency, too fine an amount)."""
        value, decimals = decimal_of(amount, field), self.decimals(currency)
        scaled = value.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise Unreadable("amount.too_fine", field, amount)
        return int(scaled)

    def rounded(self, amount: Any, currency: str, field: str) -> int:
        """The same, rounded half-up where a platform keeps more decimals than the currency has."""
        value, decimals = decimal_of(amount, field), self.decimals(currency)
        return int(value.scaleb(decimals).to_integral_value("ROUND_HALF_UP"))

    def decimals(self, currency: str) -> int:
        """Decimals of a currency. Errors: Unreadable when it is unknown."""
        if currency not in self.minor_units:
            raise Unreadable("currency.unknown", "currency", currency)
        return self.minor_units[currency]


def decimal_of(amount: Any, field: str) -> Decimal:
    """A finite number, as exact as it was written. Errors: Unreadable."""
    if isinstance(amount, bool) or amount is None:
        raise Unreadable("amount.unreadable", field, amount)
    try:
        value = Decimal(str(amount).strip())
    except InvalidOperation:
        raise Unreadable("amount.unreadable", field, amount) from None
    if not value.is_finite():
        raise Unreadable("amount.unreadable", field, amount)
    return value


def unit_e4(amount: Any, field: str) -> int:
    """A unit price in 1/10000 of the major unit, rounded half-up. Errors: Unreadable."""
    return int(decimal_of(amount, field).scaleb(4).to_integral_value("ROUND_HALF_UP"))


def whole(value: Any, field: str) -> int:
    """A whole number of pieces. Errors: Unreadable."""
    try:
        number = decimal_of(value, field)
    except Unreadable:
        raise Unreadable("quantity.unreadable", field, value) from None
    if number != number.to_integral_value():
        raise Unreadable("quantity.unreadable", field, value)
    return int(number)


def moment(text: Any, field: str) -> datetime:
    """An instant with its zone; one written without a zone is refused, `Z` is UTC. Errors: Unreadable."""
    try:
        found = datetime.fromisoformat(str(text).strip())
    except ValueError:
        raise Unreadable("date.unreadable", field, text) from None
    if found.tzinfo is None:
        raise Unreadable("date.no_zone", field, text)
    return found


def words(value: Any) -> str:
    """A text without space around it; nothing for nothing."""
    return str(value).strip() if value is not None else ""


def needed(record: Any, *path: str | int) -> Any:
    """What stands at a place of nested records. Errors: Unreadable naming the place when there is nothing."""
    found = record
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            found = None
        if found is None:
            raise Unreadable("value.missing", ".".join(map(str, path)))
    return found
