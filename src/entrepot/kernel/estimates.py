"""Estimates for single lists: errors of a forecast, tests of two proportions, association, elasticity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import NormalDist, fmean

NORMAL = NormalDist()


def mean_absolute_error(actual: Sequence[Fraction], forecast: Sequence[Fraction]) -> Fraction:
    """The mean size of the errors. Errors: ValueError for lists of different or no length."""
    pairs = list(zip(actual, forecast, strict=True))
    if not pairs:
        raise ValueError("nothing to compare")
    return sum((abs(a - f) for a, f in pairs), Fraction(0)) / len(pairs)


def weighted_error(actual: Sequence[Fraction], forecast: Sequence[Fraction]) -> Fraction:
    """WAPE: the sum of the errors' sizes over the sum of what was sold."""
    return mean_absolute_error(actual, forecast) * len(actual) / sum(actual, Fraction(0))


def forecast_bias(actual: Sequence[Fraction], forecast: Sequence[Fraction]) -> Fraction:
    """Bias: (forecast - actual) over actual; positive when too much was forecast."""
    return (sum(forecast, Fraction(0)) - sum(actual, Fraction(0))) / sum(actual, Fraction(0))


def percentage_error(actual: Sequence[Fraction], forecast: Sequence[Fraction]) -> Fraction | None:
    """MAPE; None where something was not sold at all, because it is undefined there."""
    if any(a == 0 for a in actual):
        return None
    return sum((abs(a - f) / a for a, f in zip(actual, forecast, strict=True)), Fraction(0)) / len(actual)


def naive_scale(train: Sequence[Fraction], season: int = 1) -> Fraction:
    """The mean error of the naive forecast on the training part: MASE is the mean absolute error over this."""
    return mean_absolute_error(train[season:], train[:-season])


def proportions_test(found: tuple[int, int], of: tuple[int, int]) -> tuple[float, float]:
    """z and two-sided p of two proportions, pooled."""
    first, second = found[0] / of[0], found[1] / of[1]
    pooled = sum(found) / sum(of)
    z = (second - first) / math.sqrt(pooled * (1 - pooled) * (1 / of[0] + 1 / of[1]))
    return z, 2 * (1 - NORMAL.cdf(abs(z)))


def sample_size(first: float, second: float, alpha: float, power: float) -> int:
    """How many each arm of a test needs to tell two proportions apart: unpooled, two-sided, rounded up."""
    spread = first * (1 - first) + second * (1 - second)
    z = NORMAL.inv_cdf(1 - alpha / 2) + NORMAL.inv_cdf(power)
    return math.ceil(z**2 * spread / (second - first) ** 2)


def sequential_bounds(alpha: float, beta: float) -> tuple[float, float]:
    """Wald's bounds of the log likelihood ratio: (accept the effect, accept none)."""
    return math.log((1 - beta) / alpha), math.log(beta / (1 - alpha))


def alpha_spent(alpha: float, share: float) -> float:
    """O'Brien-Fleming: of the error allowed, what may be spent when so much of the information is in."""
    return 2 - 2 * NORMAL.cdf(NORMAL.inv_cdf(1 - alpha / 2) / math.sqrt(share))


def association(first: Fraction, second: Fraction, both: Fraction) -> dict[str, Fraction | None]:
    """Confidence, lift, leverage and conviction of "who buys the first buys the second", from their supports."""
    confidence = both / first
    sure = confidence == 1
    return {
        "confidence": confidence,
        "lift": both / (first * second),
        "leverage": both - first * second,
        "conviction": None if sure else (1 - second) / (1 - confidence),
    }


def arc_elasticity(prices: tuple[Fraction, Fraction], quantities: tuple[Fraction, Fraction]) -> Fraction:
    """The change of quantity over the change of price, each against the mean of both."""
    dq, dp = quantities[1] - quantities[0], prices[1] - prices[0]
    return (dq / sum(quantities)) / (dp / sum(prices))


def log_elasticity(prices: Sequence[float], quantities: Sequence[float]) -> float:
    """The slope of log quantity on log price, by least squares."""
    x, y = [math.log(p) for p in prices], [math.log(q) for q in quantities]
    mx, my = fmean(x), fmean(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)
