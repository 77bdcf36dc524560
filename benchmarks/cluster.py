"""A scratch database for measurements, and the CPU that PostgreSQL itself uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRATCH = "entrepot_bench"
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch_database(name: str = SCRATCH) -> Iterator[None]:
    """Django on an empty, migrated database of its own; it is dropped at the end."""
    import django
    from django.core.management import call_command
    from django.db import connection

    from entrepot.config import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")
    database.ensure()
    django.setup()
    home = connection.settings_dict["NAME"]
    _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def cpu_seconds() -> float:
    """CPU used so far by this process and by every process of the embedded cluster, dead children included."""
    return _own() + sum(_of(pid) for pid in _server_pids())


def _own() -> float:
    times = os.times()
    return times.user + times.system


def _execute(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _server_pids() -> list[int]:
    from entrepot.config import postgres

    if os.environ.get("DATABASE_URL"):
        return []  # another machine's clock cannot be read
    lines = (Path(postgres.status()["data"]) / "postmaster.pid").read_text("ascii").splitlines()
    master = int(lines[0])
    children = [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()]
    return [master, *children]


def _of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return 0.0
    own, reaped = (int(fields[11]) + int(fields[12])), (int(fields[13]) + int(fields[14]))
    return (own + reaped) / TICKS
