"""Worked cases: landed-cost examples from a file, computed by the engine's own rules and compared figure by figure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from entrepot.engine.frames import SchemaError
from entrepot.engine.fx import Rates
from entrepot.engine.price.regime import WORDS, origin_bit, regime, retail_ppm
from entrepot.engine.price.tax import tax_rates
from entrepot.engine.stated import Stated, stated_cost
from entrepot.engine.world import World

REQUIRED = ("case_id", "dest", "entry_date", "scheme", "origin", "currency", "goods")
EXPECTED = {
    "exp_customs_value": "cv_minor",
    "exp_duty": "duty_minor",
    "exp_addl_duty": "layers_minor",
    "exp_fees": "fees_minor",
    "exp_tax_base": "taxable_minor",
    "exp_tax": "tax_minor",
    "exp_total_charges": "charges_minor",
    "exp_landed_cost": "landed_minor",
}
MONEY = ("goods", "freight", "insurance", "onward", "flat_duty_per_line")
PERCENT = ("duty_pct", "tax_pct")
FLAGS = ("duty_applies", "addl_applies", "tax_applies")
FINEST = 9  # decimals that an expected figure may have
MOST = 10**15  # minor units of a case, or parts per million


@dataclass(frozen=True)
class Words:
    """What the words of a case mean: frames word → column and value, read from data files.

    schemes: word, column (mode, buyer_kind, scheme, vat), value. roundings: word, rounding. fees: word, fee.
    """

    schemes: pl.DataFrame
    roundings: pl.DataFrame
    fees: pl.DataFrame


@dataclass(frozen=True)
class Outcome:
    """One case's verdict: pass, fail or unsupported, with what differs and what the rules of the world say."""

    case_id: str
    verdict: str
    differences: tuple[str, ...] = ()
    rule: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class _Case:
    row: dict[str, str]
    minor_units: int
    mode: str = ""
    buyer_kind: str = "b2c"
    vat_valid: bool = False
    schemes: list[str] = field(default_factory=list)

    def minor(self, name: str) -> int:
        """An amount of the case in minor units. Errors: ValueError for none, a negative or too fine an amount."""
        return _whole(name, self.row.get(name) or "0", self.minor_units, signed=name == "flat_duty_per_line")

    def ppm(self, name: str) -> int:
        """A percentage of the case in parts per million. Errors: as of `minor`."""
        return _whole(name, self.row.get(name) or "0", 4)

    @property
    def lines(self) -> int:
        """Tariff lines, one where the case names none."""
        return _whole("tariff_lines", self.row.get("tariff_lines") or "1", 0) or 1

    @property
    def layers(self) -> list[int]:
        """Additional duties in parts per million, none where they do not apply."""
        parts = [_whole("addl_pct", part, 4) for part in (self.row.get("addl_pct") or "").split("+") if part]
        return parts if (self.row.get("addl_applies") or "Y") == "Y" else []

    @property
    def on(self) -> date:
        """The day of entry."""
        return date.fromisoformat(self.row["entry_date"])

    @property
    def place(self) -> tuple[str, str]:
        """Country and region: `CA-ON` is Canada, Ontario."""
        country, _, region = self.row["dest"].partition("-")
        return country, region


def landed_cases(rows: list[dict[str, str]], world: World, words: Words) -> list[Outcome]:
    """Verdict on each landed-cost case: stated tariff rates, the engine's formulas, the world's rounding and fees.

    Where the case states its regime (basis, tax base, what applies) that is computed; where it leaves the columns
    empty the world's rule decides. In both modes the world's own rule is found too and a difference is noted.
    Shapes: n rows in, n outcomes out, same order. Units: major units and percent in the file, compared in minor units.
    Errors: a row that cannot be read is `unsupported` with the reason; nothing raises.
    """
    Rates.of(world)  # laid out once for all the worlds derived from this one
    return [_judge(row, world, words) for row in rows]


