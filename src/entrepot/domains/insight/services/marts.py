"""The export of the marts: only months whose records changed are written again, month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.insight import frames
from entrepot.domains.insight.adapters import store
from entrepot.domains.insight.adapters.store import ExportBusy, Manifest, Part
from entrepot.domains.insight.models import MartRun
from entrepot.domains.insight.rules.facts import CUBE, LINES, POSTINGS, SHIPMENTS, STOCK

__all__ = ["ExportBusy", "abandoned_exports", "export_marts", "start_export", "stop_export"]
EXPORTED = (LINES, POSTINGS, SHIPMENTS, STOCK)
Progress = Callable[[int, int, str], None]
State = MartRun.State


@transaction.atomic
def start_export(actor: Actor = None) -> MartRun:
    """Note that the marts shall be exported; nothing is read yet."""
    run = MartRun.objects.create(created_by_id=getattr(actor, "pk", None))
    if actor is not None:
        audit.record(actor, "insight.export_marts", f"marts:{run.pk}")
    return run


def export_marts(run: MartRun, on_progress: Progress | None = None) -> MartRun:
    """Write every month whose records changed since the last export; the run as it ends.

    Killed anywhere, what was written holds and the next export goes on: equal records give equal files.
    Errors: ExportBusy while another process exports.
    """
    with store.export_lock():
        try:
            _export(run, on_progress)
        except Exception as error:
            _note(
                run,
                state=State.FAILED,
                error=f"{type(error).__name__}: {error}"[:500],
                finished_at=timezone.now(),
            )
            raise
    return run


@transaction.atomic
def stop_export(run: MartRun, actor: Actor = None) -> None:
    """Let the export finish the month it is at, and no other."""
    MartRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.STOPPED)
    audit.record(actor, "insight.stop_export", f"marts:{run.pk}")
    run.refresh_from_db()


def abandoned_exports(quiet_for: timedelta) -> list[MartRun]:
    """Running exports on which nothing has moved for a while: their workers are gone."""
    return list(
        MartRun.objects.filter(state=State.RUNNING, moved_at__lt=timezone.now() - quiet_for).order_by("pk")
    )


def _export(run: MartRun, on_progress: Progress | None) -> None:
    manifest, today, currency = store.read_manifest(), timezone.localdate(), base_currency()
    if manifest.currency != currency:
        manifest = Manifest(currency, {})
    prints = {fact: frames.fingerprints(fact, today) for fact in EXPORTED}
    manifest = _forget(manifest, prints)
    plan = [(fact, month, mark) for fact in EXPORTED for month, mark in sorted(prints[fact].items())]
    reader = frames.Reader(today)
    _note(run, total=len(plan), done=0)
    for number, (fact, month, mark) in enumerate(plan, start=1):
        if _is_stopped(run):
            return
        if not _holds(manifest, fact, month, mark):
            frame = reader.read_month(fact, month)
            for part in _written(fact, month, mark, frame):
                manifest = manifest.with_part(part)
                run.written, run.rows = run.written + 1, run.rows + part.rows
            store.write_manifest(manifest)
        _note(run, done=number, at_work=f"{fact} {month[:7]}", written=run.written, rows=run.rows)
        if on_progress:
            on_progress(number, len(plan), f"{fact} {month[:7]}")
    store.sweep(manifest)
    _note(run, state=State.DONE, finished_at=timezone.now(), at_work="")


def _forget(manifest: Manifest, prints: dict[str, dict[str, str]]) -> Manifest:
    """The manifest without months that have no records any more."""
    kept = manifest
    for fact, month in dict(manifest.parts):
        if month not in prints[LINES if fact == CUBE else fact]:
            kept = kept.without(fact, month)
    if kept is not manifest or not manifest.parts:
        store.write_manifest(kept)
    return kept


def _holds(manifest: Manifest, fact: str, month: str, mark: str) -> bool:
    """Whether a month's files stand and were made of the records as they are."""
    parts = [dict(manifest.parts).get((name, month)) for name in ((fact, CUBE) if fact == LINES else (fact,))]
    return all(part and part.fingerprint == mark and store.looks_whole(part) for part in parts)


def _written(fact: str, month: str, mark: str, frame: Frame) -> Iterator[Part]:
    for name, rows in ((fact, frame), (CUBE, frames.cube(frame) if fact == LINES else None)):
        if rows is not None:
            data = frames.as_parquet(rows)
            file, digest = store.write_part(name, month, data)
            yield Part(name, month, file, rows.height, len(data), digest, mark, frames.sums_of(rows))


def _is_stopped(run: MartRun) -> bool:
    run.refresh_from_db(fields=["state"])
    return run.state == State.STOPPED


def _note(run: MartRun, **values: object) -> None:
    values["moved_at"] = timezone.now()
    MartRun.objects.filter(pk=run.pk).update(**values)
    for name, value in values.items():
        setattr(run, name, value)
