"""Numbers that papers carry: postal item ids, IOSS and EORI numbers; whether they are written as they must be."""

from __future__ import annotations

import re

S10 = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
IOSS = re.compile(r"IM\d{10}")
EORI = re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}")


def s10_check_digit(serial: str) -> int:
    """The check digit of a postal item's eight digits (UPU S10): weights 8 6 4 2 3 5 9 7, modulo 11.

    Errors: ValueError when the serial is not eight digits.
    """
    if not re.fullmatch(r"\d{8}", serial):
        raise ValueError("a serial number has eight digits")
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def s10(service: str, serial: int, country: str) -> str:
    """A postal item id: service indicator, serial number, check digit, country.

    Errors: ValueError when a part is not written as it must be.
    """
    number = f"{serial:08}"
    found = f"{service}{number}{s10_check_digit(number)}{country}"
    if not is_s10(found):
        raise ValueError(f"{found} is no postal item id")
    return found


def is_s10(text: str) -> bool:
    """Whether a postal item id is complete and its check digit right."""
    found = S10.fullmatch(text)
    return found is not None and s10_check_digit(found[2]) == int(found[3])


def is_ioss(text: str) -> bool:
    """Whether an IOSS number is written as it must be: IM and ten digits. Its check digit is not public."""
    return bool(IOSS.fullmatch(text))


def is_eori(text: str) -> bool:
    """Whether an EORI number is written as it must be: a country and at most fifteen letters or digits."""
    return bool(EORI.fullmatch(text))
