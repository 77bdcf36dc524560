"""What a Shopify shop answers (GraphQL) or sends as a message (REST form), in our words: the same order either way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entrepot.domains.channels.adapters.parcels import in_parcel
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

PENDING = frozenset({"pending", "expired"})
OPEN = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED"})  # fulfilment orders of which something may leave
PARTLY_SENT = frozenset({"partial", "partially_fulfilled"})
CASH_ON_DELIVERY = ("cash on delivery", "cod")
CHANNEL_STATES = {
    "paid": "paid", "partially_paid": "paid", "authorized": "paid", "partially_refunded": "paid",
    "refunded": "refunded", "voided": "cancelled", "pending": "pending", "expired": "pending",
}  # fmt: skip


@dataclass(frozen=True)
class _Charges:
    """Totals of an order in minor units."""

    total: int
    shipping: int
    tax: int
    tips: int
    duties: int

    def discount(self, goods: int, *, taxed: bool) -> int:
        """What was taken off: all that was charged for, less what was asked."""
        return goods + self.shipping + self.tips + self.duties + (0 if taxed else self.tax) - self.total


def parse_order(order: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order of the GraphQL API, in the shop's currency."""
    currency = words(needed(order, "currencyCode"))

    def minor(name: str) -> int:
        found = order.get(name)
        return money.minor(needed(found, "shopMoney", "amount"), currency, name) if found else 0

    needed(order, "totalPriceSet")
    charges = _Charges(
        minor("totalPriceSet"), minor("totalShippingPriceSet"), minor("totalTaxSet"),
        minor("totalTipReceivedSet"), minor("originalTotalDutiesSet"),
    )  # fmt: skip
    lines = tuple(_line(line, currency, money) for line in needed(order, "lineItems", "nodes"))
    taxed = bool(order.get("taxesIncluded"))
    shipping, billing = order.get("shippingAddress") or {}, order.get("billingAddress") or {}
    where, customer = shipping or billing, order.get("customer") or {}
    gateways = order.get("paymentGatewayNames") or []
    placed = moment(needed(order, "createdAt"), "createdAt")
    refunds = [_refund(refund, currency, money) for refund in order.get("refunds") or ()]
    state, channel_state = _state(
        order.get("displayFinancialStatus"),
        order.get("displayFulfillmentStatus"),
        order.get("cancelledAt"),
        gateways,
    )
    return IncomingOrder(
        external_id=number_of(needed(order, "id")),
        number=words(order.get("name")),
        placed_at=placed,
        placed_on=placed.date(),
        revised_at=moment(order["updatedAt"], "updatedAt") if order.get("updatedAt") else None,
        state=state,
        channel_state=channel_state,
        currency=currency,
        lines=lines,
        shipping_minor=charges.shipping + charges.tips,
        discount_minor=charges.discount(sum(line.amount_minor for line in lines), taxed=taxed),
        tax_minor=charges.tax,
        price_includes_tax=taxed,
        customer_no=number_of(customer["id"]) if customer.get("id") else "",
        buyer_name=words(customer.get("displayName")) or words(billing.get("name")),
        email=words(order.get("email"))
        or words((customer.get("defaultEmailAddress") or {}).get("emailAddress")),
        phone=words(where.get("phone")) or words(order.get("phone")),
        recipient=words(where.get("name")),
        country=words(where.get("countryCodeV2")),
        region=words(where.get("provinceCode")) or words(where.get("province")),
        postcode=words(where.get("zip")),
        city=words(where.get("city")),
        billing_country=words(billing.get("countryCodeV2")),
        is_business=bool(words(billing.get("company"))),
        payment_method=words(gateways[-1]) if gateways else "",
        refunded_minor=sum(amount for _at, amount in refunds),
        refunded_at=max((at for at, _amount in refunds), default=None),
    )


def _refund(refund: Mapping[str, Any], currency: str, money: MoneyReader) -> tuple[datetime, int]:
    """When a refund was made and what it gave back; goods put back without money are nought."""
    amount = needed(refund, "totalRefundedSet", "shopMoney", "amount")
    return moment(needed(refund, "createdAt"), "refunds.createdAt"), money.minor(amount, currency, "refunds")


