"""Orders of shops as their APIs give them, kept in a file: Shopify (Admin REST) and WooCommerce (REST v3)."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from entrepot.domains.channels.adapters.ebay import parse as ebay
from entrepot.domains.channels.adapters.leftover import watching
from entrepot.domains.channels.adapters.marketplace import parsed
from entrepot.domains.channels.adapters.marketplace.cells import Surroundings, to_minor
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    ParsedFile,
    Problem,
)
from entrepot.domains.channels.adapters.marketplace.paypal import parse_transactions
from entrepot.domains.channels.adapters.marketplace.settlement import payouts
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, amount_of, moment_of
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.adapters.reading import Unreadable as NotRead
from entrepot.domains.channels.adapters.shopify import parse as shopify
from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.adapters.woocommerce import parse as woocommerce
from entrepot.domains.channels.rules import IncomingOrder, IncomingRefund
from entrepot.domains.channels.rules.incoming import to_e4

Data = Mapping[str, Any]
Read = Callable[[Data, MoneyReader], IncomingOrder]
Sums = Callable[[Data], dict[str, int]]


def parse_json(data: object, around: Surroundings) -> ParsedFile:
    """The orders, refunds, fulfilments or payout lines of a JSON file; each object and each line is a row.

    Errors: FileRefused (file.unknown) for data of another kind; values for what is wrong within an order.
    """
    if isinstance(data, dict) and "transaction_details" in data:
        return parse_transactions(data, around)
    rows: list[Any] = data if isinstance(data, list) else [data]
    if isinstance(data, dict) and "line_items" not in data:
        key = next((key for key in ("orders", "order", *_SHOPIFY) if key in data), "")
        rows = rows if not key else data[key] if isinstance(data[key], list) else [data[key]]
        if key in _SHOPIFY:
            return _SHOPIFY[key]([each for each in rows if isinstance(each, dict)], around)
    first: Data = next((row for row in rows if isinstance(row, dict)), {})
    if "line_items" in first and ("date_created" in first or "date_created_gmt" in first):
        if "refunded_by" in first or "refunded_payment" in first or "amount" in first:
            return _woo_refunds([row for row in rows if isinstance(row, dict)], around)
        return _orders(rows, around, "woocommerce", woocommerce.parse_order, _woo_sums)
    if "total_price" in first or ("line_items" in first and "financial_status" in first):
        return _orders(rows, around, "shopify", shopify.parse_message, _shopify_sums)
    if "lineItems" in first and "pricingSummary" in first:
        return _orders(rows, around, "ebay", ebay.parse_order, _ebay_sums)
    if not first:
        raise FileRefused("file.empty")
    raise FileRefused("file.unknown", ", ".join(list(first)[:8]))


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


def _orders(rows: Sequence[Any], around: Surroundings, platform: str, read: Read, sums: Sums) -> ParsedFile:
    """Orders, each read as the platform's API is read, so that it is the same whichever way it comes."""
    out = ParsedFile(f"{platform}-json", platform, "orders", "utf-8", "json")
    lines, money = _Lines(out), MoneyReader(around.minor_units)
    seen: set[str] = set()
    for row in watching(rows, out.leftovers):
        key = str(row.get("id") or row.get("orderId") or "") if isinstance(row, dict) else ""
        if key and key in seen:
            lines.note("duplicate", "line.repeated", of=("", key))
            continue
        seen.add(key)
        try:
            order, charges = read(row, money), sums(row)
        except (NotRead, Unreadable, KeyError, TypeError, ValueError, AttributeError) as error:
            _reject(lines, row, error, sums)
            continue
        out.orders.append(order)
        out.currency = out.currency or order.currency
        _account(lines, order, charges, around.minor_units[order.currency])
        if order.refunded_minor:
            out.refunds.append(order.refund())
    return out


def _reject(lines: _Lines, row: Any, error: Exception, sums: Sums) -> None:
    """An order that cannot be read: why, and its amounts among those refused, as far as they can be read."""
    known = error if isinstance(error, NotRead) else NotRead("value.missing", "order_id", error)
    data: Data = row if isinstance(row, dict) else {}
    lines.note("rejected", known.reason)
    shown = f"{data.get('id') or data.get('orderId') or ''} {known.value}".strip()[:200]
    lines.out.problems.append(Problem(lines.row_no, known.field or "order_id", shown, known.reason))
    try:
        charges, currency = sums(data), str(data.get("currency") or "")[:3]
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError):
        return
    for measure, amount in charges.items():
        lines.out.file_sums[currency, measure] += amount
        lines.out.add(currency, measure, parsed.REJECTED, amount)


