"""Plain rules of ways: whether a postcode is on a carrier's list of remote areas."""

from __future__ import annotations

import re

BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}")
DISTRICT = re.compile(r"([A-Z]+)(\d+)")


def postcode_text(postcode: str) -> str:
    """A postcode as lists are compared with it: capitals and digits only; of a British one the outward part."""
    text = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    british = BRITISH.fullmatch(text)
    return british.group(1) if british else text


def is_between(postcode: str, first: str, last: str) -> bool:
    """Whether a postcode (`postcode_text`) lies in a range, both ends included.

    Ranges of districts (`KW15` to `KW17`) compare the letters and the number; others as many characters as the first
    end has, as text. A postcode shorter than the range is outside.
    """
    start, end, own = DISTRICT.fullmatch(first), DISTRICT.fullmatch(last), DISTRICT.match(postcode)
    if start and end and own and len(start.group(1)) < len(first):
        same = start.group(1) == end.group(1) == own.group(1)
        return same and int(start.group(2)) <= int(own.group(2)) <= int(end.group(2))
    return len(postcode) >= len(first) and first <= postcode[: len(first)] <= last
