"""A parcel as a carrier sees it: sides rounded its way, volume turned into weight, weight raised to its step.

Every figure is a whole number or a ratio of two: sides in tenths of a mm, an inch is 254 of them, a pound 45,359,237
hundred-thousandths of a gram. Finer measures come in by `per_mm` and `per_g`: how many parts of a mm and of a gram the
numbers count.
"""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import WIDE
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

SIDES = ("long", "mid", "short")
TENTHS = {"cm3/kg": 100, "cm/kg": 100, "in3/lb": 254, "in/lb": 254}
POUND, GRAMS_E5 = 45_359_237, 100_000_000  # a thousandth of a pound is POUND / GRAMS_E5 grams
TESTS = ("over_side_e3", "over_second_e3", "over_girth_e3", "over_volume", "over_weight_e3")
RULE = (
    "unit", "divisor", "over_volume", "over_side_e3", "side_rounding", "step_e3", "change_e3", "then_e3", "min_e3",
)  # fmt: skip


def weighing_rules(services: pl.DataFrame, world: World, on: str = "placed_on") -> pl.DataFrame:
    """How each service weighs on its day: its weighing rule's columns, or its own divisor and step.

    Shapes: n rows in (weighing, divisor, round_g and the day), n rows out, same order, with the columns of RULE and
    weighed_from. Errors: a rule that is not in force leaves `unit` null, so that the way has no price.
    """
    rules = world["weighings"].rename({"divisor": "rule_divisor"}).drop("source", "status")
    keys = services.select("weighing", on).unique().join(rules, on="weighing").filter(in_force(on))
    keys = keys.rename({"valid_from": "weighed_from"}).drop("valid_to")
    found = services.join(keys, on=["weighing", on], how="left", maintain_order="left")
    own = pl.col("weighing") == ""
    zero = ("over_volume", "over_side_e3", "change_e3", "then_e3", "min_e3")
    return found.with_columns(
        unit=pl.when(own).then(pl.lit("cm3/kg")).otherwise(pl.col("unit")),
        divisor=pl.when(own).then(pl.col("divisor")).otherwise(pl.col("rule_divisor")),
        side_rounding=pl.when(own).then(pl.lit("")).otherwise(pl.col("side_rounding")),
        step_e3=pl.when(own).then(pl.col("round_g")).otherwise(pl.col("step_e3")),
        **{name: pl.when(own).then(0).otherwise(pl.col(name)) for name in zero},
    ).drop("rule_divisor")


