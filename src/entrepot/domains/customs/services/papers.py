"""Papers of shipments as PDF and as data, all drawn from one object of facts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from entrepot.domains.customs.adapters.papers import PaperPrinter
from entrepot.domains.customs.rules import papers as rules
from entrepot.domains.customs.rules.numbers import s10
from entrepot.domains.customs.rules.papers import Item, Limits, Papers, Party

ORIGIN_COLUMNS = (
    "item_number", "description", "goods_code", "origin", "quantity", "net_mass_kg", "value", "currency",
)  # fmt: skip
__all__ = ["Item", "Limits", "Papers", "Party", "postal_item_id", "print_papers"]


class PapersIncomplete(ValueError):
    """A shipment whose papers lack something: `missing` says what."""

    def __init__(self, number: str, missing: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{number}: {', '.join(f'{code} {where}'.strip() for code, where in missing)}")
        self.missing = list(missing)


@lru_cache(maxsize=1)
def _printer() -> PaperPrinter:
    """Fonts and template, read once for this process."""
    return PaperPrinter()


def print_papers(shipments: Sequence[Papers], kinds: Sequence[str] = ()) -> bytes:
    """One PDF of some shipments' papers; `kinds` names documents, else all that each shipment needs.

    Errors: PapersIncomplete for the first shipment that lacks something.
    """
    for one in shipments:
        require_complete(one)
    return _printer().pdf(shipments, kinds)


def preview(one: Papers, kind: str) -> bytes:
    """The first page of a document as a picture (PNG)."""
    require_complete(one)
    return _printer().picture(one, kind)


def require_complete(one: Papers) -> None:
    """Errors: PapersIncomplete when the shipment may not leave yet."""
    if wanting := rules.missing(one):
        raise PapersIncomplete(one.number, wanting)


def documents_of(one: Papers) -> tuple[str, ...]:
    """Documents a shipment needs."""
    return rules.kinds_of(one)


def data_sets_of(one: Papers) -> tuple[str, ...]:
    """Data sets a shipment needs: H7 where it fits, data for a certificate of origin across any border."""
    found = ("h7",) if rules.needs_h7(one) else ()
    return (*found, "origin") if one.is_border_crossed else found


def missing_of(one: Papers) -> list[tuple[str, str]]:
    """What is wanting: (code, where)."""
    return rules.missing(one)


def assumed_of(one: Papers) -> list[tuple[int, str]]:
    """Lines whose facts are assumptions of their category."""
    return rules.assumed(one)


def data_set(one: Papers, name: str) -> dict[str, Any]:
    """A data set by name: h7 or origin.

    Errors: PapersIncomplete; KeyError when there is no such set.
    """
    require_complete(one)
    return {"h7": rules.h7, "origin": rules.origin_data}[name](one)


def origin_csv(one: Papers) -> str:
    """The lines of the certificate-of-origin data as CSV."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, ORIGIN_COLUMNS)
    writer.writeheader()
    writer.writerows(data_set(one, "origin")["items"])
    return buffer.getvalue()


def postal_item_id(serial: int, country: str) -> str:
    """The registered item id (S10) of a serial number: RR, eight digits, check digit, country."""
    return s10("RR", serial % 100_000_000, country)


def in_parts(total: int, weights: list[int]) -> list[int]:
    """A total in whole parts by weights; the parts add up to it."""
    return rules.shared(total, weights)
