"""What words of a case's rule mean, from the table beside this module."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from entrepot.config.golden.case import Case

FILE = Path(__file__).parent / "words.csv"


@cache
def _table() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            found.setdefault(row["topic"], []).append((row["word"], row["value"]))
    return found


def meant(case: Case, topic: str, *, text: str = "") -> str:
    """What a case says on a topic: the first word of the table that its rule (or the text given) holds; '' for none."""
    said = text.lower().replace("_", " ") if text else case.text
    return next((value for word, value in _table().get(topic, []) if word in said), "")
