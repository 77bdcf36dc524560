"""Cases of money: minor units, shares, discounts, tax in and on prices, rounding settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Shares, Unsupported, major, minor, number, ppm
from entrepot.config.golden.methods import Method
from entrepot.engine.price.tax import net_of_tax
from entrepot.engine.stated import Pieces, Stated, stated_cost
from entrepot.engine.world import World
from entrepot.kernel.money import percent_off, share, to_major, to_minor

Figures = dict[str, Any]
CENTS = 2
PCT = r"(vat_|tax_|gst_|)(pct|percent|rate_pct)"
GROSS = r"gross|prices?_incl(uding)?(_vat|_tax)?|incl(_vat|_tax)?|gross_prices?"
NET = r"net|net_prices?|prices?_ex(cl)?(_vat|_tax)?|ex_vat"


def units_of(world: World, currency: str) -> int:
    """Decimals of a currency. Errors: Unsupported for one the world does not know."""
    found = world["currencies"].filter(pl.col("currency") == currency.upper())["minor_units"]
    if found.is_empty():
        raise Unsupported(f"no currency {currency}")
    return int(found[0])


def decimals_of(case: Case, world: World, least: int = CENTS) -> int:
    """Decimals of the case's money: by its currency where it names one."""
    currency = case.value("currency")
    return units_of(world, str(currency)) if currency else case.decimals(least)


def money_decimals(case: Case, world: World) -> int:
    """Decimals of prices: those stated or of the currency named, else cents."""
    if case.find("decimals|minor_units|precision") or case.find("currency"):
        return decimals_of(case, world)
    return CENTS


def rounding_of(case: Case) -> str:
    """The rounding the rule names; half up where it names none."""
    text = f"{case.text} {case.value('rounding', '')}".lower().replace("-", " ")
    if any(word in text for word in ("half even", "banker", "half to even")):
        return "half_even"
    return "truncate" if any(word in text for word in ("truncat", "cut off", "round down")) else "half_up"


def _rounded(case: Case, world: World) -> Figures:
    rounding, found = rounding_of(case), {}
    for name, amount in case.inputs.items():
        if name in ("rounding", "date"):
            continue
        decimals = units_of(world, name)
        amounts = amount if isinstance(amount, list) else [amount]
        rounded = [to_major(to_minor(number(one), decimals, rounding), decimals) for one in amounts]
        found[name] = rounded if isinstance(amount, list) else rounded[0]
    return found


