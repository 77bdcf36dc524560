"""Cases of marketplace fees: referral fees by price band, warehouse fees, account health."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported, minor, number
from entrepot.config.golden.fx import last_day
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import columns, money_decimals, units_of
from entrepot.config.golden.words import meant
from entrepot.domains.channels.adapters.metrics import account_metrics
from entrepot.domains.channels.rules import is_met, metric_of, rate_of
from entrepot.domains.payments.adapters.fulfilment import fulfilment_fees
from entrepot.domains.payments.rules.fulfilment import aged_fee, fuel_surcharge
from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.fx import Rates
from entrepot.engine.price.order_costs import channel_fees
from entrepot.engine.world import World
from entrepot.kernel.money import to_major

Figures = dict[str, Any]
PRICE = "prices?|item|items?_prices?|sale_price|amount|selling_price"
BESIDE = "shipping|shipping_charge|gift_wrap|giftwrap|gift_wrapping|handling"
UNCOUNTED = "tax|sales_tax|vat"  # no fee is taken of the tax
RATE = "(referral_|fee_)?(pct|percent|rate_pct)"
LEAST = "min|minimum|min_fee|minimum_fee|minimum_usd"
CATEGORY, CHANNEL = "category|fee_category", "channel|marketplace|platform"


def _referral(case: Case, world: World) -> Figures:
    channel = (
        meant(case, "channel", text=str(case.value(CHANNEL, ""))) or meant(case, "channel") or "amazon-us"
    )
    category = meant(case, "category", text=str(case.value(CATEGORY, ""))) or meant(case, "category")
    if not category and not case.find(RATE) and not case.has("most", "other", "minimum"):
        raise Unsupported("no category of goods named")
    rows = world["channel_fees"].filter(pl.col("channel") == channel)
    currency = str(rows["currency"][0])
    decimals = units_of(world, currency)
    prices = case.numbers(PRICE)
    beside = [sum(extra) for extra in zip(*_beside(case, len(prices)), strict=True)] or [Decimal(0)] * len(
        prices
    )
    if case.find(RATE):
        world = world.replace(channel_fees=_one_rate(case, rows, decimals))
        category = ""
    on = case.day(last_day(world))
    fees = _fees(
        [minor(p + e, decimals) for p, e in zip(prices, beside, strict=True)], channel, category, on, world
    )
    shown = [to_major(fee, decimals) for fee in fees]
    single = not isinstance(case.value(PRICE), list)
    kept = [price + extra - fee for price, extra, fee in zip(prices, beside, shown, strict=True)]
    return {
        "fee|referral_fee|referral|commission": shown[0] if single else shown,
        "net|proceeds|kept": kept[0] if single else kept,
        "fee_pct|effective_pct": Fraction(shown[0]) / Fraction(prices[0] + beside[0]) * 100
        if single
        else None,
    }


def _beside(case: Case, count: int) -> list[list[Decimal]]:
    found = []
    for name, value in case.inputs.items():
        if name.lower() in BESIDE.split("|"):
            amounts = value if isinstance(value, list) else [value] * count
            found.append([number(one) for one in amounts])
    return found


def _one_rate(case: Case, rows: pl.DataFrame, decimals: int) -> pl.DataFrame:
    """The channel's general row with the rate, and the least fee where one is stated."""
    general = rows.filter(pl.col("fee_category") == "")[-1:]
    least = minor(case.number(LEAST), decimals) if case.find(LEAST) else int(general["min_minor"][0])
    return general.with_columns(
        rate_ppm=pl.lit(case.ppm(RATE)), min_minor=pl.lit(least), over_minor=pl.lit(0, dtype=pl.Int64),
        to_minor=pl.lit(None, dtype=pl.Int64), carry_minor=pl.lit(0, dtype=pl.Int64), marginal=pl.lit(False),
    )  # fmt: skip


def _fees(prices: list[int], channel: str, category: str, on: Any, world: World) -> list[int]:
    """The referral fee of one piece at each price, by the engine's bands."""
    heads = pl.DataFrame({"head": [0], "channel": [channel], "epoch": [on]})
    currency = world["channel_fees"].filter(pl.col("channel") == channel)["currency"][0]
    frame = pl.DataFrame({"gross_minor": prices}, schema={"gross_minor": pl.Int64}).with_columns(
        head=pl.lit(0, dtype=pl.Int64), fee_no=pl.lit(0, dtype=pl.Int64), fee_category=pl.lit(category),
        quantity=pl.lit(1, dtype=pl.Int64), shipping_part=pl.lit(0, dtype=pl.Int64), placed_on=pl.lit(on),
        currency=pl.lit(currency),
    )  # fmt: skip
    frame = Rates.of(world).attach(frame, "currency", "placed_on", "w_order")
    fees = channel_fees(frame, heads, world)["channel_fee"]
    return [int(fee) for fee in fees]


FUEL = "fee|fulfilment_fee|fulfillment_fee|fba_fee|fees"


