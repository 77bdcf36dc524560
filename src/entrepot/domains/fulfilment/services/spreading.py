"""Replays spread out: over processes of this machine that claim parts, or over a Spark cluster by way of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from entrepot.core.processes import side_by_side
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.adapters import partfiles, spark
from entrepot.domains.fulfilment.adapters.spark import NoSpark
from entrepot.domains.fulfilment.frames import replaying as frames
from entrepot.domains.fulfilment.frames.replaying import Filter
from entrepot.domains.fulfilment.models import ReplayPart, ReplayRun
from entrepot.domains.fulfilment.services.replaying import (
    Progress,
    Reading,
    finish,
    keep_result,
    question,
    work_replay,
)
from entrepot.domains.fulfilment.services.scenarios import edits_of
from entrepot.engine.replay.parts import Part

__all__ = ["NoSpark", "replay_on_spark", "replay_side_by_side", "work_numbered", "workers_for"]
WORTH_A_PROCESS = 10_000  # orders; starting one takes a few seconds


def workers_for(run: ReplayRun) -> int:
    """How many processes a replay is worth: as many as the setting allows (or cores), none for few orders."""
    most = settings.REPLAY_WORKERS or os.cpu_count() or 1
    parts = ReplayPart.objects.filter(run=run, state="open").count()
    return max(min(most, parts, run.total // WORTH_A_PROCESS), 1)


def replay_side_by_side(run: ReplayRun, workers: int, on_progress: Progress | None = None) -> int:
    """Work on a replay by so many processes of this machine; how many orders were replayed.

    They claim parts as any worker does: one may be killed, more may join from other machines, the result is the same.
    """
    if workers <= 1:
        return work_replay(run, on_progress)
    before = run.done

    def look() -> None:
        run.refresh_from_db(fields=["done", "total"])
        if on_progress:
            on_progress(run.done, run.total)

    side_by_side("entrepot.domains.fulfilment.services.spreading.work_numbered", (run.pk,), workers, look)
    work_replay(run)  # what a process that died has left
    look()
    return run.done - before


def work_numbered(run_id: int) -> None:
    """What each process does."""
    run = ReplayRun.objects.filter(pk=run_id).first()
    if run:
        work_replay(run)


def replay_on_spark(run: ReplayRun, master: str, folder: Path | None = None) -> int:
    """Put the open parts of a replay into files, let Spark work on them, and keep what it found; how many orders.

    The folder must be seen by every machine of the cluster under the same path. What was found before something broke
    is kept; parts that stay open are all the next attempt does.
    Errors: spark.NoSpark; what Spark raises.
    """
    place = str(folder or Path(settings.HOME) / "replays" / str(run.pk))
    edits = edits_of(run.edits)
    redecide, unlimited = run.reading != Reading.FROZEN, run.reading == Reading.FREE
    partfiles.write_question(place, edits, redecide=redecide, unlimited=unlimited)
    parts = {part.pk: part for part in ReplayPart.objects.filter(run=run, state="open").order_by("pk")}
    for digest in {part.world_hash for part in parts.values()}:
        partfiles.write_world(place, world.load(digest))
    if partfiles.write_parts(place, _filled(parts, Filter.from_record(run.filters))):
        try:
            spark.run_on_spark(place, master)
        finally:
            _take_back(run, place, parts)
    finish(run)
    return run.done


def _filled(parts: dict[int, ReplayPart], which: Filter) -> Iterator[tuple[int, str, Part]]:
    for number, part in parts.items():
        found = frames.read_part(part, which)
        if found:
            yield number, part.world_hash, found


def _take_back(run: ReplayRun, place: str, parts: dict[int, ReplayPart]) -> None:
    """Keep what Spark found, part by part, each in a transaction of its own."""
    found = partfiles.read_found(place)
    asked = set(partfiles.read_index(place)["part"].to_list())
    for number, part in parts.items():
        if number in asked and number not in found:
            continue  # its task has not come to an end
        with transaction.atomic():
            if ReplayPart.objects.select_for_update().filter(pk=number, state="open").exists():
                keep_result(part, question(part.world_hash, run), found.get(number))