def _whole(name: str, text: str, digits: int, *, signed: bool = False) -> int:
    """A figure as a whole number of its last digit."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name}: {text} is no number") from None
    if not value.is_finite() or abs(value) > MOST:
        raise ValueError(f"{name}: {text} is no figure a case can have")
    whole = value.scaleb(digits)
    if whole != int(whole):
        raise ValueError(f"{name}: {text} has more than {digits} decimals")
    if whole < 0 and not signed:
        raise ValueError(f"{name}: {text} is negative")
    return int(whole)


def _judge(row: dict[str, str], world: World, words: Words) -> Outcome:
    case_id = row.get("case_id") or "?"
    try:
        case = _read(row, world, words)
        rule = _derived(case, world)
        result = _computed(case, _regime_of(case, rule, words), world, words)
    except (KeyError, ValueError, ArithmeticError, SchemaError) as error:
        return Outcome(case_id, "unsupported", (str(error.args[0] if error.args else error),))
    differences = []
    for name, column in EXPECTED.items():
        if row.get(name):
            got = result[column]
            fine = None if got is None else got * 10 ** (FINEST - case.minor_units)
            if _whole(name, row[name], FINEST, signed=True) != fine:
                differences.append(f"{name}: expected {row[name]}, got {_major(got, case.minor_units)}")
    notes = _disagreements(case, rule, world)
    verdict = "fail" if differences else "pass"
    return Outcome(case_id, verdict, tuple(differences), str(rule["rule"]) if rule else "", tuple(notes))


def _major(value: int | None, minor_units: int) -> str:
    return "nothing" if value is None else str(Decimal(value).scaleb(-minor_units))


def _read(row: dict[str, str], world: World, words: Words) -> _Case:
    missing = [name for name in REQUIRED if not row.get(name)]
    if missing:
        raise ValueError(f"empty {', '.join(missing)}")
    units = world["currencies"].filter(pl.col("currency") == row["currency"])["minor_units"]
    if units.is_empty():
        raise ValueError(f"unknown currency {row['currency']}")
    case = _Case(row, int(units[0]))
    _check(case, words)
    text = f" {row['scheme'].lower()} "
    for word, column, value in words.schemes.iter_rows():
        if word in text:
            if column == "scheme":
                case.schemes.append(value)
            elif column == "vat":
                case.vat_valid = value == "yes"
            else:
                setattr(case, column, value)
    return case


def _check(case: _Case, words: Words) -> None:
    """Every figure and word of a case is one the rules know. Errors: ValueError naming the column."""
    for name in MONEY:
        case.minor(name)
    for name in EXPECTED:
        _whole(name, case.row.get(name) or "0", FINEST, signed=True)
    for name in PERCENT:
        case.ppm(name)
    stated = case.row.get("cv_basis", "")
    share = [stated] if re.fullmatch(r"RETAIL\d{1,2}", stated) else []
    known = {
        "cv_basis": [*WORDS["cv_basis"], *share],
        "tax_base_rule": WORDS["tax_base"],
        **dict.fromkeys(FLAGS, ("Y", "N")),
    }
    for name, allowed in known.items():
        if case.row.get(name) and case.row[name] not in allowed:
            raise ValueError(f"{name}: {case.row[name]} is none of {', '.join(allowed)}")


def _consignment(case: _Case) -> dict[str, object]:
    country, region = case.place
    goods = case.minor("goods")
    words = case.row["scheme"].lower().replace(",", " ").split()
    item = goods
    if "of" in words and words.index("of") + 1 < len(words) and "items" in words:
        item = _whole("scheme", words[words.index("of") + 1], case.minor_units)
    return {
        "way": 0, "order_id": 0, "dest_country": country, "dest_region": region, "ship_from": case.row["origin"],
        "placed_on": case.on, "epoch": case.on, "mode": case.mode, "buyer_kind": case.buyer_kind,
        "buyer_vat_valid": case.vat_valid, "channel": "case",
        "currency": case.row["currency"], "goods_net": goods, "item_net": item,
        "freight_minor": case.minor("freight"), "insurance_minor": case.minor("insurance"),
    }  # fmt: skip


def _derived(case: _Case, world: World) -> dict[str, object] | None:
    """The rule the world itself finds for the case, with its tax rate; None where it knows none."""
    schemes = pl.DataFrame([{"channel": "case", "kind": "own", "schemes": " ".join(case.schemes)}])
    empty = world["registrations"].clear()
    world = world.replace(channels=schemes, registrations=empty)
    rates = Rates.of(world)
    frame = pl.DataFrame([_consignment(case)]).with_columns(
        origin_bits=origin_bit(pl.Series([case.row["origin"]]), world)
    )
    frame = rates.attach(frame, "currency", "placed_on", "w_order").with_columns(w_freight=pl.col("w_order"))
    found = regime(frame, world, rates).to_dicts()[0]
    return found if found["rule"] else None


def _regime_of(case: _Case, rule: dict[str, object] | None, words: Words) -> dict[str, object]:
    """The rule columns to compute by: the case's own statement where it makes one, else the world's rule."""
    row = case.row
    if not row.get("cv_basis"):
        if rule is None:
            raise ValueError("no regime stated and no rule known")
        return rule
    duty, flat = row.get("duty_applies") == "Y", case.minor("flat_duty_per_line")
    extra = bool(case.layers)
    rate, lines = case.ppm("duty_pct"), case.lines
    mode = "tariff" if (duty and not flat) or extra else "none"
    if duty and flat:
        mode = "fixed" if rate else "flat"
    return {
        "cv_basis": row["cv_basis"], "retail_ppm": _retail_ppm(row["cv_basis"]),
        "tax_base": row["tax_base_rule"], "duty_mode": mode,
        "duty_ppm": rate if duty else 0, "flat_duty_minor": flat,
        "duty_less_minor": -flat * lines if mode == "fixed" else 0,
        "tax_mode": "fixed" if row.get("tax_applies") == "Y" else "none", "tax_ppm": case.ppm("tax_pct"),
        "tax_waived_minor": None, "tax_place": "dest", "collector": "sale",
        "duty_collector": "border", "fees": _fees(row.get("fee_rule", "")),
        "rounding": _rounding(row.get("rounding", ""), words), "rule": "stated",
    }  # fmt: skip


def _rounding(text: str, words: Words) -> str:
    """The profile of the first word that a case's rounding holds; half up where it says nothing."""
    named = [profile for word, profile in words.roundings.iter_rows() if word in text.lower()]
    if text and not named:
        raise ValueError(f"rounding: {text} is none of {', '.join(words.roundings['word'])}")
    return str(named[0]) if named else "half_up"


