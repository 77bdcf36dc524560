"""One worked case of a file: its inputs by name, what is expected, and the words of its rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from entrepot.kernel.money import to_minor

MOST = 100_000  # things of one case
PERCENT = 10_000  # one per cent in parts per million


class Unsupported(Exception):
    """A case that no rule of the product answers; the text says what is wanting."""


@dataclass(frozen=True)
class Case:
    """A row with JSON inputs and expectations. `others` are the inputs of the file's other rows, by case."""

    case_id: str
    area: str
    rule: str
    note: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Area and rule in lower case; the note is a comment and decides nothing."""
        return f" {self.area} {self.rule} ".lower().replace("_", " ")

    def has(self, *words: str) -> bool:
        """True where the rule's text holds one of the words."""
        return any(word in self.text for word in words)

    def find(self, pattern: str) -> str:
        """The name of the input that fits a pattern, else ''."""
        return next((name for name in self.inputs if re.fullmatch(pattern, name, re.IGNORECASE)), "")

    def value(self, pattern: str, default: Any = None) -> Any:
        """The input whose name fits the pattern, as it stands in the file."""
        name = self.find(pattern)
        return self.inputs[name] if name else default

    def number(self, pattern: str, default: Decimal | int | None = None) -> Decimal:
        """A single number. Errors: Unsupported when it is missing or is none."""
        value = self.value(pattern, default)
        if value is None:
            raise Unsupported(f"no {pattern.split('|', maxsplit=1)[0]} given")
        return number(value)

    def numbers(self, pattern: str) -> list[Decimal]:
        """A list of numbers; a single one is a list of one."""
        value = self.value(pattern)
        if value is None:
            raise Unsupported(f"no {pattern.split('|', maxsplit=1)[0]} given")
        return [number(one) for one in (value if isinstance(value, list) else [value])]

    def day(self, default: date, pattern: str = "date|on|day|entry_date|placed_on") -> date:
        """The day of the case, else the default."""
        value = self.value(pattern)
        return date.fromisoformat(str(value)) if value else default

    def count(self, pattern: str, default: int | None = None) -> int:
        """A whole number of things. Errors: Unsupported for more than a case can mean, or less than none."""
        found = int(self.number(pattern, default))
        if not 0 <= found <= MOST:
            raise Unsupported(f"{found} is no count for a case")
        return found

    def ppm(self, pattern: str, default: Decimal | int | None = None) -> int:
        """A percentage in parts per million; a `rate` below one that is not called per cent is a share."""
        percent, name = self.number(pattern, default), self.find(pattern).lower()
        is_share = name and not re.search("pct|percent", name) and 0 < percent < 1
        return ppm(percent * 100 if is_share else percent)

    def decimals(self, least: int = 0) -> int:
        """Decimals that money of this case has: `decimals` if stated, else the finest amount it writes."""
        stated = self.value("decimals|minor_units|precision")
        if stated is not None:
            return int(stated)
        return max([least, *(places(one) for one in leaves([self.inputs, self.expected]))])


def number(value: Any) -> Decimal:
    """A number of the file as a decimal. Errors: Unsupported for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unsupported(f"not a number: {value!r}")
    return Decimal(value)


def ppm(percent: Decimal) -> int:
    """A percentage in parts per million. Errors: Unsupported when it is finer."""
    whole = percent * PERCENT
    if whole != int(whole):
        raise Unsupported(f"{percent} % is finer than one part per million")
    return int(whole)


def minor(amount: Decimal, decimals: int) -> int:
    """An amount in units of its last decimal, exactly. Errors: Unsupported when it is finer."""
    if amount != Decimal(to_minor(amount, decimals)).scaleb(-decimals):
        raise Unsupported(f"{amount} has more than {decimals} decimals")
    return to_minor(amount, decimals)


def major(amount: int | None, decimals: int) -> Decimal | None:
    """Units of the last decimal as an amount."""
    return None if amount is None else Decimal(amount).scaleb(-decimals)


def leaves(value: Any) -> Iterable[Any]:
    """Every number inside lists and mappings."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield value


def places(value: Decimal | int) -> int:
    """How many decimals a number of the file has, without closing zeros."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def read(row: Mapping[str, str]) -> Case:
    """A case from a row of a file. Errors: ValueError when inputs or expectations are no JSON objects."""
    parts = {}
    for name in ("inputs", "expected"):
        parts[name] = json.loads(row.get(name) or "", parse_float=Decimal, parse_constant=_no_number)
        if not isinstance(parts[name], dict) or not parts[name]:
            raise ValueError(f"{name} is no JSON object with names")
    area = row.get("area", "")
    rule = " ".join(row.get(name, "") for name in ("rule", "case") if row.get(name))
    case_id = row.get("case_id") or row.get("case") or "?"
    return Case(case_id, area, rule, row.get("note", ""), parts["inputs"], parts["expected"])


def _no_number(text: str) -> Decimal:
    raise ValueError(f"{text} is no number")


def same(wanted: Any, got: Any) -> bool:
    """Whether a figure is what a file expects.

    Decimals and whole numbers (money, weights, counts) must be equal. Ratios (fractions) are rounded half-up to the
    decimals the file writes. Lists must agree in order; parts of equal weight (`Shares`) may change places.
    """
    if isinstance(got, Shares) and isinstance(wanted, list):
        return len(wanted) == len(got.parts) and got.ordered(wanted) == got.ordered(got.parts)
    if isinstance(wanted, list):
        alike = isinstance(got, list | tuple) and len(got) == len(wanted)
        return alike and all(same(one, other) for one, other in zip(wanted, got, strict=True))
    if isinstance(wanted, Mapping):
        alike = isinstance(got, Mapping) and got.keys() == wanted.keys()
        return alike and all(same(one, got[name]) for name, one in wanted.items())
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return wanted is got
    if isinstance(wanted, int | Decimal):
        if isinstance(got, Fraction):
            digits = max(0, -int(Decimal(wanted).as_tuple().exponent))
            return Decimal(wanted) == Decimal(half_up(got * 10**digits)).scaleb(-digits)
        return isinstance(got, int | Decimal) and Decimal(wanted) == Decimal(got)
    return isinstance(got, str) and str(wanted).strip().lower() == got.strip().lower()


def half_up(value: Fraction) -> int:
    """A fraction as the nearest whole number, ties away from zero."""
    size = (abs(value.numerator) * 2 + value.denominator) // (value.denominator * 2)
    return -size if value < 0 else size


@dataclass(frozen=True)
class Shares:
    """Parts of an amount with their weights: which of two equal weights gets the odd unit is no rule."""

    weights: list[Decimal]
    parts: list[Decimal]

    def ordered(self, parts: list[Any]) -> list[tuple[Decimal, Decimal]]:
        """Weights and parts in an order that equal weights do not change."""
        return sorted(zip(self.weights, (number(part) for part in parts), strict=True))


def shown(value: Any) -> str:
    """A figure for the reader: fractions as decimals, lists in brackets."""
    if isinstance(value, Shares):
        value = value.parts
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown(one)}" for name, one in value.items()) + "}"
    if isinstance(value, Fraction):
        return f"{Decimal(half_up(value * 10**6)).scaleb(-6):f}".rstrip("0").rstrip(".")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    return str(value)
