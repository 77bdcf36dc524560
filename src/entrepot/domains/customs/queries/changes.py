"""Who changed which rule when: the history the database keeps, over all rule tables of the room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from entrepot.core.dated import DatedRule
from entrepot.core.worldtables import WorldTable, all_tables

SHOWN_GROUPS = 60
SINGLE = 3  # a change of up to so many rows is shown row by row
UNSAID = ("id", "is_edited", "pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context")


@dataclass(frozen=True)
class RowChange:
    """One row: its name, its id where it still stands, and what was different afterwards (column, before, after)."""

    name: str
    pk: int
    differences: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Change:
    """What one person, or the program, did to one table at one moment; few rows are listed, many counted."""

    at: datetime
    table: WorldTable
    kind: str
    user_id: int | None
    rows: int
    listed: tuple[RowChange, ...]


def rule_tables() -> dict[str, WorldTable]:
    """The world tables of the room, by name."""
    return {name: table for name, table in all_tables().items() if table.model._meta.app_label == "customs"}


def rule_changes(
    *, table: str = "", since: date | None = None, until: date | None = None, user_id: int | None = None
) -> list[Change]:
    """Changes of the rule tables, newest first, rows of one table changed together as one.

    One query over all tables, and two for each table with few changed rows.
    """
    known = {name: one for name, one in rule_tables().items() if not table or name == table}
    events = {name: event for name, one in known.items() if (event := _events(one.model))}
    if not events:
        return []
    parts = [_PART.format(name=name, table=event._meta.db_table) for name, event in events.items()]
    asked = {"since": since, "until": until, "user": user_id, "limit": SHOWN_GROUPS}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS.format(parts=" UNION ALL ".join(parts)), asked)
        groups = cursor.fetchall()
    wanted: dict[str, set[int]] = {}
    for name, _kind, _at, _user, rows, ids in groups:
        if rows <= SINGLE:
            wanted.setdefault(name, set()).update(ids)
    listed = {name: _row_changes(events[name], ids) for name, ids in wanted.items()}
    return [
        Change(
            at,
            known[name],
            kind,
            user,
            rows,
            tuple(listed[name][one] for one in ids if one in listed[name]) if rows <= SINGLE else (),
        )
        for name, kind, at, user, rows, ids in groups
    ]


def periods_of(name: str, pk: int) -> tuple[WorldTable, Any, list[Any]] | None:
    """A dated rule with every row of its key, oldest first; None when there is no such row."""
    table = rule_tables().get(name)
    if table is None or not issubclass(table.model, DatedRule):
        return None
    row = table.model._default_manager.filter(pk=pk).first()
    if row is None:
        return None
    key = Q(**{column: getattr(row, column) for column in table.key if column != "reading"})
    return table, row, list(table.model._default_manager.filter(key).order_by("valid_from"))


_PART = """
    SELECT '{name}' AS name, pgh_label AS kind, date_trunc('minute', pgh_created_at) AS at, pgh_context_id AS context,
        count(*) AS rows, (array_agg(pgh_id ORDER BY pgh_id))[1:3] AS ids
    FROM {table}
    WHERE (%(since)s::date IS NULL OR pgh_created_at >= %(since)s::date)
        AND (%(until)s::date IS NULL OR pgh_created_at < %(until)s::date + 1)
    GROUP BY 2, 3, 4
"""
_GROUPS = """
    SELECT found.name, found.kind, found.at, (context.metadata->>'user')::bigint, found.rows, found.ids
    FROM ({parts}) AS found LEFT JOIN pghistory_context AS context ON context.id = found.context
    WHERE %(user)s::bigint IS NULL OR (context.metadata->>'user')::bigint = %(user)s::bigint
    ORDER BY found.at DESC, found.name, found.kind LIMIT %(limit)s
"""


def _events(model: type[models.Model]) -> Any:
    for candidate in apps.get_models():
        if getattr(candidate, "pgh_tracked_model", None) is model:
            return candidate
    return None


def _row_changes(events: Any, ids: Iterable[int]) -> dict[int, RowChange]:
    """Each event as a change against the one before it of the same row."""
    wanted = set(ids)
    objects = set(events.objects.filter(pgh_id__in=wanted).values_list("pgh_obj_id", flat=True))
    columns = [column for column in events._meta.concrete_fields if column.name not in UNSAID]
    before: dict[int, Any] = {}
    found = {}
    for record in events.objects.filter(pgh_obj_id__in=objects).order_by("pgh_id"):
        earlier = before.get(record.pgh_obj_id)
        if record.pgh_id in wanted:
            found[record.pgh_id] = RowChange(
                events.pgh_tracked_model.__str__(record),
                record.pgh_obj_id,
                tuple(
                    (str(column.verbose_name), _text(earlier, column), _text(record, column))
                    for column in columns
                    if _differs(earlier, record, column)
                ),
            )
        before[record.pgh_obj_id] = record
    return found


def _differs(earlier: Any, record: Any, column: Any) -> bool:
    """What changed; of a row that was entered or deleted, what it says."""
    if earlier is None or record.pgh_label == "delete":
        return bool(_text(record, column)) and column.name in (
            "rate_ppm",
            "valid_from",
            "valid_to",
            "status",
            "source",
        )
    return bool(getattr(earlier, column.attname) != getattr(record, column.attname))


def _text(record: Any, column: Any) -> str:
    value = getattr(record, column.attname, None) if record is not None else None
    return "" if value is None else str(value)