def _line(line: Mapping[str, Any], currency: str, money: MoneyReader) -> IncomingLine:
    variant = (line.get("variant") or {}).get("id")
    unit = needed(line, "originalUnitPriceSet", "shopMoney", "amount")
    quantity = whole(needed(line, "quantity"), "quantity")
    total = (line.get("originalTotalSet") or {}).get("shopMoney", {}).get("amount")
    return IncomingLine(
        sku=words(line.get("sku")) or (number_of(variant) if variant else words(line.get("name"))),
        quantity=quantity,
        amount_minor=money.minor(unit, currency, "originalUnitPriceSet") * quantity
        if total is None
        else money.minor(total, currency, "originalTotalSet"),
        unit_price_e4=unit_e4(unit, "originalUnitPriceSet"),
        description=words(line.get("name")),
        line_id=number_of(needed(line, "id")),
        sent=_sent(line, quantity),
    )


def _sent(line: Mapping[str, Any], quantity: int) -> int | None:
    """Pieces that are not to be sent any more: sent, or taken off the order; None where the shop does not say."""
    if line.get("unfulfilledQuantity") is None:
        return None
    left = whole(line["unfulfilledQuantity"], "unfulfilledQuantity")
    if line.get("currentQuantity") is not None:
        left = min(left, whole(line["currentQuantity"], "currentQuantity"))
    return max(quantity - left, 0)


