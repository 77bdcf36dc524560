"""Processes: the same work by several processes of this machine, each with a core and a connection of its own.

For work that is claimed row by row (`FOR UPDATE SKIP LOCKED`): nothing is handed out, so a process that dies takes
nothing with it. A fresh process is started rather than forked, as threads and connections do not survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import django
from django.db import connection
from django.utils.module_loading import import_string

ENGINE_THREADS = "POLARS_MAX_THREADS"  # a process a core: more threads would only wait for each other
LOOK_EVERY = 0.5


class WorkerFailed(RuntimeError):
    """A process ended with an error; its message stands on the standard error."""


def side_by_side(
    task: str, arguments: tuple[Any, ...], count: int, on_progress: Callable[[], None] | None = None
) -> None:
    """Run a function, named by its dotted path, in so many processes at once; returns when all have ended.

    `on_progress` is called about twice a second meanwhile. Must not be called inside a transaction: the processes
    would not see what it wrote.
    Errors: WorkerFailed when every process failed; one that dies alone leaves its work to the others.
    """
    if connection.in_atomic_block:
        raise RuntimeError("processes would not see what this transaction has written")
    context = multiprocessing.get_context("spawn")
    before = os.environ.get(ENGINE_THREADS)
    os.environ[ENGINE_THREADS] = "1"
    database = str(connection.settings_dict["NAME"])
    started = [context.Process(target=_work, args=(task, database, arguments)) for _ in range(count)]
    try:
        for process in started:
            process.start()
    finally:
        if before is None:
            del os.environ[ENGINE_THREADS]
        else:
            os.environ[ENGINE_THREADS] = before
    try:
        for process in started:
            while process.is_alive():
                process.join(LOOK_EVERY)
                if on_progress:
                    on_progress()
    except BaseException:
        for process in started:
            process.terminate()
        raise
    finally:
        for process in started:
            process.join()
    if all(process.exitcode for process in started):
        raise WorkerFailed(f"{task}: every process ended with an error")


def _work(task: str, database: str, arguments: tuple[Any, ...]) -> None:
    """What a process does: load the rooms, take the same database, do the work."""
    django.setup()
    connection.settings_dict["NAME"] = database
    import_string(task)(*arguments)
    connection.close()
