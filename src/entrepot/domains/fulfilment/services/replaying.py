"""Replays: cut past orders into parts, replay them by any number of workers, stop, go on; and the proof of identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.company import base_currency
from entrepot.core.frames import Frame
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames import replaying as frames
from entrepot.domains.fulfilment.frames.replaying import Filter, Proof
from entrepot.domains.fulfilment.models import ReplayPart, ReplayRun, Scenario
from entrepot.domains.fulfilment.services.scenarios import edits_of
from entrepot.domains.ledger.queries import minor_units_by_currency, postings_of_keys
from entrepot.engine.replay import Question
from entrepot.engine.replay.parts import Result
from entrepot.engine.scenario import Edit, EditError

PART_ORDERS, LEAST_ORDERS, BATCHES_AT_ONCE, PARTS = 40_000, 5_000, 200, 4
Progress = Callable[[int, int], None]
Reading = ReplayRun.Reading


@dataclass(frozen=True)
class Wish:
    """What somebody wants replayed: the edits under a name, which orders, read how; `shock` where it is a back-test."""

    name: str
    edits: Sequence[Edit]
    which: Filter
    reading: str = Reading.FROZEN
    scenario: Scenario | None = None
    is_shared: bool = False
    shock: str = ""


@transaction.atomic
def start_replay(wish: Wish, actor: Actor = None) -> ReplayRun:
    """Queue a replay in parts of orders that were decided in one world; nothing is worked out yet.

    Errors: EditError when a reading does not suit the edits.
    """
    if wish.reading != Reading.FREE and any(edit.kind == "new_warehouse" for edit in wish.edits):
        raise EditError("scenario.needs_free", "reading", wish.reading)
    run = ReplayRun.objects.create(
        name=wish.name, scenario=wish.scenario, edits=[edit.record() for edit in wish.edits],
        reading=wish.reading, filters=wish.which.record(), currency=base_currency(), is_shared=wish.is_shared,
        shock=wish.shock, created_by_id=getattr(actor, "pk", None),
    )  # fmt: skip
    found = frames.batches_found(wish.which)
    run.total = sum(found["orders"].to_list())
    most = min(max(run.total // PARTS, LEAST_ORDERS), PART_ORDERS)  # so that several workers have work
    parts = [
        ReplayPart(run=run, world_hash=digest, batch_ids=ids, order_count=count)
        for digest, ids, count in _parts(found, most)
    ]
    ReplayPart.objects.bulk_create(parts, batch_size=200)
    run.save(update_fields=["total"])
    audit.record(actor, "fulfilment.start_replay", f"replay:{run.pk}", orders=run.total, name=run.name)
    return run


def work_replay(run: ReplayRun, on_progress: Progress | None = None, limit: int | None = None) -> int:
    """Work on a replay until no part is left (or `limit` are done); how many orders this worker replayed.

    Each part is one transaction. Killed anywhere, what was committed stays and the rest stays open.
    """
    replayed = parts = 0
    while limit is None or parts < limit:
        done = _work_one(run.pk)
        if done is None:
            break
        replayed, parts = replayed + done, parts + 1
        if on_progress:
            run.refresh_from_db(fields=["done", "total"])
            on_progress(run.done, run.total)
    finish(run)
    return replayed


@transaction.atomic
def stop_replay(run: ReplayRun, actor: Actor = None) -> None:
    """Let workers finish the part they are at, and no other."""
    ReplayRun.objects.filter(pk=run.pk, state=ReplayRun.State.RUNNING).update(state=ReplayRun.State.STOPPED)
    audit.record(actor, "fulfilment.stop_replay", f"replay:{run.pk}")
    run.refresh_from_db()


@transaction.atomic
def resume_replay(run: ReplayRun, actor: Actor = None) -> None:
    """Open a stopped or failed replay again."""
    failed = ReplayPart.objects.filter(run=run, state="failed")
    failed.update(state="open", error="")
    if ReplayPart.objects.filter(run=run, state="open").exists():
        ReplayRun.objects.filter(pk=run.pk).update(state=ReplayRun.State.RUNNING, finished_at=None, error="")
    audit.record(actor, "fulfilment.resume_replay", f"replay:{run.pk}")
    run.refresh_from_db()


@transaction.atomic
def delete_replay(run: ReplayRun, actor: Actor = None) -> None:
    """Forget a replay with its result; orders and books were never touched by it."""
    audit.record(actor, "fulfilment.delete_replay", f"replay:{run.pk}", name=run.name)
    run.delete()


def abandoned_replays(quiet_for: timedelta) -> list[int]:
    """Running replays with open parts on which nothing has been finished for a while: their workers are gone."""
    since = timezone.now() - quiet_for
    moving = ReplayPart.objects.filter(run=OuterRef("pk"), finished_at__gte=since)
    waiting = ReplayPart.objects.filter(run=OuterRef("pk"), state="open")
    runs = ReplayRun.objects.filter(
        Exists(waiting), ~Exists(moving), state=ReplayRun.State.RUNNING, started_at__lt=since
    )
    return list(runs.order_by("pk").values_list("pk", flat=True))


def question(world_hash: str, run: ReplayRun) -> Question:
    """What a run asks of orders decided in one world."""
    return _question(world_hash, run.pk)


def proofs(which: Filter) -> Iterator[Proof]:
    """Every confirmed decision worked out again in its own world, held against decision and ledger, part by part."""
    for digest, ids, count in _parts(frames.batches_found(which, every_state=True)):
        part = ReplayPart(world_hash=digest, batch_ids=ids, order_count=count)
        found = frames.read_part(part, which, every_state=True)
        if found:
            keys = frames.entry_keys(ids, which)
            yield frames.prove(found, world.load(digest), postings_of_keys(keys))


def orders_to_replay(which: Filter, *, every_state: bool = False) -> int:
    """How many orders a filter finds."""
    return sum(frames.batches_found(which, every_state=every_state)["orders"].to_list())


@lru_cache(maxsize=3)
def _question(world_hash: str, run_id: int) -> Question:
    run = ReplayRun.objects.get(pk=run_id)
    return Question(
        world.load(world_hash),
        edits_of(run.edits),
        redecide=run.reading != Reading.FROZEN,
        unlimited=run.reading == Reading.FREE,
    )


def _parts(found: Frame, most: int = PART_ORDERS) -> Iterator[tuple[str, list[int], int]]:
    """Batches of one world put together, up to so many orders and batches a part."""
    digest, count = "", 0
    ids: list[int] = []
    for batch_id, own, orders in found.iter_rows():
        if ids and (own != digest or count + orders > most or len(ids) >= BATCHES_AT_ONCE):
            yield digest, ids, count
            ids, count = [], 0
        digest, count = own, count + orders
        ids.append(batch_id)
    if ids:
        yield digest, ids, count


def _work_one(run_id: int) -> int | None:
    part: ReplayPart | None = None
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_CLAIM, [run_id])
                row = cursor.fetchone()
            if row is None:
                return None
            part = ReplayPart.objects.select_related("run").get(pk=row[0])
            return _carry_out(part)
    except Exception as error:  # the part is noted as failing, and the others go on
        if part is None:
            raise
        text = f"{type(error).__name__}: {error}"[:2_000]
        ReplayPart.objects.filter(pk=part.pk, state="open").update(state="failed", error=text)
        return 0


def _carry_out(part: ReplayPart) -> int:
    asked = _question(part.world_hash, part.run_id)
    found = frames.carry_out(part, Filter.from_record(part.run.filters), asked)
    return keep_result(part, asked, found)


def keep_result(part: ReplayPart, asked: Question, found: Result | None) -> int:
    """Put what a part's replay found beside it, in the caller's transaction; how many orders that were."""
    off = found.off_minor if found else 0
    if found:
        frames.keep_result(part, found)
    part.off_minor, part.changed_hash = off, world.keep(asked.after)
    part.state, part.finished_at = "done", timezone.now()
    part.save()
    ReplayRun.objects.filter(pk=part.run_id).update(
        done=F("done") + part.order_count, off_minor=F("off_minor") + off
    )
    return part.order_count


def finish(run: ReplayRun) -> None:
    """Note that a replay is done (or failed) when no part of it is open any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [run.pk, run.pk])
    run.refresh_from_db()


