"""Stated consignments: the landed cost of one whose rates are given, by the formulas that decide orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from entrepot.engine.fx import EPOCH
from entrepot.engine.price.customs import Goods
from entrepot.engine.price.landed_cost import Landed, landed_cost
from entrepot.engine.price.tariff import RATE
from entrepot.engine.world import World

PER_UNIT = 10_000  # a rate per unit is kept in ten-thousandths of a minor unit


@dataclass(frozen=True)
class Stated:
    """A duty as stated: a share of the customs value, an amount per unit (kg, t, no …), or both together."""

    name: str
    rate_ppm: int = 0
    per_unit_e4: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Pieces:
    """Net weight in g and number of what is declared; the lines a tax rounded per line or unit is computed on.

    lines: worth and pieces of each.
    """

    net_g: int = 0
    pieces: int = 0
    lines: tuple[tuple[int, int], ...] = ()


# What a consignment is where nothing else is stated: no duty of its own, no tax, nothing carried.
PLAIN: dict[str, object] = {
    "way": 0, "order_id": 0, "goods_dc": 0, "freight_dc": 0, "shipping_dc": 0, "insurance_dc": 0, "onward_dc": 0,
    "weight_g": 0, "tariff_lines": 1, "duties_charged": True, "price_includes_tax": False, "tax_groups": 1,
    "tax_category": "standard", "included_minor": 0, "vat_ppm": None, "tax_country": "", "tax_region": "",
    "w_order": 1, "w_dc": 1, "cv_basis": "CIF", "retail_ppm": None, "tax_base": "CV+D+T", "duty_mode": "tariff",
    "duty_ppm": 0, "flat_duty_minor": 0, "duty_less_minor": 0, "tax_mode": "fixed", "tax_ppm": 0,
    "tax_waived_minor": None, "tax_place": "dest", "collector": "sale", "duty_collector": "border", "fees": "",
    "rule": "stated",
    "placed_on": EPOCH, "epoch": EPOCH, "decl_currency": "EUR",
}  # fmt: skip
_NULLS = {"tax_waived_minor": pl.Int64, "vat_ppm": pl.Int64, "retail_ppm": pl.Int64}
_ONE_RATE = {
    "specific_e4": 0, "unit": "", "currency_code": None, "combine": "sum", "floor_ppm": None, "ceiling_ppm": None,
    "floor_e4": None, "ceiling_e4": None,
}  # fmt: skip
_RATE_TYPES = {name: pl.String if name in ("unit", "combine") else pl.Int64 for name in RATE}
_NO_MEASURES = pl.DataFrame(
    schema={"order_id": pl.Int64, "kind": pl.Int64, "unit": pl.String, "quantity_e3": pl.Int64}
)


def stated_cost(
    columns: Mapping[str, Any],
    duty: Stated,
    layers: Sequence[Stated],
    world: World,
    *,
    rounding: str = "half_up",
    pieces: Pieces = Pieces(),
) -> Landed:
    """The landed cost of one consignment: its own columns over `PLAIN`, a duty and layers on the same customs value.

    Shapes: one row, and its charges. Units: minor units of the declaration's currency; rates ppm.
    Errors: KeyError when the world has no such rounding profile.
    Source: docs/methods/landed_cost.md.
    """
    profiles = world["roundings"].filter(pl.col("rounding") == rounding).drop("rounding", "source")
    if profiles.is_empty():
        raise KeyError(f"no rounding profile {rounding}")
    cons = pl.DataFrame([{**PLAIN, **profiles.row(0, named=True), **columns}], schema_overrides=_NULLS)
    lines = pl.DataFrame({
        "order_id": [0], "kind": [0], "hs_code": [""], "goods_weight": [1], "net_g": [pieces.net_g],
        "pieces": [pieces.pieces],
    })  # fmt: skip
    shares = _shares(pieces, cons["tax_per"][0])
    goods = Goods(lines, _rates([duty]), _rates(layers), _NO_MEASURES, shares)
    return landed_cost(cons, goods, world)


def _rates(rates: Sequence[Stated]) -> pl.DataFrame:
    """Rates as the tariff's tables give them."""
    rows = [
        {"place": 0, "layer": rate.name, "scheme": "", **_ONE_RATE, "rate_ppm": rate.rate_ppm,
         "specific_e4": rate.per_unit_e4, "unit": rate.unit}
        for rate in rates
    ]  # fmt: skip
    return pl.DataFrame(
        rows, schema={"place": pl.Int64, "layer": pl.String, "scheme": pl.String, **_RATE_TYPES}
    )


def _shares(pieces: Pieces, tax_per: str) -> pl.DataFrame:
    """The lines a tax is rounded on, as `tax.taxes` reads them; none where it is rounded on the whole."""
    lines = pieces.lines if tax_per != "order" else ()
    rows = [
        (0, tax_per, "standard", max(worth, 1), 0, count if tax_per == "unit" else None)
        for worth, count in lines
    ]
    schema = {
        "order_id": pl.Int64, "tax_per": pl.String, "tax_category": pl.String, "tax_weight": pl.Int64,
        "included_minor": pl.Int64, "pieces": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
