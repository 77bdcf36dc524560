"""The cells of a recognised table by our names, read once: amounts, dates, states, countries."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from entrepot.domains.channels.adapters.leftover import Leftover, of_cells
from entrepot.domains.channels.adapters.marketplace import values
from entrepot.domains.channels.adapters.marketplace.recognise import Recognised
from entrepot.domains.channels.adapters.tables import countries, table

MONEY = (
    "unit_price", "line_amount", "line_total", "line_shipping", "line_wrap", "line_discount", "line_shipping_discount",
    "line_tax", "line_shipping_tax", "line_wrap_tax", "platform_discount", "order_shipping", "order_tax",
    "order_discount", "shipping_tax", "marketplace_tax", "subtotal", "stated_total", "refunded", "duties", "amount",
    "price_amount", "item_fee_amount", "promotion_amount", "shipment_fee_amount", "order_fee_amount", "direct_amount",
    "misc_fee_amount", "other_fee_amount", "other_amount", "sales", "selling_fees", "fba_fees", "other_sums",
    "row_total",
)  # fmt: skip
E4 = Decimal(10_000)
SAMPLE = 500
Row = list[str]


@dataclass(frozen=True)
class Surroundings:
    """What a file does not say itself: decimals of currencies, known country codes, the account's currency."""

    minor_units: Mapping[str, int] = field(default_factory=dict)
    country_codes: frozenset[str] = frozenset()
    currency: str = ""


class Cells:
    """Reads the cells of one table; every text is understood once and remembered."""

    def __init__(self, found: Recognised, around: Surroundings) -> None:
        self.found, self.around = found, around
        self.columns = found.columns
        self.asked: set[str] = set()
        self.money = [name for name in MONEY if name in self.columns]
        money = [self.peek(row, name) for _n, row in found.rows[:SAMPLE] for name in self.money]
        thirds = around.minor_units.get(self._currency(), 2) > 2
        self.decimal = values.decimal_mark([text for text in money if text], thirds=thirds)
        dates = [self.peek(row, "placed_at") for _n, row in found.rows[:SAMPLE]]
        self.dates = values.day_order(dates, found.kind.dates)
        self._amounts: dict[str, tuple[int, str]] = {}

    def _currency(self) -> str:
        """The currency of the first row that names one, else the account's."""
        named = (self.peek(row, "currency") for _n, row in self.found.rows[:SAMPLE])
        return next((values.currency_code(text) for text in named if text), self.around.currency)

    def currency_of(self, row: Row) -> str:
        """The currency a row names, with its amounts or by itself; else the account's."""
        return values.currency_code(self.peek(row, "currency")) or self.mark(row) or self.around.currency

    def has(self, name: str) -> bool:
        """Whether the file has a column of that name."""
        return name in self.columns

    def text(self, row: Row, name: str) -> str:
        """The first filled cell of a field, as written; its column counts as read."""
        places = self.columns.get(name)
        if places is None:
            return ""
        self.asked.add(name)
        for place in places:
            if cell := row[place]:
                return cell
        return ""

    def peek(self, row: Row, name: str) -> str:
        """The same where only its being there is looked at, and nothing is made of what it says."""
        for place in self.columns.get(name, ()):
            if cell := row[place]:
                return cell
        return ""

    def amount(self, row: Row, name: str) -> int:
        """1/10000 of the major unit; nothing is 0. Errors: values.Unreadable."""
        text = self.text(row, name)
        return self._read(text)[0] if text else 0

    def mark(self, row: Row) -> str:
        """The currency written with the first amount that has one."""
        for name in self.money:
            text = self.peek(row, name)
            if (text and not text[-1:].isdigit()) or text[:1].isalpha() or text[:1] in "$€£¥":
                try:
                    if code := self._read(text)[1]:
                        return self._dollars(code, text)
                except values.Unreadable:
                    continue
        return ""

    def _dollars(self, code: str, text: str) -> str:
        """A bare dollar sign is the account's own dollar."""
        own = self.around.currency
        return own if code == "USD" and text.strip()[:1] == "$" and own.endswith("D") else code

    def _read(self, text: str) -> tuple[int, str]:
        known = self._amounts.get(text)
        if known is None:
            value, currency = values.amount_of(text, self.decimal)
            known = (int(((value or 0) * E4).to_integral_value(ROUND_HALF_UP)), currency)
            self._amounts[text] = known
        return known

    def moment(self, row: Row, name: str) -> datetime | None:
        """A date or moment. Errors: values.Unreadable."""
        text = self.text(row, name)
        return values.moment_of(text, self.dates) if text else None

    def yes(self, row: Row, name: str) -> bool:
        """A yes-or-no column."""
        return self.text(row, name).lower() in ("true", "yes", "1", "y", "ja", "oui", "sí", "si", "是")

    def country(self, row: Row, name: str) -> str:
        """The country's code; '' where it is none we know."""
        return country_of(self.text(row, name), self.around.country_codes)

    def leftovers(self, without: Container[int] = ()) -> list[Leftover]:
        """Columns nothing was made of, and those passed over for others; rows that are mere notes do not count."""
        fields: dict[int, list[tuple[int, ...]]] = {}
        for name in self.asked & self.columns.keys():
            for at, place in enumerate(self.columns[name]):
                fields.setdefault(place, []).append(self.columns[name][:at])
        rows = [row for n, row in self.found.rows if n <= self.found.height and n not in without]
        return of_cells(
            self.found.head,
            (
                (place, (row[place] for row in rows if _unread(row, place, fields.get(place, ()))))
                for place in range(len(self.found.head))
                if () not in fields.get(place, ())
            ),
        )


def _unread(row: Row, place: int, fields: Sequence[tuple[int, ...]]) -> bool:
    """Whether a cell was passed over: another one before it said something else of each field it may mean."""
    text = row[place]
    return bool(text) and all(
        next((row[other] for other in before if row[other]), text) != text for before in fields
    )


def country_of(text: str, codes: frozenset[str]) -> str:
    """The code of a country as sellers write it, in many languages; '' where it is none."""
    text = text.strip()
    if len(text) == 2 and (not codes or text.upper() in codes):
        return text.upper()
    return _names().get(text.lower(), "")


@cache
def _names() -> dict[str, str]:
    return dict(countries().select("name", "country").iter_rows())


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str, str]]:
    rows = table("file_states").iter_rows()
    return [(platform, re.compile(pattern), state, seen) for platform, pattern, state, seen in rows]


@cache
def state_of(platform: str, written: str) -> tuple[str, str]:
    """What a platform's word for a state means: ours (new, pending, cancelled) and how the channel sees the order.

    Source: data/file_states.csv, the platform's own rows before the general ones, each in its order.
    """
    text = written.strip().lower()
    for own in (platform, ""):
        for of, pattern, state, seen in _patterns():
            if of == own and pattern.search(text):
                return state, seen
    return "new", "paid"


@cache
def sales_channel(name: str) -> str:
    """Our channel of a marketplace's web address (`Amazon.de`); '' where we have none."""
    known = dict(table("sales_channels").iter_rows())
    return str(known.get(name.strip().lower(), ""))


def to_minor(amount_e4: int, minor_units: int) -> int:
    """Whole minor units, half-up."""
    step = 10 ** (4 - min(minor_units, 4))
    size = (abs(amount_e4) * 2 + step) // (2 * step)
    return size if amount_e4 >= 0 else -size
