"""Work done by one thread alone: the same answers, errors where they were asked, any number at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from entrepot.engine.alone import alone


def test_work_is_done_by_the_thread_that_asks_and_gives_its_answer() -> None:
    assert alone(threading.get_ident) == threading.get_ident()


def test_an_error_is_raised_where_the_work_was_asked_and_the_next_work_runs() -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyError, match="no such order"):
        alone(lambda: {}["no such order"])
    with pytest.raises(KeyboardInterrupt):
        alone(stopped)

    assert alone(lambda: 7) == 7


def test_many_who_work_alone_at_once_within_others_all_get_their_own_answer() -> None:
    frame = pl.DataFrame({"a": range(1_000)})

    def work(limit: int) -> int:
        return alone(lambda: frame.filter(pl.col("a") < alone(lambda: limit)).join(frame, on="a").height)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(work, range(200)))

    assert found == list(range(200))
