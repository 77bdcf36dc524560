"""Runs: cut pending orders into batches, work them off by any number of workers, stop, go on."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.fulfilment import frames, world
from entrepot.domains.fulfilment.models import Batch, Run
from entrepot.domains.fulfilment.services.commit import claim_batch, decide_batch
from entrepot.domains.orders import services as orders

BATCH_SIZE, BATCH_SIZE_KEY = 10_000, "fulfilment.batch_size"
MAX_ATTEMPTS = 3

Progress = Callable[[int, int], None]


@transaction.atomic
def start_run(
    order_ids: Collection[int] | None = None,
    *,
    channel: str = "",
    source: str = "",
    batch_size: int | None = None,
    actor: Actor = None,
) -> Run:
    """Queue orders that wait for a decision (all, or some ids, a channel, a source) in batches; nothing is decided yet.

    Orders that stand in an open batch already are left out, so that two runs never count the same order.
    """
    size = batch_size or frames.policy_value(world.current(), BATCH_SIZE_KEY, BATCH_SIZE)
    queued = _queued()
    ids = [i for i in orders.pending_ids(channel=channel, source=source, only=order_ids) if i not in queued]
    options = {"channel": channel, "source": source, "batch_size": size}
    run = Run.objects.create(total=len(ids), options=options)
    parts = [ids[start : start + size] for start in range(0, len(ids), size)]
    Batch.objects.bulk_create(
        [Batch(run=run, order_ids=part, order_count=len(part)) for part in parts], batch_size=100
    )
    audit.record(actor, "fulfilment.start_run", f"run:{run.pk}", orders=len(ids))
    return run


def work(run: Run, *, worker: str = "", on_progress: Progress | None = None, limit: int | None = None) -> int:
    """Work on a run until no batch is left (or `limit` are done); how many orders this worker decided.

    Each batch is one transaction. Killed anywhere, what was committed stays and the rest stays open.
    """
    name = worker or f"{socket.gethostname()}:{os.getpid()}"
    decided = batches = 0
    while limit is None or batches < limit:
        done = _work_one(run.pk, name)
        if done is None:
            break
        decided, batches = decided + done, batches + 1
        if batches == 1:
            frames.refresh_statistics()
        if on_progress:
            run.refresh_from_db(fields=["done", "total"])
            on_progress(run.done, run.total)
    _finish(run)
    return decided


def run_inline(run: Run, progress: Progress | None = None) -> Run:
    """Work a run off here and now; `progress(done, total)` is called after each batch."""
    work(run, on_progress=progress)
    return run


@transaction.atomic
def stop_run(run: Run, actor: Actor = None) -> None:
    """Let workers finish the batch they are at, and no other."""
    Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(state=Run.State.STOPPED)
    audit.record(actor, "fulfilment.stop_run", f"run:{run.pk}")
    run.refresh_from_db()


@transaction.atomic
def resume_run(run: Run, actor: Actor = None) -> None:
    """Open a stopped or failed run again: its open and failed batches can be worked on."""
    Batch.objects.filter(run=run, state=Batch.State.FAILED).update(
        state=Batch.State.OPEN, attempts=0, error=""
    )
    if Batch.objects.filter(run=run, state=Batch.State.OPEN).exists():
        Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, finished_at=None, error="")
    audit.record(actor, "fulfilment.resume_run", f"run:{run.pk}")
    run.refresh_from_db()


def decide_pending(order_ids: Sequence[int] | None = None) -> Run | None:
    """Decide waiting orders now; None when there are none."""
    if not orders.pending_ids(only=order_ids):
        return None
    return run_inline(start_run(order_ids))


def decide_again(order_ids: Sequence[int], actor: Actor, *, note: str = "") -> Run:
    """Take back what was booked for orders that have not left, and queue them for a new decision."""
    with transaction.atomic():
        reopened = orders.reopen_orders(order_ids, actor, note=note)
        return start_run(reopened, actor=actor)


def abandoned_runs(quiet_for: timedelta) -> list[int]:
    """Running runs with open batches on which nothing has been finished for a while: their workers are gone."""
    since = timezone.now() - quiet_for
    moving = Batch.objects.filter(run=OuterRef("pk"), finished_at__gte=since)
    waiting = Batch.objects.filter(run=OuterRef("pk"), state=Batch.State.OPEN)
    runs = Run.objects.filter(Exists(waiting), ~Exists(moving), state=Run.State.RUNNING, started_at__lt=since)
    return list(runs.order_by("pk").values_list("pk", flat=True))


def _work_one(run_id: int, worker: str) -> int | None:
    row = None
    try:
        with transaction.atomic():
            row = claim_batch(run_id)
            if row is None:
                return None
            row.claimed_by, row.claimed_at = worker, timezone.now()
            decided = decide_batch(row)
            Run.objects.filter(pk=run_id).update(done=F("done") + decided)
            return decided
    except Exception as error:  # the batch is noted as failing, and the others go on
        if row is None:
            raise
        _note_failure(row.pk, error)
        return 0


def _note_failure(batch_id: int, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:2_000]
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=batch_id)
        if row.state == Batch.State.OPEN:
            row.attempts += 1
            row.error = text
            if row.attempts >= MAX_ATTEMPTS or not isinstance(error, DatabaseError):
                row.state = Batch.State.FAILED
            row.save(update_fields=["attempts", "error", "state"])


def _finish(run: Run) -> None:
    """Close a run without open batches. Each worker asks after its own last commit, so the last one of all sees it."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [run.pk, run.pk])
    run.refresh_from_db()


def _queued() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(order_ids) FROM fulfilment_batch WHERE state = 'open'")
        return {row[0] for row in cursor.fetchall()}


_FINISH = """
    UPDATE fulfilment_run AS run SET finished_at = now(),
        state = CASE WHEN failed.error IS NULL THEN 'done' ELSE 'failed' END, error = coalesce(failed.error, '')
    FROM (SELECT min(error) AS error FROM fulfilment_batch WHERE run_id = %s AND state = 'failed') AS failed
    WHERE run.id = %s AND run.state = 'running'
        AND NOT EXISTS (SELECT FROM fulfilment_batch WHERE run_id = run.id AND state = 'open')
"""