def _account(lines: _Lines, order: IncomingOrder, charges: Mapping[str, int], units: int) -> None:
    """Rows and sums of one order. `charges`: the file's own cells in 1/10000; what is beyond the order stands apart."""
    out, currency = lines.out, order.currency
    cancelled = order.state == "cancelled"
    place = parsed.CANCELLED if cancelled else parsed.TAKEN
    outcome, reason = ("cancelled", "order_cancelled") if cancelled else ("order_line", "sale")
    of, step = (currency, order.external_id), 10 ** (4 - units)
    for line in order.lines:
        amount = line.amount_minor * step
        lines.note(outcome, reason if amount else "free_goods", amount=amount, pieces=line.quantity, of=of)
    ours = {
        "goods": order.goods_minor, "shipping": order.shipping_minor, "discount": order.discount_minor,
        "tax": order.tax_minor,
    }  # fmt: skip
    for name, minor in ours.items():
        if minor and name != "goods":
            signed = -minor if name == "discount" else minor
            lines.note(_CHARGE_ROWS[name], f"order.{name}", amount=signed * step, of=of)
        out.file_sums[currency, name] += charges[name]
        out.add(currency, name, place, minor * step)
        out.add(currency, name, parsed.APART, charges[name] - minor * step)
    if not order.lines:
        lines.note("note", "order.head", amount=charges["total"], of=of)
    if order.refunded_minor:
        out.file_sums[currency, "refunded"] += order.refunded_minor * step
        out.add(currency, "refunded", place, order.refunded_minor * step)
    due = order.goods_minor + order.shipping_minor - order.discount_minor
    ways = due * step, (due + order.tax_minor) * step
    if order.price_includes_tax is None:
        due = min(ways, key=lambda way: abs(charges["total"] - way))
    else:
        due = ways[0] if order.price_includes_tax else ways[1]
    out.file_sums[currency, "total"] += charges["total"]
    out.add(currency, "total", place, due)
    out.add(currency, "total", parsed.APART, charges["total"] - due)
    if charges["total"] != due:
        out.notes.append((order.number or order.external_id, f"{currency} {charges['total'] - due}"))


_CHARGE_ROWS = {"shipping": "fee", "discount": "adjustment", "tax": "tax"}


def _e4(value: object) -> int:
    amount, _mark = amount_of("" if value is None else str(value), ".")
    return to_e4(amount or 0)


def _moment(text: object) -> datetime | None:
    found = moment_of(str(text), "ymd") if text else None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: object) -> str:
    return "" if value is None else html.unescape(str(value)).strip()


def _shopify_sums(row: Data) -> dict[str, int]:
    """What the file's cells say; where they name no discount, it is what the total lacks."""
    items = row.get("line_items") or ()
    ways = sum(_e4(line.get("price")) for line in row.get("shipping_lines") or ())
    told = ((row.get("total_shipping_price_set") or {}).get("shop_money") or {}).get("amount")
    goods = sum(_e4(line["price"]) * int(line["quantity"]) for line in items)
    shipping = (ways if told is None else _e4(told)) + _e4(row.get("total_tip_received"))
    tax, total = _e4(row.get("total_tax")), _e4(row.get("total_price"))
    return {
        "goods": goods, "shipping": shipping, "tax": tax, "total": total,
        "discount": goods + shipping + (0 if row.get("taxes_included") else tax) - total
        if items
        else _e4(row.get("total_discounts")),
    }  # fmt: skip


def _woo_sums(row: Data) -> dict[str, int]:
    """What the file's cells say: net there, with the tax beside each where prices contain it."""
    gross = bool(row.get("prices_include_tax"))

    def of(record: Data, net: str, tax: str) -> int:
        return _e4(record.get(net)) + (_e4(record.get(tax)) if gross else 0)

    fees = [of(fee, "total", "total_tax") for fee in row.get("fee_lines") or ()]
    return {
        "goods": sum(of(line, "subtotal", "subtotal_tax") for line in row.get("line_items") or ()),
        "shipping": of(row, "shipping_total", "shipping_tax") + sum(fee for fee in fees if fee > 0),
        "discount": of(row, "discount_total", "discount_tax") - sum(fee for fee in fees if fee < 0),
        "tax": _e4(row.get("total_tax")), "total": _e4(row.get("total")),
    }  # fmt: skip


def _ebay_sums(row: Data) -> dict[str, int]:
    """What the file's cells say: discounts are negative there, an adjustment may be either."""
    summary = row["pricingSummary"]

    def of(name: str) -> int:
        return _e4((summary.get(name) or {}).get("value"))

    collected = [tax for line in row["lineItems"] for tax in line.get("ebayCollectAndRemitTaxes") or ()]
    return {
        "goods": sum(_e4(line["lineItemCost"]["value"]) for line in row["lineItems"]),
        "shipping": of("deliveryCost") + max(of("adjustment"), 0) + max(of("fee"), 0),
        "discount": -of("priceDiscount") - of("deliveryDiscount") - min(of("adjustment"), 0),
        "tax": of("tax") or sum(_e4(tax["amount"]["value"]) for tax in collected), "total": of("total"),
    }  # fmt: skip


def _shopify_refunds(rows: Sequence[Data], around: Surroundings) -> ParsedFile:
    """Refunds of orders that are known: the money is what the transactions gave back, else the lines' sum."""
    out = ParsedFile("shopify-refund-json", "shopify", "refunds", "utf-8", "json")
    lines = _Lines(out)
    for row in watching(rows, out.leftovers):
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
    for row in watching(rows, out.leftovers):
        links = (row.get("_links") or {}).get("up") or [{}]
        order = (
            str(row.get("parent_id") or "") or str(links[0].get("href", "")).rstrip("/").rpartition("/")[2]
        )
        when = {"id": row.get("id"), "created_at": row.get("date_created_gmt") or row.get("date_created")}
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
    for row in watching(rows, out.leftovers):
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
    for number, row in enumerate(watching(rows, out.leftovers), start=1):
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
    "refunds": _shopify_refunds,
    "refund": _shopify_refunds,
    "fulfillments": _shopify_fulfilments,
    "fulfillment": _shopify_fulfilments,
    "transactions": _shopify_payouts,
}
