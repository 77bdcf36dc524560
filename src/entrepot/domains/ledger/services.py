"""Commands of the books: book, reverse, rebuild."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from entrepot.core.frames import Frame
from entrepot.domains.ledger import frames
from entrepot.domains.ledger.adapters import pegs

LEGS = frames.LEGS
UnknownLeg = frames.UnknownLeg
FIRST_RATE = date(2009, 12, 1)


@transaction.atomic
def post_entries(entries: Frame, postings: Frame) -> int:
    """Book entries with their postings, set-based; how many were new.

    Shapes: `frames.ENTRIES` (n rows, key `ref`), `frames.ENTRY_POSTINGS` (m rows, `ref` names the entry).
    Units: minor units; debit positive. An entry whose `idempotency_key` is booked already changes nothing.
    Errors: UnknownAccount; IntegrityError when an entry does not balance per currency and in base, or has no postings.
    """
    return frames.write_entries(entries, postings)


@transaction.atomic
def book_legs(legs: Frame, *, base: str) -> int:
    """Book facts by the posting rules (`frames.LEGS`): fees, write-offs, returns, opening balances; how many were new.

    Units: minor units; `base` is the currency of the books. An entry whose key is booked already changes nothing.
    Errors: UnknownLeg without a posting rule or an exchange rate of the day.
    """
    return frames.write_entries(*frames.legs_to_entries(legs, base))


@transaction.atomic
def reverse_entries(ref_kind: str, ref_ids: Sequence[int], *, on: date) -> int:
    """Take back every booking of some objects by opposite entries; how many were reversed.

    An entry is reversed once at most (`reversal:<entry id>`), and a reversal is never reversed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REVERSE_ENTRIES, [on, ref_kind, list(ref_ids)])
        reversed_ids = [row[0] for row in cursor.fetchall()]
        if reversed_ids:
            cursor.execute(_REVERSE_POSTINGS, [reversed_ids])
    return len(reversed_ids)


@transaction.atomic
def load_ecb_rates(*, since: date = FIRST_RATE) -> int:
    """Bring the shipped euro reference rates into the books; how many were new. A rate that stands there stays."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.stage_ecb")
        cursor.execute(
            "CREATE TEMPORARY TABLE stage_ecb (currency text, day date, rate_e6 bigint, source text) ON COMMIT DROP"
        )
        with cursor.cursor.copy("COPY stage_ecb FROM STDIN") as copy:
            for row in pegs.reference_rates(since):
                copy.write_row(row)
        cursor.execute(_ADD_RATES)
        count: int = cursor.rowcount
    return count


@transaction.atomic
def rebuild_balances() -> int:
    """Compute every balance again from the postings; how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ledger_posting IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL entrepot.rebuilding = 'on'")
        cursor.execute("DELETE FROM ledger_accountbalance")
        cursor.execute(_REBUILD)
        count: int = cursor.rowcount
        cursor.execute("SET LOCAL entrepot.rebuilding = 'off'")
    return count


_ADD_RATES = """
    INSERT INTO ledger_fxrate (currency, "on", rate_e6, source)
    SELECT currency, day, rate_e6, source FROM stage_ecb ORDER BY currency, day
    ON CONFLICT (currency, "on") DO NOTHING
"""
_REVERSE_ENTRIES = """
    INSERT INTO ledger_entry (kind, entry_date, ref_kind, ref_id, memo, idempotency_key, booked_at)
    SELECT 'reversal', %s, ref_kind, ref_id, idempotency_key, 'reversal:' || id, now() FROM ledger_entry
    WHERE ref_kind = %s AND ref_id = ANY(%s) AND kind <> 'reversal' ORDER BY id
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
"""
_REVERSE_POSTINGS = """
    INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, base_minor)
    SELECT reversal.id, posting.account_id, posting.currency, -posting.amount_minor, -posting.base_minor
    FROM ledger_entry AS reversal
    JOIN ledger_entry AS original ON original.idempotency_key = reversal.memo
    JOIN ledger_posting AS posting ON posting.entry_id = original.id
    WHERE reversal.id = ANY(%s) ORDER BY posting.id
"""
_REBUILD = """
    INSERT INTO ledger_accountbalance (account_id, currency, month, debit_minor, credit_minor, base_minor)
    SELECT account_id, currency, date_trunc('month', entry_date)::date,
        sum(greatest(amount_minor, 0)), sum(greatest(-amount_minor, 0)), sum(base_minor)
    FROM ledger_posting JOIN ledger_entry ON ledger_entry.id = ledger_posting.entry_id
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
