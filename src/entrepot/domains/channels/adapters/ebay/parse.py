"""What eBay answers, in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from entrepot.domains.channels.adapters.port import Listing
from entrepot.domains.channels.adapters.reading import (
    MoneyReader,
    decimal_of,
    moment,
    needed,
    unit_e4,
    whole,
    words,
)
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder

WAITING = frozenset({"PENDING", "FAILED"})
REFUNDED = frozenset({"FULLY_REFUNDED"})
CANCELLED = frozenset({"CANCELED"})


def parse_order(order: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order. A line's cost is that of all its pieces before discounts; discounts are negative there."""
    summary = needed(order, "pricingSummary")
    currency = words(needed(summary, "total", "currency"))

    def minor(name: str) -> int:
        return money.rounded(summary[name]["value"], currency, name) if summary.get(name) else 0

    lines = tuple(_line(line, currency, money) for line in needed(order, "lineItems"))
    adjustment = minor("adjustment")
    step = ((order.get("fulfillmentStartInstructions") or [{}])[0].get("shippingStep") or {}).get(
        "shipTo"
    ) or {}
    address = step.get("contactAddress") or {}
    buyer = order.get("buyer") or {}
    registered = buyer.get("buyerRegistrationAddress") or {}
    payments = (order.get("paymentSummary") or {}).get("payments") or []
    state, channel_state = _state(order)
    refunds = list(_refunds(order, currency, money))
    return IncomingOrder(
        external_id=words(needed(order, "orderId")),
        number=words(order["orderId"]),
        placed_at=moment(needed(order, "creationDate"), "creationDate"),
        revised_at=moment(needed(order, "lastModifiedDate"), "lastModifiedDate"),
        state=state,
        channel_state=channel_state,
        currency=currency,
        lines=lines,
        shipping_minor=minor("deliveryCost") + max(adjustment, 0) + max(minor("fee"), 0),
        discount_minor=-minor("priceDiscount") - minor("deliveryDiscount") + max(-adjustment, 0),
        tax_minor=_tax(order, minor("tax"), currency, money),
        customer_no=words(buyer.get("username")),
        buyer_name=words(registered.get("fullName")) or words(step.get("fullName")),
        email=words(step.get("email")) or words(registered.get("email")),
        phone=words((step.get("primaryPhone") or {}).get("phoneNumber")),
        recipient=words(step.get("fullName")),
        country=words(address.get("countryCode")),
        region=words(address.get("stateOrProvince")),
        postcode=words(address.get("postalCode")),
        city=words(address.get("city")),
        billing_country=words((buyer.get("taxAddress") or {}).get("countryCode")),
        vat_number=_vat_number(buyer.get("taxIdentifier") or {}),
        payment_method=words(payments[0].get("paymentMethod")).lower() if payments else "",
        refunded_minor=sum(amount for _at, amount in refunds),
        refunded_at=max((at for at, _amount in refunds), default=None),
    )


def _refunds(order: Mapping[str, Any], currency: str, money: MoneyReader) -> Iterator[tuple[datetime, int]]:
    """When money was given back, and how much; refunds that are under way or failed are none yet."""
    for refund in (order.get("paymentSummary") or {}).get("refunds") or ():
        if words(refund.get("refundStatus")) in ("", "REFUNDED"):
            amount = needed(refund, "amount", "value")
            yield (
                moment(needed(refund, "refundDate"), "refundDate"),
                money.rounded(amount, currency, "refunds"),
            )


def _line(line: Mapping[str, Any], currency: str, money: MoneyReader) -> IncomingLine:
    quantity = whole(needed(line, "quantity"), "quantity")
    cost = decimal_of(needed(line, "lineItemCost", "value"), "lineItemCost")
    return IncomingLine(
        sku=words(line.get("sku")) or words(line.get("legacyItemId")) or words(line.get("title")),
        quantity=quantity,
        amount_minor=money.rounded(cost, currency, "lineItemCost"),
        unit_price_e4=unit_e4(cost / (quantity or 1), "lineItemCost"),
        description=words(line.get("title")),
        line_id=words(needed(line, "lineItemId")),
        sent={"FULFILLED": quantity, "NOT_STARTED": 0}.get(words(line.get("lineItemFulfillmentStatus"))),
    )


def left_of(order: Mapping[str, Any], parcels: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Pieces of each line that no parcel has taken yet; lines of which nothing is left are missing."""
    left = {str(line["lineItemId"]): whole(line["quantity"], "quantity") for line in order["lineItems"]}
    for parcel in parcels:
        for line in parcel.get("lineItems") or ():
            name = str(line.get("lineItemId"))
            left[name] = left.get(name, 0) - whole(line.get("quantity") or left.get(name, 0), "quantity")
    return {name: pieces for name, pieces in left.items() if pieces > 0}


def _state(order: Mapping[str, Any]) -> tuple[str, str]:
    paid, sent = words(order.get("orderPaymentStatus")), words(order.get("orderFulfillmentStatus"))
    if words((order.get("cancelStatus") or {}).get("cancelState")) in CANCELLED:
        return "cancelled", "cancelled"
    if paid in REFUNDED:
        return "new", "refunded" if sent in ("", "NOT_STARTED") else "returned"
    if sent == "FULFILLED":
        return "new", "shipped"
    if sent == "IN_PROGRESS":
        return "new", "partly_shipped"
    return ("pending", "pending") if paid in WAITING else ("new", "paid")


def _tax(order: Mapping[str, Any], told: int, currency: str, money: MoneyReader) -> int:
    """The tax of the order, or what eBay itself collects of its lines."""
    if told:
        return told
    collected = [tax for line in order["lineItems"] for tax in line.get("ebayCollectAndRemitTaxes") or ()]
    return sum(money.rounded(needed(tax, "amount", "value"), currency, "tax") for tax in collected)


def _vat_number(identifier: Mapping[str, Any]) -> str:
    return (
        words(identifier.get("taxpayerId"))
        if words(identifier.get("taxIdentifierType")).startswith("VAT")
        else ""
    )


def parse_listing(item: Mapping[str, Any]) -> Listing:
    """One inventory item; its price stands in its offers."""
    sku = words(needed(item, "sku"))
    availability = (item.get("availability") or {}).get("shipToLocationAvailability") or {}
    return Listing(
        external_id=sku,
        sku=sku,
        title=words((item.get("product") or {}).get("title")),
        quantity=availability.get("quantity"),
    )


def refused_changes(data: Any) -> dict[str, str]:
    """SKUs of a bulk change that were not changed, with eBay's reason."""
    found: dict[str, str] = {}
    for row in (data or {}).get("responses") or ():
        if int(row.get("statusCode") or 200) >= 300:
            errors = row.get("errors") or [{}]
            found[words(row.get("sku"))] = words(errors[0].get("errorId")) or words(errors[0].get("message"))
    return found
