"""Our own order document, for shops without a connector: docs/guide/channels.md describes it, this reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domains.channels.adapters.reading import (
    MoneyReader,
    Unreadable,
    decimal_of,
    moment,
    needed,
    unit_e4,
    whole,
    words,
)
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder

STATES = {"": "new", "new": "new", "paid": "new", "pending": "pending", "cancelled": "cancelled"}


def parse_document(document: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order: the document itself, or what stands under `data` in an event. Amounts are texts in major units."""
    order = document["data"] if isinstance(document.get("data"), Mapping) else document
    currency = words(needed(order, "currency")).upper()
    lines = needed(order, "lines")
    if not isinstance(lines, list) or not lines:
        raise Unreadable("value.missing", "lines")
    state = words(order.get("state")).lower()
    if state not in STATES:
        raise Unreadable("value.unreadable", "state", state)
    buyer, address = order.get("buyer") or {}, order.get("address") or {}
    includes_tax = order.get("prices_include_tax")

    def minor(name: str) -> int:
        return money.minor(order[name], currency, name) if order.get(name) not in (None, "") else 0

    return IncomingOrder(
        external_id=words(needed(order, "id")),
        number=words(order.get("number")),
        placed_at=moment(needed(order, "placed_at"), "placed_at"),
        revised_at=moment(order["updated_at"], "updated_at") if order.get("updated_at") else None,
        state=STATES[state],
        channel_state="cancelled" if state == "cancelled" else "pending" if state == "pending" else "paid",
        currency=currency,
        lines=tuple(_line(line, number, currency, money) for number, line in enumerate(lines, start=1)),
        shipping_minor=minor("shipping"),
        discount_minor=minor("discount"),
        tax_minor=minor("tax"),
        price_includes_tax=includes_tax if isinstance(includes_tax, bool) else None,
        customer_no=words(buyer.get("id")),
        buyer_name=words(buyer.get("name")),
        email=words(buyer.get("email")),
        phone=words(buyer.get("phone")),
        vat_number=words(buyer.get("vat_number")),
        is_business=bool(buyer.get("is_business")),
        recipient=words(address.get("name")) or words(buyer.get("name")),
        country=words(address.get("country")).upper(),
        region=words(address.get("region")),
        postcode=words(address.get("postcode")),
        city=words(address.get("city")),
        billing_country=words(order.get("billing_country")).upper(),
        payment_method=words(order.get("payment_method")),
    )


def _line(line: Mapping[str, Any], number: int, currency: str, money: MoneyReader) -> IncomingLine:
    quantity = whole(needed(line, "quantity"), f"lines.{number}.quantity")
    if quantity <= 0:
        raise Unreadable("quantity.not_positive", f"lines.{number}.quantity", quantity)
    unit = decimal_of(needed(line, "unit_price"), f"lines.{number}.unit_price")
    amount = line.get("amount")
    return IncomingLine(
        sku=words(needed(line, "sku")),
        quantity=quantity,
        amount_minor=money.rounded(unit * quantity if amount in (None, "") else amount, currency, "amount"),
        unit_price_e4=unit_e4(unit, "unit_price"),
        description=words(line.get("description")),
        line_id=words(line.get("id")) or str(number),
    )
