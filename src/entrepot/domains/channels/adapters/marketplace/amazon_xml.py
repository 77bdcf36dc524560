"""Amazon's reports as XML: settlements (V2 settlement report) and orders (all orders, and those to be sent)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from entrepot.domains.channels.adapters.marketplace.cells import Surroundings, to_minor
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    IncomingSettlement,
    ParsedFile,
    Problem,
    SettlementRow,
)
from entrepot.domains.channels.adapters.marketplace.recognise import Recognised, kinds
from entrepot.domains.channels.adapters.marketplace.settlement import keep, kind_of
from entrepot.domains.channels.adapters.marketplace.values import (
    Unreadable,
    amount_of,
    currency_code,
    moment_of,
    whole_of,
)
from entrepot.domains.channels.adapters.markup import Element
from entrepot.domains.channels.adapters.tables import FileRefused

SUMS = ("Amount", "TransactionAmount", "TotalAmount")  # what an element amounts to as a whole
REPORT = "OrderReport"
ORDER_COLUMNS = {
    "order_id": "AmazonOrderID", "order_no": "MerchantOrderID", "placed_at": "PurchaseDate OrderDate",
    "last_updated": "LastUpdatedDate", "state": "OrderStatus", "sales_channel": "SalesChannel",
    "is_business": "IsBusinessOrder", "is_replacement": "IsReplacementOrder",
}  # fmt: skip
ADDRESS = {
    "recipient": "Name", "city": "City", "region": "State StateOrRegion", "postcode": "PostalCode",
    "country": "Country CountryCode",
}  # fmt: skip
BUYER = {"buyer_name": "BuyerName", "email": "BuyerEmailAddress", "phone": "BuyerPhoneNumber"}
ITEM = {
    "item_id": "ASIN", "sku": "SKU", "title": "ProductName Title", "quantity": "Quantity", "line_state": "ItemStatus",
    "line_id": "AmazonOrderItemCode",
}  # fmt: skip
COMPONENTS = {
    "Principal": "line_amount", "Tax": "line_tax", "Shipping": "line_shipping", "ShippingTax": "line_shipping_tax",
    "GiftWrap": "line_wrap", "GiftWrapTax": "line_wrap_tax",
}  # fmt: skip
DISCOUNTS = {"ItemPromotionDiscount": "line_discount", "ShipPromotionDiscount": "line_shipping_discount"}
OFF = {"Principal": "line_discount", "Shipping": "line_shipping_discount"}


@dataclass(frozen=True)
class _Place:
    """What the elements around an amount say of it."""

    transaction: str
    kind: str = ""
    type: str = ""
    order: str = ""
    item: str = ""
    sku: str = ""
    quantity: str = ""
    posted: str = ""


def parse_amazon(root: Element, around: Surroundings) -> ParsedFile | Recognised:
    """The settlements of a report, or the table that its orders make.

    Errors: FileRefused (file.unknown) for any other XML.
    """
    if reports := list(root.all("SettlementReport")):
        return _settlements(reports, around)
    if orders := [order for order in root.all("Order") if order.first("OrderItem")] or list(root.all(REPORT)):
        return _orders(orders)
    shown = ", ".join(dict.fromkeys(each.name for each in (root, *root.inside)))
    raise FileRefused("file.unknown", shown[:200])


def _settlements(reports: list[Element], around: Surroundings) -> ParsedFile:
    out = ParsedFile("amazon-settlement", "amazon", "settlement", "xml")
    number = 0
    for report in reports:
        data = report.first("SettlementData") or Element("", {})
        number += 1
        settlement = _head(out, data, number, around)
        for part in report.inside:
            if part is data:
                continue
            for place, amount in _amounts(part, _place(part)):
                number += 1
                try:
                    _line(out, settlement, number, (place, amount), around)
                except Unreadable as error:
                    out.lines.append(FileLine(number, "rejected", str(error)))
                    out.problems.append(Problem(number, "amount", amount.text.strip()[:200], str(error)))
        out.settlements.append(settlement)
    out.currency = out.settlements[0].currency
    return out


def _head(out: ParsedFile, data: Element, number: int, around: Surroundings) -> IncomingSettlement:
    """The settlement with what it says was paid. A head that cannot be read leaves the total unsaid."""
    total = data.first("TotalAmount")
    currency = _currency(total, "") or around.currency
    settlement = IncomingSettlement(data.said("AmazonSettlementID"), currency)
    stated = 0
    try:
        if total is not None:
            stated = _e4(total.words())
            settlement.total_minor = to_minor(stated, around.minor_units.get(currency, 2))
        settlement.start_on, settlement.end_on, settlement.paid_on = (
            _day(data.said(name)) for name in ("StartDate", "EndDate", "DepositDate")
        )
    except Unreadable as error:
        out.problems.append(Problem(number, "stated_total", data.said("TotalAmount")[:200], str(error)))
    out.lines.append(FileLine(number, "note", "settlement.head", currency, stated))
    return settlement


def _line(
    out: ParsedFile,
    settlement: IncomingSettlement,
    number: int,
    found: tuple[_Place, Element],
    around: Surroundings,
) -> None:
    place, amount = found
    currency = _currency(amount, settlement.currency)
    settlement.currency = settlement.currency or currency
    if currency != settlement.currency:
        raise Unreadable("order.mixed_currency")
    value = _e4(amount.words())
    kind = kind_of("amazon", place.transaction, place.kind, place.type)
    words = dict.fromkeys(filter(None, (place.transaction, place.kind, place.type)))
    minor = to_minor(value, around.minor_units.get(currency, 2))
    pieces = whole_of(place.quantity) or 0
    posted = _day(place.posted)
    keep(out, number, kind, (currency, value), place.order)
    settlement.rows.append(
        SettlementRow(
            number, kind, " · ".join(words), minor, place.order, place.item, place.sku, pieces, posted
        )
    )


def _amounts(part: Element, place: _Place) -> Iterator[tuple[_Place, Element]]:
    """Every amount of a transaction, once: an element that says its own sum is one amount, whatever it is made of."""
    place = replace(
        place,
        order=part.said("AmazonOrderID") or place.order,
        item=part.said("AmazonOrderItemCode") or place.item,
        sku=part.said("SKU") or place.sku,
        quantity=part.said("Quantity") or place.quantity,
        posted=part.said("PostedDate") or place.posted,
        type=next((each.words() for each in part.inside if each.name.endswith("Type")), place.type),
    )
    if (whole := part.first(*SUMS)) is not None and whole.text.strip():
        yield place, whole
        return
    for each in part.inside:
        if each.inside:
            yield from _amounts(each, replace(place, kind=_container(each.name) or place.kind))
        elif each.text.strip() and (_currency(each, "") or each.name.endswith("Amount")):
            yield place, each


def _place(part: Element) -> _Place:
    """What kind of transaction it is: its own word where it has one, within the group its element names."""
    own = part.said("TransactionType")
    return _Place(own or part.name, part.name if own else "")


def _container(name: str) -> str:
    """The group an amount stands in, named as in the flat file: ItemFeeAdjustments is ItemFees."""
    if name in ("Fulfillment", "Item", "AdjustedItem", "Component", "Fee", "OtherTransactionItem"):
        return ""
    group = re.sub(r"Adjustments?$", "", name)
    return f"{group}s" if group.endswith("Fee") else group


def _currency(amount: Element | None, else_: str) -> str:
    return currency_code(amount.attributes.get("currency", "")) or else_ if amount is not None else else_


def _e4(text: str) -> int:
    value, _mark = amount_of(text.strip(), ".")
    if value is None:
        raise Unreadable("amount.unreadable")
    return round(value * 10_000)


def _day(text: str) -> date | None:
    moment = moment_of(text, "ymd")
    return moment.date() if moment else None


def _orders(orders: list[Element]) -> Recognised:
    """The same table as the report's flat file, a row an item."""
    kind = "amazon-new-orders" if orders[0].name == REPORT else "amazon-all-orders"
    names = [*ORDER_COLUMNS, *ADDRESS, *BUYER, *ITEM, "currency", *COMPONENTS.values(), *DISCOUNTS.values()]
    rows = [
        (number, [cells.get(name, "") for name in names])
        for number, cells in enumerate((cells for order in orders for cells in _items(order)), start=1)
    ]
    columns: dict[str, tuple[int, ...]] = {name: (place,) for place, name in enumerate(names)}
    if orders[0].name == REPORT:  # orders to be sent: there is no word for how they stand
        del columns["state"], columns["line_state"]
    return Recognised(kinds()[kind], columns, rows, "xml", "")


