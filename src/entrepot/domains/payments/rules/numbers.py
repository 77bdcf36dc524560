"""Numbers of accounts and cards: whether they can be right, and how a card may be shown."""

from __future__ import annotations

import re

from stdnum import bic, iban, luhn

PAN = re.compile(r"\d{12,19}")
FIRST, LAST = 6, 4


def is_iban(text: str) -> bool:
    """Whether an account number has its country's length and its check digits are right (modulo 97)."""
    return bool(iban.is_valid(text))


def is_bic(text: str) -> bool:
    """Whether a bank code is written as it must be: four letters, a country, two places, three more or none."""
    return bool(bic.is_valid(text))


def is_card_number(text: str) -> bool:
    """Whether digits could be a card's (Luhn). For checking what a buyer types; a card number is never kept."""
    digits = re.sub(r"[ -]", "", text)
    return bool(PAN.fullmatch(digits)) and bool(luhn.is_valid(digits))


def masked(text: str) -> str:
    """A card number as it may be shown: the first six and the last four digits. Errors: ValueError for none."""
    digits = re.sub(r"[ -]", "", text)
    if not PAN.fullmatch(digits):
        raise ValueError("not a card number")
    return digits[:FIRST] + "*" * (len(digits) - FIRST - LAST) + digits[-LAST:]
