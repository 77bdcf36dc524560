"""Cases of payment: bank codes, account and card numbers, the low-value exemption."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from entrepot.config.golden.case import Case, Unsupported, minor, number
from entrepot.config.golden.methods import Method
from entrepot.domains.payments.adapters.authentication import low_value_limits
from entrepot.domains.payments.rules.authentication import may_be_exempt
from entrepot.domains.payments.rules.numbers import is_bic, is_card_number, is_iban, masked
from entrepot.engine.world import World
from entrepot.kernel.money import to_major

Figures = dict[str, Any]
TESTS: dict[str, Callable[[str], bool]] = {
    "bic|bics|swift": is_bic, "iban|ibans|account": is_iban, "pan|pans|card|cards|card_number": is_card_number,
}  # fmt: skip
IDS = "|".join(TESTS)
PREVIOUS, NEXT = "previous(_[a-z]{3})?", "(next|amount)(_[a-z]{3})?"


def _valid(case: Case, world: World) -> Figures:
    name = case.find(IDS)
    test = next(test for names, test in TESTS.items() if name.lower() in names.split("|"))
    given = case.inputs[name]
    texts = [str(one) for one in (given if isinstance(given, list) else [given])]
    valid = [test(text) for text in texts]
    single = not isinstance(given, list)
    found: Figures = {"valid|ok|is_valid": valid[0] if single else valid}
    if test is is_card_number:
        shown = [masked(text) for text in texts]
        found["masked|shown|display"] = shown[0] if single else shown
    return found


def _exempt(case: Case, world: World) -> Figures:
    name = case.find(NEXT)
    currency = name.rpartition("_")[2].upper() if "_" in name else str(case.value("currency", "EUR")).upper()
    limits = low_value_limits().get(currency)
    if limits is None:
        raise Unsupported(f"no limits in {currency}")
    previous = [minor(number(one), 2) for one in case.value(PREVIOUS)]
    amount, counter = minor(case.number(NEXT), 2), str(case.value("counter", "sum"))
    exempt = may_be_exempt(previous, amount, limits, counter)
    return {
        "sum": to_major(sum(previous) + amount, 2),
        "count": Decimal(len(previous) + 1),
        "exempt_possible|exempt|exempted": exempt,
        "sca_required|sca": not exempt,
    }


METHODS = [
    Method("bank codes, account and card numbers", (IDS,), _valid, (), ("payments", "iban", "bic", "luhn")),
    Method("low-value exemption", (PREVIOUS, NEXT), _exempt, ("counter",), ("sca", "low value")),
]  # fmt: skip
