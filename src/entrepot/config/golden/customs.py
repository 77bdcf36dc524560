"""Cases of customs: value by Incoterm, duties stacked on it, flat duty by line, import fees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported, major, minor, number, ppm
from entrepot.config.golden.fx import last_day
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import money_decimals
from entrepot.engine.columns import QUOTE_LINES, QUOTES
from entrepot.engine.price.valuation import value_of_price
from entrepot.engine.quote import quote
from entrepot.engine.stated import PER_UNIT, Pieces, Stated, stated_cost
from entrepot.engine.world import World
from entrepot.kernel.money import to_major, to_minor

Figures = dict[str, Any]
DUTY = r"(mfn|duty|third_country(_duty)?|customs_duty|basic_duty|import_duty|pref|preference)(_pct|_rate_pct)"
VAT = r"(import_)?(vat|tax|gst)(_pct|_rate_pct)"
FREIGHT, INSURANCE = r"freight|carriage|main_freight|transport", r"insurance"
INLAND = r"inland|inland_after_import|onward|inland_freight|on_carriage|delivery"
ORIGIN_COSTS, LOADING = r"origin_costs|pre_carriage|export_costs", r"loading|loading_cost"
LAYER = r"(?!vat_|tax_|gst_|import_vat)[a-z0-9_]+?(_pct|_per_(t|tonne|ton|100kg|kg|piece|unit|item|litre|l))"
NET = r"net_tonnes|tonnes|net_t|net_kg|kg|net_weight_kg|pieces|qty|units|items"
PRICES = {
    "ddp_incl_vat|ddp_incl_tax|ddp_with_vat|ddp_incl": "DDP", "ddp_ex_vat|ddp_excl_vat|ddp|ddp_price|ddp_ex_tax": "DDP",
    "fob|fob_price|fob_value": "FOB", "cif|cif_price|cif_value": "CIF", "exw|exw_price": "EXW", "fca|fca_price": "FCA",
    "cfr|cfr_price": "CFR", "cpt|cpt_price": "CPT", "cip|cip_price": "CIP", "dap|dap_price": "DAP",
    "fas|fas_price": "FAS", "dpu|dpu_price": "DPU",
}  # fmt: skip
PRICE = "|".join(PRICES)
FINER = 4  # decimals carried below the last one where a calculator rounds only what it shows
ROUNDED_AT_THE_END = ("duty stacking", "rounded at the end", "rounded once at the end")
VALUE = r"customs_value|cv|entered_value|value_for_duty"
UNITS = {
    "t": "t", "tonne": "t", "ton": "t", "kg": "kg", "piece": "no", "unit": "no", "item": "no", "100kg": "kg",
}  # fmt: skip
GRAMS = {
    "net_tonnes": 10**6,
    "tonnes": 10**6,
    "net_t": 10**6,
    "net_kg": 1000,
    "kg": 1000,
    "net_weight_kg": 1000,
}


def amount_of(case: Case, pattern: str, decimals: int) -> int:
    """The amount of an input in units of its last decimal; none where it is not given."""
    return minor(case.number(pattern, 0), decimals)


def _basis(case: Case, term: str, asked: str = "") -> str:
    """The basis a value is wanted on: the one stated, else FOB out of a CIF price, else CIF."""
    stated = str(case.value("basis|cv_basis", "")).upper()
    return asked or stated or ("FOB" if term == "CIF" and case.has(" to fob", "fob value") else "CIF")


def _priced(case: Case, world: World, decimals: int, asked: str = "") -> int | None:
    """The customs value of a price under a term; None where no such price is given."""
    name = case.find(PRICE)
    term = next((term for pattern, term in PRICES.items() if name and re.fullmatch(pattern, name, re.I)), "")
    price = case.value(PRICE)
    if case.find("term|incoterm"):
        term, price = str(case.value("term|incoterm")).upper(), case.value(f"price|goods|invoice|{PRICE}")
    if not term or price is None:
        return None
    costs = {
        "freight": FREIGHT, "insurance": INSURANCE, "inland after import": INLAND, "origin costs": ORIGIN_COSTS,
        "loading": LOADING,
    }  # fmt: skip
    given = {cost: amount_of(case, pattern, decimals) for cost, pattern in costs.items()}
    taxed = bool(re.search("incl|with_vat", name)) or (bool(case.find("term|incoterm")) and term == "DDP")
    return value_of_price(
        minor(number(price), decimals), term, _basis(case, term, asked), given, world, on=case.day(last_day(world)),
        duty_ppm=case.ppm(DUTY, 0), tax_ppm=case.ppm(VAT, 0) if taxed else 0,
    )  # fmt: skip


def _layers(case: Case, decimals: int) -> list[Stated]:
    """Additional duties: every rate that is neither the duty nor the tax."""
    found = []
    for name, value in case.inputs.items():
        if re.fullmatch(f"{DUTY}|{VAT}", name, re.I) or not re.fullmatch(LAYER, name, re.I):
            continue
        percent = re.fullmatch(r"(.+)_pct", name, re.I)
        if percent:
            found.append(Stated(percent.group(1).removesuffix("_rate"), ppm(number(value))))
            continue
        each = re.fullmatch(r"(.+)_per_([a-z0-9]+)", name, re.I)
        if each is None or each.group(2) not in UNITS:
            raise Unsupported(f"no unit of {name}")
        per_unit = number(value).scaleb(decimals) * PER_UNIT / (100 if each.group(2) == "100kg" else 1)
        if per_unit != int(per_unit):
            raise Unsupported(f"{name} is too fine")
        found.append(Stated(each.group(1), 0, int(per_unit), UNITS[each.group(2)]))
    return found


def _pieces(case: Case) -> Pieces:
    name = case.find(NET)
    if not name:
        return Pieces()
    grams = GRAMS.get(name.lower())
    if grams is None:
        return Pieces(pieces=int(case.number(NET)))
    return Pieces(net_g=int(case.number(NET) * grams))


def _stacked(case: Case, world: World) -> Figures:
    """Every duty on the same customs value, tax on value and duties."""
    shown = money_decimals(case, world)
    decimals = shown + (FINER if case.has(*ROUNDED_AT_THE_END) else 0)
    value = _priced(case, world, decimals)
    freight, insurance = (
        0 if value is not None else amount_of(case, one, decimals) for one in (FREIGHT, INSURANCE)
    )
    fob = str(case.value("basis|cv_basis", "")).upper() == "FOB"
    onward = 0 if value is not None and case.find(r"ddp.*") else amount_of(case, INLAND, decimals)
    if value is None and case.find(VALUE):
        value = amount_of(case, VALUE, decimals)
    goods = value if value is not None else amount_of(case, "goods|price|value|invoice", decimals)
    duty, *layers = Stated("duty", case.ppm(DUTY, 0)), *_layers(case, decimals)
    columns = {
        "goods_dc": goods, "freight_dc": freight, "shipping_dc": freight, "insurance_dc": insurance,
        "onward_dc": onward, "cv_basis": "FOB" if fob else "CIF", "tax_ppm": case.ppm(VAT, 0),
    }  # fmt: skip
    landed = stated_cost(columns, duty, layers, world, pieces=_pieces(case))
    row, charges = landed.consignments.row(0, named=True), landed.charges
    rows = charges.filter(pl.col("kind") == "layer").group_by("code").agg(pl.col("amount").sum())
    figures = _figures(row, decimals) | {code: major(amount, decimals) for code, amount in rows.iter_rows()}
    rounded = {
        name: None if one is None else to_major(to_minor(one, shown), shown) for name, one in figures.items()
    }
    return _bases(case, world, shown) | rounded


def _figures(row: dict[str, Any], decimals: int) -> Figures:
    names = {
        "customs_value|cv": "cv_minor", "duty|basic_duty|mfn|third_country|customs_duty": "duty_minor",
        "additional_duties|layers|extra_duties": "layers_minor", "vat_base|tax_base": "taxable_minor",
        "vat|tax|import_vat|gst": "tax_minor", "total|total_charges|charges": "charges_minor",
        "landed|landed_cost|total_landed": "landed_minor", "fees|fee": "fees_minor",
    }  # fmt: skip
    found: Figures = {words: major(row[column], decimals) for words, column in names.items()}
    found["total_duty|duties|all_duties"] = major(row["duty_minor"] + row["layers_minor"], decimals)
    return found


def _bases(case: Case, world: World, decimals: int) -> Figures:
    """The price's value on both bases, where a price under a term is given."""
    try:
        both = {basis: _priced(case, world, decimals, basis) for basis in ("CIF", "FOB")}
    except (KeyError, ValueError):
        return {}
    names = {"CIF": ["cif", "cif_value", "cif_basis"], "FOB": ["fob", "fob_value", "fob_basis"]}
    for name in case.expected:
        place = re.fullmatch(r"(customs_value_)?([a-z]{2})((_customs)?_value)?", name, re.IGNORECASE)
        if place:
            names["FOB" if _is_fob(place.group(2).upper(), world) else "CIF"].append(name)
    return {
        "|".join(names[basis]): major(value, decimals) for basis, value in both.items() if value is not None
    }


