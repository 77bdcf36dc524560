"""Exact money for single values: minor units, rounding by name, fair shares."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

PPM = 1_000_000
ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}


class MoneyError(ValueError):
    """A text that is no amount, or an amount finer than its currency allows."""


def to_minor(amount: str | Decimal | int, minor_units: int, rounding: str = "half_up") -> int:
    """The amount in minor units: `to_minor("1.005", 2)` is 101.

    Units: amount in major units; result in minor units (10**-minor_units).
    Errors: MoneyError for text that is not a finite number. Rounding: half_up, half_even or truncate.
    """
    try:
        value = Decimal(str(amount))
    except InvalidOperation as error:
        raise MoneyError(f"not an amount: {amount!r}") from error
    if not value.is_finite():
        raise MoneyError(f"not a finite amount: {amount!r}")
    return int(value.scaleb(minor_units).to_integral_value(ROUNDINGS[rounding]))


def to_major(minor: int, minor_units: int) -> Decimal:
    """Minor units as an exact decimal of major units: `to_major(1999, 2)` is 19.99."""
    return Decimal(minor).scaleb(-minor_units)


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount split in proportion to the weights, to the last minor unit.

    Cumulative half-up rounding: the first k shares sum to the rounded k-th part, so the shares always add up.
    Zero weights share equally. Errors: MoneyError for a negative weight; no weights give no shares.
    """
    if any(weight < 0 for weight in weights):
        raise MoneyError("a weight is negative")
    if not weights:
        return []
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    shares, passed, given = [], 0, 0
    for weight in weights:
        passed += weight
        upto = (2 * size * passed + total) // (2 * total)
        shares.append(sign * (upto - given))
        given = upto
    return shares


def percent_off(amounts: Sequence[int], rate_ppm: int, per: str = "line") -> list[int]:
    """What a discount of so many parts per million takes off each amount.

    `per` is the declared setting: `line` rounds on every amount, `sum` once on the sum and shares that out, so that
    the parts of ten per cent off 1.06, 2.06, 3.06 and 4.06 are 1.04 or 1.02 together. Rounded half-up; never more
    than the amount. Errors: MoneyError for a rate outside 0 to 100 % or another setting.
    """
    if not 0 <= rate_ppm <= PPM:
        raise MoneyError("a discount is between nothing and the whole")
    if per == "line":
        return [_half_up(amount * rate_ppm, PPM) for amount in amounts]
    if per == "sum":
        return share(_half_up(sum(amounts) * rate_ppm, PPM), amounts)
    raise MoneyError(f"a discount is rounded per line or sum, not per {per}")


def _half_up(numerator: int, denominator: int) -> int:
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size
