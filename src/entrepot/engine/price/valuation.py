"""Valuation: the customs value inside a price that was agreed under an Incoterm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import polars as pl

from entrepot.engine.arithmetic import PPM
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

TOKEN = re.compile(r"([+-])([a-z][a-z ]*)")
SHARES = ("duty", "tax")


def value_of_price(
    price: int, term: str, basis: str, costs: Mapping[str, int], world: World, *, on: date, **rates_ppm: int
) -> int:
    """The CIF or FOB value in a price under a term: costs the price lacks are added, those beyond the value come out.

    Units: minor units in and out; `costs` by name (origin costs, loading, freight, insurance, inland after import);
    duty_ppm and tax_ppm are the rates a duty-paid price includes: DDP without tax is (price - inland) / (1 + duty).
    Rounding: half-up, once. Errors: KeyError for a term, ValueError for a basis the table of terms does not know.
    Source: world table incoterms, columns to_cif_value and to_fob_value; docs/methods/customs_value.md.
    """
    if basis not in ("CIF", "FOB"):
        raise ValueError(f"no conversion to {basis}")
    rows = world["incoterms"].filter(pl.col("term") == term).with_columns(on=pl.lit(on)).filter(in_force())
    if rows.is_empty():
        raise KeyError(f"no term {term} on {on}")
    tokens = dict.fromkeys(TOKEN.findall(rows[f"to_{basis.lower()}_value"][0]))
    steps = {name.strip(): sign for sign, name in tokens}
    if rows["letter_group"][0] == "D":
        steps.setdefault("inland after import", "-")
    value = Fraction(price)
    if "tax" in steps:
        value /= 1 + Fraction(rates_ppm.get("tax_ppm", 0), PPM)
    for name, sign in steps.items():
        if name not in SHARES:
            value += costs.get(name, 0) * (1 if sign == "+" else -1)
    if "duty" in steps:
        value /= 1 + Fraction(rates_ppm.get("duty_ppm", 0), PPM)
    whole, half = value.denominator, abs(value.numerator) * 2 + value.denominator
    return half // (2 * whole) * (-1 if value < 0 else 1)
