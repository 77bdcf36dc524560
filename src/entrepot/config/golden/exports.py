"""Cases of origin and export: regional value content, tolerance, refund of VAT on exports."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from entrepot.config.golden.case import Case, Unsupported, major, number, ppm
from entrepot.config.golden.customs import amount_of
from entrepot.config.golden.fx import last_day
from entrepot.config.golden.methods import Method
from entrepot.config.golden.money import money_decimals
from entrepot.domains.customs.adapters.origin import thresholds
from entrepot.domains.customs.rules import origin, refund
from entrepot.engine.world import World

Figures = dict[str, Any]


def _origin(case: Case, world: World) -> Figures:
    decimals = case.decimals()
    fob = amount_of(case, "fob|fob_value|value|price", decimals)
    test = "de_minimis" if case.find(UNCHANGED) else "rvc"
    if test == "de_minimis":
        share = origin.tolerated(fob, amount_of(case, UNCHANGED, decimals))
    elif case.find(REGIONAL):
        share = origin.build_up(fob, amount_of(case, REGIONAL, decimals))
    else:
        share = origin.build_down(fob, amount_of(case, FOREIGN, decimals))
    words = "rvc_pct|rvc|pct|share_pct|content_pct|non_originating_pct|share"
    found: Figures = {words: share * 100}
    for name in case.expected:
        asked = re.fullmatch(
            r"(([a-z]+)_)?(rvc_)?((\d+)_)?(ok|qualifies|originating|meets|origin|within)", name, re.I
        )
        if asked:
            found[name] = origin.meets(share, _threshold(case, test, asked.group(2), asked.group(5), world))
    return found


FOREIGN = "vnm|non_originating|nom|vnom|foreign_materials"
REGIONAL = "vom|originating|rvm|local_content|originating_materials"
UNCHANGED = "vnm_non_shifted|no_ctc|non_ctc|unchanged|not_changed|vnm_no_ctc|vnm_without_ctc|non_shifted|non_qualifying"


def _threshold(
    case: Case, test: str, agreement: str | None, percent: str | None, world: World
) -> origin.Threshold:
    """The agreement's own threshold, or the one a figure's name or the inputs state."""
    known = {row.agreement for row in thresholds()}
    name = (agreement or "").upper()
    if name not in known:
        name = next((word for word in sorted(known) if case.has(word.lower())), "RCEP")
    on = case.day(last_day(world))
    row = origin.threshold_of(thresholds(), name, test, on)
    stated = case.value("threshold(_pct)?|min_pct|max_pct", None)
    figure = ppm(number(stated)) if stated is not None else (int(percent) * 10_000 if percent else None)
    if figure is not None:
        return origin.Threshold(name, test, figure, on, None, "the case", "P")
    if row is None:
        raise Unsupported(f"no {test} threshold of {name}")
    return row


PURCHASE = (
    r"purchase|purchase_price|purchase_ex_vat|purchase_net|purchase_excl_vat|cost_ex_vat|purchase_value"
)
PURCHASE_GROSS = r"purchase_incl_vat|purchase_gross|purchase_with_vat"
REFUND = r"(tax_)?refund(_rate)?(_pct)?|refund_rate"
RATE = r"(vat|tax|levy)(_rate)?(_pct)?|rate(_pct)?"


def _trader(case: Case, world: World) -> Figures:
    decimals, back = money_decimals(case, world), case.ppm(REFUND)
    if case.find(PURCHASE):
        price = amount_of(case, PURCHASE, decimals)
    else:
        rate = case.ppm(RATE)
        gross = Fraction(amount_of(case, PURCHASE_GROSS, decimals)) / (1 + Fraction(rate, 1_000_000))
        price = int(gross + Fraction(1, 2))
    found: Figures = {
        "refund|refund_cny|export_refund|vat_refund": major(refund.trader_refund(price, back), decimals),
        "net_purchase|purchase_ex_vat": major(price, decimals),
    }
    if case.find(RATE):
        rate = case.ppm(RATE)
        cost = major(refund.trader_cost(price, rate, back), decimals)
        found |= {"input_vat|vat": major(refund.trader_refund(price, rate), decimals)}
        found |= {"cost|not_refunded|vat_cost|to_cost|not_creditable": cost}
    return found


def _producer(case: Case, world: World) -> Figures:
    decimals = money_decimals(case, world)
    rate, back = case.ppm(RATE, 13), case.ppm(REFUND)
    output = amount_of(case, OUTPUT, decimals)
    if not case.find(OUTPUT) and case.find(SALES):
        output = refund.trader_refund(amount_of(case, SALES, decimals), rate)
    month = refund.producer_refund(
        amount_of(case, "fob|fob_cny|fob_value|export_fob|fob_sales|export_sales", decimals), rate, back, output=output,
        inputs=amount_of(case, INPUT, decimals), brought=amount_of(case, BROUGHT, decimals),
    )  # fmt: skip
    return {
        "not_creditable|non_creditable|disallowed|transfer_out|input_transfer_out": major(
            month.not_creditable, decimals
        ),
        "payable|tax_payable|vat_payable|result": major(month.payable, decimals),
        "tax_due|due|to_pay": major(max(0, month.payable), decimals),
        "unused_credit|credit|excess_credit|unused|period_end_credit": major(month.unused_credit, decimals),
        "ceiling|refund_cap|max_refund|refund_limit|cap|exempt_credit_refund": major(month.ceiling, decimals),
        "refund|vat_refund|export_refund|refundable": major(month.refund, decimals),
        "carried|carry_forward|carried_forward|carried_credit|left": major(month.carried, decimals),
        "exempt_credit|offset|credited|deducted": major(month.ceiling - month.refund, decimals),
    }


OUTPUT = r"(domestic_)?output(_vat|_tax)?|domestic_(vat|tax)"
SALES = r"domestic_sales|domestic|home_sales"
INPUT = r"(creditable_)?input(s|_vat|_tax|_credit)?"
BROUGHT = r"brought(_forward)?|carried_in|opening_credit|prior_credit|previous_credit"


METHODS = [
    Method(
        "regional value content", ("fob|fob_value|value|price", f"{FOREIGN}|{REGIONAL}"), _origin,
        ("threshold(_pct)?|min_pct", "agreement"), ("rvc", "origin", "build"),
    ),
    Method(
        "de minimis of origin", ("fob|fob_value|value|price", UNCHANGED), _origin,
        ("threshold(_pct)?|max_pct", "agreement"), ("minimis", "ctc"),
    ),
    Method(
        "export refund of a trading company", (f"{PURCHASE}|{PURCHASE_GROSS}", REFUND), _trader, (RATE,),
        ("refund", "trading"),
    ),
    Method(
        "export refund of a producer", ("fob|fob_cny|fob_value|export_fob|fob_sales|export_sales", REFUND, INPUT),
        _producer, (RATE, OUTPUT, SALES, BROUGHT), ("refund", "producer"),
    ),
]  # fmt: skip
