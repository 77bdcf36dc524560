"""Laying a whole edition of a dated table over what is there: by set, so that 170,000 rows are one statement each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from django.db import connection, models

from entrepot.core.frames import Frame, stage

PROOF = ("source", "status", "note")


@dataclass(frozen=True)
class Laid:
    """What laying an edition did, in rows."""

    rows: int = 0
    unchanged: int = 0
    corrected: int = 0
    opened: int = 0
    closed: int = 0
    ended: int = 0

    def __add__(self, other: Laid) -> Laid:
        return Laid(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def lay(model: type[models.Model], key: tuple[str, ...], edition: Frame, *, owner: str) -> Laid:
    """Make the edition's rows hold from their first day on; doing it twice changes nothing.

    A row that says the same already stays. One that says something else ends the day before, and the new one begins
    (or, when both begin on the same day, it is corrected). A row whose source begins with `owner`, and which the
    edition no longer has, ends the day before; without an owner nothing ends. Periods that begin later are left as
    they are, and end the new ones.
    Shapes: edition n rows of the model's columns, one first day for all. Runs inside the caller's transaction.
    """
    if not edition.height:
        return Laid()
    table = model._meta.db_table
    staged = stage(f"lay_{table}", edition.with_columns(act=pl.lit(""), begun=pl.lit(None, dtype=pl.Date)))
    values = [name for name in edition.columns if name not in (*key, "valid_from", "valid_to", *PROOF)]
    words = {
        "table": table,
        "staged": staged,
        "match": " AND ".join(f"r.{name} = s.{name}" for name in key),
        "same": " AND ".join([f"r.{name} IS NOT DISTINCT FROM s.{name}" for name in values] or ["true"]),
        "assign": ", ".join(f"{name} = s.{name}" for name in (*values, *PROOF)),
        "columns": ", ".join((*key, *values, "valid_from", "valid_to", *PROOF)),
        "present": "r.valid_from <= s.valid_from AND coalesce(r.valid_to, 'infinity') >= s.valid_from",
    }
    done = Laid(rows=edition.height)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {staged}")
        cursor.execute(_CAP.format(**words))
        cursor.execute(_UNCHANGED.format(**words))
        done = replace(done, unchanged=cursor.rowcount)
        cursor.execute(_CORRECT.format(**words))
        cursor.execute(f"SELECT count(*) FROM {staged} WHERE act = 'corrected'")
        done = replace(done, corrected=int(cursor.fetchone()[0]))
        cursor.execute(_CLOSE.format(**words))
        done = replace(done, closed=cursor.rowcount)
        first_day: date = edition["valid_from"][0]
        if owner:
            cursor.execute(_FORGET.format(**words), [f"{owner}%", first_day])
            forgotten = cursor.rowcount
            cursor.execute(_END.format(**words), [first_day, f"{owner}%", first_day, first_day])
            done = replace(done, ended=cursor.rowcount + forgotten)
        cursor.execute(_OPEN.format(**words))
        return replace(done, opened=cursor.rowcount)


# the new row ends where the one it replaces would have ended, or before the next that is there already
_CAP = """
    UPDATE {staged} AS s SET valid_to = least(s.valid_to, found.last), begun = found.begun
    FROM (
        SELECT s.ctid AS line,
            min(CASE WHEN r.valid_from > s.valid_from THEN r.valid_from - 1 ELSE r.valid_to END) AS last,
            max(r.valid_from) FILTER (WHERE r.valid_from <= s.valid_from) AS begun
        FROM {staged} AS s JOIN {table} AS r ON {match}
        WHERE coalesce(r.valid_to, 'infinity') >= s.valid_from
        GROUP BY s.ctid
    ) AS found
    WHERE found.line = s.ctid
"""
_UNCHANGED = """
    UPDATE {staged} AS s SET act = 'unchanged' FROM {table} AS r
    WHERE {match} AND r.valid_from = s.begun AND {same} AND r.valid_to IS NOT DISTINCT FROM s.valid_to
"""
_CORRECT = """
    WITH hit AS (
        UPDATE {table} AS r SET {assign}, valid_to = s.valid_to, is_edited = true FROM {staged} AS s
        WHERE {match} AND r.valid_from = s.valid_from AND s.begun = s.valid_from AND s.act = ''
        RETURNING s.ctid AS line
    )
    UPDATE {staged} AS s SET act = 'corrected' FROM hit WHERE hit.line = s.ctid
"""
_CLOSE = """
    UPDATE {table} AS r SET valid_to = s.valid_from - 1, is_edited = true FROM {staged} AS s
    WHERE {match} AND s.act = '' AND r.valid_from < s.valid_from AND {present}
"""
_GONE = """
    r.source LIKE %s AND NOT EXISTS (SELECT FROM {staged} AS s WHERE {match})
"""
_FORGET = f"DELETE FROM {{table}} AS r WHERE {_GONE} AND r.valid_from = %s"
_END = (
    f"UPDATE {{table}} AS r SET valid_to = %s::date - 1, is_edited = true WHERE {_GONE} "
    "AND r.valid_from < %s AND coalesce(r.valid_to, 'infinity') >= %s"
)
_OPEN = """
    INSERT INTO {table} ({columns}, is_edited) SELECT {columns}, true FROM {staged} WHERE act = ''
"""
