"""What pages and commands read of imports: runs, their progress, profiles, refused rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from entrepot.domains.channels.models import (
    ChannelAccount,
    ImportProfile,
    ImportRun,
    Settlement,
    SettlementLine,
    SourceLine,
    SourceReject,
)
from entrepot.domains.fulfilment import queries as fulfilment

EXPORT_CHUNK = 5_000


@dataclass(frozen=True)
class Progress:
    """How far a run is: the stage, its place among all, and what it counts (lines, or orders when deciding)."""

    stage: str
    number: int
    stages: int
    done: int
    total: int

    @property
    def percent(self) -> int:
        """Share of the stages, the current one by what it counts."""
        part = self.done / self.total if self.total else 0
        return min(100, round(100 * (self.number + part) / self.stages)) if self.stages else 0


def find_runs() -> QuerySet[ImportRun]:
    """Imports, the newest first, without their reports."""
    return ImportRun.objects.select_related("profile", "created_by").defer("report").order_by("-pk")


def get_run(run_id: int) -> ImportRun | None:
    """One import with its profile."""
    return ImportRun.objects.select_related("profile", "created_by").filter(pk=run_id).first()


def progress_of(run: ImportRun, stages: Sequence[str]) -> Progress:
    """Where a run stands; while orders are decided the count is that of its run of decisions."""
    done_stages = stages.index(run.stage) + 1 if run.stage in stages else 0
    current = stages[min(done_stages, len(stages) - 1)] if stages else ""
    done, total = run.done_rows, run.total_rows
    deciding = run.options.get("decide_run")
    if current == "decide" and deciding and (progress := fulfilment.run_progress(deciding)):
        done, total = progress.run.done, progress.run.total
    return Progress(current, done_stages, len(stages), done, total)


def open_accounts() -> QuerySet[ChannelAccount]:
    """Accounts that are not closed, by name."""
    return ChannelAccount.objects.exclude(state=ChannelAccount.State.CLOSED).order_by("name")


def account_named(name: str) -> ChannelAccount | None:
    """An account by its name."""
    return ChannelAccount.objects.filter(name=name).first()


def profiles() -> QuerySet[ImportProfile]:
    """Saved profiles by name."""
    return ImportProfile.objects.order_by("name")


def profile_named(name: str) -> ImportProfile | None:
    """A saved profile by its name."""
    return ImportProfile.objects.filter(name=name).first()


def rejected_rows(run: ImportRun) -> QuerySet[SourceReject]:
    """Rows that were refused, in file order."""
    return SourceReject.objects.filter(run=run).order_by("row_no", "pk")


def iterate_rejects(run: ImportRun) -> Iterator[SourceReject]:
    """The same, for a download of any length."""
    return rejected_rows(run).iterator(chunk_size=EXPORT_CHUNK)


def reject_reasons(run: ImportRun) -> list[tuple[str, str, int]]:
    """Refused rows by column and reason, the commonest first."""
    rows = SourceReject.objects.filter(run=run).values_list("field", "reason").annotate(n=Count("pk"))
    return list(rows.order_by("-n", "field", "reason"))


def iterate_lines(run: ImportRun, outcome: int) -> Iterator[tuple[int, str, int, int, int | None]]:
    """Lines of one outcome in file order: row, reason, pieces, amount in 1/10000, order."""
    lines = SourceLine.objects.filter(run_id=run.pk, outcome=outcome).order_by("row_no")
    return lines.values_list("row_no", "reason", "quantity", "amount_e4", "ref_id").iterator(
        chunk_size=EXPORT_CHUNK
    )


def find_settlements(
    *, account: str = "", state: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[Settlement]:
    """Settlements of all accounts (or one, by name), in a state, paid within some days; the newest first."""
    narrowed = {"account__name": account, "state": state, "paid_on__gte": first, "paid_on__lte": last}
    found = Settlement.objects.select_related("account").order_by("-paid_on", "-pk")
    return found.filter(**{name: value for name, value in narrowed.items() if value})


def get_settlement(settlement_id: int) -> Settlement | None:
    """One settlement with its account."""
    return Settlement.objects.select_related("account").filter(pk=settlement_id).first()


def settlement_lines(
    settlement: Settlement, *, loose: bool = False, kind: str = ""
) -> QuerySet[SettlementLine]:
    """Its lines in file order, of one kind if it is named; `loose`: only those that name an order we do not know."""
    lines = SettlementLine.objects.filter(settlement=settlement).order_by("line_no")
    lines = lines.filter(kind=kind) if kind else lines
    return lines.filter(order_id=None).exclude(external_order="") if loose else lines


def settlement_sums(settlement: Settlement) -> list[tuple[str, int, int]]:
    """Kind in words, lines and amount (minor units), the largest amount first."""
    names = dict(SettlementLine.Kind.choices)
    return [(str(names[kind]), n, amount) for kind, n, amount in settlement_kinds(settlement)]


def settlement_kinds(settlement: Settlement) -> list[tuple[str, int, int]]:
    """The same with the kind's code."""
    rows = SettlementLine.objects.filter(settlement=settlement).order_by().values("kind")
    summed = rows.annotate(n=Count("pk"), amount=Sum("amount_minor")).order_by("-amount", "kind")
    return [(row["kind"], row["n"], row["amount"]) for row in summed]
