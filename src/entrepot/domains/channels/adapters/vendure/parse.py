"""What a Vendure shop answers, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from entrepot.domains.channels.adapters.client import Refused
from entrepot.domains.channels.adapters.port import Listing
from entrepot.domains.channels.adapters.reading import (
    MoneyReader,
    Unreadable,
    decimal_of,
    moment,
    needed,
    words,
)
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder
from entrepot.domains.channels.rules.incoming import PARTLY

PENDING = frozenset(
    {"Created", "Draft", "AddingItems", "ArrangingPayment", "ArrangingAdditionalPayment", "Modifying"}
)
UNDERWAY = frozenset({"PartiallyShipped", "PartiallyDelivered"})
STATES = {
    "PaymentAuthorized": "paid", "PaymentSettled": "paid", "PartiallyShipped": "partly_shipped", "Shipped": "shipped",
    "PartiallyDelivered": "shipped", "Delivered": "delivered", "Cancelled": "cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """What holds for all answers of a shop. `precision`: decimals of its whole-number amounts, in any currency."""

    name: str
    precision: int
    with_tax: bool
    money: MoneyReader


def parse_shop(data: Any, money: MoneyReader) -> Shop:
    """The shop itself."""
    channel = needed(data, "data", "activeChannel")
    config = needed(data, "data", "globalSettings", "serverConfig")
    precision = config.get("moneyStrategyPrecision")
    return Shop(
        name=str(needed(channel, "code")),
        precision=2 if precision is None else int(precision),
        with_tax=bool(needed(channel, "pricesIncludeTax")),
        money=money,
    )


def parse_order(order: Mapping[str, Any], shop: Shop) -> IncomingOrder:
    """One placed order. What the shop took off is what its lines, freight and surcharges are more than its total."""
    currency = str(needed(order, "currencyCode"))
    suffix = "WithTax" if shop.with_tax else ""

    def minor(amount: Any, field: str) -> int:
        major = decimal_of(amount, field).scaleb(-shop.precision)
        return shop.money.rounded(major, currency, field)

    left = left_of(order)
    lines = tuple(
        _line(line, suffix, shop, minor, left) for line in needed(order, "lines") if line["quantity"] > 0
    )
    rest = bool(order.get("fulfillments")) and any(pieces > 0 for pieces in left.values())
    surcharges = [minor(each[f"price{suffix}"], "surcharges") for each in order.get("surcharges") or ()]
    charges = minor(needed(order, f"shipping{suffix}"), "shipping") + sum(s for s in surcharges if s > 0)
    total = minor(needed(order, f"total{suffix}"), "total")
    state = words(needed(order, "state"))
    address, customer = order.get("shippingAddress") or {}, order.get("customer") or {}
    name = f"{words(customer.get('firstName'))} {words(customer.get('lastName'))}".strip()
    payments = [words(p.get("method")) for p in order.get("payments") or () if p.get("state") != "Declined"]
    return IncomingOrder(
        external_id=str(needed(order, "id")),
        number=words(order.get("code")),
        placed_at=moment(order.get("orderPlacedAt") or needed(order, "createdAt"), "orderPlacedAt"),
        revised_at=moment(needed(order, "updatedAt"), "updatedAt"),
        state="cancelled" if state == "Cancelled" else "pending" if state in PENDING else "new",
        channel_state=PARTLY if rest and state in UNDERWAY else STATES.get(state, "pending"),
        currency=currency,
        lines=lines,
        shipping_minor=charges,
        discount_minor=sum(line.amount_minor for line in lines) + charges - total,
        tax_minor=minor(needed(order, "totalWithTax"), "totalWithTax")
        - minor(needed(order, "total"), "total"),
        price_includes_tax=shop.with_tax,
        customer_no=words(customer.get("id")),
        buyer_name=name,
        email=words(customer.get("emailAddress")),
        phone=words(address.get("phoneNumber") or customer.get("phoneNumber")),
        recipient=words(address.get("fullName")) or name,
        country=words(address.get("countryCode")),
        region=words(address.get("province")),
        postcode=words(address.get("postalCode")),
        city=words(address.get("city")),
        billing_country=words((order.get("billingAddress") or {}).get("countryCode")),
        payment_method=payments[-1] if payments else "",
    )


def left_of(order: Mapping[str, Any]) -> dict[str, int]:
    """Pieces of each line that stand in no parcel yet."""
    left = {str(line["id"]): int(line["quantity"]) for line in order.get("lines") or ()}
    for parcel in order.get("fulfillments") or ():
        for line in (parcel.get("lines") or ()) if parcel.get("state") != "Cancelled" else ():
            name = str(line["orderLineId"])
            left[name] = left.get(name, 0) - int(line["quantity"])
    return left


def _line(
    line: Mapping[str, Any], suffix: str, shop: Shop, minor: Any, left: Mapping[str, int]
) -> IncomingLine:
    unit = decimal_of(needed(line, f"unitPrice{suffix}"), "unitPrice").scaleb(-shop.precision)
    return IncomingLine(
        sku=words(needed(line, "productVariant", "sku")),
        quantity=int(line["quantity"]),
        unit_price_e4=int(unit.scaleb(4).to_integral_value("ROUND_HALF_UP")),
        amount_minor=minor(needed(line, f"linePrice{suffix}"), "linePrice"),
        description=words(line["productVariant"].get("name")),
        line_id=str(needed(line, "id")),
        sent=int(line["quantity"]) - max(left[str(line["id"])], 0),
    )


def parse_listing(variant: Mapping[str, Any], shop: Shop) -> Listing:
    """One article. `data.locations`: pieces on hand and promised by stock location."""
    currency = words(variant.get("currencyCode"))
    price = decimal_of(needed(variant, "priceWithTax" if shop.with_tax else "price"), "price")
    levels = variant.get("stockLevels") or []
    return Listing(
        external_id=str(needed(variant, "id")),
        sku=words(needed(variant, "sku")),
        title=words(variant.get("name")),
        price_minor=shop.money.rounded(price.scaleb(-shop.precision), currency, "price"),
        currency=currency,
        quantity=sum(level["stockOnHand"] - level["stockAllocated"] for level in levels),
        data={
            "locations": {
                str(level["stockLocationId"]): [level["stockOnHand"], level["stockAllocated"]]
                for level in levels
            }
        },
    )


def to_shop_amount(price_minor: int, currency: str, shop: Shop) -> int:
    """An amount of ours as the shop writes it. Errors: Unreadable when the shop cannot write it so finely."""
    amount = Decimal(price_minor).scaleb(shop.precision - shop.money.decimals(currency))
    if amount != amount.to_integral_value():
        raise Unreadable("amount.too_fine", "price", price_minor)
    return int(amount)


def made_or_refused(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a change made. Errors: Refused with the shop's own code."""
    if result.get("errorCode"):
        detail = result.get("transitionError") or result.get("message") or ""
        raise Refused(str(result["errorCode"]), str(detail)[:300])
    return result
