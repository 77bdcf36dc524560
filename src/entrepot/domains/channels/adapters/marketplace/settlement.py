"""Settlement files: what a marketplace paid out, line by line, and whether the lines add up to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from entrepot.domains.channels.adapters.marketplace import parsed
from entrepot.domains.channels.adapters.marketplace.cells import (
    Cells,
    Row,
    Surroundings,
    sales_channel,
    to_minor,
)
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    IncomingSettlement,
    ParsedFile,
    Problem,
    SettlementRow,
)
from entrepot.domains.channels.adapters.marketplace.recognise import Recognised
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, currency_code, id_of, whole_of
from entrepot.domains.channels.adapters.tables import table

OUTCOME_OF = {
    "sale": "settled", "refund": "return", "tax": "tax", "fee": "fee", "adjustment": "adjustment",
    "reserve": "adjustment", "transfer": "transfer",
}  # fmt: skip
WIDE = (
    ("ItemPrice", "price_type", "price_amount"), ("ItemFees", "item_fee_type", "item_fee_amount"),
    ("Promotion", "promotion_type", "promotion_amount"), ("ShipmentFees", "shipment_fee_type", "shipment_fee_amount"),
    ("OrderFees", "order_fee_type", "order_fee_amount"), ("DirectPayment", "direct_type", "direct_amount"),
    ("ItemFees", "", "misc_fee_amount"), ("ItemFees", "other_fee_reason", "other_fee_amount"),
    ("other", "", "other_amount"),
)  # fmt: skip

COLUMNS = {
    "sales": ("ItemPrice", "Principal"), "sales_tax": ("ItemPrice", "Tax"),
    "shipping_credits": ("ItemPrice", "Shipping"), "shipping_credits_tax": ("ItemPrice", "ShippingTax"),
    "gift_credits": ("ItemPrice", "GiftWrap"), "gift_credits_tax": ("ItemPrice", "GiftWrapTax"),
    "regulatory_fee": ("ItemPrice", "RegulatoryFee"), "regulatory_fee_tax": ("ItemPrice", "Tax"),
    "points": ("Promotion", "Points"), "rebates": ("Promotion", "Principal"), "rebates_tax": ("Promotion", "Tax"),
    "withheld": ("ItemWithheldTax", "MarketplaceFacilitatorTax"), "selling_fees": ("ItemFees", "Commission"),
    "fba_fees": ("ItemFees", "FBA fees"), "other_fees": ("ItemFees", "Other fees"), "other_sums": ("Other", ""),
}  # fmt: skip


def parse_settlement(found: Recognised, around: Surroundings) -> ParsedFile:
    """The settlements of a flat file. Lines that lost their trailing cells are read by the cells they have.

    Errors: values: a line without a readable amount is rejected and named.
    """
    cells = Cells(found, around)
    out = ParsedFile(found.kind.name, found.kind.platform, "settlement", found.encoding, found.delimiter)
    settlements: dict[str, IncomingSettlement] = {}
    last = ""
    for row_no, row in found.rows:
        key = cells.text(row, "settlement_id") or last
        last = key
        try:
            _line(cells, out, settlements.setdefault(key, IncomingSettlement(key, "")), row_no, row)
        except Unreadable as error:
            name = "amount" if str(error).startswith("amount") else "posted_on"
            out.lines.append(FileLine(row_no, "rejected", str(error)))
            out.problems.append(Problem(row_no, name, cells.text(row, name)[:200], str(error)))
    out.leftovers = cells.leftovers()
    out.settlements = [found for found in settlements.values() if found.currency]
    out.currency = out.settlements[0].currency if out.settlements else ""
    return out


def _line(cells: Cells, out: ParsedFile, settlement: IncomingSettlement, row_no: int, row: Row) -> None:
    currency = currency_code(cells.text(row, "currency")) or settlement.currency or cells.around.currency
    settlement.currency = settlement.currency or currency
    units = cells.around.minor_units.get(currency, 2)
    written = cells.text(row, "transaction_type")
    if not written and cells.text(row, "stated_total"):
        total = cells.amount(row, "stated_total")
        settlement.total_minor = to_minor(total, units)
        settlement.start_on, settlement.end_on = _date(cells, row, "start"), _date(cells, row, "end")
        settlement.paid_on = _date(cells, row, "deposit")
        out.lines.append(FileLine(row_no, "note", "settlement.head", currency, total))
        return
    if name := sales_channel(cells.text(row, "sales_channel")):
        out.sales_channel = out.sales_channel or name
    order, kinds = id_of(cells.text(row, "order_id")), list[tuple[str, int]]()
    pieces = whole_of(cells.text(row, "quantity")) or 0
    if pieces and not cells.has("amount") and not cells.has("row_total") and not _wide(cells, row):
        out.lines.append(FileLine(row_no, "note", "settlement.pieces", currency, 0, pieces, order))
        return
    posted = _date(cells, row, "posted_on") or _date(cells, row, "posted_at")
    for amount_type, description, amount in _amounts(cells, row):
        kind = kind_of(out.platform, written, amount_type, description)
        kinds.append((kind, amount))
        if kind == "transfer" and cells.has("row_total"):
            settlement.total_minor, settlement.paid_on = -to_minor(amount, units), posted
        settlement.rows.append(
            SettlementRow(
                row_no, kind, " · ".join(filter(None, (written, amount_type, description))), to_minor(amount, units),
                order, cells.text(row, "line_id"), cells.text(row, "sku"),
                pieces, posted,
            )
        )  # fmt: skip
    keep(out, row_no, kinds[0][0], (currency, sum(amount for _kind, amount in kinds)), order)


def _amounts(cells: Cells, row: Row) -> list[tuple[str, str, int]]:
    """Kind, description and amount (1/10000) of a line; the older report has a column for each kind of amount."""
    if cells.has("amount"):
        if not cells.text(row, "amount"):
            raise Unreadable("amount.unreadable")
        return [
            (
                cells.text(row, "amount_type"),
                cells.text(row, "amount_description"),
                cells.amount(row, "amount"),
            )
        ]
    if cells.has("row_total"):
        return _columns_of(cells, row)
    if not (found := _wide(cells, row)):
        raise Unreadable("amount.unreadable")
    return found


def _wide(cells: Cells, row: Row) -> list[tuple[str, str, int]]:
    """The amounts of a line of the older report, which has a first line for the pieces of an item alone."""
    return [
        (kind, cells.text(row, named) if named else "", cells.amount(row, name))
        for kind, named, name in WIDE
        if cells.text(row, name)
    ]


def _columns_of(cells: Cells, row: Row) -> list[tuple[str, str, int]]:
    """A report with a column for each kind of amount and a total: what no column explains stays as `Other`."""
    found = [(*words, amount) for name, words in COLUMNS.items() if (amount := cells.amount(row, name))]
    if not cells.text(row, "row_total"):
        raise Unreadable("amount.unreadable")
    rest = cells.amount(row, "row_total") - sum(amount for _kind, _word, amount in found)
    return [*found, ("Other", "", rest)] if rest or not found else found


def keep(out: ParsedFile, row_no: int, kind: str, money: tuple[str, int], order: str) -> None:
    """Note a settlement line among the file's lines and sums."""
    currency, amount = money
    out.lines.append(FileLine(row_no, OUTCOME_OF[kind], f"settlement.{kind}", currency, amount, 0, order))
    if kind != "transfer":
        out.file_sums[currency, "settled"] += amount
        out.add(currency, "settled", parsed.TAKEN, amount)