def _is_fob(place: str, world: World) -> bool:
    """Whether a country's ordinary import rule takes the goods alone as their value."""
    rules = world["import_rules"].filter(pl.col("dest") == place, pl.col("flow") == "import").sort("priority")
    return rules.height > 0 and rules["cv_basis"][-1] == "FOB"


def _flat(case: Case, world: World) -> Figures:
    """A consignment of low value into the union, quoted by the world's own rule of the day."""
    items = case.value("items|lines_of_goods")
    codes = [_declared(item) for item in (items if isinstance(items, list) else [])]
    count = case.count("hs_lines|tariff_lines|lines|hs_codes", 0)
    codes = codes or [(f"6109{10 + n}", 1) for n in range(count)]
    if not codes:
        raise Unsupported("no tariff lines given")
    digits = 10 if re.search(r"\bh1\b(?!.*\bh7\b)|\bhs ?10\b|10 digits", case.text) else 6
    lines = len({(code[:digits], *told) for code, _, *told in codes})
    goods = minor(case.number("goods|value|goods_eur|price", Decimal(len(codes))), 2)
    shipping = minor(case.number("freight|shipping", 0), 2)
    on = case.day(last_day(world))
    place = str(case.value("dest|country", "")) or _member(world)
    row = _quoted(goods, shipping, [(code, pieces) for code, pieces, *_ in codes], place, on, world)
    if row["rule"] is None or row["duty_minor"] is None:
        raise Unsupported(f"no rule for {place} on {on}")
    if row["duty_mode"] == "flat":
        row["duty_minor"] = row["flat_duty_minor"] * lines
    duty = row["duty_minor"]
    rate = case.ppm(VAT, Decimal(row["vat_ppm"] or 0) / 10_000)
    base = goods + shipping
    with_duty, without = (_sale_tax(base + more, rate, world) for more in (duty, 0))
    return {
        "lines|tariff_lines|hs_lines": lines,
        "duty|duty_eur|flat_duty": major(duty, 2),
        "vat_on_duty|tax_on_duty": major(with_duty - without, 2),
        "vat|tax|vat_eur": major(with_duty, 2),
        "vat_base": major(base + duty, 2),
        "total|landed|total_eur": major(base + duty + with_duty, 2),
        "total_charges|charges": major(duty + with_duty, 2),
    }


