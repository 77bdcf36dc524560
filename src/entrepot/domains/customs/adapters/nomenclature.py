"""The Harmonized System itself: chapters, headings and subheadings of one edition."""

from __future__ import annotations

from entrepot.domains.customs.adapters.reading import Edition, Tariff, table_of
from entrepot.domains.customs.rules import BadCode, goods_code

COLUMNS = ("hscode", "description", "parent", "level")
CODE_LENGTHS = (2, 4, 6)
OUTSIDE = ("TOTAL",)
STATISTICAL = "99"


def read(content: bytes, edition: Edition) -> Tariff:
    """Every line as a code of the nomenclature, or why it is none.

    Shapes: n lines in; the outcomes add up to n. The total, and the codes only statistics use, are no goods.
    Errors: TariffRefused when the file is no such table; damaged lines are reported, the others go on.
    """
    rows = table_of(content, COLUMNS)
    tariff = Tariff("hs", len(rows))
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        text = row["hscode"].strip()
        if text in OUTSIDE or text.startswith(STATISTICAL):
            tariff.problem(number, text, "hscode", text, "statistical")
            tariff.count("no_goods")
            continue
        try:
            code = goods_code(text)
            if len(code) not in CODE_LENGTHS:
                raise BadCode("length")
        except BadCode as error:
            tariff.problem(number, text, "hscode", text, f"code_{error.args[0]}")
            tariff.count("damaged")
            continue
        parent = row["parent"].strip()
        if code in seen or (len(code) > CODE_LENGTHS[0] and parent != code[:-2]):
            tariff.problem(number, code, "parent", parent, "duplicate" if code in seen else "parent")
            tariff.count("duplicate" if code in seen else "damaged")
            continue
        seen.add(code)
        tariff.count("codes")
        tariff.hs_codes.append(
            {
                "code": code,
                "description_en": row["description"].strip(),
                "valid_from": edition.valid_from,
                "valid_to": None,
                "source": edition.source,
                "status": edition.status,
            }
        )
    return tariff
