"""What pages and other rooms read of the books: trial balance, accounts, entries, and the proof that they balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from entrepot.core.frames import Frame
from entrepot.domains.ledger import frames
from entrepot.domains.ledger.models import Account, AccountBalance, Currency, Entry, Posting, PostingRule


@dataclass(frozen=True)
class Period:
    """Whole months of the books; an empty end is open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class TrialRow:
    """One account in one currency: before the period, in it, and after it; minor units, debit positive."""

    account: Account
    currency: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    base_opening_minor: int
    base_change_minor: int

    @property
    def closing_minor(self) -> int:
        """Balance at the end of the period."""
        return self.opening_minor + self.debit_minor - self.credit_minor

    @property
    def base_closing_minor(self) -> int:
        """The same in the books' currency."""
        return self.base_opening_minor + self.base_change_minor


@dataclass(frozen=True)
class Proof:
    """Debit beside credit in one currency; balanced books have no difference."""

    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def difference_minor(self) -> int:
        """Nought in balanced books."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True)
class AccountRow:
    """One account over all its currencies, in the books' currency; `parts` are its currencies."""

    account: Account
    parts: Sequence[TrialRow]

    @property
    def base_opening_minor(self) -> int:
        """Before the period."""
        return sum(part.base_opening_minor for part in self.parts)

    @property
    def base_change_minor(self) -> int:
        """In the period."""
        return sum(part.base_change_minor for part in self.parts)

    @property
    def base_closing_minor(self) -> int:
        """After it."""
        return self.base_opening_minor + self.base_change_minor


@dataclass(frozen=True)
class TrialBalance:
    """All accounts of a period, with the proofs by currency and in the books' currency."""

    rows: Sequence[TrialRow]
    proofs: Sequence[Proof]
    base_difference_minor: int

    @property
    def accounts(self) -> list[AccountRow]:
        """The rows gathered by account."""
        groups = groupby(self.rows, key=lambda row: row.account.code)
        gathered = [list(parts) for _code, parts in groups]
        return [AccountRow(parts[0].account, parts) for parts in gathered]

    @property
    def is_balanced(self) -> bool:
        """Whether every currency, and the books' currency, sums to nought."""
        return self.base_difference_minor == 0 and not any(proof.difference_minor for proof in self.proofs)


def trial_balance(period: Period) -> TrialBalance:
    """The trial balance from the balance projection: one query, however many postings there are."""
    before = Q(month__lt=period.first or date.min)
    inside = Q(month__gte=period.first or date.min)
    balances = AccountBalance.objects.filter(month__lte=period.last or date.max)
    sums = balances.values("account_id", "currency").annotate(
        opening=_sum("debit_minor", before) - _sum("credit_minor", before),
        debit=_sum("debit_minor", inside),
        credit=_sum("credit_minor", inside),
        base_opening=_sum("base_minor", before),
        base_change=_sum("base_minor", inside),
    )
    accounts = {account.pk: account for account in Account.objects.all()}
    rows = [
        TrialRow(
            accounts[s["account_id"]],
            s["currency"],
            s["opening"],
            s["debit"],
            s["credit"],
            s["base_opening"],
            s["base_change"],
        )
        for s in sums
    ]
    rows.sort(key=lambda row: (row.account.code, row.currency))
    return TrialBalance(rows, _proofs(rows), sum(row.base_closing_minor for row in rows))


def account_named(code: str) -> Account | None:
    """The account of a code."""
    return Account.objects.filter(code=code).first()


