"""Customs: value, duty, layers and fees of a consignment, in the currency of the declaration."""

from __future__ import annotations

import polars as pl

from entrepot.engine.answers import at, consult, numbered
from entrepot.engine.arithmetic import PPM, at_ppm, cumulative_share, divide, running
from entrepot.engine.frames import pick
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

GRAMS_PER_KG = 1_000
Modes = frozenset[str]


def modes_in(frame: pl.DataFrame, column: str) -> Modes:
    """The rounding modes a frame uses; most batches use one, and then only that one is computed."""
    return frozenset(frame[column].unique().drop_nulls().to_list())


def by_mode(numerator: pl.Expr, denominator: pl.Expr | int, column: str, modes: Modes) -> pl.Expr:
    """`divide` with the rounding mode named in a column."""
    result = divide(numerator, denominator)
    for mode in sorted(modes - {"half_up"}):
        result = pl.when(pl.col(column) == mode).then(divide(numerator, denominator, mode)).otherwise(result)
    return result


def to_step(value: pl.Expr, step: str, column: str, modes: Modes) -> pl.Expr:
    """The value cut to multiples of the step in its column."""
    cut = by_mode(value, pl.col(step), column, modes) * pl.col(step)
    return pl.when(pl.col(step) == 1).then(value).otherwise(cut)


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


KIND_KEYS = ["dest_country", "dest_territory", "hs_code", "origin", "epoch"]


