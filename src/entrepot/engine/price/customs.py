"""Customs: value, duty, layers and fees of a consignment, in the currency of the declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from entrepot.engine import few as pl
from entrepot.engine.arithmetic import (
    PPM,
    WIDE,
    at_ppm,
    cumulative_share,
    divide,
    running,
    segment_sums,
    width,
)
from entrepot.engine.frames import pick
from entrepot.engine.fx import Rates, converted
from entrepot.engine.policy import adopted
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

GRAMS_PER_KG = 1_000
Modes = frozenset[str]


def modes_in(frame: pl.DataFrame, column: str) -> Modes:
    """The rounding modes a frame uses; most batches use one, and then only that one is computed."""
    return frozenset(frame[column].unique().drop_nulls().to_list())


@pl.remembered
def by_mode(numerator: pl.Expr, denominator: pl.Expr | int, column: str, modes: Modes) -> pl.Expr:
    """`divide` with the rounding mode named in a column."""
    result = divide(numerator, denominator)
    for mode in sorted(modes - {"half_up"}):
        result = pl.when(pl.col(column) == mode).then(divide(numerator, denominator, mode)).otherwise(result)
    return result


@pl.remembered
def to_step(value: pl.Expr, step: str, column: str, modes: Modes) -> pl.Expr:
    """The value cut to multiples of the step in its column."""
    cut = by_mode(value, pl.col(step), column, modes) * pl.col(step)
    return pl.when(pl.col(step) == 1).then(value).otherwise(cut)


@pl.remembered
def rated(value: pl.Expr, rate_ppm: pl.Expr, step: str, column: str, modes: Modes) -> pl.Expr:
    """Value × rate, rounded once to the step by the mode."""
    return by_mode(value * rate_ppm, pl.col(step) * PPM, column, modes) * pl.col(step)


def customs_value(cons: pl.DataFrame) -> pl.DataFrame:
    """Adds cv_minor: the goods on the country's basis (GOODS, FOB, CIF or a share of retail), cut as the law says.

    Shapes: n rows in, n rows out. Units: minor units of decl_currency.
    Source: docs/methods/landed_cost.md; Reg. (EU) 952/2013 art. 70-71; 19 USC 1401a; 19 CFR 159.3.
    """
    goods, modes = pl.col("goods_dc"), modes_in(cons, "value_rounding")
    value = (
        pl.when(pl.col("cv_basis") == "CIF")
        .then(goods + pl.col("freight_dc") + pl.col("insurance_dc"))
        .when(pl.col("retail_ppm").is_not_null())
        .then(at_ppm(goods, pl.col("retail_ppm"), "truncate"))
        .otherwise(goods)
    )
    return cons.with_columns(cv_minor=to_step(value, "value_step", "value_rounding", modes))


@dataclass(frozen=True)
class Goods:
    """What is declared by tariff, and what the tariff says of it.

    lines: order_id, kind, hs_code, goods_weight (worth, for sharing the customs value), net_g, pieces; one row per kind
    of goods of an order, sorted. rates and layers: `place` (the kind) with the columns of `tariff.duty_rate_table` and
    `tariff.layer_table`. measures: order_id, kind, unit, quantity_e3 where goods are measured otherwise.
    shares: as in `tax.taxes`.
    """

    lines: pl.DataFrame
    rates: pl.DataFrame
    layers: pl.DataFrame
    measures: pl.DataFrame
    shares: pl.DataFrame


def duties(cons: pl.DataFrame, goods: Goods, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds duty_minor and layers_minor to each consignment; also returns the rows they are made of.

    Shapes: cons n rows, `way` is the row's place. Detail rows: way, kind (duty or layer),
    code, taxable, rate_ppm, amount.
    Units: minor units of decl_currency; each line rounded once by the profile, all layers on the same customs value.
    Errors: a line without a known rate, or whose quantity in the rate's unit is unknown, makes the duty null.
    Source: docs/methods/landed_cost.md.
    """
    modes = modes_in(cons, "duty_rounding")
    lines = _tariff_lines(cons, goods.lines, modes)
    rated_lines = cheapest(amounts(with_tariff(lines, goods.rates, "left"), goods.measures, modes, world))
    stacked = amounts(with_tariff(lines, goods.layers, "inner"), goods.measures, modes, world)
    duty, layers = _per_way(rated_lines, cons), _per_way(stacked, cons)
    fixed = rated(pl.col("cv_minor"), pl.col("duty_ppm"), "duty_step", "duty_rounding", modes)
    fixed -= pl.col("duty_less_minor")
    amount = (
        pl.when(pl.col("duty_mode") == "tariff")
        .then(duty)
        .when(pl.col("duty_mode") == "flat")
        .then(pl.col("flat_duty_minor") * pl.col("tariff_lines"))
        .when(pl.col("duty_mode") == "fixed")
        .then(fixed.clip(lower_bound=0))
        .when(pl.col("duty_mode") == "none")
        .then(0)
    )
    cons = cons.with_columns(duty_minor=amount, layers_minor=layers)
    ruled = pick(
        cons,
        (pl.col("duty_mode") == "flat") | (pl.col("duty_mode") == "fixed"),
        "way",
        "rule",
        taxable=pl.col("cv_minor"),
        amount=pl.col("duty_minor"),
        rate_ppm=pl.when(pl.col("duty_mode") == "fixed").then(pl.col("duty_ppm")),
    )
    detail = [
        _detail(rated_lines, "duty", "hs_code"),
        _detail(stacked, "layer", "layer"),
        _detail(ruled, "duty", "rule"),
    ]
    return cons, pl.concat(detail)


