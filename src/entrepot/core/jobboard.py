"""The jobs as people see them: what waits, works and failed, what the worker said, and what comes next."""

from __future__ import annotations

import logging
import logging.handlers
import queue
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.models import JobLog

STATES = ("todo", "doing", "succeeded", "failed", "cancelled", "aborted")
RECENT = timedelta(days=1)
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Planned:
    """A task that runs by the clock: its cron line, its last run and how that ended, and the next."""

    task: str
    cron: str
    last_at: datetime | None
    last_state: str
    next_at: datetime
    queueing_lock: str


@dataclass(frozen=True)
class Trouble:
    """What somebody should look at: failed jobs of the last day, endpoints that were switched off."""

    failed_jobs: int
    dead_endpoints: int


def find_jobs(state: str = "", task: str = "") -> QuerySet[Any]:
    """Jobs, the newest first, with the instants they were begun and ended."""
    jobs = ProcrastinateJob.objects.annotate(
        asked_at=Min("procrastinateevent__at", filter=Q(procrastinateevent__type="deferred")),
        begun_at=Max("procrastinateevent__at", filter=Q(procrastinateevent__type="started")),
        ended_at=Max(
            "procrastinateevent__at",
            filter=Q(procrastinateevent__type__in=["succeeded", "failed", "cancelled", "aborted"]),
        ),
    )
    jobs = jobs.filter(status=state) if state else jobs
    return (jobs.filter(task_name=task) if task else jobs).order_by("-pk")


def job_counts() -> dict[str, int]:
    """How many jobs are in each state."""
    rows = ProcrastinateJob.objects.values_list("status").annotate(n=Count("pk")).order_by()
    return dict(rows)


def task_names() -> list[str]:
    """Every task of the house."""
    return sorted(name for name in app.tasks if not name.startswith("builtin"))


def job_events(job_id: int) -> list[tuple[str, datetime]]:
    """What happened to a job, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type::text, at FROM procrastinate_events WHERE job_id = %s ORDER BY at, id", [job_id]
        )
        return list(cursor.fetchall())


def job_logs(job_id: int) -> Sequence[JobLog]:
    """What workers said about a job."""
    return list(JobLog.objects.filter(job_id=job_id).order_by("pk")[:200])


def planned_tasks() -> list[Planned]:
    """Tasks that run by the clock."""
    now = timezone.now()
    last: dict[str, tuple[str, datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        last = {row[0]: (row[1] or "", row[2]) for row in cursor.fetchall()}
    found = []
    for (name, _id), periodic in sorted(app.periodic_registry.periodic_tasks.items()):
        state, at = last.get(name, ("", None))
        upcoming = periodic.croniter.get_next(datetime, start_time=now)
        lock = str(periodic.configure_kwargs.get("queueing_lock") or app.tasks[name].queueing_lock or "")
        found.append(Planned(name, periodic.cron, at, state, upcoming, lock))
    return found


def retry_job(job_id: int, actor: Actor) -> bool:
    """Let a failed, cancelled or aborted job run once more; False when it is none of these.

    A new job with the same arguments takes its place, unless one with its queueing lock waits already.
    """
    job = ProcrastinateJob.objects.filter(pk=job_id, status__in=["failed", "cancelled", "aborted"]).first()
    if job is None or job.task_name not in app.tasks:
        return False
    if (
        job.queueing_lock
        and ProcrastinateJob.objects.filter(queueing_lock=job.queueing_lock, status="todo").exists()
    ):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, [job.pk])
    audit.record(actor, "jobs.retry", f"job:{job_id}", task=job.task_name)
    return True


def cancel_job(job_id: int, actor: Actor) -> bool:
    """Take a waiting job back, or ask a working one to stop; False when it is over already."""
    done = bool(app.job_manager.cancel_job_by_id(job_id, abort=True))
    if done:
        audit.record(actor, "jobs.cancel", f"job:{job_id}")
    return done


def trouble() -> Trouble:
    """What failed lately: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_TROUBLE, [timezone.now() - RECENT])
        return Trouble(*map(int, cursor.fetchone()))


def forget_old_logs() -> int:
    """Drop what workers said long ago; how many lines."""
    return JobLog.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]


class _Keeper(logging.Handler):
    """Writes what procrastinate says about a job beside it."""

    def emit(self, record: logging.LogRecord) -> None:
        job = getattr(record, "job", None)
        if not isinstance(job, dict) or not job.get("id"):
            return
        at = datetime.fromtimestamp(record.created, UTC)
        try:
            JobLog.objects.create(
                job_id=job["id"], at=at, level=record.levelname, text=self.format(record)[:20_000]
            )
        except Exception:  # noqa: BLE001  # a log that cannot be written must not stop the work
            self.handleError(record)


class _PassOn(logging.Handler):
    """Lets the console hear of what went wrong, as before."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger().handle(record)


def keep_job_logs() -> logging.handlers.QueueListener:
    """From now on this process keeps what is said about jobs; the caller stops the listener at the end.

    A thread of its own writes, since workers speak from inside their event loop.
    """
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, _Keeper())
    spoken = logging.getLogger("procrastinate.worker")
    spoken.addHandler(logging.handlers.QueueHandler(waiting))
    spoken.addHandler(_PassOn(logging.WARNING))
    spoken.setLevel(logging.INFO)
    spoken.propagate = False
    listener.start()
    return listener


_LAST = """
    SELECT DISTINCT ON (planned.task_name) planned.task_name, job.status::text,
        to_timestamp(planned.defer_timestamp)
    FROM procrastinate_periodic_defers AS planned LEFT JOIN procrastinate_jobs AS job ON job.id = planned.job_id
    ORDER BY planned.task_name, planned.defer_timestamp DESC
"""
_AGAIN = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, status)
    SELECT queue_name, task_name, priority, lock, queueing_lock, args, 'todo' FROM procrastinate_jobs WHERE id = %s
"""
_TROUBLE = """
    SELECT (SELECT count(DISTINCT job.id) FROM procrastinate_jobs AS job
            JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'failed'
            WHERE job.status = 'failed' AND event.at >= %s),
        (SELECT count(*) FROM core_webhookendpoint WHERE NOT is_active AND disabled_at IS NOT NULL)
"""
