"""Facts of a month as frames, read from the records of the rooms below, and as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import polars as pl
from django.db import connection

from entrepot.core.frames import Frame
from entrepot.domains.insight.frames import books, lines, stock
from entrepot.domains.insight.rules.facts import LINES, POSTINGS, SHIPMENTS, STOCK, SUMS

cube = lines.cube


@dataclass(frozen=True)
class Fact:
    """How a fact is read: the query of all its rows (with the column `month`), and what is made of a month's rows."""

    query: str
    read: Callable[[date, date], Frame]


SOURCES: dict[str, Fact] = {
    LINES: Fact(lines.QUERY, lines.read_month),
    POSTINGS: Fact(books.POSTINGS_QUERY, books.read_postings),
    SHIPMENTS: Fact(books.SHIPMENTS_QUERY, books.read_shipments),
}


def fingerprints(fact: str, today: date) -> dict[str, str]:
    """A fingerprint of the records of each month of a fact; it changes exactly when some row of the month does."""
    if fact == STOCK:
        return stock.fingerprints(today)
    query = (
        f"SELECT month, count(*), bit_xor(hash_record_extended(fact, 0)) FROM ({SOURCES[fact].query}) AS fact "
        "GROUP BY month ORDER BY month"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {
            month.isoformat(): f"{rows}:{mixed & 0xFFFF_FFFF_FFFF_FFFF:016x}" for month, rows, mixed in cursor
        }


class Reader:
    """Months of facts read one after the other; what one month leaves to the next is kept between them."""

    def __init__(self, today: date) -> None:
        self.stock = stock.StockBook(today)

    def read_month(self, fact: str, month: str) -> Frame:
        """All rows of a month of a fact, in the order of their keys."""
        first = date.fromisoformat(month)
        if fact == STOCK:
            return self.stock.read_month(first)
        return SOURCES[fact].read(first, next_month(first))


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (
        first.replace(year=first.year + 1, month=1)
        if first.month == 12
        else first.replace(month=first.month + 1)
    )


def as_parquet(frame: Frame) -> bytes:
    """The frame as Parquet; equal frames give equal bytes."""
    buffer = BytesIO()
    frame.write_parquet(
        buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=122_880
    )
    return buffer.getvalue()


def sums_of(frame: Frame) -> dict[str, int]:
    """The sum of every column that can be added up."""
    names = [name for name in frame.columns if name.endswith("_minor") or name in SUMS or name in _OTHERS]
    return {name: int(total or 0) for name, total in zip(names, _totals(frame, names), strict=True)}


_OTHERS = ("on_hand", "parcels", "weight_g", "chargeable_g")


def _totals(frame: Frame, names: Sequence[str]) -> Sequence[Any]:
    return frame.select(pl.col(names).sum()).row(0) if names else ()
