"""Files whose columns a person names: orders, goods, stock; each kind by its own importer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from entrepot.core.audit import Actor
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services import generic, sheets
from entrepot.domains.channels.services.generic import Preview

COLUMN_KINDS = (generic.KIND, *sheets.DESKS)


def preview_file(
    run: ImportRun, mapping: Mapping[str, str] | None = None, options: Mapping[str, str] | None = None
) -> Preview:
    """What a file is and what importing it would give; nothing is booked. Errors: FileRefused."""
    importer = sheets if run.kind in sheets.DESKS else generic
    return importer.preview_file(run, mapping, options)


def set_reading(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str], user: Actor = None
) -> None:
    """Say how the columns of a run's file are read; the import can begin. Errors: ColumnsMissing."""
    importer = sheets if run.kind in sheets.DESKS else generic
    importer.set_reading(run, mapping, options, user)


def all_problems(
    run: ImportRun, mapping: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, str]]:
    """Every problem of a trial: row, field, value, reason."""
    importer = sheets if run.kind in sheets.DESKS else generic
    return importer.all_problems(run, mapping, options)


def needed_permission(kind: str) -> str:
    """Besides importing, what somebody must be allowed who imports a kind of file."""
    return sheets.NEEDS.get(kind, "channels.import")


def is_waiting_for_columns(run: ImportRun) -> bool:
    """Whether a person has to name the columns before the run can go on."""
    return run.kind in COLUMN_KINDS and run.state == "uploaded" and not run.options.get("mapping")
