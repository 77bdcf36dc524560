"""The UK Global Tariff beside the EU's Common External Tariff: one table, two tariffs."""

from __future__ import annotations

from typing import Any

from entrepot.domains.customs.adapters.reading import Edition, Tariff, rate_values, table_of
from entrepot.domains.customs.rules import BadCode, NotComputable, duty_rate, goods_code

SIDES = {"GB": "ukgt_duty_rate", "EU": "cet_duty_rate"}
FLAGS = {
    "trade_remedy_applies": "a trade remedy applies besides",
    "cet_applies_until_trade_remedy_transition_reviews_concluded": "the EU rate held until the UK reviews ended",
    "suspension_applies": "a suspension may apply",
    "atq_applies": "an autonomous tariff quota applies",
}
COLUMNS = ("commodity", "description", *SIDES.values(), "change", *FLAGS)
TRUE = ("true", "1", "yes")


def read(content: bytes, edition: Edition) -> Tariff:
    """Every line as a rate of each side, with its flags as notes, or the reason why there is none.

    Shapes: n lines in; the outcomes add up to n: a line counts as `rates` when both sides could be read.
    Errors: TariffRefused when the file is no such table; damaged lines are reported, the others go on.
    Source: docs/methods/tariffs.md.
    """
    rows = table_of(content, COLUMNS)
    tariff = Tariff("uk-eu", len(rows))
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        tariff.count(_line(number, row, edition, tariff, seen))
    return tariff


def _line(number: int, row: dict[str, str], edition: Edition, tariff: Tariff, seen: set[str]) -> str:
    text = row["commodity"].strip()
    try:
        code = goods_code(text)
    except BadCode as error:
        tariff.problem(number, text, "commodity", text, f"code_{error.args[0]}")
        return "damaged"
    if code in seen:
        tariff.problem(number, code, "commodity", text, "duplicate")
        return "duplicate"
    seen.add(code)
    flags = [words for name, words in FLAGS.items() if row[name].strip().lower() in TRUE]
    for name in FLAGS:
        if row[name].strip().lower() in TRUE:
            tariff.note(name)
    outcome = "rates"
    proof = {
        "valid_from": edition.valid_from, "valid_to": None, "source": edition.source, "status": edition.status,
    }  # fmt: skip
    for country, column_name in SIDES.items():
        printed = " ".join(row[column_name].split())
        tariff.codes.append(
            {
                "country": country,
                "code": code,
                "description": row["description"].strip(),
                "general_text": printed,
                **proof,
                "note": "; ".join([row["change"].strip(), *flags]).strip("; "),
            }
        )
        try:
            rate = duty_rate(printed)
        except NotComputable as error:
            tariff.problem(number, code, column_name, printed, error.reason)
            tariff.note(f"not_computable {country}")
            outcome = "not_computable"
            continue
        key: dict[str, Any] = {
            "dest": country, "hs_prefix": code, "origin": "", "scheme": "", "reading": "",
        }  # fmt: skip
        tariff.rates.append({**key, **rate_values(rate), **proof, "note": "; ".join([printed, *flags])})
    return outcome
