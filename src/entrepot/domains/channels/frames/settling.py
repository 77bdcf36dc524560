"""Settlement lines and refunds as legs of the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.ledger.services import LEGS

OF_ORDER = {"sale": "settled_sale", "tax": "settled_tax", "fee": "settled_fee", "refund": "settled_sale"}
OF_NONE = {
    "sale": "settled_untied",
    "tax": "settled_untied",
    "fee": "settled_other_fee",
    "refund": "settled_untied",
}
Leg = tuple[str, int]


def leg_of(kind: str, *, tied: bool) -> str:
    """The posting rule of a settlement line. A refund clears the receivable; what was given back is booked apart."""
    if kind == "transfer":
        return "settled_payout"
    return (OF_ORDER if tied else OF_NONE).get(kind, "settled_adjustment")


def legs(
    key: str, legs_of: Sequence[Leg], currency: str, on: date, *, ref: tuple[str, int], memo: str = ""
) -> Frame:
    """One balanced entry: amounts of one leg are summed before they are converted. Minor units, as `LEGS`."""
    sums: dict[str, int] = {}
    for leg, amount in legs_of:
        sums[leg] = sums.get(leg, 0) + amount
    rows = [
        (key, "adjustment", on, leg, currency, amount, False, ref[0], ref[1], memo)
        for leg, amount in sorted(sums.items())
        if amount
    ]
    return pl.DataFrame(rows, schema=LEGS.schema, orient="row")
