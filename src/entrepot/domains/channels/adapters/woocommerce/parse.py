"""What a WooCommerce shop answers, or sends as a message, in our words."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from entrepot.domains.channels.adapters.parcels import in_parcel
from entrepot.domains.channels.adapters.port import Listing
from entrepot.domains.channels.adapters.reading import (
    MoneyReader,
    Unreadable,
    decimal_of,
    needed,
    unit_e4,
    whole,
    words,
)
from entrepot.domains.channels.adapters.woocommerce.build import META
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder
from entrepot.domains.channels.rules.incoming import PARTLY

PENDING = frozenset({"pending", "on-hold", "failed", "checkout-draft", "auto-draft", "draft"})
OPEN = frozenset({"pending", "on-hold"})
CANCELLED = frozenset({"cancelled", "trash"})
PARTLY_SENT = frozenset({"partial-shipped", "partially-shipped"})  # as the usual plug-ins for parcels call it
STATES = {"processing": "paid", "completed": "shipped", "refunded": "refunded"}


def parse_shop(data: Any) -> str:
    """The shop's address."""
    return words((data or {}).get("environment", {}).get("site_url")) if isinstance(data, dict) else ""


def parse_order(order: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order. Lines and freight are net there with their tax beside them; both are put together if prices are gross.

    A line's amount is that before coupons (`subtotal`); what coupons took off is the order's discount.
    """
    currency = words(needed(order, "currency"))
    gross = bool(order.get("prices_include_tax"))

    def exact(record: Mapping[str, Any], net: str, tax: str) -> Decimal:
        value = decimal_of(needed(record, net), net)
        return value + decimal_of(record.get(tax) or 0, tax) if gross else value

    def amount(record: Mapping[str, Any], net: str, tax: str) -> int:
        return money.rounded(exact(record, net, tax), currency, net)

    ours, seen = _state(words(needed(order, "status")), order)
    sent = _sent(order) if seen == PARTLY else None
    lines = tuple(_line(line, exact, amount, sent) for line in needed(order, "line_items"))
    fees = [amount(fee, "total", "total_tax") for fee in order.get("fee_lines") or ()]
    charges = amount(order, "shipping_total", "shipping_tax") + sum(fee for fee in fees if fee > 0)
    taken_off = sum(line.amount_minor for line in lines) - sum(
        amount(line, "total", "total_tax") for line in order["line_items"]
    )
    billing, shipping = order.get("billing") or {}, order.get("shipping") or {}
    where = shipping if words(shipping.get("country")) else billing
    customer, refunds = order.get("customer_id"), order.get("refunds") or ()
    return IncomingOrder(
        external_id=str(needed(order, "id")),
        number=words(order.get("number")),
        placed_at=gmt(order, "date_created"),
        placed_on=shop_day(order),
        revised_at=gmt(order, "date_modified") if order.get("date_modified_gmt") else None,
        state=ours,
        channel_state=seen,
        currency=currency,
        lines=lines,
        shipping_minor=charges,
        discount_minor=taken_off - sum(fee for fee in fees if fee < 0),
        tax_minor=money.rounded(order.get("total_tax") or 0, currency, "total_tax"),
        price_includes_tax=gross,
        customer_no=str(customer) if customer else "",
        buyer_name=_name(billing),
        email=words(billing.get("email")),
        phone=words(shipping.get("phone")) or words(billing.get("phone")),
        recipient=_name(where) or words(where.get("company")) or _name(billing),
        country=words(where.get("country")),
        region=words(where.get("state")),
        postcode=words(where.get("postcode")),
        city=words(where.get("city")),
        billing_country=words(billing.get("country")),
        is_business=bool(words(billing.get("company"))),
        payment_method=words(order.get("payment_method")),
        refunded_minor=sum(abs(money.rounded(needed(r, "total"), currency, "refunds")) for r in refunds),
        refunded_at=gmt(order, "date_modified") if refunds and order.get("date_modified_gmt") else None,
    )


def _state(status: str, order: Mapping[str, Any]) -> tuple[str, str]:
    """Our state and the shop's. What is paid on delivery waits for no payment; what was completed first had left."""
    if status in CANCELLED:
        return "cancelled", "cancelled"
    if status in PENDING:
        on_delivery = status in OPEN and words(order.get("payment_method")) == "cod"
        return "new" if on_delivery else "pending", "pending"
    if status == "refunded" and (order.get("date_completed_gmt") or order.get("date_completed")):
        return "new", "returned"
    return "new", PARTLY if status in PARTLY_SENT else STATES.get(status, "paid")


def _sent(order: Mapping[str, Any]) -> dict[str, int] | None:
    """Pieces of each line that stand in parcels; None where a parcel does not say what is in it, or there is none."""
    parcels = [
        p for meta in order.get("meta_data") or () if meta.get("key") == META for p in meta.get("value") or ()
    ]
    sent: dict[str, int] = {}
    for parcel in parcels:
        goods = parcel.get("products_list") if isinstance(parcel, Mapping) else None
        if not goods:
            return None
        for each in goods:
            name = str(each.get("item_id"))
            sent[name] = sent.get(name, 0) + whole(each.get("qty") or 0, "products_list")
    return sent or None


def _line(line: Mapping[str, Any], exact: Any, amount: Any, sent: Mapping[str, int] | None) -> IncomingLine:
    quantity = whole(needed(line, "quantity"), "quantity")
    total = amount(line, "subtotal", "subtotal_tax")
    unit = exact(line, "subtotal", "subtotal_tax") / (quantity or 1)
    return IncomingLine(
        sku=words(line.get("sku"))
        or str(line.get("variation_id") or line.get("product_id") or words(line.get("name"))),
        quantity=quantity,
        amount_minor=total,
        unit_price_e4=unit_e4(unit, "subtotal"),
        description=html.unescape(words(line.get("name"))),
        line_id=str(needed(line, "id")),
        sent=None if sent is None else sent.get(str(line["id"]), 0),
    )


def parse_listing(product: Mapping[str, Any], money: MoneyReader, currency: str) -> Listing:
    """One product or variation."""
    price = words(product.get("regular_price") or product.get("price"))
    parent = product.get("parent_id")
    return Listing(
        external_id=str(needed(product, "id")),
        sku=words(product.get("sku")),
        title=words(product.get("name")),
        price_minor=money.rounded(price, currency, "price") if price else None,
        currency=currency,
        quantity=product.get("stock_quantity"),
        data={"product": parent or product["id"], "variation": product["id"] if parent else 0},
    )


def parcels_of(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parcels an order carries, as the shipment-tracking plugins keep them."""
    found = (
        parcel
        for meta in order.get("meta_data") or ()
        if meta.get("key") == META
        for parcel in meta.get("value") or ()
    )
    return [parcel for parcel in found if isinstance(parcel, Mapping)]


def goods_of(order: Mapping[str, Any], payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of the order is in a parcel of a part, as the plugins write it; nothing for an order in one piece."""
    if payload.get("lines") is None:
        return []
    lines = {str(line["id"]): line for line in order.get("line_items") or ()}
    ordered = ((name, words(line.get("sku")), int(line["quantity"])) for name, line in lines.items())
    return [
        {"product": str(lines[name].get("product_id") or ""), "item_id": name, "qty": str(pieces)}
        for name, pieces in in_parcel(payload, ordered).items()
    ]


def refused_changes(data: Any, known: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """SKUs of a batch that were not changed, with the shop's reason."""
    names = {variation or product: sku for sku, (product, variation) in known.items()}
    return {
        names.get(row["id"], str(row["id"])): words(row["error"].get("code"))
        for row in (data or {}).get("update", [])
        if row.get("error")
    }


def gmt(order: Mapping[str, Any], name: str) -> datetime:
    """An instant; the API writes GMT without saying so in the field of that name."""
    text = words(order.get(f"{name}_gmt")) or words(needed(order, name))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("date.unreadable", name, text) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shop_day(order: Mapping[str, Any]) -> date | None:
    """The day an order was placed by the shop's own clock; None where it does not tell."""
    text = words(order.get("date_created"))[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _name(address: Mapping[str, Any]) -> str:
    return f"{words(address.get('first_name'))} {words(address.get('last_name'))}".strip()
