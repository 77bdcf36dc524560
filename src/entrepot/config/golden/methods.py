"""Which rule a case asks for: known by the names of its inputs, and by words where names do not say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported, same, shown
from entrepot.engine.cases import Outcome
from entrepot.engine.frames import SchemaError
from entrepot.engine.world import World

Answer = Callable[[Case, World], Mapping[str, Any]]
WRONG = (
    LookupError, ValueError, TypeError, AttributeError, ArithmeticError, SchemaError, pl.exceptions.PolarsError,
)  # fmt: skip
COMMON = r"date|on|day|currency|decimals|minor_units|precision|rounding"


@dataclass(frozen=True)
class Method:
    """A rule of the product as cases call it.

    needs: patterns of input names, each of which must occur. takes: patterns of names that may occur besides; a case
    with any other input is not of this rule. words: texts of area or rule that speak for it where several fit.
    answer: figures by name; `a|b` is one figure under two names.
    """

    name: str
    needs: tuple[str, ...]
    answer: Answer
    takes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, case: Case) -> bool:
        """True where every need is met and no input is unknown."""
        known = [*self.needs, *self.takes, COMMON]
        return all(case.find(need) for need in self.needs) and all(
            _known(name, known) for name in case.inputs
        )

    def rank(self, case: Case) -> tuple[int, int]:
        """The likelier of several fitting rules comes first: more words of it, then more needs."""
        return -sum(word in case.text for word in self.words), -len(self.needs)


def _known(name: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(pattern, name, re.IGNORECASE) for pattern in patterns)


def judge(case: Case, methods: list[Method], world: World) -> Outcome:
    """The verdict of the first fitting rule that answers every figure the case expects.

    Errors: none; what cannot be answered is `unsupported` with the reasons of the rules tried.
    """
    fitting = sorted(
        (method for method in methods if method.fits(case)), key=lambda method: method.rank(case)
    )
    if not fitting:
        names = ", ".join(sorted(case.inputs))
        return Outcome(
            case.case_id, "unsupported", (f"no rule takes {names} (area {case.area or 'not given'})",)
        )
    reasons = []
    for method in fitting:
        try:
            answers = _named(method.answer(case, world))
        except Unsupported as error:
            reasons.append(f"{method.name}: {error}")
            continue
        except WRONG as error:
            reasons.append(f"{method.name}: {type(error).__name__}: {error}")
            continue
        missing = [name for name in case.expected if name.lower() not in answers]
        if missing:
            reasons.append(f"{method.name} gives no {', '.join(missing)}")
            continue
        differences = [
            f"{name}: expected {shown(wanted)}, got {shown(answers[name.lower()])}"
            for name, wanted in case.expected.items()
            if not same(wanted, answers[name.lower()])
        ]
        return Outcome(case.case_id, "fail" if differences else "pass", tuple(differences), method.name)
    return Outcome(case.case_id, "unsupported", tuple(reasons))


def _named(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for names, value in answers.items() for name in names.split("|")}
