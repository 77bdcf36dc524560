"""Exact integer arithmetic on columns: the one place where the engine rounds."""

from __future__ import annotations

import polars as pl

PPM = 1_000_000
WIDE = pl.Int128

# How a jurisdiction rounds. `duty` and `tax` are the steps (in minor units) results are cut to,
# `base` the step the customs value is cut to; mode is half_up, half_even or truncate.
MODES = ("half_up", "half_even", "truncate")


def divide(numerator: pl.Expr, denominator: pl.Expr | int, mode: str = "half_up") -> pl.Expr:
    """Whole quotient of two integer columns, ties by `mode`, symmetric around zero.

    Shapes: n rows in, n rows out. Units: those of numerator over denominator; the denominator is positive.
    Errors: a null on either side stays null.
    """
    size, sign = numerator.abs(), numerator.sign()
    if mode == "truncate":
        return sign * (size // denominator)
    if mode == "half_up":
        return sign * ((size * 2 + denominator) // (denominator * 2))
    whole, rest = size // denominator, size % denominator
    up = (rest * 2 > denominator) | ((rest * 2 == denominator) & (whole % 2 == 1))
    return sign * (whole + up.cast(pl.Int64))


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


def cumulative_share(amount: pl.Expr, upto: pl.Expr, weight: pl.Expr, total: pl.Expr) -> pl.Expr:
    """One row's part of an amount split by weights; the parts of a group add up exactly.

    `upto` is the running sum of weights with this row, `total` the group's sum (zero total: the first row takes all,
    which the caller arranges by passing weights of one).
    Shapes: one row per part. Units: those of amount.
    """
    wide_amount = amount.cast(WIDE)
    after = divide(wide_amount * upto, total)
    before = divide(wide_amount * (upto - weight), total)
    return (after - before).cast(pl.Int64)
