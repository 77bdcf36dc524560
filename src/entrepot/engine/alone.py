"""Alone: work on frames done by the thread that asks for it, without the frames' own pool of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import polars as pl

Result = TypeVar("Result")


def alone(work: Callable[[], Result]) -> Result:
    """What the work gives, each of its operations done by this very thread.

    Otherwise each join, filter or group is handed to the pool and waited for, which costs more than the operation
    itself on frames of a few thousand rows, and as much again where every core has a slice of its own to work on.
    Errors: the work's own.
    Source: docs/decisions/0017-alone.md.
    """
    found: Future[Result] = Future()

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001  # raised where the work was asked, not among the frames' own
            found.set_exception(error)
        return frame

    nothing = pl.LazyFrame({"": [0]})
    pl.collect_all([nothing.map_batches(told), nothing])  # several frames: none of them may use the pool
    return found.result()
