"""Exact integer arithmetic on columns: the one place where the engine rounds."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine import few as pl
from entrepot.engine.few import Few

PPM = 1_000_000
WIDE = pl.Int128
ROOM = 2**61  # a product below this, doubled and added to for rounding, still fits into 64 bits


def width(frame: pl.DataFrame, *factors: Sequence[pl.Expr]) -> type[pl.DataType]:
    """The narrowest whole-number type in which products of one expression from each list are exact.

    Almost always 64 bits, five times as fast as 128.
    Shapes: reads the frame once. Holds: the greatest factors multiplied and rounded stay inside the type returned.
    """
    if isinstance(frame, Few):
        return WIDE
    flat = [factor for group in factors for factor in group]
    sizes = iter(frame.select(factor.abs().max().alias(str(n)) for n, factor in enumerate(flat)).row(0))
    product = 1
    for group in factors:
        product *= max([next(sizes) or 0 for _ in group], default=0)
    return pl.Int64 if product < ROOM else WIDE


@pl.remembered
def divide(numerator: pl.Expr, denominator: pl.Expr | int, mode: str = "half_up") -> pl.Expr:
    """Whole quotient of two integer columns, ties by `mode` (`truncate` and `up`: any rest), symmetric around zero.

    Shapes: n rows in, n rows out. Units: those of numerator over denominator; the denominator is positive.
    Errors: a null on either side stays null.
    """
    size, sign = numerator.abs(), numerator.sign()
    if mode == "truncate":
        return sign * (size // denominator)
    if mode == "up":
        return sign * ((size + denominator - 1) // denominator)
    if mode == "half_up":
        return sign * ((size * 2 + denominator) // (denominator * 2))
    whole, rest = size // denominator, size % denominator
    up = (rest * 2 > denominator) | ((rest * 2 == denominator) & (whole % 2 == 1))
    return sign * (whole + up.cast(pl.Int64))


@pl.remembered
def at_ppm(amount: pl.Expr, rate_ppm: pl.Expr | int, mode: str = "half_up") -> pl.Expr:
    """Amount times a rate in parts per million, rounded once.

    Units: minor units in and out. Holds below 9.2e12 minor units at 100 %.
    """
    return divide(amount * rate_ppm, PPM, mode)


def ceil_to(value: pl.Expr, step: pl.Expr) -> pl.Expr:
    """The value raised to the next multiple of a positive step.

    Units: those of value.
    """
    return -((-value) // step) * step


@pl.remembered
def cumulative_share(
    amount: pl.Expr, upto: pl.Expr, weight: pl.Expr, total: pl.Expr, wide: type[pl.DataType] = WIDE
) -> pl.Expr:
    """One row's part of an amount split by weights; the parts of a group add up exactly.

    `upto` is the running sum of weights with this row, `total` the group's sum (zero total: the first row takes all,
    which the caller arranges by passing weights of one). `wide` is the type amount × total is exact in.
    Shapes: one row per part. Units: those of amount.
    """
    wide_amount = amount.cast(wide)
    after = divide(wide_amount * upto, total)
    before = divide(wide_amount * (upto - weight), total)
    return (after - before).cast(pl.Int64)


@pl.remembered
def running(key: str, weight: str) -> tuple[pl.Expr, pl.Expr]:
    """Running and whole sum of a weight inside each group of a frame sorted by its key.

    Shapes: one value per row. Units: those of weight. Holds: the last running sum of a group is its whole sum.
    """
    changed = (pl.col(key) != pl.col(key).shift()).fill_null(True)
    ends = (pl.col(key) != pl.col(key).shift(-1)).fill_null(True)
    total = pl.col(weight).cum_sum()
    upto = total - pl.when(changed).then(total - pl.col(weight)).forward_fill()
    return upto, pl.when(ends).then(upto).backward_fill()


def segment_sums(frame: pl.DataFrame, key: str, **amounts: pl.Expr) -> pl.DataFrame:
    """One row per group of a frame sorted by its key: the key and the sum of each amount.

    Shapes: groups in the frame's order. Units: those of the amounts. Errors: a null amount counts as zero.
    """
    if isinstance(frame, Few):
        return frame.sums_of_runs(key, amounts)
    ends = (pl.col(key) != pl.col(key).shift(-1)).fill_null(True)
    upto = {name: amount.fill_null(0).cum_sum().filter(ends) for name, amount in amounts.items()}
    sums = frame.select(pl.col(key).filter(ends), **upto)
    return sums.with_columns(pl.col(name) - pl.col(name).shift(fill_value=0) for name in amounts)
