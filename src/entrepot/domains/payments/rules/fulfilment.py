"""Fees of a marketplace's own warehouses: the surcharge on its fulfilment fee, and stock that lies too long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

PPM = 1_000_000
SURCHARGE, AGED = "fuel_surcharge", "aged_inventory"


@dataclass(frozen=True)
class FulfilmentFee:
    """A dated row: a share of the fulfilment fee, or an amount by cubic foot and by unit for stock of some age."""

    programme: str
    fee: str
    over_days: int
    to_days: int | None
    rate_ppm: int
    per_ft3_minor: int
    per_unit_minor: int
    currency: str
    valid_from: date
    valid_to: date | None
    source: str
    status: str

    def holds(self, programme: str, fee: str, on: date) -> bool:
        """Whether the row is of this fee and in force on a day."""
        ended = self.valid_to is not None and on > self.valid_to
        return (self.programme, self.fee) == (programme, fee) and self.valid_from <= on and not ended


def fuel_surcharge(rows: Iterable[FulfilmentFee], fee_minor: int, programme: str, on: date) -> int:
    """The surcharge on a fulfilment fee on a day, in its minor units, half-up; zero before it began."""
    rate = sum(row.rate_ppm for row in rows if row.holds(programme, SURCHARGE, on))
    return _half_up(Fraction(fee_minor * rate, PPM))


def aged_fee(rows: Iterable[FulfilmentFee], days: int, cubic_feet: Fraction, units: int, on: date) -> int:
    """What stock of an age costs at the monthly snapshot: the greater of the amounts by cubic foot and by unit.

    Units: minor units, half-up once. Days up to and including the end of a band; nothing below the first band.
    """
    for row in rows:
        if (
            row.holds("FBA", AGED, on)
            and row.over_days < days
            and (row.to_days is None or days <= row.to_days)
        ):
            return max(_half_up(cubic_feet * row.per_ft3_minor), row.per_unit_minor * units)
    return 0


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
