"""Import of tables of goods and of stock: tried first, then their good rows booked by the rooms they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.catalog import queries as catalog_queries
from entrepot.domains.catalog import services as catalog
from entrepot.domains.channels.adapters.leftover import of_frame
from entrepot.domains.channels.adapters.sheets import SHEETS, Known, Reading, Rows, suggest_mapping
from entrepot.domains.channels.adapters.tabular import ROW, Table, read_table
from entrepot.domains.channels.frames import sheets as frames
from entrepot.domains.channels.frames.figures import not_kept
from entrepot.domains.channels.frames.source import keep_lines, keep_rejects
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services.files import read_content
from entrepot.domains.channels.services.generic import SAMPLE_ROWS, ColumnsMissing, Preview
from entrepot.domains.channels.services.runs import Stage, Work
from entrepot.domains.ledger import queries as ledger
from entrepot.domains.warehouse import queries as warehouse_queries
from entrepot.domains.warehouse import services as warehouse

READING = ("encoding", "delimiter")
NEEDS = {"products": "catalog.change", "stock": "warehouse.change"}


@dataclass(frozen=True)
class Desk:
    """Where the good rows of a kind go."""

    stage: str
    book: Callable[[Rows, Reading, ImportRun], frames.Done]


def preview_file(
    run: ImportRun, mapping: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None
) -> Preview:
    """Read a file as said (or as guessed) and say what would come of it: everything is done, and taken back.

    Errors: FileRefused when the file is no table.
    """
    sheet, chosen = SHEETS[run.kind], dict(options if options is not None else options_of(run))
    table = _table(run, chosen)
    columns = dict(
        mapping if mapping is not None else mapping_of(run) or suggest_mapping(run.kind, table.headers)
    )
    reading = Reading(columns, chosen)
    missing = sheet.missing(reading)
    result = frames.preview((frames.NOTHING, frames.NO_PROBLEMS), "")
    if not missing:
        done, decimal = _tried(run, table, columns, chosen)
        result = frames.preview(done, decimal)
    return Preview(
        headers=[name for name in table.headers if name != ROW],
        sample=table.rows.head(SAMPLE_ROWS).to_dicts(),
        rows=table.rows.height,
        encoding=table.encoding,
        delimiter=table.delimiter,
        mapping=columns,
        options=chosen,
        missing=missing,
        **result,
    )


def all_problems(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, str]]:
    """Every problem of a trial: row, field, value, reason."""
    columns = mapping or mapping_of(run)
    if SHEETS[run.kind].missing(Reading(columns, options)):
        return iter(())
    (_lines, problems), _decimal = _tried(run, _table(run, options), columns, options)
    rows: Iterator[tuple[int, str, str, str]] = problems.iter_rows()
    return rows


@transaction.atomic
def set_reading(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str], user: Actor = None
) -> None:
    """Say how the columns of a run's file are read; the import can begin.

    Errors: ColumnsMissing with the fields that are not known from anywhere.
    """
    sheet = SHEETS[run.kind]
    if lacking := sheet.missing(Reading(mapping, options)):
        raise ColumnsMissing(", ".join(lacking))
    kept = {name: options.get(name, "") for name in (*sheet.options, *READING)}
    run.options = {**run.options, "mapping": dict(mapping), "reading": kept}
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    audit.record(user, "channels.set_reading", f"import:{run.pk}", mapping=dict(mapping))


def _tried(
    run: ImportRun, table: Table, mapping: Mapping[str, str], options: Mapping[str, str]
) -> tuple[frames.Done, str]:
    """What would come of a file, and its decimal mark."""
    reading = Reading(mapping, options, _known(table, mapping))
    rows = SHEETS[run.kind].build(table.rows, reading)
    with transaction.atomic():
        done = DESKS[run.kind].book(rows, reading, run)
        transaction.set_rollback(True)
    return done, rows.decimal


def _goods(rows: Rows, reading: Reading, run: ImportRun) -> frames.Done:
    return frames.saved_skus(rows, catalog.save_skus(frames.sku_facts(rows), run.created_by))


def _stock(rows: Rows, reading: Reading, run: ImportRun) -> frames.Done:
    told = warehouse.adjust_stock(
        frames.adjustments(rows),
        counted=reading.option("mode") != "change",
        on=timezone.localdate(),
        key=f"import:{run.pk}",
        user=run.created_by,
    )
    return frames.adjusted(rows, told)


def _read(job: Work) -> None:
    run = job.run
    options = options_of(run)
    table = read_table(
        job.content, encoding=options.get("encoding", ""), delimiter=options.get("delimiter", "")
    )
    mapping = mapping_of(run) or suggest_mapping(run.kind, table.headers)
    reading = Reading(mapping, options, _known(table, mapping))
    if lacking := SHEETS[run.kind].missing(reading):
        raise ColumnsMissing(", ".join(lacking))
    job.content = b""
    job.facts["leftovers"] = of_frame(table.rows, set(reading.mapping.values()))
    job.facts.update(reading=reading, rows=SHEETS[run.kind].build(table.rows, reading))
    job.save(total_rows=table.rows.height)


def _book(job: Work) -> None:
    """All good rows and what became of every row, in one transaction: a killed import has done nothing, or all."""
    lines, problems = DESKS[job.run.kind].book(job.facts["rows"], job.facts["reading"], job.run)
    keep_rejects(job.run.pk, problems)
    job.save(done_rows=keep_lines(job.run.pk, lines, frames.NO_ORDERS))


def _report(job: Work) -> None:
    found = frames.report(job.run.pk, job.run.kind, job.run.total_rows)
    about = {"file": job.run.file_name, "sha256": job.run.file_sha256, "seconds": job.seconds}
    job.save(report={**found, "not_kept": not_kept(job.facts["leftovers"]), **about})


def _known(table: Table, mapping: Mapping[str, str]) -> Known:
    column = mapping.get("sku", "")
    written = set(table.rows[column].to_list()) if column in table.headers else set()
    return Known(
        skus=frozenset(catalog_queries.sku_names({code.removeprefix("'") for code in written} | written)),
        categories=_by_name(catalog_queries.category_names()),
        warehouses=_by_name(warehouse_queries.warehouse_names()),
        countries=frozenset(catalog_queries.country_names()),
        minor_units=ledger.minor_units_by_currency(),
    )


def _by_name(names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The code by each of its names and by itself, in small letters."""
    found = {name.lower(): code for code, pair in names.items() for name in pair if name}
    return found | {code.lower(): code for code in names}


def _table(run: ImportRun, options: Mapping[str, str]) -> Table:
    return read_table(
        read_content(run), encoding=options.get("encoding", ""), delimiter=options.get("delimiter", "")
    )


def mapping_of(run: ImportRun) -> dict[str, str]:
    """Columns as said for the run, or by its profile."""
    return dict(run.options.get("mapping") or (run.profile.mapping if run.profile else {}))


def options_of(run: ImportRun) -> dict[str, str]:
    """What was said for the whole file, or by its profile."""
    return dict(run.options.get("reading") or (run.profile.options if run.profile else {}))


DESKS = {"products": Desk("catalogue", _goods), "stock": Desk("stock", _stock)}
STAGES = {
    kind: (Stage("read", _read, always=True), Stage(desk.stage, _book), Stage("report", _report))
    for kind, desk in DESKS.items()
}
