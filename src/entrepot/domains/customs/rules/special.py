"""The special column of the US tariff: which programme gives which rate."""

from __future__ import annotations

import re
from dataclasses import dataclass

GROUP = re.compile(r"\s*(.*?)\s*\(\s*([A-Z]{1,2}[+*]?\s*(?:[,.\s]+\s*[A-Z]{1,2}[+*]?\s*)*[,.\s]*)\)", re.S)
SIGN = re.compile(r"[A-Z]{1,2}[+*]?")


@dataclass(frozen=True)
class Favoured:
    """A rate text and the signs of the programmes it is for."""

    text: str
    signs: tuple[str, ...]


def special_rates(text: str) -> tuple[list[Favoured], str]:
    """Rate texts with the programmes in brackets behind each, and what is left over without any.

    `Free (AU,BH) 5.1% (KR)` gives Free for AU and BH, 5.1% for KR. A damaged bracket (a dot for a comma, a missing
    one) is read as printed signs; a text without programmes comes back as the rest.
    """
    text = " ".join(text.split())
    text = re.sub(r"\(([A-Z+*,\s.]*)\s*\(", r"(\1 ", text)
    found, end = [], 0
    for group in GROUP.finditer(text):
        if group.start() != end and text[end : group.start()].strip():
            break
        found.append(Favoured(group[1].strip(" ,;"), tuple(SIGN.findall(group[2]))))
        end = group.end()
    return found, text[end:].strip()
