"""The books over the REST API: entries with their postings, balances, accounts."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query

from entrepot.core.api import (
    Day,
    Given,
    Id,
    Instant,
    Money,
    Page,
    PageQuery,
    Problem,
    Routes,
    Shown,
    Word,
    page_of,
)
from entrepot.core.company import base_currency
from entrepot.domains.ledger.queries import (
    Period,
    entry_records,
    entry_with_postings,
    find_entries,
    trial_balance,
)

routes = Routes("ledger")
Kind = Literal["order", "return", "opening", "writeoff", "fee", "adjustment", "reversal"]


class EntryQuery(PageQuery):
    """Which entries: of a kind, of some days, with the beginning of a key or a part of the memo."""

    kind: Kind | None = None
    text: Word = ""
    first: Day | None = None
    last: Day | None = None


class MonthsQuery(Given):
    """Whole months; an empty end is open."""

    first: Day | None = None
    last: Day | None = None


class PostingShown(Shown):
    """One side of an entry: debit positive, credit negative, in its currency and in that of the books."""

    account: str
    amount: Money
    base: Money


class EntryShown(Shown):
    """One balanced booking. Never changed; a mistake is reversed by another entry."""

    id: int
    kind: str
    entry_date: Day
    booked_at: Instant
    memo: str
    key: str
    ref_kind: str
    ref_id: int | None
    postings: list[PostingShown]


class BalanceShown(Shown):
    """One account in one currency: before the period, in it, after it."""

    account: str
    name: str
    kind: str
    opening: Money
    debit: Money
    credit: Money
    closing: Money
    base_closing: Money


class BalancesShown(Shown):
    """All accounts of a period; `is_balanced` is the proof over every currency."""

    is_balanced: bool
    items: list[BalanceShown]


@routes.read("/ledger/entries", scope="ledger.view", response=Page[EntryShown], name="list_ledger_entries")
def list_ledger_entries(request: HttpRequest, wanted: Query[EntryQuery]) -> dict[str, Any]:
    """The journal, the newest booking first."""
    found = find_entries(kind=wanted.kind or "", text=wanted.text, first=wanted.first, last=wanted.last)
    return page_of(entry_records(found), wanted, shown(base_currency()))


@routes.read("/ledger/entries/{entry_id}", scope="ledger.view", response=EntryShown, name="get_ledger_entry")
def get_ledger_entry(request: HttpRequest, entry_id: Id) -> dict[str, Any]:
    """One entry."""
    entry = entry_with_postings(entry_id)
    if entry is None:
        raise Problem(404, f"There is no entry {entry_id}.")
    row: dict[str, Any] = shown(base_currency())(entry)
    return row


@routes.read("/ledger/balances", scope="ledger.view", response=BalancesShown, name="get_ledger_balances")
def get_ledger_balances(request: HttpRequest, wanted: Query[MonthsQuery]) -> dict[str, Any]:
    """The trial balance, with its proof."""
    base = base_currency()
    trial = trial_balance(Period(wanted.first, wanted.last))
    rows = [
        {
            "account": row.account.code,
            "name": row.account.name_en,
            "kind": row.account.kind,
            **{
                name: Money(minor=getattr(row, f"{name}_minor"), currency=row.currency)
                for name in ("opening", "debit", "credit", "closing")
            },
            "base_closing": Money(minor=row.base_closing_minor, currency=base),
        }
        for row in trial.rows
    ]
    return {"is_balanced": trial.is_balanced, "items": rows}


def shown(base: str) -> Any:
    """How an entry becomes a row; `base` is the books' currency."""

    def row(entry: Any) -> dict[str, Any]:
        same = ("id", "kind", "entry_date", "booked_at", "memo", "ref_kind", "ref_id")
        postings = [
            {
                "account": posting.account.code,
                "amount": Money(minor=posting.amount_minor, currency=posting.currency),
                "base": Money(minor=posting.base_minor, currency=base),
            }
            for posting in entry.postings.all()
        ]
        return {
            **{name: getattr(entry, name) for name in same},
            "key": entry.idempotency_key,
            "postings": postings,
        }

    return row
