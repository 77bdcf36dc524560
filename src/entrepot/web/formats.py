"""Figures as a trader reads them: money in its own minor units, grams as kilograms, ppm as percent, dates."""

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources

from django.utils import formats, timezone
from django.utils.translation import get_language

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
USUAL_MINOR_UNITS = 2


@lru_cache(maxsize=1)
def _minor_units() -> dict[str, int]:
    """ISO 4217's number of decimals by currency, from the table that the ledger ships."""
    table = resources.files("entrepot.domains.ledger") / "data" / "currencies.csv"
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {row["currency"]: int(row["minor_units"] or 0) for row in rows}


def minor_units(currency: str) -> int:
    """Decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _minor_units().get(currency, USUAL_MINOR_UNITS)


def amount(minor: int | None, currency: str) -> str:
    """`-123456`, EUR → `−1,234.56`, without the currency (for columns whose head names it)."""
    if minor is None:
        return NOTHING
    digits = minor_units(currency)
    major = Decimal(abs(int(minor))).scaleb(-digits)
    return f"{MINUS if minor < 0 else ''}{major:,.{digits}f}"


def money(minor: int | None, currency: str) -> str:
    """`1234567`, USD → `12,345.67 USD`; a no-break space keeps them together."""
    return NOTHING if minor is None else f"{amount(minor, currency)}\N{NO-BREAK SPACE}{currency}"


def money_short(minor: int | None, currency: str) -> str:
    """For cards: no decimals from 1,000 on; from a million on in m, in Chinese in 万 and 亿."""
    if minor is None:
        return NOTHING
    major = Decimal(abs(int(minor))).scaleb(-minor_units(currency))
    if major < 1_000:
        return money(minor, currency)
    sign = MINUS if minor < 0 else ""
    return f"{sign}{_rounded(major)}\N{NO-BREAK SPACE}{currency}"


def _rounded(number: Decimal) -> str:
    if number < 1_000_000:
        return f"{number:,.0f}"
    if (get_language() or "").startswith("zh"):
        hundred_millions = number >= 100_000_000
        unit, name = (100_000_000, "亿") if hundred_millions else (10_000, "万")
        return f"{number / unit:,.{2 if hundred_millions else 1}f}\N{NO-BREAK SPACE}{name}"
    return f"{number / 1_000_000:,.{0 if number >= 1_000_000_000 else 2}f}m"


def percent(ppm: int | None, digits: int = 1) -> str:
    """`125000` → `12.5 %`."""
    if ppm is None:
        return NOTHING
    value = Decimal(int(ppm)) / 10_000
    return f"{MINUS if value < 0 else ''}{abs(value):,.{digits}f}\N{NO-BREAK SPACE}%"


def weight(grams: int | None) -> str:
    """`850` → `850 g`; `12500` → `12.5 kg`."""
    if grams is None:
        return NOTHING
    if abs(grams) < 1_000:
        return f"{grams:,d}\N{NO-BREAK SPACE}g"
    return f"{(Decimal(grams) / 1_000).quantize(Decimal('0.01')).normalize():,f}\N{NO-BREAK SPACE}kg"


def whole(number: int | None) -> str:
    """`-1234567` → `−1,234,567`."""
    return NOTHING if number is None else f"{number:,d}".replace("-", MINUS)


def day(moment: date | datetime | None) -> str:
    """`9 Mar 2026`, in Chinese `2026年3月9日`; an instant is shown as the company's day."""
    if moment is None:
        return NOTHING
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return formats.date_format(moment, "Y年n月j日" if _is_chinese() else "j M Y")


def instant(moment: datetime | None) -> str:
    """Day and minute, in the company's time zone."""
    if moment is None:
        return NOTHING
    local = timezone.localtime(moment)
    return f"{day(local)} {local:%H:%M}"


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
