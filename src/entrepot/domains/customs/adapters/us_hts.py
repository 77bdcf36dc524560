"""The Harmonized Tariff Schedule of the United States, as the USITC gives it out in one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.domains.customs.adapters.reading import Edition, Programme, Tariff, rate_values, table_of
from entrepot.domains.customs.rules import (
    BadCode,
    NotComputable,
    Rate,
    duty_rate,
    goods_code,
    special_rates,
)

DEST, COLUMN_2 = "US", "COLUMN-2"
GENERAL, SPECIAL, OTHER = "General Rate of Duty", "Special Rate of Duty", "Column 2 Rate of Duty"
COLUMNS = ("HTS Number", "Indent", "Description", GENERAL, SPECIAL, OTHER)
TARIFF_LENGTH = 8


@dataclass
class _Line:
    """One line of the schedule with the line it stands under."""

    row_no: int
    code: str
    indent: int
    texts: dict[str, str]
    above: _Line | None
    outcome: str = ""

    @property
    def general(self) -> str:
        return self.texts[GENERAL].strip()

    def rated(self) -> _Line | None:
        """The nearest line above that states a rate."""
        line = self.above
        while line is not None and not line.general:
            line = line.above
        return line

    def description(self) -> str:
        """Its own words, behind those of the lines without a code it stands under."""
        words, line = [self.texts["Description"].strip().rstrip(":")], self.above
        while line is not None and not line.code:
            words.append(line.texts["Description"].strip().rstrip(":"))
            line = line.above
        return " › ".join(reversed(words))


def read(content: bytes, edition: Edition, programmes: Sequence[Programme]) -> Tariff:
    """Every line of the schedule: parsed to rates, a heading, inheriting from the line above, or why neither.

    Shapes: n lines in; the outcomes add up to n. Units: as in the contract of duty rates.
    Errors: TariffRefused when the file is no such table; damaged lines are reported, the others go on.
    Source: docs/methods/tariffs.md.
    """
    rows = table_of(content, COLUMNS)
    tariff = Tariff("us-hts", len(rows))
    lines = _lines(rows, tariff)
    schemes = _in_force(programmes, edition)
    seen: set[str] = set()
    for number, line in enumerate(lines):
        has_children = number + 1 < len(lines) and lines[number + 1].indent > line.indent
        if not line.outcome and line.code and line.code in seen:
            line.outcome = "duplicate"
            tariff.problem(line.row_no, line.code, "HTS Number", line.texts["HTS Number"], "duplicate")
        if not line.outcome:
            seen.add(line.code)
            line.outcome = _outcome(line, edition, schemes, tariff, has_children=has_children)
        tariff.count(line.outcome)
    return tariff


def _lines(rows: list[dict[str, str]], tariff: Tariff) -> list[_Line]:
    lines: list[_Line] = []
    above: list[_Line] = []
    for number, row in enumerate(rows, start=2):
        text, outcome, code = row["HTS Number"].strip(), "", ""
        try:
            code = goods_code(text, dotted=True) if text else ""
        except BadCode as error:
            tariff.problem(number, text, "HTS Number", text, f"code_{error.args[0]}")
            if error.args[0] == "dots":
                code = goods_code(text)
            else:
                outcome = "damaged"
        if not row["Indent"].strip().isdecimal():
            tariff.problem(number, text, "Indent", row["Indent"], "indent")
            outcome = "damaged"
        indent = int(row["Indent"]) if row["Indent"].strip().isdecimal() else 0
        if outcome:
            lines.append(_Line(number, "", indent, row, None, outcome))
            continue
        while above and above[-1].indent >= indent:
            above.pop()
        line = _Line(number, code, indent, row, above[-1] if above else None)
        above.append(line)
        lines.append(line)
    return lines


def _in_force(programmes: Sequence[Programme], edition: Edition) -> dict[str, Programme | None]:
    """The programme behind each sign on the day; None for one that has ended or not begun."""
    found: dict[str, Programme | None] = {}
    for one in programmes:
        is_on = one.valid_from <= edition.valid_from and not (
            one.valid_to and one.valid_to < edition.valid_from
        )
        if is_on or one.sign not in found:
            found[one.sign] = one if is_on else None
    return found


def _outcome(
    line: _Line,
    edition: Edition,
    schemes: dict[str, Programme | None],
    tariff: Tariff,
    *,
    has_children: bool,
) -> str:
    """What becomes of one line; its rows are added on the way."""
    rates: list[dict[str, Any]] = []
    added: int | None = None
    outcome = "heading"
    texts = {name: line.texts[name].strip() for name in (GENERAL, SPECIAL, OTHER)}
    if line.general and not line.code:
        tariff.problem(line.row_no, "", GENERAL, line.general, "code_missing")
        outcome = "damaged"
    elif line.general:
        rates, added, outcome = _general(line, edition, schemes, tariff)
    elif line.code and (source := line.rated()):
        rates = _beside(line, None, edition, schemes, tariff) if texts[SPECIAL] or texts[OTHER] else []
        outcome = "inherits" if source.outcome != "not_computable" else "not_computable"
        if outcome == "not_computable":
            tariff.problem(line.row_no, line.code, GENERAL, source.code, "above_not_computable")
    elif texts[SPECIAL] or texts[OTHER]:
        rates = _beside(line, None, edition, schemes, tariff)
        outcome = "rates" if rates else "not_computable"
        tariff.problem(line.row_no, line.code, GENERAL, "", "general_empty")
    elif line.code and not has_children:
        extra = line.texts.get("Additional Duties", "").strip()
        reason = "safeguard" if extra else "no_rate"
        tariff.problem(line.row_no, line.code, "Additional Duties" if extra else GENERAL, extra, reason)
        outcome = "not_computable"
    tariff.rates.extend(rates)
    if line.code and outcome != "damaged":
        tariff.codes.append(_code_row(line, edition, texts, added))
    return outcome


def _code_row(line: _Line, edition: Edition, texts: dict[str, str], added: int | None) -> dict[str, Any]:
    return {
        "country": DEST,
        "code": line.code,
        "description": line.description(),
        "units": _units(line.texts.get("Unit of Quantity", "")),
        "general_text": texts[GENERAL],
        "special_text": " ".join(texts[SPECIAL].split()),
        "other_text": texts[OTHER],
        "added_ppm": added,
        **_proof(edition),
    }


def _general(
    line: _Line, edition: Edition, schemes: dict[str, Programme | None], tariff: Tariff
) -> tuple[list[dict[str, Any]], int | None, str]:
    try:
        rate = duty_rate(line.general)
    except NotComputable as error:
        tariff.problem(line.row_no, line.code, GENERAL, line.general, error.reason)
        return _beside(line, None, edition, schemes, tariff), error.added_ppm, "not_computable"
    row = _rate_row(line, rate, line.general, edition)
    return [row, *_beside(line, rate, edition, schemes, tariff)], None, "rates"


def _beside(
    line: _Line,
    general: Rate | None,
    edition: Edition,
    schemes: dict[str, Programme | None],
    tariff: Tariff,
) -> list[dict[str, Any]]:
    """Rates of the special column by programme, and of column 2 by origin where they differ from the general one."""
    rows: list[dict[str, Any]] = []
    groups, rest = special_rates(line.texts[SPECIAL])
    if rest:
        tariff.problem(line.row_no, line.code, SPECIAL, rest, "special_without_programme")
    for group in groups:
        try:
            rate = duty_rate(group.text)
        except NotComputable as error:
            for sign in group.signs:
                tariff.problem(
                    line.row_no, line.code, SPECIAL, f"{group.text} ({sign})", f"special_{error.reason}"
                )
            continue
        for sign in group.signs:
            programme = schemes.get(sign)
            if programme:
                rows.append(_rate_row(line, rate, group.text, edition, programme))
            elif sign in schemes:
                tariff.note(f"lapsed {sign}")
            else:
                tariff.problem(line.row_no, line.code, SPECIAL, sign, "programme_unknown")
    rows = list({(row["scheme"], row["origin"]): row for row in rows}.values())
    return rows + _column_2(line, general, edition, schemes.get("2"), tariff)


def _column_2(
    line: _Line, general: Rate | None, edition: Edition, programme: Programme | None, tariff: Tariff
) -> list[dict[str, Any]]:
    text = line.texts[OTHER].strip()
    if not text or programme is None:
        return []
    try:
        rate = duty_rate(text)
    except NotComputable as error:
        tariff.problem(line.row_no, line.code, OTHER, text, f"column_2_{error.reason}")
        return []
    if rate == general:
        return []
    return [_rate_row(line, rate, text, edition, origin=country) for country in programme.countries]


def _rate_row(
    line: _Line,
    rate: Rate,
    text: str,
    edition: Edition,
    programme: Programme | None = None,
    *,
    origin: str = "",
) -> dict[str, Any]:
    proof = _proof(edition) | {"note": text}
    if programme:
        proof["valid_to"] = programme.valid_to
    return {
        "dest": DEST,
        "hs_prefix": line.code,
        "origin": programme.origin if programme else origin,
        "scheme": programme.scheme if programme else "",
        "reading": "",
        **rate_values(rate),
        **proof,
    }


def _units(text: str) -> str:
    """The units of quantity, as a list in JSON or as printed, in one line."""
    try:
        found = json.loads(text) if text.startswith("[") else [text]
    except json.JSONDecodeError:
        found = [text]
    return ", ".join(str(each).strip() for each in found if str(each).strip())


def _proof(edition: Edition) -> dict[str, Any]:
    return {
        "valid_from": edition.valid_from,
        "valid_to": None,
        "source": edition.source,
        "status": edition.status,
    }