def parse_message(order: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order as messages, the REST API and its files write it; put in the GraphQL API's words and read alike."""
    return parse_order(_as_asked(order), money)


def _as_asked(order: Mapping[str, Any]) -> dict[str, Any]:
    """A message's order in the form of an answer of the GraphQL API."""
    customer = order.get("customer") or {}
    name = f"{words(customer.get('first_name'))} {words(customer.get('last_name'))}".strip()
    shipping = _shop_money(order.get("total_shipping_price_set"))
    if shipping is None:
        ways = [
            decimal_of(needed(way, "price"), "shipping_lines") for way in order.get("shipping_lines") or ()
        ]
        shipping = _money(sum(ways, Decimal(0)))
    gateways = order.get("payment_gateway_names") or ([order["gateway"]] if order.get("gateway") else [])
    return {
        "id": needed(order, "id"), "name": order.get("name"), "createdAt": needed(order, "created_at"),
        "updatedAt": order.get("updated_at"), "cancelledAt": order.get("cancelled_at"),
        "displayFinancialStatus": order.get("financial_status"),
        "displayFulfillmentStatus": order.get("fulfillment_status"), "paymentGatewayNames": gateways,
        "currencyCode": needed(order, "currency"), "taxesIncluded": order.get("taxes_included"),
        "totalPriceSet": _money(needed(order, "total_price")), "totalShippingPriceSet": shipping,
        "totalTaxSet": _money(order.get("total_tax")), "totalTipReceivedSet": _money(order.get("total_tip_received")),
        "originalTotalDutiesSet": _shop_money(order.get("original_total_duties_set")),
        "email": words(order.get("email")) or words(order.get("contact_email")), "phone": order.get("phone"),
        "customer": {
            "id": customer.get("id"), "displayName": name,
            "defaultEmailAddress": {"emailAddress": customer.get("email")},
        },
        "shippingAddress": _address(order.get("shipping_address")),
        "billingAddress": _address(order.get("billing_address")),
        "lineItems": {"nodes": [_line_asked(line) for line in needed(order, "line_items")]},
        "refunds": [_refund_asked(refund) for refund in order.get("refunds") or ()],
    }  # fmt: skip


def _line_asked(line: Mapping[str, Any]) -> dict[str, Any]:
    variant = line.get("variant_id")
    return {
        "id": needed(line, "id"), "sku": line.get("sku"), "name": line.get("name") or line.get("title"),
        "quantity": needed(line, "quantity"), "currentQuantity": line.get("current_quantity"),
        "unfulfilledQuantity": line.get("fulfillable_quantity"), "variant": {"id": variant} if variant else None,
        "originalUnitPriceSet": _money(needed(line, "price")),
    }  # fmt: skip


def _refund_asked(refund: Mapping[str, Any]) -> dict[str, Any]:
    """A refund's money is what its transactions gave back."""
    given = [
        decimal_of(needed(paid, "amount"), "refunds.amount")
        for paid in refund.get("transactions") or ()
        if paid.get("kind") == "refund" and paid.get("status", "success") == "success"
    ]
    return {
        "createdAt": needed(refund, "created_at"), "totalRefundedSet": _money(sum(given, Decimal(0))),
    }  # fmt: skip


def _address(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    name = f"{words(given.get('first_name'))} {words(given.get('last_name'))}".strip()
    return {
        "name": words(given.get("name")) or name, "company": given.get("company"), "city": given.get("city"),
        "province": given.get("province"), "provinceCode": given.get("province_code"), "zip": given.get("zip"),
        "countryCodeV2": given.get("country_code"), "phone": given.get("phone"),
    }  # fmt: skip


def _money(amount: Any) -> dict[str, Any] | None:
    return None if amount in (None, "") else {"shopMoney": {"amount": amount}}


def _shop_money(found: Any) -> dict[str, Any] | None:
    return _money(((found or {}).get("shop_money") or {}).get("amount"))


def _state(paid: Any, sent: Any, cancelled: Any, gateways: list[Any]) -> tuple[str, str]:
    """Our state and the channel's. What is paid on delivery does not wait for its payment."""
    financial = words(paid).lower()
    gone = words(sent).lower()
    if cancelled or financial == "voided":
        return "cancelled", "cancelled"
    if financial == "refunded":
        return "new", "returned" if gone == "fulfilled" or gone in PARTLY_SENT else "refunded"
    if gone == "fulfilled":
        return "new", "shipped"
    if gone in PARTLY_SENT:
        return "new", "partly_shipped"
    on_delivery = any(words(name).lower().startswith(CASH_ON_DELIVERY) for name in gateways)
    waits = financial in PENDING and not on_delivery
    return "pending" if waits else "new", CHANNEL_STATES.get(financial, "paid")


def parse_listing(variant: Mapping[str, Any], currency: str, money: MoneyReader) -> Listing:
    """One article."""
    price = variant.get("price")
    return Listing(
        external_id=number_of(needed(variant, "id")),
        sku=words(variant.get("sku")),
        title=words(variant.get("displayName")),
        price_minor=money.rounded(price, currency, "price") if price is not None else None,
        currency=currency,
        quantity=variant.get("inventoryQuantity"),
        data={
            "item": (variant.get("inventoryItem") or {}).get("id"),
            "product": (variant.get("product") or {}).get("id"),
        },
    )


def next_page(link: str) -> str:
    """The name of the next page in a `Link` header; '' after the last."""
    for part in link.split(","):
        address, _sep, rest = part.partition(">")
        if 'rel="next"' in rest:
            return (parse_qs(urlsplit(address.strip().lstrip("<")).query).get("page_info") or [""])[0]
    return ""


def number_of(gid: Any) -> str:
    """The number at the end of a global id: what files and messages call the same thing."""
    return str(gid).rsplit("/", 1)[-1].partition("?")[0]


def to_fulfil(
    fulfilment_orders: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, Any]],
    payload: Mapping[str, Any],
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What a parcel fulfils: by place the fulfilment orders, each with its lines; none for all that is open of it.

    `told`: the fulfilments that have the parcel's number already; their pieces are not told again.
    """
    places: dict[str, dict[str, list[dict[str, Any]]]] = {}
    rest = None if payload.get("lines") is None else _rest_of(fulfilment_orders, told, payload)
    for each in fulfilment_orders:
        if each["status"] not in OPEN:
            continue
        place = ((each.get("assignedLocation") or {}).get("location") or {}).get("id") or ""
        lines = []
        for line in each["lineItems"]["nodes"] if rest else ():
            number = number_of(line["lineItem"]["id"])
            pieces = min(rest.get(number, 0), int(line["remainingQuantity"])) if rest else 0
            if pieces and rest:
                rest[number] -= pieces
                lines.append({"id": line["id"], "quantity": pieces})
        if rest is None or lines:
            places.setdefault(place, {})[each["id"]] = lines
    return places


def _rest_of(
    fulfilment_orders: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, Any]],
    payload: Mapping[str, Any],
) -> dict[str, int]:
    """Pieces of a part by line, without those that were told."""
    gone: dict[str, int] = {}
    for fulfilment in told:
        for line in (fulfilment.get("fulfillmentLineItems") or {}).get("nodes") or ():
            number = number_of(line["lineItem"]["id"])
            gone[number] = gone.get(number, 0) + int(line["quantity"])
    there, skus = dict(gone), dict.fromkeys(gone, "")
    for order in fulfilment_orders:
        for line in order["lineItems"]["nodes"] if order["status"] in OPEN else ():
            number = number_of(line["lineItem"]["id"])
            there[number] = there.get(number, 0) + int(line["remainingQuantity"])
            skus[number] = words(line.get("sku"))
    taken = in_parcel(payload, ((number, skus[number], pieces) for number, pieces in there.items()))
    return {number: pieces - gone.get(number, 0) for number, pieces in taken.items()}
