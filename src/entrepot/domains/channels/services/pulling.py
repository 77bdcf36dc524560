"""Pull an account's orders, listings and settlements: page by page, resumable, alone, patient with a sick peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.adapters.client import ChannelError, Clock, NotAllowed
from entrepot.domains.channels.adapters.port import NotOffered
from entrepot.domains.channels.models import ChannelAccount, SyncRun
from entrepot.domains.channels.services import connecting, refunding, taking
from entrepot.domains.channels.services.listing import keep_listings
from entrepot.domains.channels.services.statements import keep_statement
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.queries import imports

LOCK_SPACE = 7_101
LONGEST_REST = timedelta(hours=6)
REFUSED_LOGINS = 3
State = SyncRun.State
STREAMS = ("orders", "listings", "statements")


class Stopped(Exception):
    """Somebody stopped the run; what was booked stays booked."""


class Busy(RuntimeError):
    """Another worker is at this account's stream."""


@transaction.atomic
def ask_for(account: ChannelAccount, stream: str, user: Actor = None) -> SyncRun:
    """A run that waits for a worker; one that waits already is the same one."""
    waiting = SyncRun.objects.filter(account=account, stream=stream, state=State.WAITING).first()
    if waiting:
        return waiting
    run = SyncRun.objects.create(account=account, stream=stream, created_by_id=getattr(user, "pk", None))
    if user is not None:
        audit.record(user, "channels.sync", f"account:{account.pk}", stream=stream)
    return run


@transaction.atomic
def due_runs() -> list[int]:
    """Runs for the accounts whose time has come, each asked for once however many workers look."""
    now = timezone.now()
    accounts = _due(now).select_for_update(skip_locked=True)
    runs = []
    for account in accounts:
        account.next_pull_at = now + timedelta(minutes=max(account.pull_minutes, 1))
        platform = connecting.platform_of(account)
        runs.append(ask_for(account, platform.reads if platform else taking.ORDERS).pk)
    ChannelAccount.objects.bulk_update(accounts, ["next_pull_at"], batch_size=500)
    return runs


def stop(run: SyncRun, user: Actor = None) -> None:
    """Let the worker stop after the page it is at."""
    SyncRun.objects.filter(pk=run.pk, state__in=[State.WAITING, State.RUNNING]).update(state=State.STOPPED)
    audit.record(user, "channels.stop_sync", f"account:{run.account_id}", run=run.pk)


def pull(run: SyncRun, *, clock: Clock | None = None, decide: bool = True) -> SyncRun:
    """Carry out a run. What was booked before it was stopped, killed or failed stays, and the next goes on from there.

    Errors are noted on the run and the account, which then rests, longer each time; they are not raised.
    """
    account = run.account
    if not SyncRun.objects.filter(pk=run.pk, state__in=[State.WAITING, State.RUNNING]).exists():
        run.refresh_from_db()
        return run
    try:
        with _alone(account.pk, run.stream):
            _bury_dead(run)
            _note(run, state=State.RUNNING, error="")
            _carry_out(run, clock)
            _note(run, state=State.DONE, finished_at=timezone.now())
        _succeed(account)
    except Busy:
        _note(run, state=State.STOPPED, finished_at=timezone.now(), error="busy")
    except Stopped:
        _note(run, finished_at=timezone.now())
    except NotOffered as error:
        _note(run, state=State.FAILED, finished_at=timezone.now(), error=f"platform.not_offered: {error}")
    except ChannelError as error:
        _note(run, state=State.FAILED, finished_at=timezone.now(), error=str(error)[:500])
        _fail(account, error)
    except Exception as error:
        _note(
            run,
            state=State.FAILED,
            finished_at=timezone.now(),
            error=f"{type(error).__name__}: {error}"[:500],
        )
        raise
    if decide and run.stream == taking.ORDERS:
        decide_new(account)
    run.refresh_from_db()
    return run


def read_soon(account: ChannelAccount) -> None:
    """Let an account that only holds money be read at the next turn: a message said that something moved."""
    platform = connecting.platform_of(account)
    if platform is not None and platform.reads == "statements":
        active = ChannelAccount.objects.filter(pk=account.pk, state=ChannelAccount.State.ACTIVE)
        active.update(next_pull_at=timezone.now())