def _tariff_lines(cons: pl.DataFrame, goods_lines: pl.DataFrame, modes: Modes) -> pl.DataFrame:
    """The customs value shared among an order's kinds of goods by their worth; sorted by way."""
    tariff = pick(
        cons, pl.col("duty_mode") == "tariff",
        "way", "order_id", "cv_minor", "duty_base_step", "duty_step", "duty_rounding", "placed_on", "w_dc",
    )  # fmt: skip
    lines = tariff.join(goods_lines, on="order_id", maintain_order="left_right")
    upto, total = running("way", "goods_weight")
    lines = lines.with_columns(upto=upto, total=total)
    wide = width(lines, [pl.col("cv_minor")], [pl.col("total")])
    part = cumulative_share(pl.col("cv_minor"), pl.col("upto"), pl.col("goods_weight"), pl.col("total"), wide)
    lines = lines.with_columns(taxable=part).drop("upto", "total", "goods_weight")
    return lines.with_columns(taxable=to_step(pl.col("taxable"), "duty_base_step", "duty_rounding", modes))


def with_tariff(lines: pl.DataFrame, table: pl.DataFrame, how: Literal["left", "inner"]) -> pl.DataFrame:
    """Lines with what the tariff says of their kind, in the order of the lines."""
    return lines.join(table, left_on="kind", right_on="place", how=how, maintain_order="left_right")


def amounts(rows: pl.DataFrame, measures: pl.DataFrame, modes: Modes, world: World) -> pl.DataFrame:
    """Rows with the duty on each: a share of the value, an amount per unit, or both within their bounds."""
    plain = rated(pl.col("taxable"), pl.col("rate_ppm"), "duty_step", "duty_rounding", modes)
    rows = rows.with_columns(amount=plain.cast(pl.Int64))
    bounds = ("floor_ppm", "ceiling_ppm", "floor_e4", "ceiling_e4")
    compound = (pl.col("specific_e4") != 0) | pl.any_horizontal(pl.col(bounds).is_not_null())
    marked = rows.select(compound.fill_null(False)).to_series()
    if not marked.any():
        return rows
    rows = rows.with_row_index("row")
    per_unit = _per_unit(rows.filter(marked), measures, modes, world)
    return rows.update(per_unit, on="row", include_nulls=True).drop("row")


def _per_unit(rows: pl.DataFrame, measures: pl.DataFrame, modes: Modes, world: World) -> pl.DataFrame:
    """Row and amount of duties with a part per unit or with bounds; null where the quantity or the rate is unknown.

    Value parts and unit parts are compared and added as fractions of one denominator and rounded once.
    """
    rows = rows.join(measures, on=["order_id", "kind", "unit"], how="left", maintain_order="left")
    rows = Rates.of(world).attach(rows, "currency_code", "placed_on", "w_rate")
    unit = pl.col("unit")
    grams, dozens = unit.replace_strict(GRAMS, default=None), unit.replace_strict(PIECES, default=None)
    number = pl.when(grams.is_not_null()).then("net_g").when(dozens.is_not_null()).then("pieces")
    quantity = number.otherwise("quantity_e3").cast(WIDE)
    per = pl.coalesce(grams, dozens, pl.lit(MEASURE)).cast(WIDE)
    quantity, per = (pl.when(unit == "").then(1).otherwise(part) for part in (quantity, per))
    weight = pl.when(pl.col("currency_code").is_null()).then(1).otherwise(pl.col("w_rate"))
    target = pl.when(pl.col("currency_code").is_null()).then(1).otherwise(pl.col("w_dc"))

    def share(ppm: str) -> pl.Expr:
        return pl.col("taxable").cast(WIDE) * pl.col(ppm) * E4 * per * weight

    def each(e4: str) -> pl.Expr:
        return quantity * pl.col(e4) * target * PPM

    value, units = share("rate_ppm"), each("specific_e4")
    greater = pl.when(value > units).then(value).otherwise(units)
    lesser = pl.when(value < units).then(value).otherwise(units)
    duty = (
        pl.when(pl.col("combine") == "greater").then(greater)
        .when(pl.col("combine") == "lesser").then(lesser).otherwise(value + units)
    )  # fmt: skip
    for bound in (share("floor_ppm"), each("floor_e4")):
        duty = pl.when(bound > duty).then(bound).otherwise(duty)
    for bound in (share("ceiling_ppm"), each("ceiling_e4")):
        duty = pl.when(bound < duty).then(bound).otherwise(duty)
    whole = per * weight * E4 * PPM * pl.col("duty_step")
    rows = rows.with_columns(duty=duty, whole=whole)
    amount = by_mode(pl.col("duty"), pl.col("whole"), "duty_rounding", modes) * pl.col("duty_step")
    return rows.select("row", amount=amount.cast(pl.Int64))


