"""Reading and changing the rows of any world table, the same way for all of them.

A change has a first day: the row in force ends the day before, and a new row begins. A correction rewrites a row that
was wrong from its beginning. Both mark the row as edited here, so that loading the package leaves it alone, and both
are in the action log; the row's own history is kept by the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entrepot.core import audit
from entrepot.core.dated import DatedRule, Reference, Status
from entrepot.core.models import WorldStamp
from entrepot.core.worldtables import all_tables, beside_tables

BESIDE = {  # tables the world's rows point at: model → name, title, group
    "account": ("accounts", _("Accounts"), "books"),
    "carrier": ("carriers", _("Carriers"), "logistics"),
    "category": ("categories", _("Categories"), "goods"),
    "categoryassumption": ("category_assumptions", _("Category assumptions"), "goods"),
}
HIDDEN = ("id", "is_edited")
DAY = timedelta(days=1)
CODE_LENGTH = 3
PROSE = ("name_en", "name_zh", "source", "note", "reason", "unit")


@dataclass(frozen=True)
class Table:
    """A table as the pages see it: its model, key, title and group."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    title: str | Promise
    group: str

    @property
    def is_dated(self) -> bool:
        """Whether rows have periods."""
        return issubclass(self.model, DatedRule)

    @property
    def can_edit(self) -> bool:
        """Whether rows are kept by people; SKUs and daily rates come in by other doors."""
        return issubclass(self.model, Reference)

    @property
    def columns(self) -> list[models.Field[Any, Any]]:
        """Fields that say something to a reader, in the model's order, the period and its proof last."""
        shown = [column for column in self.model._meta.concrete_fields if column.name not in HIDDEN]
        tail = ("valid_from", "valid_to", "status", "source", "note")
        return [c for c in shown if c.name not in tail] + [
            c for name in tail for c in shown if c.name == name
        ]


@dataclass(frozen=True)
class Summary:
    """A table in figures: rows, rows in force today, unconfirmed ones among them, rows edited here."""

    table: Table
    rows: int
    in_force: int
    unconfirmed: int
    edited: int
    sources: int
    changed_at: datetime | None


@dataclass(frozen=True)
class Event:
    """One change of a row: when, by whom, and what was different afterwards."""

    at: datetime
    kind: str
    user_id: int | None
    changes: tuple[tuple[str, str, str], ...]


def tables() -> dict[str, Table]:
    """Every table a person may look at: the world's, and those their rows point at."""
    found = {
        name: Table(name, table.model, table.key, table.title, table.group)
        for name, table in (all_tables() | beside_tables()).items()
    }
    known = {table.model for table in found.values()}
    for model in apps.get_models():
        beside = BESIDE.get(model._meta.model_name or "")
        if beside and issubclass(model, Reference) and model not in known:
            name, title, group = beside
            key = ("category",) if issubclass(model, DatedRule) else ("code",)
            found[name] = Table(name, model, key, title, group)
    return found


def summaries(on: date) -> list[Summary]:
    """Every table in figures, in two queries."""
    known = tables()
    parts = [_counts(table) for table in known.values()]
    query = " UNION ALL ".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(query, {"on": on})
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    changed = dict(WorldStamp.objects.values_list("name", "changed_at"))
    found = []
    for name, table in known.items():
        total, in_force, unconfirmed, edited, sources = counts[name]
        found.append(Summary(table, total, in_force, unconfirmed, edited, sources, changed.get(name)))
    return found


def _counts(table: Table) -> str:
    names = {column.column for column in table.model._meta.concrete_fields}
    in_force = (
        "valid_from <= %(on)s AND (valid_to IS NULL OR valid_to >= %(on)s)" if table.is_dated else "true"
    )
    unconfirmed = f"count(*) FILTER (WHERE status = 'U' AND {in_force})" if "status" in names else "0"
    edited = "count(*) FILTER (WHERE is_edited)" if "is_edited" in names else "0"
    sources = "count(DISTINCT source)" if "source" in names else "0"
    columns = f"count(*), count(*) FILTER (WHERE {in_force}), {unconfirmed}, {edited}, {sources}"
    return f"SELECT '{table.name}', {columns} FROM {table.model._meta.db_table}"


def rows(
    table: Table, *, text: str = "", on: date | None = None, status: str = "", edited: bool = False
) -> QuerySet[Any]:
    """Rows that hold the text anywhere, are in force on the day, have the certainty, were edited here."""
    found = table.model._default_manager.all()
    related = [column.name for column in table.columns if isinstance(column, models.ForeignKey)]
    found = found.select_related(*related) if related else found
    for word in text.split():
        found = found.filter(_anywhere(table, word))
    if table.is_dated and on:
        found = found.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    elif on and any(column.name == "on" for column in table.columns):
        found = found.filter(on=on)
    if table.is_dated and status in Status.values:
        found = found.filter(status=status)
    if edited and table.can_edit:
        found = found.filter(is_edited=True)
    return found


