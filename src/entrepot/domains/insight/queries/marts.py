"""The marts themselves: what is exported, how fresh it is, and the proof that it ties to the ledger to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from entrepot.domains.insight.adapters import duck, store
from entrepot.domains.insight.models import MartRun
from entrepot.domains.insight.rules.facts import CUBE, FACTS, LINES, POSTINGS


@dataclass(frozen=True)
class FactState:
    """One fact as it is exported."""

    name: str
    months: int
    first: str
    last: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class MartProof:
    """Two figures that must be the same."""

    name: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether they are."""
        return self.left == self.right


def mart_states() -> list[FactState]:
    """What is exported of each fact."""
    manifest, found = store.read_manifest(), []
    for fact in FACTS:
        parts = manifest.of(fact)
        if parts:
            rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
            found.append(FactState(fact, len(parts), parts[0].month[:7], parts[-1].month[:7], rows, size))
    return found


def mart_runs(limit: int = 20) -> Sequence[MartRun]:
    """Exports, the newest first."""
    return list(MartRun.objects.select_related("created_by").order_by("-pk")[:limit])


def marts_as_of() -> datetime | None:
    """When the newest whole export began: later changes of the records are not in the marts."""
    done = MartRun.objects.filter(state=MartRun.State.DONE).order_by("-pk").first()
    return done.started_at if done else None


def mart_proofs() -> list[MartProof]:
    """Files against the manifest, lines against the cube, profit of every month and balance of every account against
    the ledger. Reads everything."""
    manifest = store.read_manifest()
    if not manifest.parts:
        return []
    broken = sum(1 for part in dict(manifest.parts).values() if not store.is_whole(part))
    proofs = [MartProof("files that are not as written", broken, 0)]
    if broken:  # nothing that is read from them would mean anything
        return proofs
    for table in (LINES, CUBE):
        found = duck.ask(f"SELECT sum(profit_base_minor)::HUGEINT, sum(lines)::HUGEINT FROM {table}")[0]
        parts = manifest.of(LINES)
        proofs.append(
            MartProof(f"{table}: profit", int(found[0] or 0), sum(p.sums["profit_base_minor"] for p in parts))
        )
        proofs.append(MartProof(f"{table}: lines", int(found[1] or 0), sum(p.rows for p in parts)))
    return [*proofs, *_profit_proofs(), *_balance_proofs()]


def _profit_proofs() -> list[MartProof]:
    """Profit of the orders of each month beside what the ledger's income and expenses say of the same orders."""
    if not store.read_manifest().of(POSTINGS):
        return []
    rows = duck.ask(
        f"""
        WITH kept AS (
            SELECT order_id, any_value(month) AS month, sum(profit_base_minor)::HUGEINT AS profit FROM {LINES}
            WHERE state NOT IN ('cancelled', 'returned') GROUP BY 1
        ), booked AS (
            SELECT order_id, -sum(base_minor)::HUGEINT AS profit FROM {POSTINGS}
            WHERE kind IN ('order', 'reversal') AND account_kind IN ('income', 'expense') GROUP BY 1
        )
        SELECT strftime(kept.month, '%Y-%m'), sum(kept.profit)::HUGEINT, sum(coalesce(booked.profit, 0))::HUGEINT
        FROM kept LEFT JOIN booked USING (order_id) GROUP BY 1 ORDER BY 1
        """
    )
    return [MartProof(f"profit {month} = ledger", int(left), int(right)) for month, left, right in rows]


def _balance_proofs() -> list[MartProof]:
    if not store.read_manifest().of(POSTINGS):
        return []
    files = {
        (account, month): int(total)
        for account, month, total in duck.ask(
            f"SELECT account, strftime(month, '%Y-%m'), sum(base_minor)::HUGEINT FROM {POSTINGS} GROUP BY 1, 2"
        )
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, to_char(b.month, 'YYYY-MM'), sum(b.base_minor)::bigint FROM ledger_accountbalance AS b "
            "JOIN ledger_account AS a ON a.id = b.account_id GROUP BY 1, 2"
        )
        books = {(code, month): int(total) for code, month, total in cursor.fetchall()}
    keys = sorted({*files, *books})
    return [
        MartProof(f"account {code}, {month}", files.get((code, month), 0), books.get((code, month), 0))
        for code, month in keys
    ]
