"""DuckDB over the marts: one open database per process for the pages, and a locked one for each query of a user."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import duckdb

from entrepot.domains.insight.adapters import store
from entrepot.domains.insight.rules.facts import FACTS

Row = tuple[Any, ...]
LOOK_S = 0.5


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


@dataclass(frozen=True)
class Limits:
    """How much a user's query may take."""

    rows: int = 10_000
    seconds: float = 20.0
    memory_mb: int = 512
    threads: int = 2


@dataclass(frozen=True)
class Answer:
    """Columns with their types, rows, and whether there were more rows than are given."""

    columns: list[tuple[str, str]]
    rows: list[Row]
    is_cut: bool


class QueryRefused(ValueError):
    """A query that may not run, or that DuckDB refuses; the text says why."""


class QueryStopped(RuntimeError):
    """A query that took too long (`timeout`) or was told to stop (`asked`)."""


def locked(manifest: store.Manifest, limits: Limits) -> duckdb.DuckDBPyConnection:
    """A database over the marts that reaches nothing else, whatever is asked of it: no other file, no network, no
    extension, no setting; it lives in memory and for one query."""
    database = duckdb.connect(
        config={
            **CONFIG,
            "memory_limit": f"{limits.memory_mb}MB",
            "threads": limits.threads,
            "temp_directory": "",
        }
    )
    paths = views(database, manifest)
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    database.execute(f"SET allowed_paths = [{listed}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def ask_locked(query: str, limits: Limits, is_stopped: Callable[[], bool] = lambda: False) -> Answer:
    """The answer to a query somebody wrote: one SELECT over the views of the marts, within limits.

    `is_stopped` is asked twice a second from another thread. Errors: NoMarts, QueryRefused, QueryStopped.
    """
    manifest = store.read_manifest()
    if not manifest.parts:
        raise NoMarts
    _check_statement(query)
    database = locked(manifest, limits)
    watch = _Watch(database, limits.seconds, is_stopped)
    try:
        with watch:
            cursor = database.execute(query)
            rows = cursor.fetchmany(limits.rows + 1)
            columns = [(str(one[0]), str(one[1])) for one in cursor.description or ()]
    except duckdb.InterruptException:
        raise QueryStopped(watch.reason or "timeout") from None
    except duckdb.Error as error:
        if watch.reason:
            raise QueryStopped(watch.reason) from None
        raise QueryRefused(_plain(str(error))) from None
    finally:
        database.close()
    return Answer(columns, rows[: limits.rows], len(rows) > limits.rows)


def schema() -> list[tuple[str, list[tuple[str, str]]]]:
    """Tables and their columns with types, as a query may name them. Errors: NoMarts."""
    rows = ask(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, kind))
    return [(fact, found[fact]) for fact in FACTS if fact in found]


def _check_statement(query: str) -> None:
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise QueryRefused(_plain(str(error))) from None
    if len(statements) != 1:
        raise QueryRefused("one statement at a time")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        raise QueryRefused(f"only SELECT is possible here, not {kind.name}")


def _plain(text: str) -> str:
    """What DuckDB says, without the places of files."""
    folder = str(store.root())
    return text.replace(folder, "").strip()[:1_000]


class _Watch:
    """Interrupts a query from another thread when its time is over or somebody wants it to stop."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, seconds: float, is_stopped: Callable[[], bool]
    ) -> None:
        self.database, self.seconds, self.is_stopped = database, seconds, is_stopped
        self.done, self.reason = threading.Event(), ""
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_error: object) -> None:
        self.done.set()
        self.thread.join()

    def _look(self) -> None:
        begun = monotonic()
        while not self.done.wait(min(LOOK_S, self.seconds)):
            if monotonic() - begun >= self.seconds:
                self.reason = "timeout"
            elif self.is_stopped():
                self.reason = "asked"
            if self.reason:
                self.database.interrupt()
