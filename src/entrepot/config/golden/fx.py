"""Cases of exchange: the reference rate of the day or the last one before it, stated rates, ended currencies."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported, half_up, minor, number, places
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import units_of
from entrepot.engine.fx import Rates, converted
from entrepot.engine.world import World
from entrepot.kernel.money import to_major

Figures = dict[str, Any]
CODE = r"([a-z]+_)?[a-z]{3}"
PAIR = r"[a-z]{3}_[a-z]{3}|[a-z]{3}_per_[a-z]{3}|[a-z]{3}(_rate|_per_unit)"
E6 = 1_000_000
USED = "rate_date|rate_day|rate_on|used|used_date|use|use_date|rate_of|date_used|date|published|as_of"


def last_day(world: World) -> date:
    """The last day the world has rates of: the day of cases that name none."""
    found = world["fx"]["on"].max()
    return found if isinstance(found, date) else date.min


def _codes(world: World) -> set[str]:
    return set(world["currencies"]["currency"].str.to_lowercase())


def _amount(case: Case, world: World) -> tuple[str, Decimal]:
    """The currency and amount that is to be converted."""
    known = _codes(world)
    found = [
        (name[-3:].lower(), number(value))
        for name, value in case.inputs.items()
        if re.fullmatch(CODE, name, re.IGNORECASE) and name[-3:].lower() in known and not _pair(name, known)
        and isinstance(value, int | Decimal)
    ]  # fmt: skip
    amount, source = case.value("amount|value"), case.value("currency|from|source|from_currency")
    if amount is not None and source:
        found.append((str(source).lower(), number(amount)))
    if len(found) != 1:
        raise Unsupported("one amount with its currency is converted at a time")
    return found[0]


def _pair(name: str, known: set[str]) -> tuple[str, str] | None:
    """The pair of a rate: (currency, for one of which so many of the other) of `eur_cny` or `cny_per_eur`."""
    per = re.fullmatch(r"([a-z]{3})_per_([a-z]{3})", name, re.IGNORECASE)
    if per:
        return per.group(2).lower(), per.group(1).lower()
    pair = re.fullmatch(r"([a-z]{3})_([a-z]{3})", name, re.IGNORECASE)
    if pair and {pair.group(1).lower(), pair.group(2).lower()} <= known:
        return pair.group(1).lower(), pair.group(2).lower()
    return None


def _stated(case: Case, world: World) -> dict[tuple[str, str], Fraction]:
    """Rates the case states, both ways round."""
    known, rates = _codes(world), {}
    for name, value in case.inputs.items():
        pair = _pair(name, known)
        if pair:
            rate = Fraction(number(value))
            rates[pair], rates[pair[::-1]] = rate, 1 / rate
    return rates


def _weight(currency: str, on: date, world: World) -> int | None:
    frame = pl.DataFrame({"currency": [currency.upper()], "on": [on]})
    found = Rates.of(world).attach(frame, "currency", "on", "weight")["weight"][0]
    return None if found is None else int(found)


def _weights(source: str, target: str, case: Case, world: World) -> tuple[int, int]:
    """The weights the engine converts by: of the stated rate, crossed over the euro if need be, or of the day."""
    rates = _stated(case, world)
    rate = rates.get((source, target))
    if rate is None and (source, "eur") in rates and ("eur", target) in rates:
        rate = rates[source, "eur"] * rates["eur", target]
    if rate is None:
        on = case.day(last_day(world))
        weights = _weight(source, on, world), _weight(target, on, world)
        if weights[0] is None or weights[1] is None:
            raise Unsupported(f"no rate of {source} to {target} on {on}")
        return weights[0], weights[1]
    scale = Fraction(10) ** (units_of(world, target) - units_of(world, source))
    return (rate * scale).denominator, (rate * scale).numerator


def converted_amount(
    amount: Decimal, source: str, target: str, weights: tuple[int, int], world: World
) -> Decimal:
    """An amount in another currency, by the engine's conversion."""
    decimals = max(units_of(world, source), places(amount))
    finer = 10 ** (decimals - units_of(world, source))  # tenths of a cent are converted as they are
    frame = pl.DataFrame(
        {"amount": [minor(amount, decimals)], "from": [weights[0] * finer], "to": [weights[1]]}
    )
    result = converted(frame, result=(pl.col("amount"), "from", "to"))["result"][0]
    return to_major(int(result), units_of(world, target))


def _converted(case: Case, world: World) -> Figures:
    source, amount = _amount(case, world)
    known, found = _codes(world), {}
    named = case.value("to|target|to_currency")
    targets = {name: name[-3:].lower() for name in case.expected if name[-3:].lower() in known}
    if named:
        targets |= {
            "amount": str(named).lower(),
            "result": str(named).lower(),
            "converted": str(named).lower(),
        }
    for name, target in targets.items():
        weights = _weights(source, target, case, world)
        found[name] = converted_amount(amount, source, target, weights, world)
    return found | _rate(case, world, source)


def _rate(case: Case, world: World, source: str = "") -> Figures:
    """Rate and its day: of one currency against the euro."""
    on = case.day(last_day(world))
    code = (source or str(case.value("currency|from"))).upper()
    rows = world["fx"].filter(pl.col("currency") == code, pl.col("on") <= on).sort("on")
    if rows.is_empty():
        return {}
    rate = Fraction(int(rows["rate_e6"][-1]), E6)
    exact = Decimal(half_up(rate * E6)).scaleb(-6)
    return {
        f"rate|eur_{code}|{code}_per_eur|reference_rate": exact,
        USED: str(rows["on"][-1]),
    }


def _with_rate(case: Case, world: World) -> Figures:
    """An amount times a rate: the rate is units of the target for one of the source."""
    rate = Fraction(case.number("rate|fx|fx_rate"))
    found = {}
    for name in case.expected:
        target = name[-3:].lower()
        source = str(case.value("currency|from", target)).lower()
        scale = Fraction(10) ** (units_of(world, target) - units_of(world, source))
        weights = (rate * scale).denominator, (rate * scale).numerator
        found[name] = converted_amount(case.number("amount|value"), source, target, weights, world)
    return found


def _rates_alone(case: Case, world: World) -> Figures:
    """The rate of a day; without a currency only which day's rates count."""
    if case.find("currency|from"):
        return _rate(case, world)
    days = world["fx"].filter(pl.col("on") <= case.day(last_day(world)))["on"].max()
    return {USED: str(days)}


METHODS = [
    Method(
        "conversion", (CODE,), _converted, (CODE, PAIR, "to|target|to_currency"), ("fx", "currency", "rate", "ecb"),
    ),
    Method(
        "conversion of an amount", ("amount|value", "currency|from|source|from_currency"), _converted,
        (PAIR, "to|target|to_currency", "currency|from|source|from_currency"), ("fx", "currency"),
    ),
    Method("conversion at a rate", ("amount|value", "rate|fx|fx_rate"), _with_rate, ("from",), ("currency",)),
    Method("reference rate", ("currency|from|date|on|day",), _rates_alone, (), ("fx", "ecb", "reference")),
]  # fmt: skip