def _date(cells: Cells, row: Row, name: str) -> date | None:
    moment = cells.moment(row, name)
    return moment.date() if moment else None


def parse_payouts(found: Recognised, around: Surroundings) -> ParsedFile:
    """Shopify's payout transactions: each line has its gross, its fee and its net; one settlement a payout."""
    cells = Cells(found, around)
    out = ParsedFile(found.kind.name, found.kind.platform, "settlement", found.encoding, found.delimiter)
    rows = []
    for row_no, row in found.rows:
        try:
            rows.append(
                {
                    "row_no": row_no,
                    "type": cells.text(row, "transaction_type"),
                    "payout": cells.text(row, "settlement_id") or cells.text(row, "deposit"),
                    "status": cells.text(row, "payout_status"),
                    "currency": currency_code(cells.text(row, "currency")),
                    "amount": cells.amount(row, "amount"),
                    "fee": cells.amount(row, "fee"),
                    "order": cells.text(row, "order_id"),
                    "on": _date(cells, row, "placed_at"),
                }
            )
        except Unreadable as error:
            out.lines.append(FileLine(row_no, "rejected", str(error)))
            out.problems.append(
                Problem(row_no, "amount", cells.text(row, "amount")[:200], "amount.unreadable")
            )
    out.leftovers = cells.leftovers()
    return payouts(out, rows, around)


def payouts(out: ParsedFile, rows: Sequence[Mapping[str, object]], around: Surroundings) -> ParsedFile:
    """Settlements of payout transactions: the gross of each line, and its fee as a line of its own.

    Shapes: rows with row_no, type, payout, status, currency, amount and fee (1/10000), order, on.
    """
    found: dict[str, IncomingSettlement] = {}
    for row in rows:
        key, currency = str(row["payout"] or "open"), str(row["currency"] or around.currency)
        settlement = found.setdefault(key, IncomingSettlement(key, currency))
        units = around.minor_units.get(currency, 2)
        on = row["on"] if isinstance(row["on"], date) else None
        settlement.paid_on = settlement.paid_on or on
        written, order, row_no = str(row["type"]), str(row["order"] or ""), int(str(row["row_no"]))
        amount, fee = int(str(row["amount"])), int(str(row["fee"]))
        kind = kind_of("shopify", written, "", "")
        if kind == "transfer":
            settlement.total_minor = -to_minor(amount, units)
        keep(out, row_no, kind, (currency, amount - (fee if kind != "transfer" else 0)), order)
        settlement.rows.append(
            SettlementRow(row_no, kind, written, to_minor(amount, units), order, "", "", 0, on)
        )
        if fee:
            settlement.rows.append(
                SettlementRow(row_no, "fee", f"{written} fee", -to_minor(fee, units), order, "", "", 0, on)
            )
    out.settlements = list(found.values())
    out.currency = out.settlements[0].currency if out.settlements else ""
    return out


@cache
def _kinds(platform: str) -> list[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], str]]:
    rows = table("settlement_kinds").filter(platform=platform).iter_rows()
    return [(re.compile(t), re.compile(a), re.compile(d), kind) for _p, t, a, d, kind in rows]


@cache
def kind_of(platform: str, transaction: str, amount_type: str, description: str) -> str:
    """What a settlement line is: the first row of data/settlement_kinds.csv that fits all three of its words."""
    words = [text.strip().lower() for text in (transaction, amount_type, description)]
    for *tests, kind in _kinds(platform):
        if all(test.search(word) for test, word in zip(tests, words, strict=True)):
            return str(kind)
    return "adjustment"
