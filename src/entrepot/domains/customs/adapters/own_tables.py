"""Tables anybody can write: rates, additional duties and national codes of any country, with rates as texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domains.customs.adapters.reading import Edition, Tariff, rate_values, table_of
from entrepot.domains.customs.rules import BadCode, NotComputable, Rate, duty_rate, goods_code

COUNTRY_LENGTH = 2
OF_LAYER = ("rate_ppm", "specific_e4", "unit", "currency")


def read_rates(content: bytes, edition: Edition) -> Tariff:
    """Duty rates: columns dest, hs_prefix, rate; also origin, scheme, reading, source, status, note.

    Shapes: n lines in; the outcomes add up to n. Errors: TariffRefused when a column is missing.
    """
    tariff, rows = _begin("duty-rates", content, ("dest", "hs_prefix", "rate"))
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=2):
        read = _read(number, row, tariff)
        if read is None:
            continue
        code, rate = read
        key = {"dest": row["dest"].strip().upper(), "hs_prefix": code, "origin": _text(row, "origin").upper()}
        key |= {"scheme": _text(row, "scheme"), "reading": _text(row, "reading")}
        if _is_new(number, code, tuple(key.values()), seen, tariff):
            tariff.rates.append({**key, **rate_values(rate), **_proof(row, edition)})
    return tariff


def read_layers(content: bytes, edition: Edition) -> Tariff:
    """Additional duties: columns layer, dest, hs_prefix, rate; also origin, origins_except, displaces, reading …

    The rate of a single maker is a layer of its own name that displaces the one for all others.
    Shapes: n lines in; the outcomes add up to n. Errors: TariffRefused when a column is missing.
    """
    tariff, rows = _begin("duty-layers", content, ("layer", "dest", "hs_prefix", "rate"))
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=2):
        read = _read(number, row, tariff)
        if read is None:
            continue
        code, rate = read
        values = rate_values(rate)
        if values["combine"] != "sum" or any(
            values[n] is not None for n in values if n[:5] in ("floor", "ceili")
        ):
            tariff.problem(number, code, "rate", row["rate"], "compound_bound")
            tariff.count("not_computable")
            continue
        key = {"layer": _text(row, "layer"), "dest": row["dest"].strip().upper(), "hs_prefix": code}
        key |= {"origin": _text(row, "origin").upper(), "reading": _text(row, "reading")}
        more = {name: _text(row, name) for name in ("origins_except", "displaces")}
        if _is_new(number, code, tuple(key.values()), seen, tariff):
            tariff.layers.append(
                {**key, **more, **{name: values[name] for name in OF_LAYER}, **_proof(row, edition)}
            )
    return tariff


def read_codes(content: bytes, edition: Edition) -> Tariff:
    """National codes: columns country, code, description; also units, rate as printed.

    Shapes: n lines in; the outcomes add up to n. Errors: TariffRefused when a column is missing.
    """
    tariff, rows = _begin("national-codes", content, ("country", "code", "description"))
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=2):
        country = row["country"].strip().upper()
        try:
            code = goods_code(row["code"])
        except BadCode as error:
            tariff.problem(number, row["code"], "code", row["code"], f"code_{error.args[0]}")
            tariff.count("damaged")
            continue
        if len(country) != COUNTRY_LENGTH or not row["description"].strip():
            tariff.problem(
                number, code, "country", country, "country" if row["description"].strip() else "empty"
            )
            tariff.count("damaged")
            continue
        if _is_new(number, code, (country, code), seen, tariff, outcome="codes"):
            words = {"units": _text(row, "units"), "general_text": _text(row, "rate")}
            about = {"country": country, "code": code, "description": row["description"].strip()}
            tariff.codes.append({**about, **words, **_proof(row, edition)})
    return tariff


def _begin(kind: str, content: bytes, needed: tuple[str, ...]) -> tuple[Tariff, list[dict[str, str]]]:
    rows = table_of(content, needed)
    return Tariff(kind, len(rows)), rows


def _read(number: int, row: Mapping[str, str], tariff: Tariff) -> tuple[str, Rate] | None:
    """The code ('' for all goods) and the rate of a line; what does not fit is reported and counted."""
    text = row["hs_prefix"].strip()
    try:
        code = goods_code(text) if text else ""
        rate = duty_rate(row["rate"])
    except BadCode as error:
        tariff.problem(number, text, "hs_prefix", text, f"code_{error.args[0]}")
        tariff.count("damaged")
    except NotComputable as error:
        tariff.problem(number, text, "rate", row["rate"], error.reason)
        tariff.count("not_computable")
    else:
        if row["dest"].strip():
            return code, rate
        tariff.problem(number, text, "dest", "", "country")
        tariff.count("damaged")
    return None


def _is_new(
    number: int,
    code: str,
    key: tuple[str, ...],
    seen: set[tuple[str, ...]],
    tariff: Tariff,
    outcome: str = "rates",
) -> bool:
    if key in seen:
        tariff.problem(number, code, "", " ".join(key).strip(), "duplicate")
        tariff.count("duplicate")
        return False
    seen.add(key)
    tariff.count(outcome)
    return True


def _text(row: Mapping[str, str], name: str) -> str:
    return row.get(name, "").strip()


def _proof(row: Mapping[str, str], edition: Edition) -> dict[str, Any]:
    status = _text(row, "status").upper()
    return {
        "valid_from": edition.valid_from,
        "valid_to": None,
        "source": _text(row, "source") or edition.source,
        "status": status if status in ("C", "P", "D", "G", "U") else edition.status,
        "note": _text(row, "note") or _text(row, "rate"),
    }
