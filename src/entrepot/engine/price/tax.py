"""Tax: VAT, GST, sales tax of a consignment: its base, its rate, what is inside the price, who collects."""

from __future__ import annotations

from entrepot.engine import few as pl
from entrepot.engine.answers import answered
from entrepot.engine.arithmetic import PPM, WIDE, cumulative_share, divide, running
from entrepot.engine.frames import pick
from entrepot.engine.fx import converted
from entrepot.engine.policy import adopted
from entrepot.engine.price.customs import Modes, by_mode, modes_in, rated, to_step
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

TAX_KEYS = ["tax_country", "tax_region", "tax_category", "epoch"]


def tax_rates(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """The rate of each (tax_country, tax_region, tax_category, day).

    A region's own rate comes before the country's; a category a country does not name is taxed at its standard rate.
    Shapes: n rows in, n rows out, same order; adds vat_ppm, vat_source, vat_status, vat_from; null where unknown.
    """
    return kinds.hstack(
        answered(kinds, TAX_KEYS, world, "tax rates", lambda new: _rates_in_force(new, world))
    )


def _rates_in_force(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """One row per kind, in the kinds' order."""
    rates = adopted(world, "vat_rates").rename(
        {"country": "tax_country", "region": "rate_region", "tax_category": "rate_category"}
    )
    found = kinds.join(rates, on="tax_country").filter(in_force("epoch"))
    found = found.filter((pl.col("rate_region") == "") | (pl.col("rate_region") == pl.col("tax_region")))
    same = pl.col("rate_category") == pl.col("tax_category")
    found = found.filter(same | (pl.col("rate_category") == "standard"))
    best = found.sort(same, pl.col("rate_region") != "").unique("kind", keep="last", maintain_order=True)
    best = best.select(
        "kind", vat_ppm="rate_ppm", vat_source="source", vat_status="status", vat_from="valid_from"
    )
    return kinds.select("kind").join(best, on="kind", how="left", maintain_order="left")


@pl.remembered
def net_of_tax(gross: pl.Expr, rate_ppm: pl.Expr, wide: type[pl.DataType] = WIDE) -> pl.Expr:
    """The part of a tax-included price that is not tax: the price less its tax, gross × rate / (1 + rate) half-up.

    Units: minor units in and out. Holds: the tax and the net part add up to the price.
    """
    rate = rate_ppm.fill_null(0)
    return (gross - divide(gross.cast(wide) * rate, rate + PPM)).cast(pl.Int64)


@pl.remembered
def _inside_price() -> pl.Expr:
    """True where the buyer's price already holds this very tax: it is taken out, not computed on top."""
    ruled = (pl.col("tax_base") == "PRICE") & (pl.col("tax_mode") == "vat") & (pl.col("tax_place") == "dest")
    return pl.col("price_includes_tax") & (pl.col("collector") == "sale") & ruled


@pl.remembered
def tax_base() -> pl.Expr:
    """What the tax is computed on, by the rule's `tax_base`.

    Units: minor units of decl_currency. Duty enters a seller-collected base only when the buyer is charged it.
    Source: docs/methods/landed_cost.md; Directive 2006/112/EC art. 78, 85, 86.
    """
    duty = pl.col("duty_minor") + pl.col("layers_minor")
    charged = pl.when(pl.col("duties_charged")).then(duty).otherwise(0)
    outside = pl.col("freight_dc") + pl.col("insurance_dc")
    carriage = pl.when(pl.col("cv_basis") == "CIF").then(0).otherwise(outside) + pl.col("onward_dc")
    value = pl.col("cv_minor")
    return (
        pl.when(pl.col("tax_base") == "PRICE")
        .then(pl.col("goods_dc") + pl.col("shipping_dc") + charged)
        .when(pl.col("tax_base") == "GOODS")
        .then(pl.col("goods_dc"))
        .when(pl.col("tax_base") == "CV")
        .then(value)
        .when(pl.col("tax_base") == "CV+D")
        .then(value + duty)
        .when(pl.col("tax_base") == "CV+D+T")
        .then(value + duty + carriage)
        .when(pl.col("tax_base") == "INSIDE")
        .then(value + duty)
    )


def taxes(cons: pl.DataFrame, shares: pl.DataFrame, world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds taxable_minor and tax_minor to each consignment; also returns one row per tax category.

    Shapes: cons n rows with the rule's columns, and of goods all of one tax category (tax_groups 1) that category,
    its vat_ppm and included_minor; shares: order_id, tax_per, tax_category, tax_weight, included_minor, pieces of the
    other orders, and of those whose profile rounds per line or unit. Detail rows: way, kind, code, taxable, rate_ppm,
    amount.
    Units: minor units of decl_currency. Rounding: base and tax by the profile, once per tax category of the order, per
    line or per piece, as the profile's `tax_per` says.
    Holds: the tax is zero where the rule levies none or waives it as too small.
    """
    parts = _taxed_parts(cons, shares, world)
    if shares.height:
        sums = parts.group_by("way").agg(
            taxable_minor=pl.col("taxable").sum(),
            tax_minor=pl.when(pl.col("amount").null_count() == 0).then(pl.col("amount").sum()),
        )
    else:
        sums = parts.select("way", taxable_minor="taxable", tax_minor="amount")
    cons = cons.join(sums, on="way", how="left", maintain_order="left")
    waived = (pl.col("tax_minor") <= pl.col("tax_waived_minor")).fill_null(False)
    nothing = waived | (pl.col("tax_mode") == "none")
    spared = pick(cons, waived, "way")
    cons = cons.with_columns(
        taxable_minor=pl.when(nothing).then(0).otherwise(pl.col("taxable_minor")),
        tax_minor=pl.when(nothing).then(0).otherwise(pl.col("tax_minor")),
    )
    if shares.height:
        parts = _by_category(parts)
    detail = parts.select(
        "way",
        kind=pl.lit("tax"),
        code=pl.col("tax_category"),
        taxable="taxable",
        rate_ppm="rate_ppm",
        amount="amount",
    )
    return cons, detail.join(spared, on="way", how="anti") if spared.height else detail


def _taxed_parts(cons: pl.DataFrame, shares: pl.DataFrame, world: World) -> pl.DataFrame:
    """One row per consignment and tax category: its part of the base, its rate, its tax."""
    parts = pick(
        cons,
        pl.col("tax_mode") != "none",
        "way", "order_id", "tax_mode", "tax_ppm", "tax_base", "tax_base_step", "tax_step", "tax_rounding", "local_num",
        "local_den", "tax_per", "w_order", "w_dc", "tax_groups", "tax_category", "vat_ppm", "included_minor",
        "tax_country", "tax_region", "epoch", base_minor=tax_base(), priced_in=_inside_price(),
        pieces=pl.lit(None, dtype=pl.Int64),
    )  # fmt: skip
    if shares.height:
        parts = _split(parts, shares, world)
    else:
        parts = parts.with_columns(part=pl.col("base_minor"))
    rate = pl.when(pl.col("tax_mode") == "fixed").then(pl.col("tax_ppm")).otherwise(pl.col("vat_ppm"))
    modes = modes_in(parts, "tax_rounding")
    cut = to_step(pl.col("part"), "tax_base_step", "tax_rounding", modes)
    parts = parts.with_columns(rate_ppm=rate, taxable=cut)
    parts = parts.with_columns(amount=_levied(modes, local=bool(parts["local_num"].max())))
    parts = converted(parts, held=(pl.col("included_minor"), "w_order", "w_dc"))
    parts = parts.with_columns(amount=pl.when("priced_in").then("held").otherwise("amount"))
    inside = pl.col("tax_base") == "INSIDE"
    if not parts.select(inside.any()).item():
        return parts
    grossed = divide(pl.col("part").cast(WIDE) * PPM, (PPM - pl.col("rate_ppm"))).cast(pl.Int64)
    parts = parts.with_columns(taxable=pl.when(inside).then(grossed).otherwise(pl.col("taxable")))
    within = pl.col("taxable") - pl.col("part")
    return parts.with_columns(amount=pl.when(inside).then(within).otherwise(pl.col("amount")))


def _split(parts: pl.DataFrame, shares: pl.DataFrame, world: World) -> pl.DataFrame:
    """Each category's, line's part of the base, by value of goods; other orders of one category keep it whole."""
    several = split_for_tax()
    whole = parts.filter(~several).with_columns(part=pl.col("base_minor"))
    mixed = parts.filter(several).drop("tax_category", "vat_ppm", "included_minor", "pieces")
    mixed = mixed.with_columns(pl.col("tax_per").cast(pl.String))
    mixed = mixed.join(shares, on=["order_id", "tax_per"]).sort("way", "tax_category")
    mixed = mixed.with_columns(pl.col("tax_per").cast(whole.schema["tax_per"]))
    mixed = tax_rates(mixed, world).drop("vat_source", "vat_status", "vat_from")
    upto, total = running("way", "tax_weight")
    mixed = mixed.with_columns(upto=upto, total=total)
    part = cumulative_share(pl.col("base_minor"), pl.col("upto"), pl.col("tax_weight"), pl.col("total"))
    mixed = mixed.with_columns(part=part)
    return pl.concat([whole, mixed.select(whole.columns)])


@pl.remembered
def split_for_tax() -> pl.Expr:
    """True where the tax is not computed on the order as a whole: several categories, or rounding per line or unit."""
    return (pl.col("tax_groups") > 1) | (pl.col("tax_per") != "order")


def _by_category(parts: pl.DataFrame) -> pl.DataFrame:
    """Lines' taxes as one row per consignment, category and rate."""
    known = pl.when(pl.col("amount").null_count() == 0).then(pl.col("amount").sum())
    grouped = parts.group_by("way", "tax_category", "rate_ppm", maintain_order=True)
    return grouped.agg(taxable=pl.col("taxable").sum(), amount=known)


@pl.remembered
def _levied(modes: Modes, *, local: bool) -> pl.Expr:
    """Base × rate by the profile; where a local part is levied on top of a national one, each is rounded."""
    whole = rated(pl.col("taxable"), pl.col("rate_ppm"), "tax_step", "tax_rounding", modes)
    each = by_mode(
        pl.col("taxable") * pl.col("rate_ppm"),
        pl.col("tax_step") * PPM * pl.col("pieces"),
        "tax_rounding",
        modes,
    )
    per_piece = each * pl.col("tax_step") * pl.col("pieces")
    whole = pl.when(pl.col("pieces").is_null()).then(whole).otherwise(per_piece)
    if not local:
        return whole
    share = pl.col("local_den") - pl.col("local_num")
    national_rate = divide(pl.col("rate_ppm") * share, pl.col("local_den"))
    national = rated(pl.col("taxable"), national_rate, "tax_step", "tax_rounding", modes)
    step = pl.col("tax_step")
    added = divide(national * pl.col("local_num"), (share * step).clip(lower_bound=1), "truncate") * step
    return pl.when(pl.col("local_num") == 0).then(whole).otherwise(national + added)
