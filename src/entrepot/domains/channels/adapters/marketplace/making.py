"""One order put together from its rows: its lines, charges and state, and the place of each of its amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from entrepot.domains.channels.adapters.marketplace import parsed
from entrepot.domains.channels.adapters.marketplace.cells import (
    Cells,
    Row,
    Surroundings,
    sales_channel,
    state_of,
    to_minor,
)
from entrepot.domains.channels.adapters.marketplace.parsed import FileLine, ParsedFile, Problem
from entrepot.domains.channels.adapters.marketplace.recognise import Kind
from entrepot.domains.channels.adapters.marketplace.values import (
    Unreadable,
    currency_code,
    id_of,
    nearest,
    plain,
    whole_of,
)
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder, IncomingRefund
from entrepot.domains.channels.rules.incoming import GONE, PARTLY


@dataclass(frozen=True)
class Table:
    """The table an order is from: its kind and cells, what the file does not say, where the result goes."""

    kind: Kind
    cells: Cells
    around: Surroundings
    out: ParsedFile
    state_of_row: Callable[[Row], tuple[str, str]]


@dataclass
class Goods:
    """One row that names goods: pieces and amounts in 1/10000."""

    row_no: int
    row: Row
    quantity: int = 0
    gross: int = 0
    unit: int = 0
    shipping: int = 0
    discount: int = 0
    tax: int = 0
    platform: int = 0
    outcome: str = "order_line"
    reason: str = "sale"


@dataclass
class Draft:
    """The rows of one order while they are put together."""

    key: str
    goods: list[Goods] = field(default_factory=list)
    heads: list[tuple[int, Row]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Maker:
    """One order from its rows, and where each of its amounts belongs."""

    def __init__(self, table: Table, draft: Draft) -> None:
        self.table, self.draft, self.cells = table, draft, table.cells
        self.rows = [row for _n, row in draft.heads] + [goods.row for goods in draft.goods]
        self.currency = self._currency()
        self.units = table.around.minor_units.get(self.currency, 2)
        self.sales_channel, self.tells_the_rest = "", False
        self.order: IncomingOrder | None = None
        self.charges = self._charges()

    def first(self, name: str) -> str:
        """The first filled cell of a field among the order's rows."""
        self.cells.asked.add(name)
        places = self.cells.columns.get(name, ())
        for row in self.rows if places else ():
            for place in places:
                if row[place]:
                    return row[place]
        return ""

    def _currency(self) -> str:
        if text := self.first("currency"):
            return currency_code(text)
        return next((mark for row in self.rows if (mark := self.cells.mark(row))), self.table.around.currency)

    def _charge(self, name: str) -> int:
        """What stands once an order; where no row sums an order up, its rows' own charges add up."""
        if not self.cells.has(name):
            return 0
        try:
            if self.table.kind.layout == "summed" and not self.draft.heads:
                fresh = [g.row for g in self.draft.goods if g.outcome != "duplicate"]
                return sum(self.cells.amount(row, name) for row in fresh)
            for row in self.rows:
                if self.cells.text(row, name):
                    return self.cells.amount(row, name)
            return 0
        except Unreadable as error:
            row_no = self.draft.heads[0][0] if self.draft.heads else self.draft.goods[0].row_no
            self.draft.problems.append(Problem(row_no, name, self.first(name)[:200], str(error)))
            return 0

    def _charges(self) -> dict[str, int]:
        """Amounts of the order in 1/10000 by measure; `stated` is the file's own total.

        Where a file tells a discount or the tax more than once, that reading counts by which its total adds up.
        """
        fresh = [g for g in self.draft.goods if g.outcome != "duplicate"]
        live = [g for g in fresh if g.outcome != "cancelled"] or fresh
        goods = sum(g.gross for g in live)
        found = {
            "goods": goods,
            "shipping": self._charge("order_shipping") + sum(g.shipping for g in live),
            "marketplace_tax": self._charge("marketplace_tax"),
            "platform": sum(g.platform for g in live),
            "duties": self._charge("duties"),
            "stated": self._charge("stated_total"),
            "refunded": abs(self._charge("refunded")),
        }
        readings = (
            {**found, "discount": discount, "tax": tax}
            for discount in self._discounts(goods, sum(g.discount for g in live))
            for tax in self._taxes(sum(g.tax for g in live))
        )
        return nearest(readings, self._beyond)

    def _discounts(self, goods: int, of_lines: int) -> list[int]:
        """What may have been taken off, the likeliest first; lines told after their discount have none beside."""
        of_order, subtotal = abs(self._charge("order_discount")), self._charge("subtotal")
        told = [of_order + of_lines, of_order, of_lines, 0]
        if self.first("subtotal") and goods - subtotal >= 0:
            told = [goods - subtotal, *told]
        return list(dict.fromkeys(told))

    def _taxes(self, of_lines: int) -> list[int]:
        """The tax, the likeliest first: the order's own, with or without that of its freight, else its lines'."""
        of_order, of_freight = self._charge("order_tax"), self._charge("shipping_tax")
        if not of_order:
            return list(dict.fromkeys([of_lines + of_freight, of_lines]))
        return list(dict.fromkeys([of_order + of_freight, of_order]))

    def includes_tax(self) -> bool | None:
        """Whether the prices contain the tax: by the file's own sums; None where they do not tell."""
        paid = self.charges
        if not paid["tax"] or not paid["stated"] or self.table.kind.layout == "heads":
            return None
        net = paid["goods"] + paid["shipping"] - paid["discount"] - paid["platform"] + paid["duties"]
        if paid["stated"] == net:
            return True
        return (
            False
            if paid["stated"] in (net + paid["tax"], net + paid["tax"] + paid["marketplace_tax"])
            else None
        )

    def unexplained(self) -> int:
        """What the stated total has beyond the rows of the order."""
        return self._beyond(self.charges)

    def _beyond(self, paid: Mapping[str, int]) -> int:
        if not paid["stated"] or self.table.kind.layout == "heads":
            return 0
        net = paid["goods"] + paid["shipping"] - paid["discount"]
        ways = [
            net - platform + tax + more + paid["duties"]
            for tax in (paid["tax"], 0)
            for more in (0, paid["marketplace_tax"])
            for platform in (0, paid["platform"])
        ]
        return min((paid["stated"] - way for way in ways), key=abs)

    def build(self) -> IncomingOrder | None:
        """The order; None, with the problems noted, when it lacks what every order has."""
        try:
            placed = next((m for row in self.rows if (m := self.cells.moment(row, "placed_at"))), None)
            revised = next((m for row in self.rows if (m := self.cells.moment(row, "last_updated"))), None)
            key = self._key()
        except Unreadable as error:
            self._lacks("order_id" if str(error).startswith("id.") else "placed_at", str(error))
            return None
        items = self.table.kind.layout == "items"
        if placed is None and not items:
            self._lacks("placed_at", "value.missing")
        if not self.currency:
            self._lacks("currency", "value.missing")
        elif self.table.around.minor_units and self.currency not in self.table.around.minor_units:
            self._lacks("currency", "currency.unknown")
        if self._mixed():
            self._lacks("currency", "order.mixed_currency")
        if self.charges["stated"] < 0:
            self._lacks("stated_total", "amount.negative")
        if self.draft.problems:
            return None
        self.order = self._made(key, placed or datetime(1970, 1, 1, tzinfo=UTC), revised)
        return self.order

    def _key(self) -> str:
        """The channel's number of the order. One that a spreadsheet cut off gives way to the number people see."""
        try:
            return id_of(self.first("order_id") or self.first("record_no") or self.draft.key)
        except Unreadable:
            seen = self.first("order_no")
            if self.table.kind.layout != "carried" or not seen:
                raise
            return seen

    def _mixed(self) -> bool:
        """Whether rows of one order name several currencies."""
        if not self.cells.has("currency"):
            return False
        named = {text.upper() for row in self.rows if (text := self.cells.text(row, "currency"))}
        return len(named) > 1

    def _lacks(self, name: str, reason: str) -> None:
        rows = self.draft.heads or [(goods.row_no, goods.row) for goods in self.draft.goods]
        self.draft.problems.append(Problem(rows[0][0], name, self.first(name)[:200], reason))

    def _made(self, key: str, placed: datetime, revised: datetime | None) -> IncomingOrder:
        state, seen = self._state()
        paid, units, first = self.charges, self.units, self.first
        self.sales_channel = sales_channel(first("sales_channel"))
        name = " ".join(part for part in (first("first_name"), first("last_name")) if part)
        cells, row = self.cells, self.rows[0]
        return IncomingOrder(
            external_id=key,
            number=first("order_no") or key,
            placed_at=placed if placed.tzinfo else placed.replace(tzinfo=UTC),
            placed_on=placed.date(),
            revised_at=revised,
            currency=self.currency,
            lines=self._lines(),
            state=state,
            channel_state=seen,
            shipping_minor=to_minor(paid["shipping"], units),
            discount_minor=to_minor(paid["discount"], units),
            tax_minor=to_minor(paid["tax"], units),
            price_includes_tax=self.includes_tax(),
            customer_no=first("buyer_id"),
            buyer_name=first("buyer_name") or name,
            email=first("email"),
            phone=first("phone"),
            recipient=first("recipient") or name or first("buyer_name"),
            country=cells.country(row, "country") or cells.country(row, "billing_country"),
            region=first("region"),
            postcode=first("postcode").lstrip("'"),
            city=first("city"),
            billing_country=cells.country(row, "billing_country"),
            vat_number=first("vat_number"),
            is_business=cells.yes(row, "is_business") or bool(first("company")),
            payment_method=first("payment_method"),
        )

    def _state(self) -> tuple[str, str]:
        live = [goods.row for goods in self.draft.goods if goods.outcome == "order_line"]
        head = next((row for row in (*live, *self.rows) if self.cells.text(row, "state")), self.rows[0])
        state, seen = self.table.state_of_row(head)
        if seen == "paid" and any(self.table.state_of_row(row)[1] == "shipped" for row in self.rows):
            seen = "shipped"
        goods = [g for g in self.draft.goods if g.outcome != "duplicate"]
        if goods and all(g.outcome == "cancelled" for g in goods):
            return "cancelled", "cancelled"
        return state, self._seen(
            seen, [g for g in goods if g.outcome != "cancelled"]
        ) if state == "new" else seen

    def _seen(self, seen: str, goods: list[Goods]) -> str:
        """How the channel sees the order, once its rows were asked which of them have left."""
        told = [self._sent(g) for g in goods]
        sent, pieces = sum(n or 0 for n in told), sum(g.quantity for g in goods)
        self.tells_the_rest = None not in told and 0 < sent < pieces
        if seen not in ("paid", "shipped", "delivered") or None in told or not sent:
            return seen
        return PARTLY if sent < pieces else "shipped" if seen == "paid" else seen

    def _sent(self, goods: Goods) -> int | None:
        """How many pieces of a row have left by its own word; None where it says nothing of its own."""
        cells, row, layout = self.cells, goods.row, self.table.kind.layout
        if cells.has("shipped_qty"):
            try:
                return min(whole_of(cells.text(row, "shipped_qty"), cells.decimal) or 0, goods.quantity)
            except Unreadable:
                return None
        own, written = cells.text(row, "line_state"), cells.text(row, "state")
        text = own or (written if layout in ("rows", "each") else "")
        seen = state_of(self.table.kind.platform, text)[1] if text else ""
        if seen in GONE or own:
            return None if seen == PARTLY else goods.quantity if seen in GONE else 0
        if text := cells.text(row, "line_fulfilled").lower():
            return None if text.startswith("partial") else goods.quantity if text == "fulfilled" else 0
        # numbers are given out before parcels leave
        names = ("shipped_at",) if written else ("shipped_at", "tracking")
        if layout not in ("summed", "rows", "each") or not any(cells.has(name) for name in names):
            return 0 if seen and seen != PARTLY else None
        rows = [row, *(head for _n, head in self.draft.heads)]
        return goods.quantity if any(cells.peek(r, name) for r in rows for name in names) else 0

    def _lines(self) -> tuple[IncomingLine, ...]:
        """Goods rows as lines; rows of one line of the channel (parts of a shipment) are one."""
        fresh = [g for g in self.draft.goods if g.outcome != "duplicate"]
        live = [g for g in fresh if g.outcome != "cancelled"] or fresh
        groups: dict[str, list[Goods]] = {}
        merged = self.table.kind.layout in ("merged", "each")
        for goods in live:
            sku = self._sku(goods.row)
            line = self.cells.text(goods.row, "line_id")
            group = f"{sku}|{goods.unit}" if self.table.kind.layout == "each" else line
            groups.setdefault(group if merged and group else f"#{goods.row_no}", []).append(goods)
        made = []
        for parts in groups.values():
            pieces, gross = sum(p.quantity for p in parts), sum(p.gross for p in parts)
            row = parts[0].row
            title = " · ".join(t for n in ("title", "variation") if (t := self.cells.text(row, n)))
            unit = parts[0].unit if parts[0].unit * pieces == gross or not pieces else gross // pieces
            told = [self._sent(p) for p in parts]
            sent = sum(n or 0 for n in told) if self.tells_the_rest else None
            amount, line_id = to_minor(gross, self.units), self._line_id(row)
            made.append(IncomingLine(self._sku(row), pieces, amount, unit, title, line_id, sent))
        return tuple(made)

    def _line_id(self, row: Row) -> str:
        try:
            return id_of(self.cells.text(row, "line_id"))
        except Unreadable:
            return self.cells.text(row, "line_id")

    def _sku(self, row: Row) -> str:
        """The seller's code; without one the channel's number of the article, or its title."""
        for name in ("sku", "item_id", "title"):
            text = self.cells.text(row, name)
            try:
                if text and (name == "title" or id_of(text)):
                    return id_of(text) if name == "item_id" else plain(text)
            except Unreadable:  # a number of which digits are gone names nothing any more
                continue
        return "?"

    def account(self, place: str = "") -> None:
        """Write down where each amount of the order belongs, and what its rows became."""
        out, currency, order = self.table.out, self.currency, self.order
        cancelled = order is not None and order.state == "cancelled"
        taken = place or (parsed.CANCELLED if cancelled else parsed.TAKEN)
        for name in ("shipping", "discount", "tax", "refunded"):
            out.file_sums[currency, name] += self.charges[name]
            out.add(currency, name, taken, self.charges[name])
        self._total(taken)
        for goods in self.draft.goods:
            out.file_sums[currency, "goods"] += goods.gross
            where = {"duplicate": parsed.DUPLICATE, "cancelled": parsed.CANCELLED}.get(goods.outcome, taken)
            out.add(currency, "goods", where, goods.gross)
            if order is None or place:
                continue
            outcome, reason = goods.outcome, goods.reason
            if cancelled and outcome == "order_line":
                outcome, reason = "cancelled", "order_cancelled"
            tied = "" if outcome == "duplicate" else order.external_id
            out.lines.append(
                FileLine(goods.row_no, outcome, reason, currency, goods.gross, goods.quantity, tied)
            )
        if order is None or place:
            return
        if self.table.kind.layout == "heads":
            reason = "order_cancelled" if cancelled else "order.head"
            number = self.draft.heads[0][0]
            out.lines.append(
                FileLine(number, "note", reason, currency, self.charges["stated"], 0, order.external_id)
            )
            for row_no, _row in self.draft.heads[1:]:
                out.lines.append(FileLine(row_no, "duplicate", "line.repeated", currency))
        self._refund(order)

    def _total(self, taken: str) -> None:
        out, stated, apart = self.table.out, self.charges["stated"], self.unexplained()
        out.file_sums[self.currency, "total"] += stated
        out.add(self.currency, "total", taken, stated - apart)
        out.add(self.currency, "total", parsed.APART, apart)
        if apart and not self.draft.problems and self.order:
            out.notes.append((self.order.number or self.order.external_id, f"{self.currency} {apart}"))

    def _refund(self, order: IncomingOrder) -> None:
        refunded = to_minor(self.charges["refunded"], self.units)
        if refunded:
            when = order.revised_at or order.placed_at
            key = f"{order.external_id}:total"
            self.table.out.refunds.append(
                IncomingRefund(key, order.external_id, refunded, order.currency, when, is_total=True)
            )