def duty_rate_table(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """The duty rate of each kind of goods: the longest HS prefix, a rate for its origin before one for all.

    Shapes: n kinds with KIND_KEYS in, n rows out, same order; adds duty_ppm, hs_prefix, duty_source, duty_status; null
    where no rate is known.
    """
    book = consult(world, "duty rates", kinds.select(KIND_KEYS), lambda new: _duty_in_force(new, world))
    return kinds.hstack(at(book.answers.drop("kind"), numbered(kinds.select(KIND_KEYS), book)["kind"]))


def _duty_in_force(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """One row per kind, in the kinds' order."""
    rates = world["duty_rates"].rename({"origin": "rate_origin"})
    keyed = _prefixes(kinds, rates, ["rate_ppm", "rate_origin", "source", "status"])
    keyed = keyed.filter((pl.col("rate_origin") == "") | (pl.col("rate_origin") == pl.col("origin")))
    best = keyed.sort(pl.col("hs_prefix").str.len_chars(), pl.col("rate_origin") != "").unique(
        "kind", keep="last", maintain_order=True
    )
    best = best.select("kind", "hs_prefix", duty_ppm="rate_ppm", duty_source="source", duty_status="status")
    return kinds.select("kind").join(best, on="kind", how="left", maintain_order="left")


def layer_table(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """Additional duties of each kind of goods, one row per layer: its longest HS prefix that matches.

    Shapes: n kinds with KIND_KEYS and a number `place`; result m rows: place, layer, layer_ppm, layer_source,
    layer_status, sorted by place and layer.
    """
    book = consult(world, "duty layers", kinds.select(KIND_KEYS), lambda new: _layers_in_force(new, world))
    found = numbered(kinds.select(*KIND_KEYS, "place"), book).select("place", "kind")
    return found.join(book.answers, on="kind").drop("kind").sort("place", "layer")


def _layers_in_force(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    rates = world["duty_layers"].rename({"origin": "rate_origin"})
    keyed = _prefixes(
        kinds, rates, ["layer", "rate_ppm", "rate_origin", "origins_except", "source", "status"]
    )
    spared = pl.col("origins_except").str.split(" ").list.contains(pl.col("origin"))
    keyed = keyed.filter(
        ((pl.col("rate_origin") == "") | (pl.col("rate_origin") == pl.col("origin"))) & ~spared
    )
    best = keyed.sort(pl.col("hs_prefix").str.len_chars(), pl.col("rate_origin") != "").unique(
        ["kind", "layer"], keep="last", maintain_order=True
    )
    return best.select(
        "kind", "layer", layer_ppm="rate_ppm", layer_source="source", layer_status="status"
    ).sort("kind", "layer")


def _prefixes(kinds: pl.DataFrame, rates: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Rates in force whose HS prefix begins a kind's code, of its country or its customs territory."""
    lengths = rates["hs_prefix"].str.len_chars().unique().to_list()
    parts = []
    for place in ("dest_country", "dest_territory"):
        keyed = kinds
        if place == "dest_territory":
            keyed = keyed.filter(pl.col("dest_country") != pl.col("dest_territory"))
        for length in lengths:
            prefix = keyed.filter(pl.col("hs_code").str.len_chars() >= length)
            prefix = prefix.with_columns(hs_prefix=pl.col("hs_code").str.slice(0, length))
            found = prefix.join(rates, left_on=[place, "hs_prefix"], right_on=["dest", "hs_prefix"])
            parts.append(found.filter(in_force("epoch")).select("kind", "origin", "hs_prefix", *columns))
    if not parts:
        found = kinds.join(rates, left_on="dest_country", right_on="dest")
        parts.append(found.select("kind", "origin", "hs_prefix", *columns))
    return pl.concat(parts)


def duties(
    cons: pl.DataFrame, goods_lines: pl.DataFrame, layers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds duty_minor and layers_minor to each consignment; also returns the rows they are made of.

    Shapes: cons n rows (key way); goods_lines: order_id, kind, hs_code, goods_weight, duty_ppm — one
    row per HS code and origin of an order, sorted; layers: kind and the columns of `layer_table`. Detail rows: way,
    kind (duty or layer), code, taxable,
    rate_ppm, amount.
    Units: minor units of decl_currency; each line rounded once by the profile, all layers on the same customs value.
    Source: docs/methods/landed_cost.md.
    """
    modes = modes_in(cons, "duty_rounding")
    lines = _tariff_lines(cons, goods_lines, modes)
    stacked = lines.join(layers, on="kind", how="inner")
    stacked = stacked.with_columns(
        amount=rated(pl.col("taxable"), pl.col("layer_ppm"), "duty_step", "duty_rounding", modes)
    )
    detail = pl.concat(
        [_detail(lines, "duty", "hs_code", "duty_ppm"), _detail(stacked, "layer", "layer", "layer_ppm")]
    )
    sums = detail.group_by("way").agg(
        tariff_duty=pl.col("amount").filter(pl.col("kind") == "duty").sum(),
        layers_minor=pl.col("amount").filter(pl.col("kind") == "layer").sum(),
    )
    cons = cons.join(sums, on="way", how="left", maintain_order="left")
    fixed = rated(pl.col("cv_minor"), pl.col("duty_ppm"), "duty_step", "duty_rounding", modes)
    fixed -= pl.col("duty_less_minor")
    duty = (
        pl.when(pl.col("duty_mode") == "tariff")
        .then(pl.col("tariff_duty").fill_null(0))
        .when(pl.col("duty_mode") == "flat")
        .then(pl.col("flat_duty_minor") * pl.col("tariff_lines"))
        .when(pl.col("duty_mode") == "fixed")
        .then(fixed.clip(lower_bound=0))
        .when(pl.col("duty_mode") == "none")
        .then(0)
    )
    cons = cons.with_columns(duty_minor=duty, layers_minor=pl.col("layers_minor").fill_null(0))
    ruled = pick(
        cons,
        pl.col("duty_mode").is_in(["flat", "fixed"]),
        "way",
        "rule",
        taxable=pl.col("cv_minor"),
        amount=pl.col("duty_minor"),
        shown_ppm=pl.when(pl.col("duty_mode") == "fixed").then(pl.col("duty_ppm")),
    )
    return cons.drop("tariff_duty"), pl.concat([detail, _detail(ruled, "duty", "rule", "shown_ppm")])


def _tariff_lines(cons: pl.DataFrame, goods_lines: pl.DataFrame, modes: Modes) -> pl.DataFrame:
    """The customs value shared among an order's codes by their goods' worth, and the duty of each share."""
    tariff = pick(
        cons,
        pl.col("duty_mode") == "tariff",
        "way",
        "order_id",
        "cv_minor",
        "duty_base_step",
        "duty_step",
        "duty_rounding",
    )
    lines = tariff.join(goods_lines, on="order_id", maintain_order="left_right")
    upto, total = running("way", "goods_weight")
    lines = lines.with_columns(upto=upto, total=total)
    part = cumulative_share(pl.col("cv_minor"), pl.col("upto"), pl.col("goods_weight"), pl.col("total"))
    lines = lines.with_columns(taxable=part)
    lines = lines.with_columns(taxable=to_step(pl.col("taxable"), "duty_base_step", "duty_rounding", modes))
    amount = rated(pl.col("taxable"), pl.col("duty_ppm"), "duty_step", "duty_rounding", modes)
    return lines.with_columns(amount=amount)


def _detail(lines: pl.DataFrame, kind: str, code: str, rate: str) -> pl.DataFrame:
    return lines.select(
        "way",
        pl.lit(kind).alias("kind"),
        pl.col(code).alias("code"),
        "taxable",
        pl.col(rate).alias("rate_ppm"),
        "amount",
    )


def import_fees(cons: pl.DataFrame, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds fees_minor; also returns one row per fee: way, kind, code, taxable, rate_ppm, amount.

    The fixed part is per consignment, per tariff line (base `line`) or per kilogram (base `kg`); a rate is on the
    customs value (`cv`) or on value and duty (`cv+d`).
    Shapes: n rows in, n rows out, same order. Units: minor units of decl_currency (fees must be in it).
    Rounding: half-up once, then the fee's minimum and maximum.
    """
    charged = pick(
        cons,
        pl.col("fees").fill_null("") != "",
        "way",
        "epoch",
        "cv_minor",
        "duty_minor",
        "layers_minor",
        "tariff_lines",
        "weight_g",
        fee=pl.col("fees").str.split(" "),
    )
    rows = charged.explode("fee").join(world["import_fees"], on="fee").filter(in_force("epoch"))
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
    sums = detail.group_by("way").agg(fees_minor=pl.col("amount").sum())
    cons = cons.join(sums, on="way", how="left", maintain_order="left")
    return cons.with_columns(pl.col("fees_minor").fill_null(0)), detail