def _declared(item: Any) -> tuple[Any, ...]:
    """Code, pieces and what else tells lines apart (origin, description) of an item: a list, an object or a code."""
    if isinstance(item, dict):
        code = next((str(item[name]) for name in ("hs", "hs6", "hs_code", "code") if name in item), "")
        told = [str(item[name]) for name in ("origin", "description") if name in item]
        pieces = next((int(item[name]) for name in ("qty", "quantity", "pieces") if name in item), 1)
    else:
        parts = item if isinstance(item, list) else [item]
        code, told = str(parts[0]), [part for part in parts[1:] if isinstance(part, str)]
        pieces = next((int(part) for part in parts[1:] if not isinstance(part, str)), 1)
    if not code.isdigit():
        raise Unsupported(f"{code or item} is no HS code")
    return (code, pieces, *told)


def _member(world: World) -> str:
    """A member of the union that levies a flat duty by line: the rule is the same in all of them."""
    flat = world["import_rules"].filter(pl.col("duty_mode") == "flat")["dest"].unique().sort()
    members = world["territories"].filter(
        pl.col("territory").is_in(flat.implode()), pl.col("valid_to").is_null()
    )
    if members.is_empty():
        raise Unsupported("no country levies a flat duty by line")
    return str(members["country"].sort()[0])


def _sale_tax(base: int, rate_ppm: int, world: World) -> int:
    sale = {
        "goods_dc": base,
        "cv_basis": "GOODS",
        "tax_base": "PRICE",
        "tax_ppm": rate_ppm,
        "duty_mode": "none",
    }
    return int(stated_cost(sale, Stated(""), [], world).consignments["tax_minor"][0])


def _quoted(
    goods: int, shipping: int, codes: Sequence[tuple[str, int]], place: str, on: Any, world: World
) -> dict[str, Any]:
    head = {
        "order_id": 1, "placed_on": on, "ship_from": "CN", "dest_country": place, "mode": "courier",
        "currency": "EUR", "freight_minor": shipping, "shipping_minor": shipping, "duties_charged": True,
        "incoterm": "DDP",
    }  # fmt: skip
    each, rest = divmod(goods, len(codes))
    rows = [
        {"order_id": 1, "line_no": n, "hs_code": code, "origin": "CN", "quantity": pieces, "weight_g": 100,
         "amount_minor": each + (rest if n == 1 else 0)}
        for n, (code, pieces) in enumerate(codes, 1)
    ]  # fmt: skip
    quoted = quote(QUOTES.check(pl.DataFrame([head])), QUOTE_LINES.check(pl.DataFrame(rows)), world)
    return quoted.consignments.row(0, named=True)


