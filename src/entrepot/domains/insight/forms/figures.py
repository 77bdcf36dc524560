"""A measure as the reader sees it, and as a cell of a file."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from entrepot.domains.insight.rules.pivot import MEASURES
from entrepot.kernel.money import to_major

MINUS, NOTHING, SPACE = "\N{MINUS SIGN}", "\N{EN DASH}", "\N{NO-BREAK SPACE}"


def shown(name: str, value: int | None, digits: int, *, whole: bool = False) -> str:
    """A measure in words: money without its currency, without decimals where all are whole; shares in per cent."""
    if whole and value is not None and MEASURES[name][0] == "money":
        return f"{MINUS if value <= -(10**digits) // 2 else ''}{to_major(abs(value), digits):,.0f}"
    return figure(MEASURES[name][0], value, digits)


def figure(unit: str, value: int | None, digits: int, currency: str = "") -> str:
    """A value of a unit in words; the currency beside money where it is given."""
    if value is None:
        return NOTHING
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if unit == "ppm":
        return f"{sign}{Decimal(size) / 10_000:,.1f}{SPACE}%"
    if unit == "days_e1":
        return _("%(n)s days") % {"n": f"{sign}{Decimal(size) / 10:,.1f}"}
    if unit == "money":
        major = to_major(size, digits)
        text = f"{major:,.0f}" if major >= 1_000 or digits == 0 else f"{major:,.{digits}f}"
        return f"{sign}{text}{SPACE}{currency}" if currency else f"{sign}{text}"
    return f"{sign}{size:,d}"


def cell(unit: str, value: int | None, digits: int) -> Decimal | int | None:
    """A value of a unit for a file: money in major units, shares as shares of one, exact."""
    if value is None or unit == "count":
        return value
    if unit == "money":
        return to_major(value, digits)
    return Decimal(value).scaleb(-6 if unit == "ppm" else -1)
