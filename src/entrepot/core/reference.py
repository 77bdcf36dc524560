"""Reference data that comes with the program: CSV files of the rooms, brought into the world tables.

A room ships `data/<table>.csv` for a world table of its own, or for a model whose name it is the plural of (carriers,
accounts). Loading is idempotent: new rows are added, rows that changed in the package are updated, and whatever a user
has edited stays as the user left it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models, transaction

from entrepot.core import audit
from entrepot.core.dated import DatedRule, Reference
from entrepot.core.models import AuditLog
from entrepot.core.worldtables import all_tables, beside_tables
from entrepot.engine.columns import WORLD

DOMAINS = Path(__file__).resolve().parent.parent / "domains"
CHUNK = 2_000
OPEN_END = date.max
LOADED, PACKAGE = "reference.load", "reference:package"


class ReferenceDataError(ValueError):
    """A shipped file that does not fit its table: says which file, row and column."""


@dataclass(frozen=True)
class Source:
    """One shipped file and the model it fills: key fields, and columns that the model calls otherwise."""

    name: str
    path: Path
    model: type[models.Model]
    key: tuple[str, ...]
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def is_dated(self) -> bool:
        """Whether rows have periods."""
        return issubclass(self.model, DatedRule)


@dataclass
class Loaded:
    """What loading one file did, in rows. `kept` were edited by a user; `left_out` would collide with such a row."""

    table: str
    rows: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    kept: int = 0
    left_out: int = 0


def package_files() -> dict[str, Path]:
    """Path of every shipped world table by its name; needs no database."""
    found = {path.stem: path for path in sorted(DOMAINS.glob("*/data/*.csv")) if path.stem in WORLD}
    return {name: found[name] for name in WORLD if name in found}


def sources() -> list[Source]:
    """Every shipped file with its model: what other rows point at comes first."""
    tables, beside = all_tables(), beside_tables()
    plain, world = [], []
    for app in apps.get_app_configs():
        if not app.name.startswith("entrepot.domains."):
            continue
        plurals = {
            f"{model._meta.model_name}s": model for model in app.get_models() if issubclass(model, Reference)
        }
        for path in sorted(Path(app.path, "data").glob("*.csv")):
            table = tables.get(path.stem)
            if table:
                renamed = {name: column for name, column in table.sources.items() if column.isidentifier()}
                world.append(Source(table.name, path, table.model, table.key, renamed))
            elif path.stem in beside:
                plain.append(Source(path.stem, path, beside[path.stem].model, beside[path.stem].key))
            elif path.stem in plurals:
                plain.append(Source(path.stem, path, plurals[path.stem], ("code",)))
    order = list(WORLD)
    return plain + sorted(world, key=lambda source: order.index(source.name))


@transaction.atomic
def load(only: Sequence[str] = ()) -> list[Loaded]:
    """Bring the shipped files into the tables, all in one transaction; `only` names some of them.

    Errors: ReferenceDataError for a file that does not fit; then nothing is changed.
    """
    done = [_load(source) for source in sources() if not only or source.name in only]
    if not only:
        audit.record(None, LOADED, PACKAGE, files=_contents())
    return done


def refresh() -> list[Loaded]:
    """What `load` does, where the files are others than those loaded last: nothing to do takes milliseconds.

    Errors: as `load`.
    """
    last = AuditLog.objects.filter(action=LOADED, object_ref=PACKAGE).order_by("-pk").first()
    return [] if last and last.detail["files"] == _contents() else load()


def _contents() -> str:
    """Hash over all shipped files."""
    digest = hashlib.sha256()
    for path in sorted(DOMAINS.glob("*/data/*.csv")):
        digest.update(path.relative_to(DOMAINS).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read(source: Source) -> Iterator[dict[str, Any]]:
    """Rows of a file as values of the model's fields, by attribute name.

    Errors: ReferenceDataError for unknown columns and values that do not fit.
    """
    with source.path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        fields = {name: _field(source, name) for name in reader.fieldnames or ()}
        absent = {source.renamed.get(name, name) for name in source.key} - {c.name for c in fields.values()}
        usual = {column.attname: _value(column, "") for column in (_field(source, name) for name in absent)}
        for number, row in enumerate(reader, start=2):
            values = dict(usual)
            for name, column in fields.items():
                try:
                    values[column.attname] = _value(column, row[name] or "")
                except (ValueError, TypeError) as error:
                    raise ReferenceDataError(f"{source.path.name}, row {number}, {name}: {error}") from error
            yield values


def _field(source: Source, name: str) -> models.Field[Any, Any]:
    wanted = source.renamed.get(name, name)
    for column in source.model._meta.concrete_fields:
        if column.name == wanted:
            return column
    raise ReferenceDataError(f"{source.path.name}: {source.model.__name__} has no column {name}")


def _value(column: models.Field[Any, Any], text: str) -> Any:
    if text == "":
        if column.null:
            return None
        if column.has_default():
            return column.get_default()
        if column.empty_strings_allowed:
            return ""
        raise ValueError("empty")
    if isinstance(column, models.BooleanField):
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{text} is neither true nor false")
        return text.lower() == "true"
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    if isinstance(target, models.IntegerField):
        return int(text)
    if isinstance(target, models.DateField):
        return date.fromisoformat(text)
    return text


def _load(source: Source) -> Loaded:
    wanted = list(read(source))
    report = Loaded(source.name, rows=len(wanted))
    key = _attnames(source.model, source.key)
    own = (*key, "valid_from") if source.is_dated else key
    _refuse_repeats(source, wanted, own)
    present = {tuple(getattr(row, name) for name in own): row for row in source.model._default_manager.all()}
    edited = _edited_periods(present.values(), key) if source.is_dated else {}
    shipped = {tuple(values[name] for name in own): values for values in wanted}
    add, change, names = [], [], [name for name in (wanted[0] if wanted else {}) if name not in own]
    for identity, values in shipped.items():
        row = present.get(identity)
        if row is None:
            if _collides(values, edited.get(identity[:-1], ())):
                report.left_out += 1
            else:
                add.append(source.model(**values))
        elif _is_edited(row):
            report.kept += 1
        elif all(getattr(row, name) == values[name] for name in names):
            report.unchanged += 1
        else:
            for name in names:
                setattr(row, name, values[name])
            change.append(row)
    gone = _superseded(source, present, shipped, key) if source.is_dated else []
    report.removed = len(gone)
    source.model._default_manager.filter(pk__in=gone).delete()
    # shorter periods first, so that a period that moved never overlaps its neighbour
    change.sort(key=lambda row: getattr(row, "valid_to", None) or OPEN_END)
    for row in change if source.is_dated else ():
        row.save(update_fields=names)
    if change and not source.is_dated:
        source.model._default_manager.bulk_update(change, _names(source.model, names), batch_size=CHUNK)
    source.model._default_manager.bulk_create(add, batch_size=CHUNK)
    report.added, report.updated = len(add), len(change)
    return report


def _attnames(model: type[models.Model], names: Sequence[str]) -> tuple[str, ...]:
    by_name = {column.name: column.attname for column in model._meta.concrete_fields}
    return tuple(by_name[name] for name in names)


def _names(model: type[models.Model], attnames: Sequence[str]) -> list[str]:
    by_attname = {column.attname: column.name for column in model._meta.concrete_fields}
    return [by_attname[name] for name in attnames]


def _is_edited(row: models.Model) -> bool:
    return bool(getattr(row, "is_edited", False))


def _refuse_repeats(source: Source, wanted: list[dict[str, Any]], own: tuple[str, ...]) -> None:
    seen: set[tuple[Any, ...]] = set()
    for values in wanted:
        identity = tuple(values[name] for name in own)
        if identity in seen:
            raise ReferenceDataError(f"{source.path.name}: {' '.join(map(str, identity))} stands there twice")
        seen.add(identity)


Periods = dict[tuple[Any, ...], list[tuple[date, date]]]


def _edited_periods(rows: Any, key: tuple[str, ...]) -> Periods:
    found: Periods = {}
    for row in rows:
        if _is_edited(row):
            identity = tuple(getattr(row, name) for name in key)
            found.setdefault(identity, []).append((row.valid_from, row.valid_to or OPEN_END))
    return found


def _collides(values: dict[str, Any], periods: Sequence[tuple[date, date]]) -> bool:
    first, last = values.get("valid_from"), values.get("valid_to") or OPEN_END
    return any(first <= end and start <= last for start, end in periods if first)


def _superseded(
    source: Source,
    present: dict[tuple[Any, ...], Any],
    shipped: dict[tuple[Any, ...], Any],
    key: tuple[str, ...],
) -> list[Any]:
    """Rows of an earlier package whose key the package still has, with other periods."""
    keys = {identity[:-1] for identity in shipped}
    return [
        row.pk
        for identity, row in present.items()
        if identity not in shipped and identity[:-1] in keys and not _is_edited(row)
    ]