def _retail_ppm(basis: str) -> int | None:
    return pl.DataFrame({"basis": [basis]}).select(retail_ppm("basis")).item()


def _fees(text: str) -> str:
    return " ".join(re.split(r"[\s+;,/|&]+", text.strip()))


def _computed(case: _Case, rule: dict[str, object], world: World, words: Words) -> dict[str, int | None]:
    goods, freight = case.minor("goods"), case.minor("freight")
    world, fees = _with_fees(case, str(rule["fees"] or ""), world, words)
    country, region = case.place
    columns = {
        **_consignment(case), **rule, "fees": fees, "goods_dc": goods, "freight_dc": freight,
        "shipping_dc": freight, "insurance_dc": case.minor("insurance"), "onward_dc": case.minor("onward"),
        "tariff_lines": case.lines, "vat_ppm": _rate_of(case, world),
        "tax_country": country, "tax_region": region, "decl_currency": case.row["currency"],
    }  # fmt: skip
    duty = case.ppm("duty_pct") if case.row.get("duty_applies", "Y") != "N" else 0
    stated = [Stated(f"stated {n}", rate) for n, rate in enumerate(case.layers)]
    landed = stated_cost(columns, Stated("", duty), stated, world, rounding=str(rule["rounding"]))
    return landed.consignments.to_dicts()[0]


def _rate_of(case: _Case, world: World) -> int | None:
    country, region = case.place
    kind = {"tax_country": country, "tax_region": region, "tax_category": "standard", "epoch": case.on}
    rate = tax_rates(pl.DataFrame([kind]), world)["vat_ppm"][0]
    return None if rate is None else int(rate)


def _with_fees(case: _Case, text: str, world: World, words: Words) -> tuple[World, str]:
    """Fees by name from the world; `FIX:2.62` and `PCTBASE:5` (percent of value and duty) are stated in the case."""
    names, stated = [], []
    known = dict(words.fees.iter_rows())
    for number, word in enumerate(text.split()):
        kind, _, figure = word.partition(":")
        if not figure:
            names.append(known.get(word, word))
            continue
        fixed = _whole("fee_rule", figure, case.minor_units) if kind == "FIX" else 0
        ppm = _whole("fee_rule", figure, 4) if kind == "PCTBASE" else 0
        if kind not in ("FIX", "PCTBASE"):
            raise ValueError(f"unknown fee rule {word}")
        names.append(f"stated-{number}")
        stated.append(
            {"fee": names[-1], "base": "cv+d" if ppm else "none", "rate_ppm": ppm, "fixed_minor": fixed}
        )
    unknown = set(names) - set(world["import_fees"]["fee"]) - {row["fee"] for row in stated}
    if unknown:
        raise ValueError(f"unknown fee rule {', '.join(sorted(unknown))}")
    if stated:
        usual = {
            "min_minor": None,
            "max_minor": None,
            "currency": case.row["currency"],
            "reading": "",
            "valid_from": case.on,
        }
        rows = [{**usual, **row, "valid_to": None, "source": "the case", "status": "P"} for row in stated]
        fees = pl.concat([world["import_fees"], pl.DataFrame(rows, schema=world["import_fees"].schema)])
        world = world.replace(import_fees=fees)
    return world, " ".join(names)


def _disagreements(case: _Case, rule: dict[str, object] | None, world: World) -> list[str]:
    """Where the world's own rule differs from what the case states; an empty list is full agreement."""
    if not case.row.get("cv_basis"):
        return []
    if rule is None:
        return ["no rule known in the world"]
    flat = case.minor("flat_duty_per_line") > 0
    duty = "flat" if flat else ("duty" if case.row.get("duty_applies") == "Y" else "none")
    kind = {"flat": "flat", "none": "none"}.get(str(rule["duty_mode"]), "duty")
    waived = rule["tax_waived_minor"] is not None
    taxed = str(rule["tax_mode"]) != "none"
    found = []
    if kind != duty and not (kind == "duty" and case.ppm("duty_pct") == 0):
        found.append(f"duty: case {duty}, world {kind} ({rule['rule']})")
    if taxed != (case.row.get("tax_applies") == "Y") and not waived:
        found.append(f"tax: case {case.row.get('tax_applies')}, world {rule['tax_mode']} ({rule['rule']})")
    if taxed and str(rule["tax_base"]) != case.row["tax_base_rule"]:
        found.append(f"tax base: case {case.row['tax_base_rule']}, world {rule['tax_base']} ({rule['rule']})")
    return found