def _items(order: Element) -> Iterator[dict[str, str]]:
    head = {name: order.said(*tags.split()) for name, tags in ORDER_COLUMNS.items()}
    sent = order.first("FulfillmentData") or order
    address = sent.first("Address") or sent
    head |= {name: address.said(*tags.split()) for name, tags in ADDRESS.items()}
    if billed := order.first("BillingData"):
        head |= {name: billed.said(tag) for name, tag in BUYER.items()}
    for item in order.inside:
        if item.name not in ("OrderItem", "Item"):
            continue
        cells = head | {name: item.said(*tags.split()) for name, tags in ITEM.items()}
        for part in item.inside:
            if part.name == "Promotion":
                _discount(part, cells)
            else:
                for price in (part, *part.all("Component")):
                    _price(price, cells)
        yield cells


def _price(price: Element, cells: dict[str, str]) -> None:
    """An amount of an item by its type; what it is in stands at the amount or beside it."""
    amount = price.first("Amount")
    if amount is None or (name := COMPONENTS.get(price.said("Type"))) is None:
        return
    cells["currency"] = (
        cells.get("currency") or _currency(amount, "") or currency_code(price.said("currency"))
    )
    cells[name] = amount.words()


def _discount(promotion: Element, cells: dict[str, str]) -> None:
    """What a promotion took off an item and off its freight: by names of its own, or by types as prices have them."""
    told = [(name, promotion.said(tag)) for tag, name in DISCOUNTS.items()]
    parts = [(OFF.get(part.said("Type")), part) for part in promotion.all("Component")]
    told += [(name, part.said("Amount")) for name, part in parts if name]
    for name, found in told:
        if found:
            known, more = (amount_of(text, ".")[0] or Decimal() for text in (cells.get(name, ""), found))
            cells[name] = str(abs(known) + abs(more))
