"""What every tariff file becomes: codes, rates, additional duties, the lines that give none, and counts that add up."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from entrepot.domains.customs.rules import Rate
from entrepot.engine.columns import DUTY_LAYERS, DUTY_RATES
from entrepot.engine.frames import Contract, column

TXT, I64, DAY = pl.String, pl.Int64, pl.Date
NOTE = column("note", TXT, default="")
RATES = Contract("tariff_rates", (*DUTY_RATES.columns, NOTE), DUTY_RATES.key)
LAYERS = Contract("tariff_layers", (*DUTY_LAYERS.columns, NOTE), DUTY_LAYERS.key)
_PROOF = (
    column("valid_from", DAY),
    column("valid_to", DAY, nullable=True),
    column("source", TXT),
    column("status", TXT),
    NOTE,
)
CODES = Contract(
    "national_codes",
    (
        column("country", TXT),
        column("code", TXT),
        column("description", TXT),
        column("units", TXT, default=""),
        column("general_text", TXT, default=""),
        column("special_text", TXT, default=""),
        column("other_text", TXT, default=""),
        column("added_ppm", I64, nullable=True),
        *_PROOF,
    ),
    ("country", "code"),
)
HS_CODES = Contract(
    "hs_codes",
    (
        column("code", TXT),
        column("description_en", TXT),
        column("description_zh", TXT, default=""),
        *_PROOF,
    ),
    ("code",),
)
PROBLEMS = Contract(
    "tariff_problems",
    (
        column("row_no", I64),
        column("code", TXT),
        column("field", TXT),
        column("value", TXT),
        column("reason", TXT),
    ),
    (),
)


class TariffRefused(ValueError):
    """A file that is no tariff of this kind; the first argument is a code, the second what was found."""

    def __str__(self) -> str:
        return ": ".join(str(argument) for argument in self.args)


@dataclass(frozen=True)
class Programme:
    """A preference as the importers need it: its sign in the tariff, whom it favours, and when."""

    scheme: str
    sign: str
    countries: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    @property
    def origin(self) -> str:
        """The one country it is for; '' when there are several, or when it goes by the kind of goods."""
        return self.countries[0] if len(self.countries) == 1 and self.countries[0] != "*" else ""


@dataclass(frozen=True)
class Edition:
    """What every row of one file shares: the first day it holds and the source it names."""

    valid_from: date
    source: str
    status: str = "P"


@dataclass
class Tariff:
    """One file, read: rows for the tables, and what became of each of its lines."""

    kind: str
    lines: int
    outcomes: dict[str, int] = field(default_factory=dict)
    codes: list[dict[str, Any]] = field(default_factory=list)
    rates: list[dict[str, Any]] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    hs_codes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str) -> None:
        """One more line of this outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def note(self, fact: str, number: int = 1) -> None:
        """Something worth telling that is no line's outcome."""
        self.facts[fact] = self.facts.get(fact, 0) + number

    def problem(self, row_no: int, code: str, column_name: str, value: str, reason: str) -> None:
        """A line that gives no rate, or a part of one that does not."""
        row = {"row_no": row_no, "code": code, "field": column_name, "value": value[:500], "reason": reason}
        self.problems.append(row)


def rate_values(rate: Rate) -> dict[str, Any]:
    """The columns of a duty rate."""
    return {
        "rate_ppm": rate.rate_ppm,
        "specific_e4": rate.specific_e4,
        "unit": rate.unit,
        "currency": rate.currency,
        "combine": rate.combine,
        "floor_ppm": rate.floor_ppm,
        "ceiling_ppm": rate.ceiling_ppm,
        "floor_e4": rate.floor_e4,
        "ceiling_e4": rate.ceiling_e4,
    }


def frame_of(contract: Contract, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a frame of the contract; what a row does not say takes the column's usual value."""
    usual = {c.name: c.default for c in contract.columns}
    columns = {name: [row.get(name, usual[name]) for row in rows] for name in usual}
    return contract.check(pl.DataFrame(columns, schema=contract.schema))


def text_of(content: bytes) -> str:
    """The text of a file, packed by gzip or not, with or without a byte order mark.

    Errors: TariffRefused when it cannot be unpacked or is no UTF-8.
    """
    try:
        raw = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return raw.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise TariffRefused("damaged_archive", str(error)) from error
    except UnicodeDecodeError as error:
        raise TariffRefused("not_utf8", f"byte {error.start}") from error


def table_of(content: bytes, needed: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file by column name.

    Errors: TariffRefused when columns are missing or there is no row.
    """
    reader = csv.DictReader(io.StringIO(text_of(content), newline=""))
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise TariffRefused("columns_missing", ", ".join(missing))
        rows = [{name: (value or "") for name, value in row.items() if name} for row in reader]
    except csv.Error as error:
        raise TariffRefused("damaged_table", str(error)) from error
    if not rows:
        raise TariffRefused("empty", "")
    return rows


def records_of(content: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON list; the one that only tells of the file (`_metadata`) comes with it.

    Errors: TariffRefused when it is no list of objects.
    """
    try:
        found = json.loads(text_of(content))
    except json.JSONDecodeError as error:
        raise TariffRefused("not_json", f"line {error.lineno}") from error
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        raise TariffRefused("not_a_list", "")
    return found


def published_on(content: bytes) -> date | None:
    """The day a JSON list says it was made (`_metadata.generated_at`); None where it does not, or is no such list."""
    try:
        facts = records_of(content)[0].get("_metadata")
        return date.fromisoformat(str(facts.get("generated_at"))[:10]) if isinstance(facts, dict) else None
    except (TariffRefused, ValueError):
        return None
