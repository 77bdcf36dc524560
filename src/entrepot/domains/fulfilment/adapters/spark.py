"""Spark: the parts of a replay on a cluster. Each task reads its parts' files and calls what every worker calls.

What Spark is asked for is the least there is: one row per part in, `mapInArrow`, one row per part out. What is found of
a part a task writes itself, whole or not at all, so that a cluster that goes away takes nothing with it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from entrepot.domains.fulfilment.adapters.java import java_home
from entrepot.domains.fulfilment.adapters.partfiles import (
    is_found,
    read_index,
    read_part,
    read_question,
    write_found,
)
from entrepot.engine.replay.parts import replay_part

ANSWER = "part long, orders long"
# polars runs one thread a task, as Spark already gives a task to every core
SETTINGS = {
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.ui.showConsoleProgress": "true",
    "spark.sql.debug.maxToStringFields": "200",
}


class NoSpark(RuntimeError):
    """Spark or Java is missing on this machine."""


def run_on_spark(folder: str, master: str, settings: Mapping[str, str] | None = None) -> int:
    """Replay the parts of a folder on a cluster; each task puts what it found beside them. How many parts were done.

    A task a part; parts whose answer stands there already are left alone, so a run that broke is gone on with.
    Errors: NoSpark; what Spark raises when a task fails for good.
    """
    parts = read_index(folder).select("part", "world", "mark")
    done = [is_found(folder, number, mark) for number, _world, mark in parts.iter_rows()]
    parts = parts.filter(~pl.Series(done, dtype=pl.Boolean))
    if parts.is_empty():
        return 0
    session = _session(master, {**SETTINGS, **(settings or {})}, Path(folder))
    try:
        given = session.createDataFrame(parts.to_arrow(compat_level=pl.CompatLevel.oldest()))
        found = given.repartition(parts.height).mapInArrow(partial(_work, folder), ANSWER)
        return len(found.collect())
    finally:
        session.stop()


def _work(folder: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a task does: its parts, one after the other; it answers with their numbers and orders."""
    for batch in batches:
        for row in batch.to_pylist():
            found = replay_part(read_part(folder, row["part"]), read_question(folder, row["world"]))
            write_found(folder, row["part"], row["mark"], found)
            yield pa.RecordBatch.from_pylist([{"part": row["part"], "orders": found.orders.height}])


def _session(master: str, settings: Mapping[str, str], folder: Path) -> Any:
    """A session of the cluster. The workers' Python is PYSPARK_PYTHON, or this one where nothing is said."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise NoSpark("Spark is not installed: install the extra `spark`") from error
    home = java_home(folder)
    if home is None:
        raise NoSpark("Java is missing: install a Java runtime of version 17 or 21, or the extra `spark`")
    os.environ["JAVA_HOME"] = home
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas"
    )  # none is handed over
    builder = SparkSession.builder.master(master).appName("entrepot replay")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