def decide_new(account: ChannelAccount) -> int:
    """Let the engine decide what came in and waits, and book what had left already; how many. Settings may say no."""
    if str(account.settings.get("decide", "yes")) == "no":
        return 0
    fulfilment.book_past(imports.left_unbooked(str(account.pk)))
    waiting = orders.pending_ids(channel=account.channel, account=str(account.pk))
    if waiting:
        fulfilment.run_inline(fulfilment.start_run(waiting))
    refunding.book_refunds(account)
    return len(waiting)


def _carry_out(run: SyncRun, clock: Clock | None) -> None:
    streams: dict[str, Callable[[SyncRun, connecting.Exchange], None]] = {
        taking.ORDERS: _orders,
        "listings": _listings,
        "statements": _statements,
    }
    with connecting.opened(run.account, clock=clock) as exchange:
        try:
            streams[run.stream](run, exchange)
        finally:
            _note(run, requests=exchange.requests, waited_ms=exchange.waited_ms)


def _orders(run: SyncRun, exchange: connecting.Exchange) -> None:
    account = run.account
    for page in exchange.connector.orders(taking.cursor_of(account, taking.ORDERS)):
        taking.take_page(account, page, f"{account.platform}-api", lambda taken: _count(run, taken))
        _tick(run, exchange)


def _listings(run: SyncRun, exchange: connecting.Exchange) -> None:
    account, cursor = run.account, taking.cursor_of(run.account, "listings")
    for page in exchange.connector.listings(cursor):
        with transaction.atomic():
            added = keep_listings(account, page.listings)
            taking.save_cursor(account, "listings", page.cursor)
            _count(run, taking.Taken(len(page.listings), added, 0, 0, ()))
        _tick(run, exchange)


def _statements(run: SyncRun, exchange: connecting.Exchange) -> None:
    account, cursor = run.account, taking.cursor_of(run.account, "statements")
    for statement, following in exchange.connector.statements(cursor):
        with transaction.atomic():
            is_new = keep_statement(account, statement)
            taking.save_cursor(account, "statements", following)
            _count(run, taking.Taken(1, int(is_new), 0, 0, ()))
        _tick(run, exchange)


def _count(run: SyncRun, taken: taking.Taken) -> None:
    SyncRun.objects.filter(pk=run.pk).update(
        pages=F("pages") + 1,
        seen=F("seen") + taken.seen,
        added=F("added") + taken.added,
        changed=F("changed") + taken.changed,
        refused=F("refused") + taken.refused,
    )


def _tick(run: SyncRun, exchange: connecting.Exchange) -> None:
    _note(run, requests=exchange.requests, waited_ms=exchange.waited_ms)
    if SyncRun.objects.filter(pk=run.pk, state=State.STOPPED).exists():
        raise Stopped


def _bury_dead(run: SyncRun) -> None:
    """Runs that say they are under way while we hold the lock: their worker died."""
    dead = SyncRun.objects.filter(account=run.account_id, stream=run.stream, state=State.RUNNING)
    dead.exclude(pk=run.pk).update(state=State.FAILED, finished_at=timezone.now(), error="killed")


def _note(run: SyncRun, **values: object) -> None:
    SyncRun.objects.filter(pk=run.pk).update(**values)


def _succeed(account: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=account.pk).update(
        failures=0, rest_until=None, last_error="", last_ok_at=timezone.now()
    )


def _fail(account: ChannelAccount, error: ChannelError) -> None:
    """The account rests, twice as long after each failure; credentials that were refused thrice are left alone."""
    account.refresh_from_db()
    failures = account.failures + 1
    rest = min(timedelta(minutes=2 ** min(failures, 10)), LONGEST_REST)
    values = {"failures": failures, "rest_until": timezone.now() + rest, "last_error": str(error)[:300]}
    if isinstance(error, NotAllowed) and failures >= REFUSED_LOGINS:
        values |= {"state": ChannelAccount.State.PAUSED, "next_pull_at": None}
    ChannelAccount.objects.filter(pk=account.pk).update(**values)


def _due(now: object) -> QuerySet[ChannelAccount]:
    rested = Q(rest_until=None) | Q(rest_until__lte=now)
    active = ChannelAccount.objects.filter(rested, state=ChannelAccount.State.ACTIVE, next_pull_at__lte=now)
    return active.order_by("pk")


@contextmanager
def _alone(account_id: int, stream: str) -> Iterator[None]:
    """One worker at a stream of an account; the lock goes with the worker's connection when it dies."""
    key = f"{LOCK_SPACE}:{account_id}:{stream}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise Busy(key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
