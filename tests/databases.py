"""Databases of the suite: one is migrated, once a state of the migrations; each worker gets a copy."""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "test_template_"
LOCK = 20_261_123  # who makes the template makes the others wait


def connect(name: str = "postgres") -> Any:
    """A connection of our own to a database of the suite's server."""
    at = connection.settings_dict
    return psycopg.connect(
        host=at["HOST"],
        port=at["PORT"],
        user=at["USER"],
        password=at["PASSWORD"],
        dbname=name,
        autocommit=True,
    )


def template() -> str:
    """The name of a database with all tables and no rows of ours; made where it is not there yet."""
    name = PREFIX + _digest()
    with connect() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # goes with the connection
        known = [
            row[0]
            for row in server.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
            )
        ]
        if name not in known:
            for old in known:
                drop(old)
            _make(name)
    return name


def copy(name: str, source: str = "") -> None:
    """A fresh database that is as the source (the template by default); one of that name goes."""
    source = source or template()
    drop(name)
    with connect() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def drop(name: str) -> None:
    """A database goes, whoever is still at it: a page that was left may still be answered."""
    with connect() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def lead_to(name: str) -> str:
    """Django's connections lead to this database from now on; the name of the one before."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    return str(before)


def _make(name: str) -> None:
    unfinished = f"{PREFIX}unfinished"
    drop(unfinished)
    with connect() as server:
        server.execute(f'CREATE DATABASE "{unfinished}"')
        before = lead_to(unfinished)
        try:
            call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
        finally:
            lead_to(before)
        server.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _digest() -> str:
    """Of what makes the tables: our migrations and those of the locked packages."""
    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes())
    for path in sorted((ROOT / "src").glob("**/migrations/*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