def measured(parcels: pl.DataFrame, *, per_mm: int = 1) -> pl.DataFrame:
    """Parcels with their sides as the carrier rounds them (tenths of a mm) and their volume.

    Shapes: n rows in, n rows out. Sides long, mid, short in mm × per_mm, in any order, or null where only volume_mm3
    is known. Adds `vol`, cubic tenths of a mm × per_mm³; the sides come back rounded, the longest first.
    """
    wide = pl.Int64 if per_mm == 1 else WIDE
    ordered, words = _sorted(parcels, wide), set(parcels["side_rounding"].unique().drop_nulls())
    rounded = {name: ordered[name] * 10 for name in SIDES}
    if words <= {""}:
        parcels = parcels.with_columns(**rounded)
    else:
        ways = {f"side_{word}": pl.col("side_rounding") == word for word in ("up", "nearest")}
        parcels = parcels.with_columns(**rounded, **ways, side_unit=_tenths(wide) * per_mm)
        unit = pl.col("side_unit")
        parcels = parcels.with_columns(
            pl.when("side_up").then(_up(pl.col(name), unit) * unit)
            .when("side_nearest").then((pl.col(name) * 2 + unit) // (unit * 2) * unit).otherwise(name).alias(name)
            for name in SIDES
        ).drop("side_unit", *ways)  # fmt: skip
    box = pl.col("long") * pl.col("mid") * pl.col("short")
    if "volume_mm3" in parcels.columns:
        box = box.fill_null(pl.col("volume_mm3").cast(wide) * 1000)
    return parcels.with_columns(vol=box)


def _tenths(wide: type[pl.DataType]) -> pl.Expr:
    """How many tenths of a mm the unit of length has; null for a unit that is none."""
    found = pl.lit(None, dtype=wide)
    for unit, tenths in TENTHS.items():
        found = pl.when(pl.col("unit") == unit).then(pl.lit(tenths, dtype=wide)).otherwise(found)
    return found


def _sorted(parcels: pl.DataFrame, wide: type[pl.DataType]) -> dict[str, pl.Expr]:
    """The sides, the longest first; cartons come so, and asking is cheaper than sorting."""
    sides = [pl.col(name).cast(wide) for name in SIDES]
    unknown = pl.all_horizontal([pl.col(name).is_null() for name in SIDES])
    ranked = (pl.col("long") >= pl.col("mid")) & (pl.col("mid") >= pl.col("short"))
    if parcels.select((unknown | ranked.fill_null(False)).all()).item():
        return dict(zip(SIDES, sides, strict=True))
    long, short = pl.max_horizontal(sides), pl.min_horizontal(sides)
    return {"long": long, "mid": sides[0] + sides[1] + sides[2] - long - short, "short": short}


def charged(parcels: pl.DataFrame, *, per_mm: int = 1, per_g: int = 1) -> pl.DataFrame:
    """The weight a carrier bills for each parcel: the greater of actual and volumetric, raised to its step.

    Shapes: n rows in (`measured`, with `weight` in g × per_g and the columns of RULE), n rows out. Adds volume_num and
    volume_den (their quotient is the volume in cubic cm or in, exact), volumetric_e3 (thousandths of kg or lb, up; 0
    where
    volume does not count), billed_e3 and billed_g. An optional column least_e3 is a weight billed at least.
    Rounding: up, once; a pound becomes grams half-up. Source: docs/methods/freight.md.
    """
    wide = pl.Int64 if per_mm == per_g == 1 else WIDE
    unit = _tenths(wide) * per_mm
    pounds = pl.col("unit") == "in3/lb"
    parcels = parcels.with_columns(volume_num=pl.col("vol").cast(wide), volume_den=unit * unit * unit)
    counts = (pl.col("divisor") > 0) & (pl.col("volume_num") > pl.col("over_volume") * pl.col("volume_den"))
    long = (pl.col("over_side_e3") == 0) | (pl.col("long") * 1000 > pl.col("over_side_e3") * unit)
    share = pl.col("volume_den") * pl.col("divisor").clip(lower_bound=1)
    volumetric = _up(pl.col("volume_num") * 1000, share)
    parcels = parcels.with_columns(
        volumetric_e3=pl.when(counts & long.fill_null(True)).then(volumetric).otherwise(0),
        actual_e3=_thousandths(pl.col("weight").cast(wide), pounds, per_g),
    )
    heavier = pl.max_horizontal("actual_e3", "volumetric_e3").clip(lower_bound=1)
    changed = (pl.col("change_e3") > 0) & (heavier > pl.col("change_e3"))
    step = pl.when(changed).then(pl.col("then_e3")).otherwise(pl.col("step_e3")).clip(lower_bound=1)
    least = [pl.col("min_e3")] + [pl.col(name) for name in ("least_e3",) if name in parcels.columns]
    billed = pl.max_horizontal(_up(heavier, step) * step, *least)
    parcels = parcels.with_columns(
        billed_e3=pl.when(pl.col("unit").is_not_null()).then(billed).cast(pl.Int64)
    )
    grams = (pl.col("billed_e3") * (2 * POUND) + GRAMS_E5) // (2 * GRAMS_E5)
    return parcels.with_columns(billed_g=pl.when(pounds).then(grams).otherwise(pl.col("billed_e3")))


def _up(value: pl.Expr, part: pl.Expr | int) -> pl.Expr:
    return (value + part - 1) // part


def _thousandths(weight: pl.Expr, pounds: pl.Expr, per_g: int) -> pl.Expr:
    """A weight in thousandths of kg or lb, up; a lighter rest counts."""
    metric = _up(weight, per_g)
    return pl.when(pounds).then(_up(weight * GRAMS_E5, POUND * per_g)).otherwise(metric)


def billable(parcels: pl.DataFrame, *, per_mm: int = 1, per_g: int = 1) -> pl.DataFrame:
    """Billed weight of parcels by the rule that stands beside each.

    Shapes: n rows in (long, mid, short in mm × per_mm or volume_mm3; weight in g × per_g; the columns of RULE), n
    rows out
    with the columns of `measured` and `charged`.
    """
    return charged(measured(parcels, per_mm=per_mm), per_mm=per_mm, per_g=per_g)


def is_over(*, per_mm: int = 1, per_g: int = 1) -> pl.Expr:
    """Whether a parcel is beyond one of a surcharge's limits; true where the surcharge asks none.

    On a limit is not over it: every test is "greater than". Sides and volume are those of `measured` (rounded the
    carrier's way), length + girth is L + 2W + 2H with L the longest side. A side that is unknown passes its tests.
    """
    wide = pl.Int64 if per_mm == per_g == 1 else WIDE
    unit = pl.col("test_unit").replace_strict(TENTHS, default=None, return_dtype=wide) * per_mm
    girth = pl.col("long") + 2 * (pl.col("mid") + pl.col("short"))
    pounds = pl.col("test_unit") == "in/lb"
    weight, limit = pl.col("weight").cast(wide), pl.col("test_weight_e3").cast(wide) * per_g
    heavy = pl.when(pounds).then(weight * GRAMS_E5 > limit * POUND).otherwise(weight > limit)
    tests = {
        "test_side_e3": pl.col("long") * 1000 > pl.col("test_side_e3") * unit,
        "test_second_e3": pl.col("mid") * 1000 > pl.col("test_second_e3") * unit,
        "test_girth_e3": girth * 1000 > pl.col("test_girth_e3") * unit,
        "test_volume": pl.col("vol") > pl.col("test_volume") * unit * unit * unit,
        "test_weight_e3": heavy,
    }
    asked = pl.any_horizontal([pl.col(name) > 0 for name in tests])
    return ~asked | pl.any_horizontal(
        [(pl.col(name) > 0) & over.fill_null(False) for name, over in tests.items()]
    )


def size_tests(surcharges: pl.DataFrame) -> pl.DataFrame:
    """Surcharge rows with their limits under the names `is_over` asks for.

    Shapes: n rows in, n rows out.
    """
    names = {name: name.replace("over_", "test_") for name in TESTS}
    return surcharges.rename({**names, "unit": "test_unit"})
