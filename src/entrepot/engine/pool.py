"""Pool: work on small frames, done in a thread of the very pool that frames are worked on by."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import polars as pl

Result = TypeVar("Result")
_alone = threading.Lock()
_here = threading.local()


def inside(work: Callable[[], Result]) -> Result:
    """What the work gives, done in a thread of the pool.

    From any other thread each join, filter or group is handed over and waited for; on frames of a few thousand rows
    that costs more than the work itself. One at a time and never the only thread, so that others get on: where the
    pool is as small as that, or somebody is inside already, the work is done right here.
    Errors: the work's own. The work starts no threads that need the pool (`is_inside`).
    Source: docs/decisions/0017-inside-the-pool.md.
    """
    if pl.thread_pool_size() < 2 or not _alone.acquire(blocking=False):
        return work()
    found: Future[Result] = Future()

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        _here.inside = True
        try:
            found.set_result(work())
        except Exception as error:  # noqa: BLE001 — raised where it was asked, not among the frames' own
            found.set_exception(error)
        finally:
            _here.inside = False
        return frame

    try:
        nothing = pl.LazyFrame({"": [0]})
        pl.collect_all(
            [nothing.map_batches(told), nothing]
        )  # of several frames each is given to a thread of the pool
        return found.result()
    finally:
        _alone.release()


def is_inside() -> bool:
    """Whether this is a thread of the pool: what needs several must do without."""
    return getattr(_here, "inside", False)
