"""What pages read of connected accounts: how they stand, what was exchanged, what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from entrepot.domains.channels.models import ChannelAccount, ChannelListing, DeadLetter, Hook, Push, SyncRun

SHOWN = 20


@dataclass(frozen=True)
class Exchange:
    """What an account's page shows: the newest of everything, and how many there are."""

    runs: list[SyncRun]
    letters: list[DeadLetter]
    pushes: list[Push]
    open_letters: int
    waiting_pushes: int
    waiting_hooks: int
    listings: int

    @property
    def is_moving(self) -> bool:
        """Whether a run is under way or waits for a worker."""
        return any(run.state in (SyncRun.State.WAITING, SyncRun.State.RUNNING) for run in self.runs)


def find_accounts() -> QuerySet[ChannelAccount]:
    """Accounts by name, each with its open letters and waiting messages counted."""
    letters = DeadLetter.objects.filter(account=OuterRef("pk"), state=DeadLetter.State.OPEN)
    pushes = Push.objects.filter(account=OuterRef("pk"), state__in=UNDONE)
    return ChannelAccount.objects.annotate(
        open_letters=Coalesce(Subquery(letters.values("account").annotate(n=Count("pk")).values("n")), 0),
        waiting_pushes=Coalesce(Subquery(pushes.values("account").annotate(n=Count("pk")).values("n")), 0),
    ).order_by("name")


def get_account(account_id: int) -> ChannelAccount | None:
    """One account."""
    return ChannelAccount.objects.filter(pk=account_id).first()


def exchange_of(account: ChannelAccount) -> Exchange:
    """What was exchanged lately and what waits: seven queries whatever the number of rows."""
    letters = DeadLetter.objects.filter(account=account, state=DeadLetter.State.OPEN)
    pushes = Push.objects.filter(account=account)
    runs = SyncRun.objects.filter(account=account).select_related("created_by").order_by("-pk")
    return Exchange(
        runs=list(runs[:SHOWN]),
        letters=list(letters.order_by("-last_at", "-pk")[:SHOWN]),
        pushes=list(pushes.order_by("-pk")[:SHOWN]),
        open_letters=letters.count(),
        waiting_pushes=pushes.filter(state__in=UNDONE).count(),
        waiting_hooks=Hook.objects.filter(account=account, state=Hook.State.WAITING).count(),
        listings=ChannelListing.objects.filter(account=account).count(),
    )


def get_letter(letter_id: int) -> DeadLetter | None:
    """One dead letter with its account."""
    return DeadLetter.objects.select_related("account").filter(pk=letter_id).first()


def get_run(run_id: int) -> SyncRun | None:
    """One exchange."""
    return SyncRun.objects.select_related("account").filter(pk=run_id).first()


UNDONE = (Push.State.WAITING, Push.State.SENDING, Push.State.UNSURE)
