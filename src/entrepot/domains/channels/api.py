"""Settlements over the REST API: what channels paid out, line by line, tied to orders."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from entrepot.core.api import (
    Day,
    Id,
    Instant,
    Money,
    Page,
    PageQuery,
    Problem,
    Routes,
    Shown,
    Word,
    money,
    page_of,
)
from entrepot.domains.channels.models import Settlement
from entrepot.domains.channels.queries import (
    find_settlements,
    get_settlement,
    settlement_kinds,
    settlement_lines,
)

routes = Routes("settlements")
State = Literal["booked", "differs", "open"]
Kind = Literal["sale", "refund", "tax", "fee", "adjustment", "reserve", "transfer"]


class SettlementQuery(PageQuery):
    """Which settlements: of an account (by name), in a state, paid on some days."""

    account: Word = ""
    state: State | None = None
    paid_from: Day | None = None
    paid_to: Day | None = None


class LineQuery(PageQuery):
    """Which lines: of one kind; those that name an order nobody knows."""

    direction: Literal["asc", "desc"] = "asc"
    kind: Kind | None = None
    loose: Annotated[Literal["true", "false"], Field(description="only lines without an order of ours")] = (
        "false"
    )


class SettlementShown(Shown):
    """A payout. `difference` is what the stated total has beyond the lines; it is booked when that is nought."""

    id: int
    number: str
    account: str
    platform: str
    state: str
    currency: str
    start_on: Day | None
    end_on: Day | None
    paid_on: Day | None
    total: Money | None
    lines: Money
    difference: Money
    received_at: Instant


class SumShown(Shown):
    """What the lines of a kind add up to."""

    kind: str
    lines: int
    amount: Money


class SettlementWhole(SettlementShown):
    """A settlement with its sums by kind."""

    sums: list[SumShown]


class SettlementLineShown(Shown):
    """A line as the channel wrote it; `order_id` is ours where the order is known."""

    line_no: int
    kind: str
    what: str
    external_order: str
    order_id: int | None
    sku: str
    quantity: int
    amount: Money
    posted_on: Day | None


@routes.read("/settlements", scope="ledger.view", response=Page[SettlementShown], name="list_settlements")
def list_settlements(request: HttpRequest, wanted: Query[SettlementQuery]) -> dict[str, Any]:
    """Settlements of all accounts, the newest received first."""
    found = find_settlements(
        account=wanted.account, state=wanted.state or "", first=wanted.paid_from, last=wanted.paid_to
    )
    return page_of(found, wanted, settlement_shown)


@routes.read(
    "/settlements/{settlement_id}", scope="ledger.view", response=SettlementWhole, name="get_settlement"
)
def get_settlement_whole(request: HttpRequest, settlement_id: Id) -> dict[str, Any]:
    """One settlement with its sums by kind."""
    found = _settlement(settlement_id)
    sums = [
        {"kind": kind, "lines": n, "amount": money(amount, found.currency)}
        for kind, n, amount in settlement_kinds(found)
    ]
    return {**settlement_shown(found), "sums": sums}


@routes.read(
    "/settlements/{settlement_id}/lines",
    scope="ledger.view",
    response=Page[SettlementLineShown],
    name="list_settlement_lines",
)
def list_settlement_lines(
    request: HttpRequest, settlement_id: Id, wanted: Query[LineQuery]
) -> dict[str, Any]:
    """The lines of a settlement in the order of its file."""
    found = _settlement(settlement_id)
    lines = settlement_lines(found, loose=wanted.loose == "true", kind=wanted.kind or "")
    return page_of(lines, wanted, lambda line: line_shown(line, found.currency), keys=("line_no",))


def _settlement(settlement_id: int) -> Settlement:
    found = get_settlement(settlement_id)
    if found is None:
        raise Problem(404, "There is no such settlement.")
    return found


def settlement_shown(row: Settlement) -> dict[str, Any]:
    """A settlement as `SettlementShown`."""
    same = ("id", "state", "currency", "start_on", "end_on", "paid_on", "received_at")
    return {
        **{name: getattr(row, name) for name in same},
        "number": row.external_id,
        "account": row.account.name,
        "platform": row.account.platform,
        "total": money(row.total_minor, row.currency),
        "lines": money(row.lines_minor, row.currency),
        "difference": money(row.difference_minor, row.currency),
    }


def line_shown(line: Any, currency: str) -> dict[str, Any]:
    """A line as `SettlementLineShown`."""
    same = ("line_no", "kind", "what", "external_order", "order_id", "sku", "quantity", "posted_on")
    return {**{name: getattr(line, name) for name in same}, "amount": money(line.amount_minor, currency)}