def _fuel(case: Case, world: World) -> Figures:
    decimals = money_decimals(case, world)
    programme = meant(case, "programme", text=str(case.value("programme|program|service", ""))) or meant(
        case, "programme"
    )
    on, fees = case.day(last_day(world)), case.numbers(FUEL)
    extra = [fuel_surcharge(fulfilment_fees(), minor(fee, decimals), programme or "FBA", on) for fee in fees]
    surcharges = [to_major(one, decimals) for one in extra]
    totals = [fee + one for fee, one in zip(fees, surcharges, strict=True)]
    single = not isinstance(case.value(FUEL), list)
    return {
        "surcharge|fuel|fuel_surcharge": surcharges[0] if single else surcharges,
        "total|total_fee|fee": totals[0] if single else totals,
    }


def _aged(case: Case, world: World) -> Figures:
    if not case.find("units"):
        case = Case(**{**vars(case), "inputs": {**case.inputs, "units": 0}})
    (days, feet, units), single = columns(case, "days|age|age_days", "ft3|cubic_feet|cuft|cu_ft", "units")
    on = case.day(last_day(world))
    fees = [
        to_major(aged_fee(fulfilment_fees(), int(d), Fraction(f), int(u), on), 2)
        for d, f, u in zip(days, feet, units, strict=True)
    ]
    return {"fee|fees|surcharge": fees[0] if single else fees, "total|sum": sum(fees, Decimal(0))}


COUNTS = {
    "defects|defect_orders|odr_orders|defective": "defects", "cancelled|cancellations|canceled|cancels": "cancelled",
    "late|late_shipments|late_orders|late_dispatch(es)?": "late",
    "tracked|valid_tracking|valid|with_tracking": "tracked", "on_time|on_time_deliveries|delivered_on_time": "on_time",
    "cases|unresolved|unresolved_cases|cases_closed": "cases",
    "refunds|refunded|seller_fault_refunds": "refunds", "answered|answered_in_time|responses": "answered",
    "negative|negative_reviews": "negative",
}  # fmt: skip
COUNT = "|".join(COUNTS)
OF = "transactions|orders|shipments|messages|sales|total|of|deliveries"


def _health(case: Case, world: World) -> Figures:
    name = case.find(COUNT)
    metric = next(code for pattern, code in COUNTS.items() if name.lower() in _names(pattern))
    marketplace = meant(case, "marketplace", text=str(case.value(CHANNEL, ""))) or meant(case, "marketplace")
    level = meant(case, "level", text=str(case.value("level", ""))) or meant(case, "level") or "minimum"
    row = metric_of(account_metrics(), marketplace, metric, level, case.day(last_day(world)))
    if row is None:
        raise Unsupported(f"no limit of {marketplace or 'a marketplace not named'} on {metric}")
    (counts, totals), single = columns(case, COUNT, OF)
    pairs = [(int(count), int(total)) for count, total in zip(counts, totals, strict=True)]
    rates = [rate_of(*pair) * 100 for pair in pairs]
    met = [is_met(row, *pair) for pair in pairs]
    broken = [not one for one in met]
    return {
        "rate_pct|rate|pct|defect_rate_pct|late_rate_pct|odr_pct": rates[0] if single else rates,
        "below_standard|breach|at_risk|over|exceeds|fails|violation": broken[0] if single else broken,
        "ok|meets|within|met|passes|healthy|top_rated|good": met[0] if single else met,
        "limit_pct|threshold_pct": Decimal(row.threshold_ppm) / 10_000,
    }


def _names(pattern: str) -> list[str]:
    return [name.replace("(es)?", end) for name in pattern.split("|") for end in ("", "es")]


PAID, FIXED = "amounts?|paid|price|total", "fixed|fixed_fee|plus"


def _payment(case: Case, world: World) -> Figures:
    """A payment's fee as the engine takes it: a share of what is paid and a fixed part."""
    decimals, rate = money_decimals(case, world), case.ppm("(fee_)?(pct|percent|rate_pct)")
    fixed = minor(case.number(FIXED), decimals)
    paid = [minor(one, decimals) for one in case.numbers(PAID)]
    frame = pl.DataFrame({"paid": paid}, schema={"paid": pl.Int64})
    fees = frame.select(at_ppm(pl.col("paid"), rate) + fixed).to_series()
    shown = [to_major(int(fee), decimals) for fee in fees]
    kept = [to_major(one - int(fee), decimals) for one, fee in zip(paid, fees, strict=True)]
    single = not isinstance(case.value(PAID), list)
    return {
        "fee|payment_fee|fees": shown[0] if single else shown,
        "net|kept|payout": kept[0] if single else kept,
    }


METHODS = [
    Method(
        "payment fee", (PAID, "(fee_)?(pct|percent|rate_pct)", FIXED), _payment, (), ("card", "payment"),
    ),
    Method(
        "referral fee", (PRICE,), _referral, (BESIDE, UNCOUNTED, RATE, LEAST, CATEGORY, CHANNEL),
        ("fees", "fee", "referral"),
    ),
    Method("fuel surcharge of fulfilment", (FUEL,), _fuel, ("programme|program|service",), ("fuel", "surcharge")),
    Method(
        "aged inventory", ("days|age|age_days", "ft3|cubic_feet|cuft|cu_ft"), _aged, ("units",), ("aged", "storage"),
    ),
    Method("account health", (COUNT, OF), _health, (CHANNEL, "level"), ("standard", "rate", "defect")),
]  # fmt: skip