def account_postings(
    account: Account, *, currency: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[Posting]:
    """Postings of an account with their entries, the newest booking first."""
    postings = Posting.objects.filter(account=account).select_related("entry")
    if currency:
        postings = postings.filter(currency=currency)
    if first:
        postings = postings.filter(entry__entry_date__gte=first)
    if last:
        postings = postings.filter(entry__entry_date__lte=last)
    return postings.order_by("-entry_id", "-pk")


def account_months(account: Account) -> list[tuple[date, int]]:
    """Balance of an account at the end of each month with a booking, in the books' currency."""
    months = (
        AccountBalance.objects.filter(account=account)
        .values("month")
        .annotate(n=Sum("base_minor"))
        .order_by("month")
    )
    balance, found = 0, []
    for row in months:
        balance += row["n"]
        found.append((row["month"], balance))
    return found


def account_sums(account: Account) -> list[dict[str, Any]]:
    """Balance of an account by currency."""
    sums = AccountBalance.objects.filter(account=account).values("currency").order_by("currency")
    balance = _sum("debit_minor") - _sum("credit_minor")
    return [dict(row) for row in sums.annotate(balance=balance, base=_sum("base_minor"))]


def find_entries(
    *, kind: str = "", text: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[Entry]:
    """The journal, newest first; the text is an idempotency key's beginning or a part of the memo."""
    entries = Entry.objects.all()
    if kind:
        entries = entries.filter(kind=kind)
    if text:
        entries = entries.filter(Q(idempotency_key__startswith=text) | Q(memo__icontains=text))
    if first:
        entries = entries.filter(entry_date__gte=first)
    if last:
        entries = entries.filter(entry_date__lte=last)
    return entries.order_by("-pk")


def base_debits(entry_ids: Sequence[int]) -> dict[int, int]:
    """What each entry moves: the sum of its debits in the books' currency, in minor units."""
    debits = Posting.objects.filter(entry__in=entry_ids, base_minor__gt=0)
    return dict(debits.values_list("entry").annotate(total=Sum("base_minor")))


def entry_with_postings(entry_id: int) -> Entry | None:
    """One entry with its postings and their accounts."""
    return _with_postings(Entry.objects.filter(pk=entry_id)).first()


def entries_of(ref_kinds: Sequence[str], ref_id: int) -> list[Entry]:
    """Entries that one order or document caused, with their postings: two queries."""
    return list(_with_postings(Entry.objects.filter(ref_kind__in=ref_kinds, ref_id=ref_id)).order_by("pk"))


def balance_records(first: date | None = None, last: date | None = None) -> QuerySet[AccountBalance]:
    """What each account moved by currency and month, in a span of months, with the account."""
    found = AccountBalance.objects.select_related("account").order_by("account__code", "currency", "month")
    if first:
        found = found.filter(month__gte=first)
    return found.filter(month__lte=last) if last else found


def posting_records(found: QuerySet[Entry]) -> QuerySet[Posting]:
    """The postings of some entries, with entry and account."""
    return Posting.objects.select_related("entry", "account").filter(entry__in=found.order_by().values("pk"))


def entry_records(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with their postings and accounts."""
    return _with_postings(found)


def postings_proof(postings: Sequence[Posting]) -> tuple[list[Proof], int]:
    """Debit and credit by currency, and the difference in the books' currency."""
    sums: dict[str, list[int]] = {}
    for posting in postings:
        side = sums.setdefault(posting.currency, [0, 0])
        side[0 if posting.amount_minor > 0 else 1] += abs(posting.amount_minor)
    proofs = [Proof(currency, debit, credit) for currency, (debit, credit) in sorted(sums.items())]
    return proofs, sum(posting.base_minor for posting in postings)


@dataclass(frozen=True)
class BookedSum:
    """What some entries of one kind booked on one account in one currency; minor units, debit positive."""

    kind: str
    account: str
    currency: str
    entries: int
    amount_minor: int
    base_minor: int


def sums_of_keys(keys: Sequence[str]) -> list[BookedSum]:
    """Sums over the entries booked under some idempotency keys: one query, however many keys."""
    return _booked_sums("entry.idempotency_key = ANY(%s)", [list(keys)])


def sums_of_refs(ref_kind: str, ref_ids: Sequence[int]) -> list[BookedSum]:
    """Sums over the entries that some objects caused: one query, however many objects."""
    return _booked_sums("entry.ref_kind = %s AND entry.ref_id = ANY(%s)", [ref_kind, list(ref_ids)])


def account_of_leg(leg: str, side: str) -> str:
    """The account code that a posting rule debits or credits (`side`); empty without the rule."""
    return PostingRule.objects.filter(leg=leg).values_list(f"{side}_id", flat=True).first() or ""


def _booked_sums(condition: str, params: list[Any]) -> list[BookedSum]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry.kind, account.code, posting.currency, count(DISTINCT entry.id), "
            "sum(posting.amount_minor)::bigint, sum(posting.base_minor)::bigint FROM ledger_entry AS entry "
            "JOIN ledger_posting AS posting ON posting.entry_id = entry.id "
            f"JOIN ledger_account AS account ON account.id = posting.account_id WHERE {condition} "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            params,
        )
        return [BookedSum(*row) for row in cursor.fetchall()]


def _with_postings(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    postings = Posting.objects.select_related("account").order_by(
        "currency", "-amount_minor", "account__code"
    )
    return entries.prefetch_related(Prefetch("postings", postings))


def _sum(column: str, condition: Q | None = None) -> Coalesce:
    return Coalesce(Sum(column, filter=condition), 0)


def _proofs(rows: Sequence[TrialRow]) -> list[Proof]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        side = sums.setdefault(row.currency, [0, 0])
        side[0] += max(row.opening_minor, 0) + row.debit_minor
        side[1] += max(-row.opening_minor, 0) + row.credit_minor
    return [Proof(currency, debit, credit) for currency, (debit, credit) in sorted(sums.items())]


def minor_units_by_currency() -> dict[str, int]:
    """How many decimals each currency is counted in."""
    return dict(Currency.objects.values_list("code", "minor_units"))


@dataclass(frozen=True)
class JournalProof:
    """Whether the books hold: sums that must be zero, and differences that must not exist."""

    postings: int
    base_minor: int
    currencies_out: int
    entries_out: int
    balances_out: int

    @property
    def is_balanced(self) -> bool:
        """Every entry balances, and the balances are the sums of the postings."""
        return not (self.base_minor or self.currencies_out or self.entries_out or self.balances_out)


def journal_proof() -> JournalProof:
    """Add the whole journal up again (reads every posting)."""
    with connection.cursor() as cursor:
        cursor.execute(_PROOF)
        return JournalProof(*(int(value) for value in cursor.fetchone()))


_PROOF = """
    WITH by_entry AS (
        SELECT entry_id, currency, sum(amount_minor) AS amount, sum(base_minor) AS base, count(*) AS rows
        FROM ledger_posting GROUP BY 1, 2
    ), sums AS (
        SELECT account_id, currency, date_trunc('month', entry_date)::date AS month,
            sum(greatest(amount_minor, 0)) AS debit, sum(greatest(-amount_minor, 0)) AS credit, sum(base_minor) AS base
        FROM ledger_posting JOIN ledger_entry ON ledger_entry.id = ledger_posting.entry_id GROUP BY 1, 2, 3
    )
    SELECT (SELECT coalesce(sum(rows), 0) FROM by_entry),
        (SELECT coalesce(sum(base), 0) FROM by_entry),
        (SELECT count(*) FROM (SELECT currency FROM by_entry GROUP BY 1 HAVING sum(amount) <> 0) AS c),
        (SELECT count(*) FROM (
            SELECT entry_id FROM by_entry GROUP BY 1 HAVING bool_or(amount <> 0) OR sum(base) <> 0) AS e),
        (SELECT count(*) FROM sums FULL JOIN ledger_accountbalance AS balance USING (account_id, currency, month)
         WHERE (sums.debit, sums.credit, sums.base)
             IS DISTINCT FROM
                (balance.debit_minor::numeric, balance.credit_minor::numeric, balance.base_minor::numeric))
"""


def postings_of_keys(keys: Sequence[str]) -> Frame:
    """Postings of the entries booked under some idempotency keys, by the object each entry is of (POSTINGS)."""
    return frames.postings_of_keys(keys)
