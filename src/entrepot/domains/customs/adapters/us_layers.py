"""Additional US duties: the Section 301 list, exclusions from it, and published rates by country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from entrepot.domains.customs.adapters.reading import Edition, Tariff, TariffRefused, records_of, table_of
from entrepot.domains.customs.rules import BadCode, goods_code

DEST, ORIGIN, LAYER = "US", "CN", "US-301-CN"
EXCLUDED = f"{LAYER}-EXCLUDED"
BY_COUNTRY = "US-BY-COUNTRY"
READINGS = {"min_rate": "US-LOW", "max_rate": "US-HIGH"}
MACHINE_READ = "ai_extraction"


def read_list(content: bytes, edition: Edition) -> Tariff:
    """The list of goods of China and the share of the value each pays on top: one row of the layer per code.

    Shapes: n lines in; the outcomes add up to n. A code with two different shares is refused, both lines are reported.
    Errors: TariffRefused when the file is no such table.
    """
    rows = table_of(content, ("HSCode", "Additional Duty"))
    tariff = Tariff("section-301", len(rows))
    found: dict[str, tuple[int, int]] = {}
    clashing: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        outcome = _listed(number, row, found, clashing, tariff)
        tariff.count(outcome)
    for code, earlier in clashing.items():
        if code in found:
            _ppm, first = found.pop(code)
            tariff.problem(first, code, "Additional Duty", rows[first - 2]["Additional Duty"], "conflict")
            tariff.outcomes["rates"] -= 1
            tariff.outcomes["not_computable"] = tariff.outcomes.get("not_computable", 0) + 1
        tariff.note("codes with two rates", 1 if earlier else 0)
    tariff.layers = [_layer(LAYER, code, ppm, edition) for code, (ppm, _row) in found.items()]
    return tariff


def _listed(
    number: int,
    row: Mapping[str, str],
    found: dict[str, tuple[int, int]],
    clashing: dict[str, int],
    tariff: Tariff,
) -> str:
    text, share = row["HSCode"].strip(), row["Additional Duty"].strip()
    try:
        code = goods_code(text, dotted=True)
    except BadCode as error:
        tariff.problem(number, text, "HSCode", text, f"code_{error.args[0]}")
        if error.args[0] != "dots":
            return "damaged"
        code = goods_code(text)
    ppm = _share(share)
    if ppm is None:
        tariff.problem(number, code, "Additional Duty", share, "share")
        return "damaged"
    if code in found and found[code][0] == ppm:
        tariff.problem(number, code, "HSCode", text, "duplicate")
        return "duplicate"
    if code in found or code in clashing:
        tariff.problem(number, code, "Additional Duty", share, "conflict")
        clashing[code] = number
        return "not_computable"
    found[code] = (ppm, number)
    return "rates"


def _share(text: str) -> int | None:
    """0.25 or 25% as parts per million."""
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return None
    ppm = number * (10_000 if text.endswith("%") else 1_000_000)
    return int(ppm) if ppm.is_finite() and ppm >= 0 and ppm == ppm.to_integral_value() else None


def read_exclusions(content: bytes, edition: Edition) -> Tariff:
    """Exclusions in force: rows at nothing that displace the layer until they expire, for what each describes.

    Shapes: n records in; the outcomes add up to n. Errors: TariffRefused when the file is no such list.
    """
    records = [each for each in records_of(content) if "_metadata" not in each]
    tariff = Tariff("exclusions", len(records))
    seen: set[str] = set()
    for number, record in enumerate(records, start=1):
        text = str(record.get("hts_code") or record.get("hts_code_normalized") or "")
        try:
            code = goods_code(text)
        except BadCode as error:
            tariff.problem(number, text, "hts_code", text, f"code_{error.args[0]}")
            tariff.count("damaged")
            continue
        ends = _day(record.get("expires_at"))
        if str(record.get("status", "active")) != "active" or (ends and ends < edition.valid_from):
            tariff.problem(number, code, "status", str(record.get("expires_at")), "expired")
            tariff.count("expired")
            continue
        if code in seen:
            tariff.problem(number, code, "hts_code", text, "duplicate")
            tariff.count("duplicate")
            continue
        seen.add(code)
        note = f"{record.get('ch99_heading') or ''}: only {record.get('description') or ''}".strip(": ")
        row = _layer(EXCLUDED, code, 0, edition) | {"displaces": LAYER, "valid_to": ends, "note": note}
        tariff.layers.append(row | {"status": "U"})
        tariff.count("rates")
    return tariff


def read_countries(content: bytes, edition: Edition, origins: Mapping[str, Sequence[str]]) -> Tariff:
    """Published rates by country of origin; a range becomes two readings, its low and its high end.

    Shapes: n records in; the outcomes add up to n. `origins`: codes behind an English name, several for a union.
    They are summaries and no law: every row is unconfirmed, and a reading counts only where the policy names it.
    Errors: TariffRefused when the file is no such list.
    """
    records = [each for each in records_of(content) if "_metadata" not in each]
    if not any("min_rate" in each for each in records):
        raise TariffRefused("columns_missing", "min_rate")
    tariff = Tariff("us-rates", len(records))
    for number, record in enumerate(records, start=1):
        name = str(record.get("country") or "")
        codes = origins.get(name.strip().lower())
        shares = {key: _share(f"{record.get(key)}%") for key in READINGS}
        if not codes or None in shares.values():
            tariff.problem(number, "", "country", name, "share" if codes else "country")
            tariff.count("not_computable")
            continue
        words = [str(record.get("rate_label") or ""), str(record.get("legal_authority") or "")]
        if record.get("source_name") == MACHINE_READ:
            words.append("taken from a text by a machine")
        for key, reading in READINGS.items():
            for origin in codes:
                row = _layer(BY_COUNTRY, "", shares[key] or 0, edition)
                tariff.layers.append(
                    row
                    | {"origin": origin, "reading": reading, "status": "U"}
                    | {"note": "; ".join(word for word in words if word)}
                )
        tariff.count("rates")
    return tariff


def _layer(layer: str, code: str, ppm: int, edition: Edition) -> dict[str, Any]:
    return {
        "layer": layer,
        "dest": DEST,
        "hs_prefix": code,
        "origin": ORIGIN,
        "origins_except": "",
        "rate_ppm": ppm,
        "displaces": "",
        "reading": "",
        "valid_from": edition.valid_from,
        "valid_to": None,
        "source": edition.source,
        "status": edition.status,
    }


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
