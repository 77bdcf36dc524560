"""Goods codes as tariffs print them."""

from __future__ import annotations

import re

GROUPS = (2, 4, 6, 8, 10)
DOTTED = re.compile(r"\d{4}(\.\d{2}(\.\d{2}(\.\d{2})?)?)?")


class BadCode(ValueError):
    """A goods code that cannot be one; the first argument names the reason."""


def goods_code(text: str, *, dotted: bool = False) -> str:
    """The digits of a printed code, such as 6109.10.00; `dotted` insists on the dots of the US schedule.

    Units: 2, 4, 6, 8 or 10 digits.
    Errors: BadCode with `length` (an odd number of digits: a leading zero was lost), `dots` or `characters`.
    """
    text = text.strip()
    digits = text.replace(".", "").replace(" ", "")
    if not digits.isdecimal() or not digits.isascii():
        raise BadCode("characters")
    if len(digits) not in GROUPS or (dotted and len(digits) == GROUPS[0]):
        raise BadCode("length")
    if dotted and not DOTTED.fullmatch(text):
        raise BadCode("dots")
    return digits
