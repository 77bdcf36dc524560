"""What a list is made of: its columns, read from its rows; amounts in major units, exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from entrepot.core.company import base_currency
from entrepot.core.exports import CHUNK
from entrepot.domains.ledger import queries as ledger
from entrepot.kernel.money import to_major

Digits = Mapping[str, int]
Column = tuple[str | Promise, str | Callable[[Any, Digits], Any]]


@dataclass(frozen=True)
class List:
    """One list: its name in addresses, its title, who may take it away, its columns and its rows."""

    name: str
    title: str | Promise
    permission: str
    columns: tuple[Column, ...]
    rows: Callable[[QueryDict], QuerySet[Any]]

    def table(self, query: QueryDict) -> Iterator[list[Any]]:
        """Head and rows; amounts in major units, exact."""
        digits = ledger.minor_units_by_currency()
        yield [str(label) for label, _cell in self.columns]
        cells = [_reader(cell) for _label, cell in self.columns]
        for row in self.rows(query).iterator(chunk_size=CHUNK):
            yield [cell(row, digits) for cell in cells]


def _reader(cell: str | Callable[[Any, Digits], Any]) -> Callable[[Any, Digits], Any]:
    if callable(cell):
        return cell
    read = attrgetter(cell)
    return lambda row, digits: read(row)


def money(amount: str, currency: str) -> Callable[[Any, Digits], Any]:
    """An amount of minor units with its currency beside it."""
    read, code = attrgetter(amount), attrgetter(currency)

    def cell(row: Any, digits: Digits) -> Any:
        minor = read(row)
        return None if minor is None else to_major(minor, digits.get(code(row) or "", 2))

    return cell


def books(amount: str) -> Callable[[Any, Digits], Any]:
    """An amount in the currency of the books."""
    read = attrgetter(amount)

    def cell(row: Any, digits: Digits) -> Any:
        minor = read(row)
        return None if minor is None else to_major(minor, digits.get(base_currency(), 2))

    return cell


def joined(name: str) -> Callable[[Any, Digits], Any]:
    read = attrgetter(name)
    return lambda row, digits: " ".join(read(row) or ())


def text(name: str) -> Callable[[Any, Digits], Any]:
    read = attrgetter(name)
    return lambda row, digits: "" if read(row) is None else str(read(row))
