"""Carry out an import stage by stage: each is one transaction with its mark, so that a killed one can go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services.files import read_content

LOCK_SPACE = 7_100
Watch = Callable[[str, int, int], None]
State = ImportRun.State


class ImportStopped(Exception):
    """Somebody stopped the run; what was booked stays booked."""


class ImportBusy(RuntimeError):
    """Another worker is at this run."""


@dataclass
class Work:
    """One run being carried out: its file, what earlier stages found, and where to report to."""

    run: ImportRun
    content: bytes
    decide: bool
    watch: Watch
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = ""

    def tick(self, done: int, total: int) -> None:
        """Say how far it is; raises ImportStopped when somebody stopped the run."""
        state = ImportRun.objects.values_list("state", flat=True).get(pk=self.run.pk)
        if state == State.STOPPED:
            raise ImportStopped
        self.watch(self.stage, done, total)

    def save(self, **values: Any) -> None:
        """Keep some columns of the run."""
        for name, value in values.items():
            setattr(self.run, name, value)
        ImportRun.objects.filter(pk=self.run.pk).update(**values)


@dataclass(frozen=True)
class Stage:
    """One step of an import. `always` for those that only read; `whole` unless it commits piece by piece itself."""

    name: str
    work: Callable[[Work], None]
    always: bool = False
    whole: bool = True
    deciding: bool = False


def run_import(
    run: ImportRun, stages: Sequence[Stage], *, decide: bool = True, watch: Watch | None = None
) -> ImportRun:
    """Carry out a run; one that is done already changes nothing. Without `decide` it rests before the first decision.

    Errors: ImportBusy when another worker is at it. A failing stage is rolled back, noted on the run and raised.
    """
    with _alone(run.pk):
        run.refresh_from_db()
        if run.state == State.DONE:
            return run
        job = Work(run, read_content(run), decide, watch or (lambda *_: None))
        job.seconds.update(run.report.get("seconds", {}))
        job.save(state=State.RUNNING, error="", finished_at=None)
        try:
            finished = all(_carry_out(job, stage, stages) for stage in stages)
            job.save(state=State.DONE if finished else State.STOPPED, finished_at=timezone.now())
        except ImportStopped:
            job.save(state=State.STOPPED, finished_at=timezone.now())
        except Exception as error:
            text = str(error) if isinstance(error, FileRefused) else f"{type(error).__name__}: {error}"
            job.save(state=State.FAILED, finished_at=timezone.now(), error=text[:2_000])
            raise
    run.refresh_from_db()
    return run


def stop_import(run: ImportRun, actor: Actor = None) -> None:
    """Let the worker finish the piece it is at, and no other."""
    ImportRun.objects.filter(pk=run.pk, state__in=[State.RUNNING, State.UPLOADED]).update(state=State.STOPPED)
    audit.record(actor, "channels.stop_import", f"import:{run.pk}")


def queue_again(run: ImportRun, actor: Actor = None) -> None:
    """Let a run that was stopped, failed or was killed wait for a worker again."""
    waiting = [State.STOPPED, State.FAILED, State.RUNNING]
    ImportRun.objects.filter(pk=run.pk, state__in=waiting).update(state=State.UPLOADED, error="")
    audit.record(actor, "channels.resume_import", f"import:{run.pk}")


def is_under_way(run_id: int) -> bool:
    """Whether a worker is at the run right now (a killed one is not)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks "
            "WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted)",
            [LOCK_SPACE, run_id],
        )
        return bool(cursor.fetchone()[0])


def _carry_out(job: Work, stage: Stage, stages: Sequence[Stage]) -> bool:
    """Whether the run may go on after the stage."""
    names = [each.name for each in stages]
    done = names.index(job.run.stage) if job.run.stage in names else -1
    if names.index(stage.name) <= done and not stage.always:
        return True
    if stage.deciding and not job.decide:
        return False
    job.stage, started = stage.name, monotonic()
    job.tick(0, 0)
    if stage.whole:
        with transaction.atomic():
            stage.work(job)
            _mark(job, stage, names, done)
    else:
        stage.work(job)
        _mark(job, stage, names, done)
    job.seconds[stage.name] = round(monotonic() - started, 2)
    return True


def _mark(job: Work, stage: Stage, names: list[str], done: int) -> None:
    if names.index(stage.name) > done:
        job.save(stage=stage.name)


@contextmanager
def _alone(run_id: int) -> Iterator[None]:
    """Only one worker at a run; the lock goes with the worker's connection when it dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, run_id])
        if not cursor.fetchone()[0]:
            raise ImportBusy(run_id)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, run_id])
