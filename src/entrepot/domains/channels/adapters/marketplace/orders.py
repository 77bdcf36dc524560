"""Order tables of any known kind as orders: every row ends as one outcome, every amount in one place."""

from __future__ import annotations

import re
from collections.abc import Callable

from entrepot.domains.channels.adapters.marketplace import parsed
from entrepot.domains.channels.adapters.marketplace.cells import (
    MONEY,
    Cells,
    Row,
    Surroundings,
    state_of,
)
from entrepot.domains.channels.adapters.marketplace.making import Draft, Goods, Maker, Table
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    ParsedFile,
    Problem,
)
from entrepot.domains.channels.adapters.marketplace.recognise import Recognised
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, whole_of

ELSEWHERE = re.compile(r"non-amazon", re.IGNORECASE)  # sold elsewhere, only sent by the marketplace
SUM = re.compile(
    r"^\W*((grand|sub)?[ -]?totals?|sums?|summe|gesamt(summe)?|totale|totaal|somme|suma|razem|"
    r"[合总小總]\s*[计計]|итого)\W*$",
    re.IGNORECASE,
)
CASH_ON_DELIVERY = ("cod", "cash on delivery", "货到付款")


def parse_orders(found: Recognised, around: Surroundings) -> ParsedFile:
    """The orders of a table; an order with one bad row is kept out as a whole, so that none arrives half.

    Errors: values, never exceptions: `problems` name row, field, value and reason.
    """
    return _Reader(found, around).read()


