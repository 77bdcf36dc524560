"""What a Shopify shop answers (GraphQL) or sends as a message (REST form), in our words: the same order either way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entrepot.domains.channels.adapters.port import Listing
from entrepot.domains.channels.adapters.reading import MoneyReader, moment, needed, unit_e4, whole, words
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder

PENDING = frozenset({"pending", "expired"})
CLOSED = frozenset({"refunded", "voided"})
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
    state, channel_state = _state(
        order.get("displayFinancialStatus"),
        order.get("displayFulfillmentStatus"),
        order.get("cancelledAt"),
        gateways,
    )
    return IncomingOrder(
        external_id=number_of(needed(order, "id")),
        number=words(order.get("name")),
        placed_at=moment(needed(order, "createdAt"), "createdAt"),
        revised_at=moment(needed(order, "updatedAt"), "updatedAt"),
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
        payment_method=words(gateways[-1]) if gateways else "",
    )


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
    )


def parse_message(order: Mapping[str, Any], money: MoneyReader) -> IncomingOrder:
    """One order as messages (and the REST API) write it."""
    currency = words(needed(order, "currency"))

    def minor(amount: Any, name: str) -> int:
        return money.minor(amount, currency, name) if amount not in (None, "") else 0

    def of_set(name: str) -> Any:
        return ((order.get(name) or {}).get("shop_money") or {}).get("amount")

    shipping_total = of_set("total_shipping_price_set")
    if shipping_total is None:
        shipping_total = sum(
            minor(way.get("price"), "shipping_lines") for way in order.get("shipping_lines") or ()
        )
    else:
        shipping_total = minor(shipping_total, "total_shipping_price_set")
    charges = _Charges(
        minor(needed(order, "total_price"), "total_price"), shipping_total, minor(order.get("total_tax"), "total_tax"),
        minor(order.get("total_tip_received"), "total_tip_received"),
        minor(of_set("original_total_duties_set"), "original_total_duties_set"),
    )  # fmt: skip
    lines = tuple(_message_line(line, currency, money) for line in needed(order, "line_items"))
    taxed = bool(order.get("taxes_included"))
    shipping, billing = order.get("shipping_address") or {}, order.get("billing_address") or {}
    where, customer = shipping or billing, order.get("customer") or {}
    gateways = order.get("payment_gateway_names") or []
    state, channel_state = _state(
        order.get("financial_status"), order.get("fulfillment_status"), order.get("cancelled_at"), gateways
    )
    name = f"{words(customer.get('first_name'))} {words(customer.get('last_name'))}".strip()
    return IncomingOrder(
        external_id=str(needed(order, "id")),
        number=words(order.get("name")),
        placed_at=moment(needed(order, "created_at"), "created_at"),
        revised_at=moment(order["updated_at"], "updated_at") if order.get("updated_at") else None,
        state=state,
        channel_state=channel_state,
        currency=currency,
        lines=lines,
        shipping_minor=charges.shipping + charges.tips,
        discount_minor=charges.discount(sum(line.amount_minor for line in lines), taxed=taxed),
        tax_minor=charges.tax,
        price_includes_tax=taxed,
        customer_no=str(customer["id"]) if customer.get("id") else "",
        buyer_name=name or words(billing.get("name")),
        email=words(order.get("email")) or words(customer.get("email")),
        phone=words(where.get("phone")) or words(order.get("phone")),
        recipient=words(where.get("name")),
        country=words(where.get("country_code")),
        region=words(where.get("province_code")) or words(where.get("province")),
        postcode=words(where.get("zip")),
        city=words(where.get("city")),
        billing_country=words(billing.get("country_code")),
        payment_method=words(gateways[-1]) if gateways else "",
    )


def _message_line(line: Mapping[str, Any], currency: str, money: MoneyReader) -> IncomingLine:
    price, quantity = needed(line, "price"), whole(needed(line, "quantity"), "quantity")
    return IncomingLine(
        sku=words(line.get("sku"))
        or words(line.get("variant_id"))
        or words(line.get("name") or line.get("title")),
        quantity=quantity,
        amount_minor=money.minor(price, currency, "price") * quantity,
        unit_price_e4=unit_e4(price, "price"),
        description=words(line.get("name") or line.get("title")),
        line_id=str(needed(line, "id")),
    )


def _state(paid: Any, sent: Any, cancelled: Any, gateways: list[Any]) -> tuple[str, str]:
    """Our state and the channel's. What is paid on delivery does not wait for its payment."""
    financial = words(paid).lower()
    if cancelled:
        return "cancelled", "cancelled"
    if words(sent).lower() == "fulfilled":
        return "new", "shipped"
    if financial in CLOSED:
        return "new", CHANNEL_STATES[financial]
    if words(sent).lower() in PARTLY_SENT:
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
