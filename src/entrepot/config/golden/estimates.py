"""Cases of planning and statistics: stock, forecast errors, tests of proportions, association, elasticity."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from entrepot.config.golden.case import Case, Unsupported
from entrepot.config.golden.methods import Method
from entrepot.engine.world import World
from entrepot.kernel import estimates, planning

Figures = dict[str, Any]
DEMAND, SD, LEAD = (
    "d|demand|mean_demand|avg_demand",
    "sd|sigma|demand_sd|sigma_d",
    "l|lead|lead_time|lead_days",
)
LEAD_SD, SERVICE = "sl|lead_sd|sigma_l|lead_time_sd", "service|service_level|sl_target"
SAFETY = "ss|safety|safety_stock"


def _list(case: Case, pattern: str) -> list[Fraction]:
    return [Fraction(one) for one in case.numbers(pattern)]


def _one(case: Case, pattern: str, default: int | None = None) -> Fraction:
    return Fraction(case.number(pattern, default))


def _safety(case: Case, world: World) -> Figures:
    lead_sd = next((name for name in case.inputs if name in ("sL", "lead_sd", "sigma_L", "lead_time_sd")), "")
    stock = planning.safety_stock(
        float(_one(case, SERVICE)), float(_one(case, SD)), float(_one(case, LEAD)),
        demand=float(_one(case, DEMAND, 0)), lead_sd=float(case.inputs.get(lead_sd, 0)),
    )  # fmt: skip
    units = math.ceil(stock)
    point = planning.reorder_point(_one(case, DEMAND, 0), _one(case, LEAD), Fraction(stock))
    return {"ss|safety_stock": Fraction(stock), "units|pieces|ss_units|rounded_up": units, "rop": point}


def _reorder(case: Case, world: World) -> Figures:
    point = planning.reorder_point(_one(case, DEMAND), _one(case, LEAD), _one(case, SAFETY))
    return {"rop|reorder_point|point": point, "units": math.ceil(point)}


def _quantity(case: Case, world: World) -> Figures:
    names = ("d|demand|annual_demand", "s|order_cost|setup|ordering_cost", "h|holding|holding_cost")
    quantity = planning.order_quantity(*(float(_one(case, name)) for name in names))
    return {"eoq|q|quantity|order_quantity": Fraction(quantity)}


def _turnover(case: Case, world: World) -> Figures:
    turns, days = planning.turnover(
        _one(case, "cogs|cost_of_sales"), _one(case, "avg_stock|average_stock|stock")
    )
    return {"turns|turnover": turns, "days|days_of_stock|dio": days}


def _classes(case: Case, world: World) -> Figures:
    values = _list(case, "values|sales|revenue|demand|d|x")
    found = planning.by_value(values)
    variation, name = planning.by_variation([float(one) for one in values]) if any(values) else (0.0, "")
    return {
        "cum_pct|cumulated_pct|cumulative_pct": [share * 100 for share, _ in found],
        "cls|class|classes|abc": name
        if isinstance(case.expected.get("cls"), str)
        else [one for _, one in found],
        "cv|variation": Fraction(variation),
        "xyz|xyz_class": name,
    }


def _errors(case: Case, world: World) -> Figures:
    actual, forecast = _list(case, "actual|a|sold"), _list(case, "forecast|f|predicted")
    mean = estimates.mean_absolute_error(actual, forecast)
    percent = estimates.percentage_error(actual, forecast)
    found: Figures = {
        "mae": mean,
        "wape_pct|wape": estimates.weighted_error(actual, forecast) * 100,
        "accuracy_pct|accuracy": (1 - estimates.weighted_error(actual, forecast)) * 100,
        "bias_pct|bias": estimates.forecast_bias(actual, forecast) * 100,
        "mape_pct|mape": None if percent is None else percent * 100,
    }
    if case.find("train|training|history"):
        scale = estimates.naive_scale(_list(case, "train|training|history"), int(case.number("m|season", 1)))
        found |= {"scale": scale, "mase": mean / scale}
    return found


def _proportions(case: Case, world: World) -> Figures:
    found, of = (
        [int(one) for one in case.numbers(name)] for name in ("x|conversions|successes", "n|visitors|trials")
    )
    if len(found) != 2 or len(of) != 2:
        raise Unsupported("two proportions are compared")
    z, p = estimates.proportions_test((found[0], found[1]), (of[0], of[1]))
    rates = [Fraction(one, many) for one, many in zip(found, of, strict=True)]
    return {
        "z": Fraction(z),
        "p|p_value": Fraction(p),
        "rates|p_hat": rates,
        "uplift|lift": rates[1] / rates[0] - 1,
    }


def _sample(case: Case, world: World) -> Figures:
    sizes = (float(_one(case, name)) for name in ("p1|baseline", "p2|target", "alpha", "power"))
    size = estimates.sample_size(*sizes)
    return {"n|per_arm|n_per_arm|size": size, "total": 2 * size}


def _sequential(case: Case, world: World) -> Figures:
    upper, lower = estimates.sequential_bounds(float(_one(case, "alpha|a")), float(_one(case, "beta|b")))
    return {
        "upper|a|accept": Fraction(upper), "lower|b|reject": Fraction(lower),
        "bounds": [Fraction(upper), Fraction(lower)],
    }  # fmt: skip


def _spending(case: Case, world: World) -> Figures:
    alpha = float(_one(case, "alpha"))
    spent = [
        Fraction(estimates.alpha_spent(alpha, float(one))) for one in case.numbers("t|share|information")
    ]
    single = not isinstance(case.value("t|share|information"), list)
    return {"spent|alpha_spent": spent[0] if single else spent}


def _association(case: Case, world: World) -> Figures:
    first, second, both = (_one(case, name) for name in ("a|support_a", "b|support_b", "ab|support_ab|both"))
    if case.find("n|total|baskets"):
        first, second, both = (one / _one(case, "n|total|baskets") for one in (first, second, both))
    found = estimates.association(first, second, both)
    return {
        "support": both,
        "conf|confidence": found["confidence"],
        **{k: v for k, v in found.items() if k != "confidence"},
    }


def _elasticity(case: Case, world: World) -> Figures:
    prices, quantities = _list(case, "p|prices?"), _list(case, "q|quantit(y|ies)|qty")
    slope = estimates.log_elasticity([float(one) for one in prices], [float(one) for one in quantities])
    found: Figures = {"log|slope|loglog|log_log|ln|elasticity_log": Fraction(slope)}
    if len(prices) == len(quantities) == 2:
        arc = estimates.arc_elasticity((prices[0], prices[1]), (quantities[0], quantities[1]))
        found["arc|midpoint|elasticity|elasticity_arc"] = arc
    return found


METHODS = [
    Method("safety stock", (SERVICE, SD, LEAD), _safety, (DEMAND, LEAD_SD), ("ss", "safety")),
    Method("reorder point", (DEMAND, LEAD, SAFETY), _reorder, (), ("rop",)),
    Method(
        "order quantity",
        ("d|demand|annual_demand", "s|order_cost|setup|ordering_cost", "h|holding|holding_cost"), _quantity, (),
        ("eoq",),
    ),
    Method("turnover", ("cogs|cost_of_sales", "avg_stock|average_stock|stock"), _turnover, (), ("turnover",)),
    Method("classes", ("values|sales|revenue|demand|d|x",), _classes, (), ("abc", "xyz", "inventory")),
    Method(
        "forecast errors", ("actual|a|sold", "forecast|f|predicted"), _errors,
        ("train|training|history", "m|season"), ("forecast",),
    ),
    Method("two proportions", ("x|conversions|successes", "n|visitors|trials"), _proportions, (), ("abtest", "z")),
    Method("sample size", ("p1|baseline", "p2|target", "alpha", "power"), _sample, (), ("sample",)),
    Method("sequential test", ("alpha|a", "beta|b"), _sequential, (), ("sprt", "wald", "sequential")),
    Method("alpha spending", ("alpha", "t|share|information"), _spending, (), ("spending", "fleming")),
    Method(
        "association", ("a|support_a", "b|support_b", "ab|support_ab|both"), _association, ("n|total|baskets",),
        ("association", "lift"),
    ),
    Method("elasticity", ("p|prices?", "q|quantit(y|ies)|qty"), _elasticity, (), ("elasticity",)),
]  # fmt: skip
