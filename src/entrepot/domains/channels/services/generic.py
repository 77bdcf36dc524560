"""Import of any order table: looked at first, its columns named, tried without booking, then imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.domains.catalog import queries as catalog_queries
from entrepot.domains.channels.adapters import generic as adapter
from entrepot.domains.channels.adapters.leftover import of_frame
from entrepot.domains.channels.adapters.tabular import Table, read_table
from entrepot.domains.channels.frames import generic as frames
from entrepot.domains.channels.frames.figures import not_kept
from entrepot.domains.channels.frames.source import Source, keep_lines, keep_rejects
from entrepot.domains.channels.models import ImportProfile, ImportRun
from entrepot.domains.channels.services.common import (
    decide_orders,
    includes_tax,
    insert_in_chunks,
    known_orders,
)
from entrepot.domains.channels.services.files import read_content
from entrepot.domains.channels.services.runs import Stage, Work
from entrepot.domains.fulfilment import queries as fulfilment
from entrepot.domains.ledger import queries as ledger
from entrepot.domains.orders import services as orders

KIND = "generic"
SAMPLE_ROWS = 10
OPTIONS = ("channel", "decimal", "date_format", "currency", "country", "encoding", "delimiter")


class ColumnsMissing(ValueError):
    """No order can be made of the file: names the fields that have neither a column nor a fixed value."""


@dataclass(frozen=True)
class Preview:
    """What a file looks like before anything is imported, and what importing it would give."""

    headers: list[str]
    sample: list[dict[str, Any]]
    rows: int
    encoding: str
    delimiter: str
    mapping: Mapping[str, str]
    options: Mapping[str, str]
    missing: list[str]
    outcomes: dict[str, int]
    reasons: list[tuple[str, str, int]]
    problems: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    decimal: str
    date_format: str


def preview_file(
    run: ImportRun, mapping: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None
) -> Preview:
    """Read a file as said (or as guessed) and say what would come of it; nothing is booked.

    Errors: FileRefused when the file is no table.
    """
    chosen = dict(options if options is not None else _options(run))
    table = _table(run, chosen)
    columns = dict(
        mapping if mapping is not None else _mapping(run) or adapter.suggest_mapping(table.headers)
    )
    reading = _reading(columns, chosen)
    missing = adapter.missing_fields(reading)
    result = frames.preview(adapter.build_orders(table.rows, reading)) if not missing else frames.NO_PREVIEW
    return Preview(
        headers=[name for name in table.headers if name != adapter.ROW],
        sample=table.rows.head(SAMPLE_ROWS).to_dicts(),
        rows=table.rows.height,
        encoding=table.encoding,
        delimiter=table.delimiter,
        mapping=columns,
        options=chosen,
        missing=missing,
        **result,
    )


@transaction.atomic
def set_reading(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str], user: Actor = None
) -> None:
    """Say how the columns of a run's file are read; the import can begin.

    Errors: ColumnsMissing with the fields that are not known from anywhere.
    """
    lacking = adapter.missing_fields(_reading(mapping, options))
    if not options.get("channel"):
        lacking = ["channel", *lacking]
    if lacking:
        raise ColumnsMissing(", ".join(lacking))
    run.options = {
        **run.options,
        "mapping": dict(mapping),
        "reading": {k: options.get(k, "") for k in OPTIONS},
    }
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    audit.record(user, "channels.set_reading", f"import:{run.pk}", mapping=dict(mapping))


@transaction.atomic
def save_profile(
    name: str, mapping: Mapping[str, str], options: Mapping[str, str], user: Actor = None, *, kind: str = KIND
) -> ImportProfile:
    """Keep how a kind of file is read under a name; the same name again replaces it."""
    values = {"mapping": dict(mapping), "options": dict(options), "kind": kind}
    profile, _new = ImportProfile.objects.update_or_create(
        name=name,
        defaults=values,
        create_defaults={**values, "created_by_id": getattr(user, "pk", None)},
    )
    audit.record(user, "channels.save_profile", f"profile:{profile.pk}", name=name)
    return profile


@transaction.atomic
def delete_profile(profile_id: int, user: Actor = None) -> None:
    """Forget a profile; imports made with it stay."""
    if ImportProfile.objects.filter(pk=profile_id).delete()[0]:
        audit.record(user, "channels.delete_profile", f"profile:{profile_id}")


def all_problems(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, str]]:
    """Every problem of a trial: row, field, value, reason. Without columns to make orders of there is none to tell."""
    reading = _reading(mapping or _mapping(run), options)
    if adapter.missing_fields(reading):
        return iter(())
    rows: Iterator[tuple[int, str, str, str]] = adapter.build_orders(
        _table(run, options).rows, reading
    ).problems.iter_rows()
    return rows


def _read(job: Work) -> None:
    run = job.run
    options, mapping = _options(run), _mapping(run)
    table = read_table(
        job.content, encoding=options.get("encoding", ""), delimiter=options.get("delimiter", "")
    )
    reading = _reading(mapping or adapter.suggest_mapping(table.headers), options)
    if lacking := adapter.missing_fields(reading):
        raise ColumnsMissing(", ".join(lacking))
    channel = options.get("channel", "")
    name = f"generic:{run.profile.name}" if run.profile else KIND
    job.content = b""
    job.facts["leftovers"] = of_frame(table.rows, set(reading.mapping.values()))
    job.facts["records"] = adapter.build_orders(table.rows, reading)
    job.facts["source"] = Source(name, channel, includes_tax=includes_tax(channel))
    job.save(total_rows=table.rows.height)


def _orders(job: Work) -> None:
    records, source = _facts(job)
    orders.insert_customers(frames.customers(records, source))
    insert_in_chunks(job, *frames.orders(records, source))


def _lines(job: Work) -> None:
    records, _source = _facts(job)
    keep_rejects(job.run.pk, records.problems)
    job.save(done_rows=keep_lines(job.run.pk, frames.source_lines(records), _known(job)))


def _decide(job: Work) -> None:
    decide_orders(job, _known(job))


def _report(job: Work) -> None:
    records, source = _facts(job)
    known = _known(job)
    decisions = fulfilment.decided_figures(known["order_id"].to_list())
    report = frames.report(job.run.pk, records, known, decisions, source)
    job.save(
        report={
            **report,
            "not_kept": not_kept(job.facts["leftovers"]),
            "file": job.run.file_name,
            "sha256": job.run.file_sha256,
            "seconds": job.seconds,
        }
    )


def _known(job: Work) -> Frame:
    records, source = _facts(job)
    return known_orders(source.channel, records.orders["invoice"].to_list())


def _facts(job: Work) -> tuple[adapter.GenericRecords, Source]:
    return job.facts["records"], job.facts["source"]


def _table(run: ImportRun, options: Mapping[str, str]) -> Table:
    return read_table(
        read_content(run), encoding=options.get("encoding", ""), delimiter=options.get("delimiter", "")
    )


def _mapping(run: ImportRun) -> dict[str, str]:
    return dict(run.options.get("mapping") or (run.profile.mapping if run.profile else {}))


def _options(run: ImportRun) -> dict[str, str]:
    return dict(run.options.get("reading") or (run.profile.options if run.profile else {}))


def _reading(mapping: Mapping[str, str], options: Mapping[str, str]) -> adapter.Reading:
    return adapter.Reading(
        mapping=mapping,
        decimal=options.get("decimal", ""),
        date_format=options.get("date_format", ""),
        currency=options.get("currency", ""),
        country=options.get("country", ""),
        minor_units=ledger.minor_units_by_currency(),
        country_codes=frozenset(catalog_queries.country_names()),
    )


STAGES = (
    Stage("read", _read, always=True),
    Stage("orders", _orders, whole=False),
    Stage("lines", _lines),
    Stage("preview", _report),
    Stage("decide", _decide, whole=False, deciding=True),
    Stage("report", _report, deciding=True),
)
