"""What every importer does alike: orders in pieces, decisions with progress, the settings of its channel."""

from __future__ import annotations

from django.db import transaction

from entrepot.core.frames import Frame
from entrepot.domains.channels.frames.source import Source, source_of
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services.runs import ImportStopped, Work
from entrepot.domains.fulfilment import queries as fulfilment_queries
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.queries.imports import orders_by_number
from entrepot.domains.payments import queries as payments

CHUNK = 500


class ReferenceMissing(RuntimeError):
    """The channel of the file is not among the reference data: names it."""


class DecisionsFailed(RuntimeError):
    """Some orders could not be decided; the text is the first failure."""


def source_for(kind: str) -> Source:
    """Where the records of a kind of file go; its channel must exist."""
    source = source_of(kind, includes_tax=False)
    return source_of(kind, includes_tax=includes_tax(source.channel))


def includes_tax(channel: str) -> bool:
    """Whether the channel's prices contain the tax."""
    known = payments.prices_include_tax(channel)
    if known is None:
        raise ReferenceMissing(channel)
    return known


def insert_in_chunks(job: Work, heads: Frame, lines: Frame) -> None:
    """Take orders in, some hundred at a time, each chunk committed; orders known already are passed over."""
    for start in range(0, heads.height, CHUNK):
        part = heads.slice(start, CHUNK)
        refs = part["ref"]
        with transaction.atomic():
            orders.insert_orders(part, lines.filter(lines["ref"].is_between(refs.min(), refs.max())))
            done = min(start + CHUNK, heads.height)
            job.save(done_rows=job.run.total_rows * done // heads.height)
        job.tick(done, heads.height)


def known_orders(channel: str, numbers: list[str]) -> Frame:
    """The file's orders as they stand now."""
    return orders_by_number(channel, numbers)


def decide_orders(job: Work, known: Frame) -> None:
    """Let the engine decide the file's new orders, batch by batch; a run that was left halfway is finished first."""
    earlier = job.run.options.get("decide_run")
    if earlier and (progress := fulfilment_queries.run_progress(earlier)):
        fulfilment.resume_run(progress.run)
        _work(job, earlier)
    pending = known.filter(known["state"] == "new")["order_id"].to_list()
    if earlier:
        pending = orders.pending_ids(only=pending)
    if pending:
        with transaction.atomic():
            run = fulfilment.start_run(pending)
            job.save(options={**job.run.options, "decide_run": run.pk})
        _work(job, run.pk)


def _work(job: Work, run_id: int) -> None:
    progress = fulfilment_queries.run_progress(run_id)
    if progress is None:
        return
    try:
        fulfilment.run_inline(progress.run, job.tick)
    except ImportStopped:
        fulfilment.stop_run(progress.run)
        raise
    if progress.run.state == "failed":
        raise DecisionsFailed(progress.run.error)


def decide_run_of(run: ImportRun) -> int | None:
    """The run of decisions that belongs to an import, if it has come so far."""
    number = run.options.get("decide_run")
    return int(number) if number else None