def _in_currency(case: Case, world: World) -> Figures:
    currencies = case.value("currency|currencies")
    codes = currencies if isinstance(currencies, list) else [currencies]
    decimals = [units_of(world, str(code)) for code in codes]
    single = not isinstance(currencies, list)
    found: Figures = {"minor_units|decimals|digits": decimals[0] if single else decimals}
    if case.find("amounts?|values?"):
        amounts = case.numbers("amounts?|values?")
        pairs = zip(amounts, decimals * (len(amounts) // len(decimals)), strict=True)
        minors = [(to_minor(amount, units, rounding_of(case)), units) for amount, units in pairs]
        rounded = [to_major(*pair) for pair in minors]
        alone = single and not isinstance(case.value("amounts?|values?"), list)
        found["rounded|amount|amounts|value|values"] = rounded[0] if alone else rounded
        found["minor|in_minor|minor_amount"] = minors[0][0] if alone else [one for one, _ in minors]
    return found


def columns(case: Case, *patterns: str) -> tuple[list[list[Decimal]], bool]:
    """Inputs as lists of one length, single numbers repeated; and whether all of them were single.

    Errors: Unsupported when lists differ in length.
    """
    lists = [case.numbers(pattern) for pattern in patterns]
    single = not any(isinstance(case.value(pattern), list) for pattern in patterns)
    length = max(len(one) for one in lists)
    if any(len(one) not in (1, length) for one in lists):
        raise Unsupported("lists of different lengths")
    return [one * length if len(one) == 1 else one for one in lists], single


def _inside(case: Case, world: World) -> Figures:
    (gross, rates), single = columns(case, GROSS, PCT)
    decimals = money_decimals(case, world)
    frame = pl.DataFrame(
        {"gross": [minor(one, decimals) for one in gross], "rate": [ppm(one) for one in rates]},
        schema={"gross": pl.Int64, "rate": pl.Int64},
    )
    net = frame.select(net_of_tax(pl.col("gross"), pl.col("rate"))).to_series().to_list()
    nets = [to_major(one, decimals) for one in net]
    taxes = [to_major(minor(one, decimals) - part, decimals) for one, part in zip(gross, net, strict=True)]
    total = {"sum_net|net_total": sum(nets), "sum_tax|sum_vat|tax_total|vat_total": sum(taxes)}
    return {"net": nets[0] if single else nets, "tax|vat|gst": taxes[0] if single else taxes, **total}


def taxed(
    net: int, rate_ppm: int, world: World, rounding: str = "half_up", pieces: int = 1
) -> tuple[int, int]:
    """A sale's tax and price with tax, on top of the net worth of so many pieces, by a rounding profile."""
    sale = {
        "goods_dc": net,
        "cv_basis": "GOODS",
        "tax_base": "PRICE",
        "tax_ppm": rate_ppm,
        "duty_mode": "none",
    }
    landed = stated_cost(
        sale, Stated(""), [], world, rounding=rounding, pieces=Pieces(lines=((net, pieces),))
    ).consignments
    return int(landed["tax_minor"][0]), int(landed["landed_minor"][0])


def _on_top(case: Case, world: World) -> Figures:
    (nets, rates), single = columns(case, NET, PCT)
    decimals = money_decimals(case, world)
    pairs = [
        taxed(
            minor(net, decimals),
            ppm(rate),
            world,
            "half_even" if rounding_of(case) == "half_even" else "half_up",
        )
        for net, rate in zip(nets, rates, strict=True)
    ]
    taxes = [to_major(tax, decimals) for tax, _ in pairs]
    gross = [to_major(whole, decimals) for _, whole in pairs]
    return {"tax|vat|gst": taxes[0] if single else taxes, "gross|total": gross[0] if single else gross}


def _strategies(case: Case, world: World) -> Figures:
    decimals, rate = money_decimals(case, world), case.ppm(PCT)
    unit, pieces = (
        minor(case.number("unit|unit_price|price"), decimals),
        int(case.number("qty|quantity|pieces")),
    )
    found: Figures = {}
    for words, profile in (("by_order|by_sum|globally", "half_up"), ("by_line|per_line", "half_up_line"),
                           ("by_unit|per_unit|by_piece", "half_up_unit")):  # fmt: skip
        tax, whole = taxed(unit * pieces, rate, world, profile, pieces)
        found[words] = to_major(whole, decimals)
        for word in words.split("|"):
            found[f"tax_{word}|{word}_tax|vat_{word}"] = to_major(tax, decimals)
    return found


def _discounts(case: Case, world: World) -> Figures:
    decimals, rate = money_decimals(case, world), case.ppm(rf"{PCT}|discount_pct|off_pct|discount")
    prices = [minor(one, decimals) for one in case.numbers("prices?|lines|items|amounts")]
    by_line, on_sum = (percent_off(prices, rate, per) for per in ("line", "sum"))
    net = [to_major(price - off, decimals) for price, off in zip(prices, by_line, strict=True)]
    return {
        "per_line|by_line|discounts": [to_major(one, decimals) for one in by_line],
        "sum_lines|sum_per_line|total_per_line": to_major(sum(by_line), decimals),
        "on_sum|by_order|on_total": to_major(sum(on_sum), decimals),
        "net_lines|net_prices": net,
        "shares_of_sum|shares": [to_major(one, decimals) for one in on_sum],
    }


def _shares(case: Case, world: World) -> Figures:
    decimals = decimals_of(case, world, 0)
    weights = case.numbers(WEIGHTS)
    if not isinstance(case.value(WEIGHTS), list):
        weights = [Decimal(1)] * case.count(WEIGHTS)
    finest = max(-int(weight.as_tuple().exponent) for weight in weights)
    whole = [int(weight.scaleb(max(finest, 0))) for weight in weights]
    parts = share(minor(case.number("amount|total|cost|discount|extra"), decimals), whole)
    given = [to_major(part, decimals) for part in parts]
    return {
        "shares|parts|allocated|split|allocation": Shares(weights, given),
        "sum|total": sum(given, Decimal(0)),
        "sorted": sorted(given),
        "none_negative": all(part >= 0 for part in parts),
        "max_difference|spread": major(max(parts) - min(parts), decimals),
        "count|n": len(parts),
    }


VALUE = "values?|amounts?|x|numbers?|addends|prices?"


def _by_name(case: Case, world: World) -> Figures:
    """Numbers rounded in each of the named ways, and their exact sum."""
    decimals = money_decimals(case, world)
    values, single = case.numbers(VALUE), not isinstance(case.value(VALUE), list)
    found: Figures = {"sum|total": sum(values, Decimal(0))}
    for names, way in (("half_up|rounded", "half_up"), ("half_even|bankers|banker", "half_even"),
                       ("truncate|truncated|down", "truncate")):  # fmt: skip
        way = rounding_of(case) if way == "half_up" and not case.expected.keys() & {"half_up"} else way
        rounded = [to_major(to_minor(value, decimals, way), decimals) for value in values]
        found[names] = rounded[0] if single else rounded
        found[f"sum_{names.split('|')[0]}"] = sum(rounded, Decimal(0))
    return found


def _sum(case: Case, world: World) -> Figures:
    """Amounts under letters, added up exactly."""
    return {
        "sum|total|a_plus_b": sum(
            (number(case.inputs[name]) for name in case.inputs if len(name) == 1), Decimal(0)
        )
    }


def _line(case: Case, world: World) -> Figures:
    """A price times pieces: rounded on the line, or on each piece."""
    decimals, rounding = money_decimals(case, world), rounding_of(case)
    unit, pieces = case.number(UNIT_PRICE), case.number(QUANTITY)
    line = to_major(to_minor(unit * pieces, decimals, rounding), decimals)
    each = to_major(to_minor(unit, decimals, rounding), decimals) * pieces
    return {"line|by_line|per_line|total|amount": line, "by_unit|per_unit": each}


UNIT_PRICE, QUANTITY = "unit|unit_price|price", "qty|quantity|pieces"
WEIGHTS = "weights|by|bases|values|parts|ratios?|shares|n"
METHODS = [
    Method("rounding to minor units", (r"[a-z]{3}",), _rounded, (r"[a-z]{3}",), ("minor unit", "money")),
    Method("minor units of a currency", ("currency|currencies",), _in_currency, ("amounts?|values?",), ("minor unit",)),
    Method("tax inside a price", (GROSS, PCT), _inside, (), ("tax included", "vat out of", "inside")),
    Method("tax on top of a price", (NET, PCT), _on_top, (), ("tax on top",)),
    Method(
        "tax by order, line or unit", ("unit|unit_price|price", "qty|quantity|pieces", PCT), _strategies, (),
        ("rounding strategy",),
    ),
    Method(
        "percentage discount", ("prices?|lines|items|amounts", rf"{PCT}|discount_pct|off_pct|discount"), _discounts,
        (), ("discount", " off "),
    ),
    Method("rounding by name", (VALUE,), _by_name, (), ("round", "half", "sum")),
    Method("sum of two amounts", ("a", "b"), _sum, ("[c-h]",), ("sum", "decimal")),
    Method("a price times pieces", (UNIT_PRICE, QUANTITY), _line, (), ("line", "round")),
    Method(
        "split by weight", (WEIGHTS, "amount|total|cost|discount|extra"), _shares, (),
        ("split", "pro rata", "alloc", "share"),
    ),
]  # fmt: skip
