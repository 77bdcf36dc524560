"""What Amazon answers, in our words."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.domains.channels.adapters.port import Listing
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

PENDING = frozenset({"Pending", "PendingAvailability", "InvoiceUnconfirmed"})
CANCELLED = frozenset({"Canceled", "Unfulfillable"})
STATES = {"Shipped": "shipped", "PartiallyShipped": "partly_shipped", "Unshipped": "paid"}
MAX_UNPACKED = 256 * 2**20


def parse_order(order: Mapping[str, Any], money: MoneyReader, currencies: Mapping[str, str]) -> IncomingOrder:
    """One order with its lines under `OrderItems`. Prices are those of all pieces of a line.

    An order that is not paid yet has no prices: its lines are taken in at nought, in the marketplace's currency.
    """
    total = order.get("OrderTotal") or {}
    currency = (
        words(total.get("CurrencyCode"))
        or _currency(order)
        or currencies.get(words(order.get("MarketplaceId")), "")
    )
    items = needed(order, "OrderItems")
    if not currency:
        raise Unreadable("value.missing", "OrderTotal.CurrencyCode")

    def summed(*names: str) -> int:
        return sum(_minor(item, name, currency, money) for item in items for name in names)

    lines = tuple(
        _line(item, currency, money)
        for item in items
        if whole(item.get("QuantityOrdered") or 0, "QuantityOrdered")
    )
    wrapping, wrapping_tax = (
        sum(_minor(item.get("BuyerInfo") or {}, name, currency, money) for item in items)
        for name in ("GiftWrapPrice", "GiftWrapTax")
    )
    state = words(needed(order, "OrderStatus"))
    address, buyer = order.get("ShippingAddress") or {}, order.get("BuyerInfo") or {}
    return IncomingOrder(
        external_id=words(needed(order, "AmazonOrderId")),
        number=words(order["AmazonOrderId"]),
        placed_at=moment(needed(order, "PurchaseDate"), "PurchaseDate"),
        revised_at=moment(needed(order, "LastUpdateDate"), "LastUpdateDate"),
        state="cancelled" if state in CANCELLED else "pending" if state in PENDING else "new",
        channel_state="cancelled" if state in CANCELLED else STATES.get(state, "pending"),
        currency=currency,
        lines=lines,
        shipping_minor=summed("ShippingPrice") + wrapping,
        discount_minor=summed("PromotionDiscount", "ShippingDiscount"),
        tax_minor=summed("ItemTax", "ShippingTax") + wrapping_tax,
        buyer_name=words(buyer.get("BuyerName")),
        email=words(buyer.get("BuyerEmail")),
        phone=words(address.get("Phone")),
        recipient=words(address.get("Name")),
        country=words(address.get("CountryCode")),
        region=words(address.get("StateOrRegion")),
        postcode=words(address.get("PostalCode")),
        city=words(address.get("City")),
        is_business=str(order.get("IsBusinessOrder")).lower() == "true",
        payment_method=words(order.get("PaymentMethod")).lower(),
    )


def _line(item: Mapping[str, Any], currency: str, money: MoneyReader) -> IncomingLine:
    quantity = whole(needed(item, "QuantityOrdered"), "QuantityOrdered")
    price = decimal_of((item.get("ItemPrice") or {}).get("Amount") or 0, "ItemPrice")
    return IncomingLine(
        sku=words(item.get("SellerSKU")) or words(item.get("ASIN")),
        quantity=quantity,
        amount_minor=money.rounded(price, currency, "ItemPrice"),
        unit_price_e4=unit_e4(price / quantity, "ItemPrice"),
        description=words(item.get("Title")),
        line_id=words(needed(item, "OrderItemId")),
        sent=sent_of(item),
    )


def sent_of(item: Mapping[str, Any]) -> int | None:
    """Pieces of an item that have been sent; None where Amazon does not say."""
    sent = item.get("QuantityShipped")
    return None if sent is None else whole(sent, "QuantityShipped")


def _minor(record: Mapping[str, Any], name: str, currency: str, money: MoneyReader) -> int:
    found = record.get(name) or {}
    return money.rounded(found.get("Amount") or 0, currency, name)


def _currency(order: Mapping[str, Any]) -> str:
    found = [
        words((item.get("ItemPrice") or {}).get("CurrencyCode")) for item in order.get("OrderItems") or ()
    ]
    return next(filter(None, found), "")


def parse_listing(item: Mapping[str, Any], money: MoneyReader, marketplaces: Sequence[str]) -> Listing:
    """One listing, with its price and pieces on the first of the account's marketplaces."""
    offers = [o for o in item.get("offers") or () if o.get("marketplaceId") in marketplaces]
    price = (offers[0].get("price") if offers else None) or {}
    currency = words(price.get("currencyCode") or price.get("currency"))
    summaries = item.get("summaries") or [{}]
    own = [
        a for a in item.get("fulfillmentAvailability") or () if a.get("fulfillmentChannelCode") == "DEFAULT"
    ]
    return Listing(
        external_id=words(summaries[0].get("asin")) or words(needed(item, "sku")),
        sku=words(needed(item, "sku")),
        title=words(summaries[0].get("itemName")),
        price_minor=money.rounded(price["amount"], currency, "price")
        if price.get("amount") is not None
        else None,
        currency=currency,
        quantity=own[0].get("quantity") if own else None,
    )


def document_of(content: bytes, compression: str) -> bytes:
    """A document as it was before it was packed. Errors: Unreadable when it is damaged or far too large."""
    if compression != "GZIP":
        return content
    try:
        packer = zlib.decompressobj(16 + zlib.MAX_WBITS)
        found = packer.decompress(content, MAX_UNPACKED)
    except zlib.error:
        raise Unreadable("file.packed", "document") from None
    if packer.unconsumed_tail:
        raise Unreadable("file.packed", "document")
    return found


def refused_changes(report: bytes, changes: Sequence[str]) -> dict[str, str]:
    """SKUs of a feed that were not changed, with Amazon's reason; warnings let a change pass."""
    try:
        data = json.loads(report)
    except ValueError:
        raise Unreadable("json.unreadable", "feed report") from None
    found: dict[str, str] = {}
    for issue in data.get("issues") or ():
        number = issue.get("messageId")
        if (
            str(issue.get("severity", "")).upper() == "ERROR"
            and isinstance(number, int)
            and 0 < number <= len(changes)
        ):
            found[changes[number - 1]] = words(issue.get("code")) or words(issue.get("message"))
    return found
