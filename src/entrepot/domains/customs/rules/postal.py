"""Postal declarations: which form a packet needs."""

from __future__ import annotations

from fractions import Fraction

SMALL, FULL = "CN22", "CN23"


def postal_form(
    value: Fraction, weight_g: Fraction, *, limit: int, limit_g: int, is_parcel: bool = False
) -> str:
    """CN22 for letter post up to both limits, which are inside; CN23 above either, and for every parcel.

    Units: value and limit in one currency (the limit is 300 special drawing rights), grams.
    Errors: ValueError for a negative value or weight.
    """
    if value < 0 or weight_g < 0:
        raise ValueError("value and weight are not negative")
    small = not is_parcel and value <= limit and weight_g <= limit_g
    return SMALL if small else FULL
