"""Orders of shops as their APIs give them, kept in a file: Shopify (Admin REST) and WooCommerce (REST v3)."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from entrepot.domains.channels.adapters.marketplace import parsed
from entrepot.domains.channels.adapters.marketplace.cells import Surroundings, country_of, state_of, to_minor
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    IncomingRefund,
    ParsedFile,
    Problem,
)
from entrepot.domains.channels.adapters.marketplace.paypal import parse_transactions
from entrepot.domains.channels.adapters.marketplace.settlement import payouts
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, amount_of, moment_of
from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder

Data = Mapping[str, Any]


def parse_json(data: object, around: Surroundings) -> ParsedFile:
    """The orders, refunds, fulfilments or payout lines of a JSON file; each object and each line is a row.

    Errors: FileRefused (file.unknown) for data of another kind; values for what is wrong within an order.
    """
    if isinstance(data, dict) and "transaction_details" in data:
        return parse_transactions(data, around)
    if isinstance(data, dict) and "line_items" not in data:
        for key, read in _SHOPIFY.items():
            if key in data:
                found = data[key] if isinstance(data[key], list) else [data[key]]
                return read([each for each in found if isinstance(each, dict)], around)
    given = data if isinstance(data, list) else [data]
    rows: list[Data] = [row for row in given if isinstance(row, dict)]
    first = rows[0] if rows else {}
    if "line_items" in first and ("date_created" in first or "date_created_gmt" in first):
        if "refunded_by" in first or "refunded_payment" in first or "amount" in first:
            return _woo_refunds(rows, around)
        return _orders(rows, around, "woocommerce-json", "woocommerce", _woo_order)
    if "line_items" in first and ("financial_status" in first or "total_price" in first):
        return _orders(rows, around, "shopify-json", "shopify", _shopify_order)
    raise FileRefused("file.unknown", ", ".join(list(first)[:8]) or "JSON")


class _Lines:
    """Rows of a JSON file counted as they come: one a line item, one a charge, one an object without either."""

    def __init__(self, out: ParsedFile) -> None:
        self.out, self.row_no = out, 0

    def note(
        self, outcome: str, reason: str, *, amount: int = 0, pieces: int = 0, of: tuple[str, str] = ("", "")
    ) -> None:
        """One row more; `of` is currency and order."""
        self.row_no += 1
        self.out.lines.append(FileLine(self.row_no, outcome, reason, of[0], amount, pieces, of[1]))


def _orders(rows: Sequence[Any], around: Surroundings, kind: str, platform: str, make: Any) -> ParsedFile:
    out = ParsedFile(kind, platform, "orders", "utf-8", "json")
    lines = _Lines(out)
    seen: set[str] = set()
    for row in rows:
        key = str(row.get("id", "")) if isinstance(row, dict) else ""
        if key in seen:
            lines.note("duplicate", "line.repeated", of=("", key))
            continue
        seen.add(key)
        try:
            order, charges = make(row, around)
        except (Unreadable, KeyError, TypeError, AttributeError) as error:
            reason = str(error) if isinstance(error, Unreadable) else "value.missing"
            lines.note("rejected", reason, of=("", ""))
            out.problems.append(Problem(lines.row_no, "order_id", f"{key} {error}"[:200], reason))
            continue
        out.orders.append(order)
        out.currency = out.currency or order.currency
        _account(lines, order, charges)
    return out


def _account(lines: _Lines, order: IncomingOrder, charges: Mapping[str, int]) -> None:
    """Rows and sums of one order; `charges` in 1/10000: shipping, discount, tax, total, refunded."""
    out, currency = lines.out, order.currency
    cancelled = order.state == "cancelled"
    place = parsed.CANCELLED if cancelled else parsed.TAKEN
    outcome, reason = ("cancelled", "order_cancelled") if cancelled else ("order_line", "sale")
    of = (currency, order.external_id)
    for line in order.lines:
        gross = line.unit_price_e4 * line.quantity
        lines.note(outcome, reason if gross else "free_goods", amount=gross, pieces=line.quantity, of=of)
        out.file_sums[currency, "goods"] += gross
        out.add(currency, "goods", place, gross)
    for name, row_kind in (("shipping", "fee"), ("discount", "adjustment"), ("tax", "tax")):
        amount = charges[name]
        if amount:
            signed = -amount if name == "discount" else amount
            lines.note(row_kind, f"order.{name}", amount=signed, of=of)
        out.file_sums[currency, name] += amount
        out.add(currency, name, place, amount)
    if not order.lines:
        lines.note("note", "order.head", amount=charges["total"], of=of)
    goods = sum(line.unit_price_e4 * line.quantity for line in order.lines)
    net = goods + charges["shipping"] - charges["discount"]
    apart = min((charges["total"] - net, charges["total"] - net - charges["tax"]), key=abs)
    out.file_sums[currency, "total"] += charges["total"]
    out.add(currency, "total", place, charges["total"] - apart)
    out.add(currency, "total", parsed.APART, apart)
    if apart:
        out.notes.append((order.number or order.external_id, f"{currency} {apart}"))


def _e4(value: object) -> int:
    amount, _mark = amount_of("" if value is None else str(value), ".")
    return int((amount or 0) * 10_000)


def _moment(text: object) -> datetime | None:
    found = moment_of(str(text), "ymd") if text else None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: object) -> str:
    return "" if value is None else html.unescape(str(value)).strip()


def _shopify_order(row: Data, around: Surroundings) -> tuple[IncomingOrder, dict[str, int]]:
    currency = str(row["currency"])
    units = around.minor_units.get(currency, 2)
    to = row.get("shipping_address") or row.get("billing_address") or {}
    bill, buyer = row.get("billing_address") or {}, row.get("customer") or {}
    shipping = sum(_e4(line.get("price")) for line in row.get("shipping_lines") or ())
    items = row.get("line_items") or ()
    goods = sum(_e4(line["price"]) * int(line["quantity"]) for line in items)
    tax, total = _e4(row.get("total_tax")), _e4(row.get("total_price"))
    discount = _e4(row.get("total_discounts"))
    if row.get("subtotal_price") is not None and items:
        discount = max(0, goods - _e4(row["subtotal_price"]))
    state, seen = state_of("shopify", _text(row.get("financial_status")) or "paid")
    if row.get("cancelled_at"):
        state, seen = "cancelled", "cancelled"
    elif row.get("fulfillment_status") == "fulfilled":
        state, seen = "new", "shipped"
    elif row.get("fulfillment_status") == "partial" and state == "new" and seen == "paid":
        seen = "partly_shipped"
    placed = _moment(row["created_at"])
    if placed is None:
        raise Unreadable("value.missing")
    order = IncomingOrder(
        external_id=str(row["id"]), number=_text(row.get("name")), placed_at=placed, placed_on=placed.date(),
        revised_at=_moment(row.get("updated_at")), currency=currency,
        lines=tuple(_shopify_line(line, units) for line in items), state=state, channel_state=seen,
        shipping_minor=to_minor(shipping, units), discount_minor=to_minor(discount, units),
        tax_minor=to_minor(tax, units), price_includes_tax=row.get("taxes_included"),
        customer_no=_text(buyer.get("id")), email=_text(row.get("email") or row.get("contact_email")),
        phone=_text(row.get("phone") or to.get("phone")), buyer_name=_name(bill) or _name(buyer), recipient=_name(to),
        country=_text(to.get("country_code")) or country_of(_text(to.get("country")), around.country_codes),
        region=_text(to.get("province_code") or to.get("province")), postcode=_text(to.get("zip")),
        city=_text(to.get("city")), billing_country=_text(bill.get("country_code")),
        is_business=bool(bill.get("company")), payment_method=_text(row.get("gateway")),
    )  # fmt: skip
    return order, {"shipping": shipping, "discount": discount, "tax": tax, "total": total}


def _shopify_line(line: Data, units: int) -> IncomingLine:
    price, pieces = _e4(line["price"]), int(line["quantity"])
    sku = _text(line.get("sku")) or _text(line.get("variant_id")) or _text(line.get("title"))
    title = _text(line.get("name") or line.get("title"))
    return IncomingLine(sku, pieces, to_minor(price * pieces, units), price, title, _text(line.get("id")))


def _name(person: Data) -> str:
    full = " ".join(
        part for part in (_text(person.get("first_name")), _text(person.get("last_name"))) if part
    )
    return _text(person.get("name")) or full


def _woo_order(row: Data, around: Surroundings) -> tuple[IncomingOrder, dict[str, int]]:
    currency = str(row["currency"])
    units = around.minor_units.get(currency, 2)
    to, bill = row.get("shipping") or {}, row.get("billing") or {}
    to = to if _text(to.get("country")) else bill
    fees = sum(_e4(line.get("total")) for line in row.get("fee_lines") or ())
    shipping, discount = _e4(row.get("shipping_total")) + fees, _e4(row.get("discount_total"))
    tax, total = _e4(row.get("total_tax")), _e4(row.get("total"))
    state, seen = state_of("woocommerce", _text(row.get("status")))
    if state == "pending" and _text(row.get("payment_method")) == "cod":
        state = "new"
    placed = _moment(row.get("date_created_gmt") or row["date_created"])
    if placed is None:
        raise Unreadable("value.missing")
    local = _moment(row.get("date_created")) or placed
    order = IncomingOrder(
        external_id=str(row["id"]), number=_text(row.get("number")), placed_at=placed, placed_on=local.date(),
        revised_at=_moment(row.get("date_modified_gmt")), currency=currency,
        lines=tuple(_woo_line(line, units) for line in row.get("line_items") or ()), state=state,
        channel_state=seen, shipping_minor=to_minor(shipping, units), discount_minor=to_minor(discount, units),
        # WooCommerce gives lines, shipping and discount without tax, whatever the shop's prices are entered with
        tax_minor=to_minor(tax, units), price_includes_tax=False,
        customer_no=_text(row.get("customer_id") or ""), email=_text(bill.get("email")), phone=_text(bill.get("phone")),
        buyer_name=_name(bill), recipient=_name(to), country=_text(to.get("country")), region=_text(to.get("state")),
        postcode=_text(to.get("postcode")), city=_text(to.get("city")), billing_country=_text(bill.get("country")),
        is_business=bool(bill.get("company")), payment_method=_text(row.get("payment_method")),
    )  # fmt: skip
    return order, {"shipping": shipping, "discount": discount, "tax": tax, "total": total}


def _woo_line(line: Data, units: int) -> IncomingLine:
    pieces, gross = int(line["quantity"]), _e4(line.get("subtotal") or line.get("total"))
    sku = _text(line.get("sku")) or _text(line.get("variation_id") or "") or _text(line.get("product_id"))
    unit = gross // pieces if pieces else 0
    return IncomingLine(
        sku, pieces, to_minor(gross, units), unit, _text(line.get("name")), _text(line.get("id"))
    )


def _shopify_orders(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    return _orders(rows, around, "shopify-json", "shopify", _shopify_order)


def _shopify_refunds(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    """Refunds of orders that are known: the money is what the transactions gave back, else the lines' sum."""
    out = ParsedFile("shopify-refund-json", "shopify", "refunds", "utf-8", "json")
    lines = _Lines(out)
    for row in rows:
        paid = [t for t in row.get("transactions") or () if t.get("kind") == "refund"]
        items = row.get("refund_line_items") or ()
        currency = next((str(t["currency"]) for t in paid if t.get("currency")), around.currency)
        amounts = [_e4(i.get("subtotal", i["line_item"]["price"])) for i in items]
        amount = sum(_e4(t.get("amount")) for t in paid) or sum(amounts)
        _refunded(lines, row, (currency, _text(row.get("order_id"))), amount, around, _text(row.get("note")))
    return out