class _Reader:
    def __init__(self, found: Recognised, around: Surroundings) -> None:
        self.kind, self.cells, self.around = found.kind, Cells(found, around), around
        self.out = ParsedFile(
            found.kind.name, found.kind.platform, found.kind.holds, found.encoding, found.delimiter
        )
        self.rows = found.rows
        self.has_paid = self.cells.has("paid_at") and not self.cells.has("state")
        telling = dict.fromkeys((*self.kind.least, *MONEY, "sku"))
        numbers = ("order_id", "order_no", "record_no")
        self.telling = [name for name in telling if self.cells.has(name) and name not in numbers]
        self.line_money = [name for name in _LINE_MONEY if self.cells.has(name)]
        self.states: dict[int, tuple[str, str]] = {}
        self.channels: dict[str, int] = {}
        self.table = Table(found.kind, self.cells, around, self.out, self._state)

    def read(self) -> ParsedFile:
        for draft in self._drafts().values():
            self._order(draft)
        self.out.lines.sort()
        self.out.problems.sort()
        self.out.leftovers = self.cells.leftovers(
            {line.row_no for line in self.out.lines if line.reason == "file.note"}
        )
        if self.channels:
            self.out.sales_channel = max(self.channels, key=lambda name: self.channels[name])
        return self.out

    def _drafts(self) -> dict[str, Draft]:
        """Rows by order, in the file's order; rows that are no order's are noted, repeated ones set aside."""
        drafts: dict[str, Draft] = {}
        seen: set[tuple[str, ...]] = set()
        key = ""
        for row_no, row in self.rows:
            key = self._key(row) or (key if self.kind.layout == "carried" else "")
            if self._is_note(row, key):
                self.out.lines.append(FileLine(row_no, "note", "file.note"))
                continue
            if not key:
                self.out.lines.append(FileLine(row_no, "rejected", "value.missing"))
                self.out.problems.append(Problem(row_no, "order_id", "", "value.missing"))
                continue
            if ELSEWHERE.match(self.cells.text(row, "sales_channel")):
                self.out.lines.append(FileLine(row_no, "note", "order.elsewhere"))
                continue
            draft = drafts.setdefault(key, Draft(key))
            whole = (key, *row)
            again = whole in seen and (
                self.kind.layout != "carried" or bool(self.cells.text(row, "stated_total"))
            )
            seen.add(whole)
            self._row(draft, row_no, row, again=again)
        return drafts

    def _key(self, row: Row) -> str:
        names = ("order_no", "order_id") if self.kind.layout == "carried" else ("order_id", "record_no")
        return next((text for name in names if (text := self.cells.text(row, name))), "")

    def _is_note(self, row: Row, key: str) -> bool:
        """Footers, seller lines and the explanations some platforms put below their headers."""
        cells = self.cells
        quantity = cells.text(row, "quantity")
        if SUM.match(next((cell for cell in row if cell), "")) and not cells.text(row, "placed_at"):
            return True
        goods = ("quantity", "title", "sku", "unit_price")
        if (
            self.kind.layout == "carried"
            and not self._key(row)
            and not any(cells.peek(row, n) for n in goods)
        ):
            return True
        if not any(cells.peek(row, name) for name in self.telling):
            return True
        if not quantity and len(row) - row.count("") <= 2 and not cells.text(row, "stated_total"):
            return True
        placed = cells.text(row, "placed_at")
        if not quantity or any(char.isdigit() for char in quantity + placed):
            return False
        return bool(placed) or " " in key

    def _row(self, draft: Draft, row_no: int, row: Row, *, again: bool) -> None:
        cells = self.cells
        goods = Goods(row_no, row)
        if self.kind.layout == "heads":
            draft.heads.append((row_no, row))
            return
        summary = self.kind.layout == "summed" and not any(
            cells.peek(row, n) for n in ("item_id", "title", "sku")
        )
        if summary:
            draft.heads.append((row_no, row))
            self.out.lines.append(FileLine(row_no, "note", "order.summary", order_id=draft.key))
            return
        self._measure(draft, goods)
        if again:
            goods.outcome, goods.reason = "duplicate", "line.repeated"
        draft.goods.append(goods)

    def _measure(self, draft: Draft, goods: Goods) -> None:
        """Pieces and amounts of a row; what cannot be read becomes a problem of its order."""
        row, state = goods.row, self._line_state(goods.row)
        given = self._get(
            draft, goods, "quantity", lambda: whole_of(self.cells.text(row, "quantity"), self.cells.decimal)
        )
        pieces = given if given is not None else (1 if self.kind.layout == "each" else None)
        money = {name: self._money(draft, goods, name) for name in self.line_money}
        if share := self.cells.text(row, "row_share"):
            money = self._shared(row, money, share, pieces or 0)
            goods.reason = "sale" if share == f"{pieces}/{pieces}" else "sum_shared"
        priced = any(self.cells.peek(row, name) for name in ("line_amount", "line_total", "unit_price"))
        goods.unit = money.get("unit_price", 0)
        goods.quantity = pieces or 0
        if self.cells.text(row, "line_amount"):
            goods.gross = money["line_amount"]
        elif self.cells.text(row, "unit_price"):
            goods.gross = goods.unit * goods.quantity
        else:
            goods.gross = money.get("line_total", 0)
        goods.shipping = money.get("line_shipping", 0) + money.get("line_wrap", 0)
        goods.discount = abs(money.get("line_discount", 0)) + abs(money.get("line_shipping_discount", 0))
        goods.tax = sum(money.get(name, 0) for name in ("line_tax", "line_shipping_tax", "line_wrap_tax"))
        goods.platform = abs(money.get("platform_discount", 0))
        if not goods.unit and goods.quantity:
            goods.unit = goods.gross // goods.quantity
        ordered = self._state(row)[0] == "new"
        if (state and state_of(self.kind.platform, state)[0] == "cancelled") or (pieces == 0):
            goods.outcome, goods.reason = "cancelled", "line_cancelled"
        elif pieces is None and not draft.problems:
            self._problem(draft, goods, "quantity", "value.missing")
        elif (pieces or 0) < 0:
            self._problem(draft, goods, "quantity", "quantity.not_positive")
        elif goods.gross < 0:
            self._problem(draft, goods, "line_amount", "amount.negative")
        elif not priced and ordered and not self._is_free(row):
            self._problem(draft, goods, "line_amount", "value.missing")
        elif self._is_free(row):
            goods.reason = "replacement"
        elif not goods.gross:
            goods.reason = "free_goods" if ordered else "not_priced"

    def _shared(self, row: Row, money: dict[str, int], share: str, pieces: int) -> dict[str, int]:
        """The part an item has of amounts its row tells for all of its items: by pieces, whole in the end."""
        done, whole = (int(part) for part in share.split("/"))
        step = 10 ** (4 - self.around.minor_units.get(self.cells.currency_of(row), 2))

        def part(amount: int) -> int:
            return (amount // step * done // whole - amount // step * (done - pieces) // whole) * step

        return {name: amount if name == "unit_price" else part(amount) for name, amount in money.items()}

    def _line_state(self, row: Row) -> str:
        """How a line stands; where each row tells a state and none of the line alone, that is it."""
        own = self.cells.text(row, "line_state")
        return own or (self.cells.text(row, "state") if self.kind.layout in ("rows", "each") else "")

    def _is_free(self, row: Row) -> bool:
        return self.cells.yes(row, "is_replacement") or bool(self.cells.text(row, "replaces"))

    def _money(self, draft: Draft, goods: Goods, name: str) -> int:
        return self._get(draft, goods, name, lambda: self.cells.amount(goods.row, name)) or 0

    def _get(self, draft: Draft, goods: Goods, name: str, read: Callable[[], int | None]) -> int | None:
        try:
            return read()
        except Unreadable as error:
            self._problem(draft, goods, name, str(error))
            return None

    def _problem(self, draft: Draft, goods: Goods, name: str, reason: str) -> None:
        goods.outcome, goods.reason = "rejected", reason
        draft.problems.append(Problem(goods.row_no, name, self.cells.text(goods.row, name)[:200], reason))

    def _state(self, row: Row) -> tuple[str, str]:
        """Ours and the channel's state of the order a row belongs to, worked out once a row."""
        known = self.states.get(id(row))  # the table keeps its rows as long as it is read
        if known is None:
            known = self.states[id(row)] = self._state_told(row)
        return known

    def _state_told(self, row: Row) -> tuple[str, str]:
        cells = self.cells
        written = cells.text(row, "state")
        state, seen = state_of(self.kind.platform, written) if written else ("new", "paid")
        if "cancel" in cells.text(row, "cancelled_kind").lower() and state != "cancelled":
            state, seen = "cancelled", "cancelled"
        sent = cells.peek(row, "shipped_at") or cells.text(row, "fulfilled").lower() == "fulfilled"
        if seen == "refunded" and sent:
            state, seen = "new", "returned"
        elif cells.peek(row, "cancelled_at"):
            return "cancelled", "cancelled"
        elif state == "pending" and self._on_delivery(row):
            state = "new"
        elif self.has_paid and not cells.peek(row, "paid_at") and not sent:
            return "pending", "pending"
        partly = cells.text(row, "fulfilled").lower().startswith("partial")
        if (
            state == "new"
            and seen == "paid"
            and (partly or sent or (not written and cells.peek(row, "tracking")))
        ):
            seen = "partly_shipped" if partly else "shipped"
        return state, seen

    def _on_delivery(self, row: Row) -> bool:
        method = self.cells.text(row, "payment_method").lower()
        return any(word in method for word in CASH_ON_DELIVERY)

    def _order(self, draft: Draft) -> None:
        """Put an order together, or keep all its rows out when one is wrong."""
        maker = Maker(self.table, draft)
        order = maker.build()
        if draft.problems or order is None:
            self._reject(draft, maker)
            return
        (self.out.items if self.kind.layout == "items" else self.out.orders).append(order)
        if name := maker.sales_channel:
            self.channels[name] = self.channels.get(name, 0) + 1
        if not self.out.currency:
            self.out.currency = order.currency
        maker.account()

    def _reject(self, draft: Draft, maker: Maker) -> None:
        bad = {problem.row_no: problem.reason for problem in draft.problems}
        self.out.problems.extend(draft.problems)
        every = [(g.row_no, g.gross, g.quantity, g.outcome) for g in draft.goods]
        stated = maker.charges["stated"]
        every += [(n, stated, 0, "head") for n, _row in draft.heads if self.kind.layout == "heads"]
        for row_no, gross, quantity, outcome in every:
            reason = bad.get(row_no, "order.has_bad_rows")
            if row_no not in bad:
                self.out.problems.append(Problem(row_no, "order_id", draft.key, reason))
            kept = "duplicate" if outcome == "duplicate" else "rejected"
            self.out.lines.append(FileLine(row_no, kept, reason, maker.currency, gross, quantity))
        maker.account(parsed.REJECTED)


_LINE_MONEY = (
    "unit_price", "line_amount", "line_total", "line_shipping", "line_wrap", "line_discount", "line_shipping_discount",
    "line_tax", "line_shipping_tax", "line_wrap_tax", "platform_discount",
)  # fmt: skip
