"""DuckDB over the marts: one open database per process for the pages, and a locked one for each query of a user."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import duckdb

from entrepot.domains.insight.adapters import store
from entrepot.domains.insight.rules.facts import FACTS

Row = tuple[Any, ...]


class NoMarts(LookupError):
    """Nothing has been exported yet."""


class _Open:
    """The database this process has open, over the files of one manifest."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.key: tuple[str, int] | None = None
        self.database: duckdb.DuckDBPyConnection | None = None


_open = _Open()
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


def ask(query: str, params: Sequence[Any] = ()) -> list[Row]:
    """The rows of one of the house's own questions. Errors: NoMarts."""
    with _database().cursor() as cursor:
        return cursor.execute(query, list(params)).fetchall()


def views(database: duckdb.DuckDBPyConnection, manifest: store.Manifest) -> list[str]:
    """Make a view of each fact that has files; the paths they read."""
    paths: list[str] = []
    for fact in FACTS:
        files = manifest.files(fact)
        if files:
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
            database.execute(f"CREATE VIEW {fact} AS SELECT * FROM read_parquet([{listed}])")
            paths += files
    return paths


def _database() -> duckdb.DuckDBPyConnection:
    key = (str(store.root()), store.stamp())
    with _open.lock:
        if _open.database is None or _open.key != key:
            manifest = store.read_manifest()
            if not manifest.parts:
                raise NoMarts
            database = duckdb.connect(config=CONFIG)
            database.execute("SET enable_object_cache = true")
            views(database, manifest)
            _open.database, _open.key = database, key
        return _open.database