def _woo_refunds(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    out = ParsedFile("woocommerce-refund-json", "woocommerce", "refunds", "utf-8", "json")
    lines = _Lines(out)
    for row in rows:
        links = (row.get("_links") or {}).get("up") or [{}]
        order = (
            str(row.get("parent_id") or "") or str(links[0].get("href", "")).rstrip("/").rpartition("/")[2]
        )
        when = {**row, "created_at": row.get("date_created_gmt") or row.get("date_created")}
        amount = abs(_e4(row.get("amount") or row.get("total")))
        _refunded(lines, when, (around.currency, order), amount, around, _text(row.get("reason")))
    return out


def _refunded(
    lines: _Lines, row: Data, of: tuple[str, str], amount: int, around: Surroundings, note: str
) -> None:
    currency, order = of
    units = around.minor_units.get(currency, 2)
    when = _moment(row.get("created_at")) or datetime(1970, 1, 1, tzinfo=UTC)
    lines.out.currency = lines.out.currency or currency
    lines.note("return", "refund", amount=amount, of=of)
    lines.out.file_sums[currency, "refunded"] += amount
    lines.out.add(currency, "refunded", parsed.TAKEN, amount)
    lines.out.refunds.append(
        IncomingRefund(_text(row.get("id")), order, to_minor(amount, units), currency, when, note)
    )


def _shopify_fulfilments(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    """Parcels the shop has sent: each line is noted with its order; nothing is booked twice."""
    out = ParsedFile(
        "shopify-fulfilment-json", "shopify", "fulfilments", "utf-8", "json", currency=around.currency
    )
    lines = _Lines(out)
    for row in rows:
        number = _text(row.get("tracking_number"))
        out.notes.append(
            (_text(row.get("order_id")), f"{_text(row.get('tracking_company'))} {number}".strip())
        )
        for item in row.get("line_items") or ():
            of = (around.currency, _text(row.get("order_id")))
            lines.note("note", "order.fulfilment", pieces=int(item.get("quantity") or 0), of=of)
    return out


def _shopify_payouts(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    out = ParsedFile("shopify-payouts-json", "shopify", "settlement", "utf-8", "json")
    found = []
    for number, row in enumerate(rows, start=1):
        moment = _moment(row.get("processed_at"))
        found.append(
            {
                "row_no": number, "type": _text(row.get("type")), "payout": _text(row.get("payout_id")),
                "status": _text(row.get("payout_status")), "currency": _text(row.get("currency")),
                "amount": _e4(row.get("amount")), "fee": _e4(row.get("fee")),
                "order": _text(row.get("source_order_id")),
                "on": moment.date() if moment else None,
            }
        )  # fmt: skip
    return payouts(out, found, around)


_SHOPIFY = {
    "orders": _shopify_orders,
    "order": _shopify_orders,
    "refunds": _shopify_refunds,
    "refund": _shopify_refunds,
    "fulfillments": _shopify_fulfilments,
    "fulfillment": _shopify_fulfilments,
    "transactions": _shopify_payouts,
}
