"""Strong customer authentication: when a card payment of low value may go without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LowValue:
    """The limits of the exemption, in minor units: one payment, all since the last authentication, or their number."""

    currency: str
    payment_minor: int
    sum_minor: int
    count: int
    source: str
    status: str


def may_be_exempt(previous: Sequence[int], amount: int, limits: LowValue, counter: str = "sum") -> bool:
    """Whether a payment may be exempt: it is within its own limit, and with the earlier ones within the counter's.

    counter: `sum` of amounts or `count` of payments since the last authentication, whichever the issuer keeps. The
    limits are inside. Units: minor units. Errors: ValueError for another counter.
    """
    if counter not in ("sum", "count"):
        raise ValueError(f"an issuer counts the sum or the count, not {counter}")
    kept = sum(previous) + amount <= limits.sum_minor if counter == "sum" else len(previous) < limits.count
    return amount <= limits.payment_minor and kept
