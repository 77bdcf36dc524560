"""Cases of papers: postal item ids, registration numbers, postal declarations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import columns
from entrepot.domains.customs.rules.numbers import is_eori, is_ioss, is_s10, s10_check_digit
from entrepot.domains.customs.rules.postal import postal_form
from entrepot.engine.world import World

Figures = dict[str, Any]
NUMBERS: dict[str, Callable[[str], bool]] = {
    "ioss": is_ioss, "im +": is_ioss, "s10": is_s10, "upu": is_s10, "postal": is_s10, "item id": is_s10,
    "eori": is_eori,
}  # fmt: skip
IDS = r"(ioss|s10|eori|item|tracking)?_?(ids?|numbers?|codes?)|ioss|s10|eori|items?"
SERIAL = "serial|digits|number|serial_number"


def _valid(case: Case, world: World) -> Figures:
    name = case.find(IDS)
    said = f"{name} {case.text}".lower()
    test = next((test for word, test in NUMBERS.items() if word in said), None)
    if test is None:
        raise Unsupported("no kind of number named")
    given = case.inputs[name]
    found = [
        test(str(one).replace(" ", "").upper()) for one in (given if isinstance(given, list) else [given])
    ]
    return {"valid|ok|is_valid": found if isinstance(given, list) else found[0]}


def _check_digit(case: Case, world: World) -> Figures:
    given = case.value(SERIAL)
    serials = [str(one).zfill(8) for one in (given if isinstance(given, list) else [given])]
    checks = [s10_check_digit(serial) for serial in serials]
    service, country = (
        str(case.value(name, "")).upper() for name in ("service|prefix|indicator", "country|suffix")
    )
    ids = [f"{service}{serial}{check}{country}" for serial, check in zip(serials, checks, strict=True)]
    single = not isinstance(given, list)
    return {
        "check|check_digit|digit": checks[0] if single else checks,
        "id|item_id|s10|number|tracking|ids": ids[0] if single else ids,
        "valid|ok": is_s10(ids[0]) if single else [is_s10(one) for one in ids],
    }


def _limit(world: World, key: str) -> int:
    rows = world["policies"].filter(pl.col("key") == key).sort("valid_from")
    if rows.is_empty():
        raise Unsupported(f"no policy {key}")
    return int(rows["value"][-1])


VALUE = "value_sdr|sdr|value"
MASS = "kg|weight_kg|g|weight_g|grams"


def _form(case: Case, world: World) -> Figures:
    if not case.find(MASS):
        case = Case(case.case_id, case.area, case.rule, "", {**case.inputs, "g": 0}, case.expected)
    (values, weights), single = columns(case, VALUE, MASS)
    scale = 1000 if "kg" in case.find(MASS).lower() else 1
    kind = str(case.value("kind|type|mail|class", ""))
    limits = {
        "limit": _limit(world, "papers.cn22_value_sdr"),
        "limit_g": _limit(world, "papers.cn22_weight_g"),
    }
    forms = [
        postal_form(Fraction(value), Fraction(weight) * scale, is_parcel="parcel" in kind.lower(), **limits)
        for value, weight in zip(values, weights, strict=True)
    ]
    small = [form == "CN22" for form in forms]
    return {
        "form|forms|document": forms[0] if single else forms,
        "cn22|cn22_ok": small[0] if single else small,
    }


METHODS = [
    Method("numbers on papers", (IDS,), _valid, (), ("documents", "number", "format", "s10", "ioss", "eori")),
    Method(
        "check digit of a postal item", (SERIAL,), _check_digit,
        ("service|prefix|indicator", "country|suffix"), ("check", "s10"),
    ),
    Method("postal declaration", (VALUE,), _form, (MASS, "kind|type|mail|class"), ("cn22", "cn23", "documents")),
]  # fmt: skip
