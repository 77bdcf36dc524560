"""Export VAT refund in China: of a trading company by purchase price, of a producer by exempt-credit-refund."""

from __future__ import annotations

from dataclasses import dataclass

PPM = 1_000_000


@dataclass(frozen=True)
class ProducerRefund:
    """A producer's month, in minor units: what may not be credited, what is payable (negative: unused credit), the
    refund and the credit carried into the next month."""

    not_creditable: int
    payable: int
    unused_credit: int
    ceiling: int
    refund: int
    carried: int


def trader_refund(purchase: int, refund_ppm: int) -> int:
    """What a trading company gets back: the purchase price without VAT times the refund rate, half-up.

    Units: minor units. Errors: ValueError for a negative price or a rate outside 0 to 100 %.
    """
    return _at(purchase, refund_ppm)


def trader_cost(purchase: int, vat_ppm: int, refund_ppm: int) -> int:
    """The VAT a trading company bears itself: what it paid less what it gets back, which becomes cost of goods."""
    return _at(purchase, vat_ppm) - _at(purchase, refund_ppm)


def producer_refund(
    fob: int, vat_ppm: int, refund_ppm: int, *, output: int, inputs: int, brought: int = 0
) -> ProducerRefund:
    """A producer's exempt-credit-refund: not creditable = FOB × (rate - refund rate); payable = domestic output VAT -
    (input VAT - not creditable) - credit brought forward; refund = the lesser of the unused credit and FOB × refund
    rate.

    Units: minor units; each product rounded half-up once. Errors: ValueError when the refund rate is above the rate.
    Holds: unused credit = refund + carried.
    """
    if refund_ppm > vat_ppm:
        raise ValueError("the refund rate is above the VAT rate")
    lost = _at(fob, vat_ppm - refund_ppm)
    payable = output - (inputs - lost) - brought
    unused, ceiling = max(0, -payable), _at(fob, refund_ppm)
    refund = min(unused, ceiling)
    return ProducerRefund(lost, payable, unused, ceiling, refund, unused - refund)


def _at(amount: int, rate_ppm: int) -> int:
    if amount < 0 or not 0 <= rate_ppm <= PPM:
        raise ValueError("amounts are positive and rates between nothing and the whole")
    return (2 * amount * rate_ppm + PPM) // (2 * PPM)
