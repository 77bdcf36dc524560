"""What every rate file is read into: bands, lanes, services, and findings about single rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

POUND_E5, GRAM_E5 = 45_359_237, 100_000


@dataclass(frozen=True)
class Finding:
    """Something wrong with a row: which field and value; `is_used` says whether the row is used all the same."""

    row: int
    field: str
    value: str
    code: str
    is_used: bool = False


@dataclass(frozen=True)
class Band:
    """One price: a weight up to `to_g` in a zone of a service from a day on; no `over_g` where the file has none."""

    row: int
    service: str
    zone: str
    over_g: int | None
    to_g: int
    price_minor: int
    valid_from: date


@dataclass(frozen=True)
class Reach:
    """A zone goes from a country to a country, in so many days (None: the file does not say)."""

    row: int
    service: str
    zone: str
    ship_from: str
    dest_country: str
    days: tuple[int, int] | None = None


@dataclass
class Offer:
    """A service as far as the file describes it."""

    service: str
    name: str
    carrier: str
    currency: str
    kind: str = "line"
    mode: str = "courier"
    max_g: int = 0
    max_side_mm: int = 0
    tracked: bool = True


@dataclass
class Cards:
    """A whole file: rows read, services by code, bands, reaches and findings."""

    rows: int = 0
    offers: dict[str, Offer] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    reaches: list[Reach] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    source: str = ""
    ends: dict[str, list[date]] = field(default_factory=dict)

    def refuse(self, row: int, name: str, value: str, code: str) -> None:
        """A row that cannot be used."""
        self.findings.append(Finding(row, name, value, code))

    def note(self, row: int, name: str, value: str, code: str) -> None:
        """A row that is used, with a doubt."""
        self.findings.append(Finding(row, name, value, code, is_used=True))


def number(text: str) -> Decimal | None:
    """A number with a decimal point or comma, None where it is none or where it is not clear which: `1,250`."""
    plain = re.sub(r"[\s\u00a0'’]|^[¥￥$€£]|[¥￥$€£]$", "", text.strip())
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", plain):
        return None
    if plain.rfind(".") > plain.rfind(",") or plain.count(",") > 1:
        plain = plain.replace(",", "")
    else:
        plain = plain.replace(".", "").replace(",", ".") if "," in plain else plain
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def grams(weight: Decimal, unit: str) -> int:
    """A weight in g; pounds are rounded half-up, as the engine rounds a billed pound.

    Errors: KeyError for another unit than kg, g, lb, oz.
    """
    exact = {"kg": Decimal(1000), "g": Decimal(1), "lb": Decimal(POUND_E5) / GRAM_E5}
    exact["oz"] = exact["lb"] / 16
    return int((weight * exact[unit.lower()] * 2 + 1) // 2)


def minor(amount: Decimal, digits: int) -> int | None:
    """An amount in minor units; None where it has more decimals than the currency."""
    scaled = amount.scaleb(digits)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def days(text: str) -> tuple[int, int] | None:
    """`3`, `3-5` or `7 – 21` days; None where it says nothing."""
    parts = [part.strip() for part in text.replace("–", "-").split("-")]
    if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 2:
        return None
    found = [int(part) for part in parts]
    return min(found), max(found)
