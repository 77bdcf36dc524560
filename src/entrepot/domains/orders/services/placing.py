"""Take one order in from a program that hands it over itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.orders import frames
from entrepot.domains.orders.services.commands import insert_orders


@dataclass(frozen=True)
class Placed:
    """What became of an order that was handed in: its id, and whether it was new, or known with the same content."""

    order_id: int
    is_new: bool
    is_same: bool


@transaction.atomic
def place_order(
    head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], customer: Mapping[str, Any]
) -> Placed:
    """Take one order in (columns of `frames.NEW_ORDERS`, `frames.NEW_LINES`, `frames.NEW_CUSTOMERS`; no `ref`).

    Units: minor units; without `unit_price_e4` it follows from the amount. Known already: nothing is changed.
    """
    if customer.get("code"):
        frames.write_customers(frames.one_frame([customer], frames.NEW_CUSTOMERS))
    digits = minor_units_by_currency().get(head["currency"], 2)
    orders, goods = frames.one_order({"customer_code": customer.get("code", ""), **head}, lines, digits)
    inserted = insert_orders(orders, goods)
    _ref, order_id, is_new = inserted.row(0)
    return Placed(order_id, is_new, is_new or frames.is_same_content(order_id, goods))