def ordered(table: Table, found: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Rows by one column, `-` in front turns it round; by key and newest first where none is asked for."""
    names = {column.name for column in table.columns}
    asked = [sort] if sort.lstrip("-") in names else []
    newest = ["-valid_from"] if table.is_dated else []
    usual = ["-on", "currency"] if "on" in names else [*table.key, *newest]
    return found.order_by(*asked, *[name for name in usual if name.lstrip("-") != sort.lstrip("-")])


def _anywhere(table: Table, word: str) -> Q:
    """Rows that hold a word; one of up to three letters is a code, so it is sought at the beginning of codes only."""
    is_code = len(word) <= CODE_LENGTH
    found = Q(pk__in=())
    for column in table.columns:
        if isinstance(column, models.ForeignKey):
            found |= Q(**{f"{column.name}__code__icontains": word})
        elif isinstance(column, models.CharField) and not (is_code and column.name in PROSE):
            found |= Q(**{f"{column.name}__{'istartswith' if is_code else 'icontains'}": word})
    return found


@transaction.atomic
def add(table: Table, values: Mapping[str, Any], actor: audit.Actor) -> models.Model:
    """A new row.

    Errors: ValidationError when it does not fit the table or overlaps another row of the same key.
    """
    row = table.model(**values)
    return _keep(table, row, actor, "world.add")


@transaction.atomic
def correct(table: Table, row: models.Model, values: Mapping[str, Any], actor: audit.Actor) -> models.Model:
    """The row as it should have been from its beginning.

    Errors: ValidationError as in `add`; then nothing is changed.
    """
    before = _texts(table, row)
    for name, value in values.items():
        setattr(row, name, value)
    return _keep(table, row, actor, "world.correct", before=before)


@transaction.atomic
def change(table: Table, row: models.Model, values: Mapping[str, Any], actor: audit.Actor) -> models.Model:
    """From the new first day on other values: the row ends the day before, the new one begins; gives the new one.

    Errors: ValidationError when the first day is not inside the row's period, or the new row does not fit.
    """
    assert isinstance(row, DatedRule)  # pages offer a change on dated tables only
    before = _texts(table, row)
    old: Any = table.model._default_manager.select_for_update().get(pk=row.pk)
    old.valid_to = values["valid_from"] - DAY
    _keep(table, old, actor, "world.end")
    return _keep(table, table.model(**values), actor, "world.change", before=before)


def _keep(table: Table, row: Any, actor: audit.Actor, action: str, **detail: Any) -> models.Model:
    _refuse_backwards(row)
    row.is_edited = True
    row.full_clean()
    row.save()
    audit.record(actor, action, f"{table.name}:{row.pk}", after=_texts(table, row), **detail)
    kept: models.Model = row
    return kept


def _refuse_backwards(row: models.Model) -> None:
    """A period that ends before it begins, told apart before the database is asked about overlaps."""
    if isinstance(row, DatedRule) and row.valid_to and row.valid_to < row.valid_from:
        raise ValidationError({"valid_from": _("The first day must be inside the row's period.")})


def _texts(table: Table, row: models.Model) -> dict[str, str]:
    return {column.name: str(getattr(row, column.attname)) for column in table.columns}


def history(table: Table, row: models.Model) -> list[Event]:
    """What happened to a row, newest first, from the events the database keeps."""
    model = _event_model(table.model)
    if model is None:
        return []
    records = list(
        model._default_manager.filter(pgh_obj_id=row.pk).select_related("pgh_context").order_by("pgh_id")
    )
    events = []
    previous: models.Model | None = None
    for record in records:
        changes = tuple(_differences(table, previous, record)) if previous is not None else ()
        context = getattr(record, "pgh_context", None)
        user_id = (context.metadata or {}).get("user") if context else None
        events.append(Event(record.pgh_created_at, record.pgh_label, user_id, changes))
        previous = record
    return events[::-1]


def _event_model(model: type[models.Model]) -> Any:
    for candidate in apps.get_models():
        if getattr(candidate, "pgh_tracked_model", None) is model:
            return candidate
    return None


def _differences(table: Table, before: models.Model, after: models.Model) -> Iterator[tuple[str, str, str]]:
    for column in table.columns:
        old, new = getattr(before, column.attname, None), getattr(after, column.attname, None)
        if old != new:
            texts = ["" if value is None else str(value) for value in (old, new)]
            yield str(column.verbose_name), texts[0], texts[1]


def export(table: Table, found: QuerySet[Any]) -> Iterable[list[str]]:
    """Head and rows as texts for a file; a text that a spreadsheet would take for a formula gets an apostrophe."""
    yield [column.name for column in table.columns]
    for row in found.iterator(chunk_size=2_000):
        yield [_safe(column, getattr(row, column.attname)) for column in table.columns]


def _safe(column: models.Field[Any, Any], value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    is_text = isinstance(column, models.CharField | models.ForeignKey)
    return f"'{text}" if is_text and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
