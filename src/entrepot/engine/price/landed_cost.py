"""Landed cost: the goods at the buyer's door, from customs value to tax."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.engine import few as pl
from entrepot.engine.price.customs import Goods, customs_value, duties, import_fees
from entrepot.engine.price.tax import taxes
from entrepot.engine.world import World


@dataclass(frozen=True)
class Landed:
    """Consignments with their landed cost, and the single charges it is made of."""

    consignments: pl.DataFrame
    charges: pl.DataFrame


def landed_cost(cons: pl.DataFrame, goods: Goods, world: World) -> Landed:
    """Cost of each consignment at the buyer's door: goods, freight, insurance, duty, fees, tax.

    Shapes: cons n rows, key way, with the rule's columns, the rounding profile and *_dc amounts; goods
    as `customs.Goods` says. Result: n rows, same order; charges one row per duty, layer, fee and tax.
    Units: minor units of decl_currency; rates ppm. Rounded once per charge by the jurisdiction's profile.
    Errors: bad data never raises; a charge whose rate is unknown is null and so is the total.
    Holds: landed = goods + freight + insurance + onward + duty + layers + fees + tax.
    Source: docs/methods/landed_cost.md (its table is the golden test).
    """
    cons = customs_value(cons)
    cons, duty_rows = duties(cons, goods, world)
    cons, fee_rows = import_fees(cons, world)
    cons, tax_rows = taxes(cons, goods.shares, world)
    charges = pl.col("duty_minor") + pl.col("layers_minor") + pl.col("fees_minor") + pl.col("tax_minor")
    cons = cons.with_columns(charges_minor=charges)
    carried = pl.col("freight_dc") + pl.col("insurance_dc") + pl.col("onward_dc")
    cons = cons.with_columns(landed_minor=pl.col("goods_dc") + carried + pl.col("charges_minor"))
    return Landed(cons, pl.concat([duty_rows, fee_rows, tax_rows]))
