"""What reading a file gives: orders, settlements, refunds, and one outcome for every line of the file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from entrepot.domains.channels.adapters.leftover import Leftover
from entrepot.domains.channels.rules import IncomingOrder, IncomingRefund

MEASURES = ("goods", "shipping", "discount", "tax", "total", "refunded")
TAKEN, CANCELLED, DUPLICATE, REJECTED, APART = "orders", "cancelled", "duplicate", "rejected", "apart"
PLACES = (TAKEN, CANCELLED, DUPLICATE, REJECTED, APART)


class FileLine(NamedTuple):
    """One line of the file: what it became, why, and what it is worth. Amount in 1/10000 of the major unit."""

    row_no: int
    outcome: str
    reason: str
    currency: str = ""
    amount_e4: int = 0
    quantity: int = 0
    order_id: str = ""


class Problem(NamedTuple):
    """Why a line cannot be used: row, our name of the field, the value as written, reason."""

    row_no: int
    field: str
    value: str
    reason: str


class SettlementRow(NamedTuple):
    """One line of a settlement, in minor units as the file signs. `kind`: sale, refund, tax, fee, adjustment …"""

    row_no: int
    kind: str
    what: str
    amount_minor: int
    order_id: str
    line_id: str
    sku: str
    quantity: int
    posted_on: date | None


@dataclass(slots=True)
class IncomingSettlement:
    """One payout and the lines it is made of. `total_minor`: what the file says was paid, None if it does not say."""

    key: str
    currency: str
    rows: list[SettlementRow] = field(default_factory=list)
    total_minor: int | None = None
    start_on: date | None = None
    end_on: date | None = None
    paid_on: date | None = None

    @property
    def sum_minor(self) -> int:
        """What the lines add up to, without the transfer itself."""
        return sum(row.amount_minor for row in self.rows if row.kind != "transfer")


@dataclass(slots=True)
class ParsedFile:
    """A file as a whole. `sums`: (currency, measure, place) to amount in 1/10000; each amount stands in one place.

    `file_sums`: (currency, measure) as added up from the cells alone, before anything is made of them. `items` are
    lines of orders whose heads stand in another file.
    """

    kind: str
    platform: str
    holds: str
    encoding: str = ""
    delimiter: str = ""
    sales_channel: str = ""
    currency: str = ""
    lines: list[FileLine] = field(default_factory=list)
    orders: list[IncomingOrder] = field(default_factory=list)
    items: list[IncomingOrder] = field(default_factory=list)
    refunds: list[IncomingRefund] = field(default_factory=list)
    settlements: list[IncomingSettlement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sums: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    file_sums: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    notes: list[tuple[str, str]] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)

    def add(self, currency: str, measure: str, place: str, amount_e4: int) -> None:
        """Put an amount in its place."""
        if amount_e4:
            self.sums[currency, measure, place] += amount_e4