def result_parts(run: ReplayRun) -> list[ReplayPart]:
    """The finished parts of a run with their results."""
    return list(ReplayPart.objects.filter(run=run, state="done").order_by("pk"))


def lines_replayed(run: ReplayRun, page: int, per_page: int, **only: str) -> tuple[list[dict[str, Any]], int]:
    """A page of the order lines behind a figure, the worst difference first, and how many there are."""
    rows = frames.lines_of(result_parts(run), **only)
    last = max((rows.height - 1) // per_page, 0)
    start = min(page - 1, last) * per_page
    return rows.slice(start, per_page).to_dicts(), rows.height


def order_told_twice(run: ReplayRun, order_id: int) -> dict[str, Any] | None:
    """An order before and after, both derivations; None when the replay does not hold it.

    Keys: row (the order's figures), before and after (`explain_way`; after is None without a way).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT batch_id FROM fulfilment_decision WHERE order_id = %s", [order_id])
        batch = cursor.fetchone()
    if batch is None:
        return None
    part = ReplayPart.objects.filter(run=run, state="done", batch_ids__contains=[batch[0]]).first()
    row = frames.order_of(part, order_id) if part else None
    if part is None or row is None:
        return None
    return frames.told_twice(part, order_id, question(part.world_hash, run), row)


def digits_of(currency: str) -> int:
    """Decimals of a currency."""
    return minor_units_by_currency().get(currency, 2)


_CLAIM = """
    SELECT part.id FROM fulfilment_replaypart AS part JOIN fulfilment_replayrun AS run ON run.id = part.run_id
    WHERE part.run_id = %s AND part.state = 'open' AND run.state = 'running'
    ORDER BY part.id LIMIT 1 FOR UPDATE OF part SKIP LOCKED
"""
_FINISH = """
    UPDATE fulfilment_replayrun AS run SET finished_at = now(),
        state = CASE WHEN failed.error IS NULL THEN 'done' ELSE 'failed' END, error = coalesce(failed.error, '')
    FROM (SELECT min(error) AS error FROM fulfilment_replaypart WHERE run_id = %s AND state = 'failed') AS failed
    WHERE run.id = %s AND run.state = 'running'
        AND NOT EXISTS (SELECT FROM fulfilment_replaypart WHERE run_id = run.id AND state = 'open')
"""