E4 = 10_000
MEASURE = 1_000  # measures of a SKU are kept in thousandths
GRAMS = {"g": 1, "kg": 1_000, "t": 1_000_000}
PIECES = {"no": 1, "doz": 12, "gross": 144, "thousand": 1_000}


def cheapest(rows: pl.DataFrame) -> pl.DataFrame:
    """Of the rates that may be claimed for a line, the one of the least duty; the ordinary one where they are alike."""
    again = (pl.col("way") == pl.col("way").shift()) & (pl.col("kind") == pl.col("kind").shift())
    if not rows.select(again.any()).item():
        return rows
    rows = rows.sort("way", "kind", "amount", "scheme", nulls_last=True)
    return rows.filter(~again.fill_null(False))


def _per_way(rows: pl.DataFrame, cons: pl.DataFrame) -> pl.Series:
    """The sum of the rows' amounts of each way: zero without rows, null where one amount is unknown."""
    unknown = pl.col("amount").is_null().cast(pl.Int64)
    sums = segment_sums(rows, "way", amount=pl.col("amount"), unknown=unknown)
    amount = sums.select(pl.when(pl.col("unknown") == 0).then("amount")).to_series()
    ways = cons.with_columns(amount=pl.lit(0, dtype=pl.Int64))["amount"]
    return ways.scatter(sums["way"], amount)


def _detail(lines: pl.DataFrame, kind: str, code: str) -> pl.DataFrame:
    return lines.select(
        "way", pl.lit(kind).alias("kind"), pl.col(code).alias("code"), "taxable", "rate_ppm", "amount"
    )


def import_fees(cons: pl.DataFrame, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds fees_minor; also returns one row per fee: way, kind, code, taxable, rate_ppm, amount.

    The fixed part is per consignment, per tariff line (base `line`) or per kilogram (base `kg`); a rate is on the
    customs value (`cv`) or on value and duty (`cv+d`).
    Shapes: n rows in, n rows out, same order. Units: minor units of decl_currency, a fee's own amounts converted to it
    at the rate of the day.
    Rounding: half-up once, then the fee's minimum and maximum.
    """
    charged = pick(
        cons, pl.col("fees").fill_null("") != "",
        "way", "epoch", "placed_on", "decl_currency", "w_dc", "cv_minor", "duty_minor", "layers_minor", "tariff_lines",
        "weight_g", fee=pl.col("fees").str.split(" "),
    )  # fmt: skip
    if charged.is_empty():
        none = charged.with_columns(fee=pl.lit("", dtype=pl.String), amount="cv_minor")
        none = none.select(
            "way", kind="fee", code="fee", taxable="amount", rate_ppm="amount", amount="amount"
        )
        return cons.with_columns(fees_minor=pl.lit(0, dtype=pl.Int64)), none
    rows = (
        charged.explode("fee")
        .join(_fees(world), on="fee", maintain_order="left_right")
        .filter(in_force("epoch"))
    )
    rows = Rates.of(world).attach(rows, "fee_code", "placed_on", "w_fee")
    alike = pl.col("currency") == pl.col("decl_currency")
    rows = rows.with_columns(w_fee=pl.when(alike).then("w_dc").otherwise("w_fee"))
    own = ("fixed_minor", "min_minor", "max_minor")
    rows = converted(rows, **{name: (pl.col(name), "w_fee", "w_dc") for name in own})
    base = (
        pl.when(pl.col("base") == "cv+d")
        .then(pl.col("cv_minor") + pl.col("duty_minor") + pl.col("layers_minor"))
        .when(pl.col("base") == "cv")
        .then(pl.col("cv_minor"))
        .otherwise(0)
    )
    fixed = (
        pl.when(pl.col("base") == "line")
        .then(pl.col("fixed_minor") * pl.col("tariff_lines"))
        .when(pl.col("base") == "kg")
        .then(divide(pl.col("fixed_minor") * pl.col("weight_g"), GRAMS_PER_KG))
        .otherwise(pl.col("fixed_minor"))
    )
    amount = at_ppm(pl.col("taxable"), pl.col("rate_ppm")) + fixed
    amount = pl.min_horizontal(pl.max_horizontal(amount, pl.col("min_minor")), pl.col("max_minor"))
    rows = rows.with_columns(taxable=base).with_columns(amount=amount)
    detail = rows.select(
        "way", kind=pl.lit("fee"), code="fee", taxable="taxable", rate_ppm="rate_ppm", amount="amount"
    )
    return cons.with_columns(fees_minor=_per_way(rows.sort("way"), cons)), detail


def _fees(world: World) -> pl.DataFrame:
    def work() -> pl.DataFrame:
        return adopted(world, "import_fees").with_columns(fee_code=Rates.of(world).code("currency"))

    return world.once("import fees", work)