def _fee(case: Case, world: World) -> Figures:
    """A fee of the border by its name, with the least and the most of the day."""
    code = next((word for word in ("mpf", "hmf") if case.has(word)), "")
    named = {"mpf": "US-MPF", "hmf": "US-HMF"}
    if not code:
        raise Unsupported("no fee named")
    if code == "mpf" and case.has("informal"):
        named["mpf"] = "US-MPF-INF"
    return _listed(
        case, f"fee|fees|{code}|amount", [row["fees_minor"] for row in _entered(case, world, named[code])]
    )


def _whole(case: Case, world: World) -> Figures:
    """The value an entry into the United States is made on."""
    return _listed(
        case,
        "entered|entered_value|customs_value|cv|dollars",
        [row["cv_minor"] for row in _entered(case, world, "")],
    )


def _entered(case: Case, world: World, fees: str) -> list[dict[str, Any]]:
    """Entries of the values given, one each, by the rounding of the United States."""
    on, found = case.day(last_day(world)), []
    for value in case.numbers(ENTERED):
        columns = {
            "goods_dc": minor(value, 2), "cv_basis": "FOB", "tax_mode": "none", "fees": fees, "decl_currency": "USD",
            "placed_on": on, "epoch": on,
        }  # fmt: skip
        landed = stated_cost(columns, Stated(""), [], world, rounding="us_159_3").consignments
        found.append(landed.row(0, named=True))
    return found


def _listed(case: Case, names: str, amounts: list[int]) -> Figures:
    """Amounts in cents under their names: a list where the case gives a list."""
    shown = [major(amount, 2) for amount in amounts]
    return {names: shown if isinstance(case.value(ENTERED), list) else shown[0]}


def _tax_inside(case: Case, world: World) -> Figures:
    """A tax that stands inside its own base: (value + duty) / (1 - rate) × rate."""
    value, rate = amount_of(case, f"{VALUE}|value|goods|cif", 2), case.ppm(INSIDE_PCT)
    duty = amount_of(case, IMPORT_DUTY, 2)
    columns = {
        "goods_dc": value, "cv_basis": "GOODS", "tax_base": "INSIDE", "tax_ppm": rate, "duty_mode": "fixed",
        "duty_ppm": case.ppm(DUTY + "|ii_pct", 0), "duty_less_minor": -duty,
    }  # fmt: skip
    row = stated_cost(columns, Stated(""), [], world).consignments.row(0, named=True)
    return {
        "icms|tax|inside_tax": major(row["tax_minor"], 2),
        "ii|duty|import_duty": major(row["duty_minor"], 2),
        "base|tax_base|icms_base": major(row["taxable_minor"], 2),
        "total|landed|total_cost": major(row["landed_minor"], 2),
        "total_charges|charges": major(row["charges_minor"], 2),
    }


ENTERED = f"{VALUE}|values?|goods"
INSIDE_PCT, IMPORT_DUTY = r"(icms|inside)(_pct|_rate_pct)", "ii|duty|import_duty"
_STATED = (DUTY, VAT, LAYER, NET, FREIGHT, INSURANCE, INLAND, "basis|cv_basis", "dest|country")
METHODS = [
    Method("duties on one customs value", (VALUE,), _stacked, _STATED, ("duty", "stacking")),
    Method("duties on goods, freight and insurance", ("goods",), _stacked, _STATED, ("duty stacking", "landed")),
    Method(
        "customs value of a price", (PRICE,), _stacked, (*_STATED, ORIGIN_COSTS, LOADING),
        ("ddp", "cif", "fob", "customs value"),
    ),
    Method(
        "customs value by Incoterm", ("term|incoterm", f"price|goods|invoice|{PRICE}"), _stacked,
        (*_STATED, ORIGIN_COSTS, LOADING), ("incoterm",),
    ),
    Method(
        "flat duty by line", ("items|lines_of_goods|hs_lines|tariff_lines|lines|hs_codes",), _flat,
        ("goods|value|goods_eur|price", "freight|shipping", VAT, "dest|country"), ("flat duty", "eu "),
    ),
    Method("fee of the border", (ENTERED,), _fee, (), ("mpf", "hmf")),
    Method("whole dollars of an entry", (ENTERED,), _whole, (), ("159.3", "whole dollar")),
    Method(
        "tax inside its base", (f"{VALUE}|value|goods|cif", INSIDE_PCT), _tax_inside, (IMPORT_DUTY, DUTY, "ii_pct"),
        ("inside", "icms"),
    ),
]  # fmt: skip
