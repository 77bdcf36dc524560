"""Spark: the parts of a replay on a cluster. Each task reads its parts' files and calls what every worker calls.

What Spark is asked for is the least there is: one row per part in, `mapInArrow`, rows out, written as Parquet.
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
from entrepot.domains.fulfilment.adapters.partfiles import read_index, read_part, read_question
from entrepot.engine.frames import Contract
from entrepot.engine.replay.parts import REPLAYED_LINES, REPLAYED_ORDERS, replay_part

TYPES = {pl.Int64(): pa.int64(), pl.String(): pa.string()}
ROWS = 10_000  # of a record batch
# polars runs one thread a task, as Spark already gives a task to every core
SETTINGS = {
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.ui.showConsoleProgress": "true",
    "spark.sql.debug.maxToStringFields": "200",
}


class NoSpark(RuntimeError):
    """Spark or Java is missing on this machine."""


def run_on_spark(folder: str, master: str, settings: Mapping[str, str] | None = None) -> None:
    """Replay the parts of a folder on a cluster and put what was found beside them, as Parquet.

    A task a part. An earlier result there is replaced. Errors: NoSpark; what Spark raises when a task fails for good.
    """
    parts = read_index(folder).select("part", "world")
    session = _session(master, {**SETTINGS, **(settings or {})}, Path(folder))
    try:
        given = session.createDataFrame(parts.to_arrow(compat_level=pl.CompatLevel.oldest()))
        found = given.repartition(max(parts.height, 1)).mapInArrow(partial(_work, folder), _spark_schema())
        found.write.mode("overwrite").parquet(f"{folder}/found")
    finally:
        session.stop()


def _work(folder: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a task does: its parts, one after the other."""
    for batch in batches:
        for row in batch.to_pylist():
            found = replay_part(read_part(folder, row["part"]), read_question(folder, row["world"]))
            yield _rows(row["part"], pl.DataFrame({"off": [found.off_minor]}), {})
            for start in range(0, found.orders.height, ROWS):
                yield _rows(row["part"], found.orders.slice(start, ROWS), {"order": REPLAYED_ORDERS})
            for start in range(0, found.lines.height, ROWS):
                yield _rows(row["part"], found.lines.slice(start, ROWS), {"line": REPLAYED_LINES})


def _rows(part: int, frame: pl.DataFrame, held: Mapping[str, Contract]) -> pa.RecordBatch:
    """Rows for Spark: the part, and an order, a line, or (neither of them) by how much the part misses the books."""
    schema = _schema()
    size = frame.height
    columns = {
        "part": pa.array([part] * size, pa.int64()),
        "off_minor": pa.nulls(size, pa.int64()) if held else pa.array(frame["off"].to_list(), pa.int64()),
    }
    for name in ("order", "line"):
        kind = schema.field(name).type
        columns[name] = _struct(frame, kind) if name in held else pa.nulls(size, kind)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _struct(frame: pl.DataFrame, kind: pa.StructType) -> pa.StructArray:
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.schema(list(kind)))
    arrays = [column.combine_chunks() for column in table.columns]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))


def _schema() -> pa.Schema:
    """The columns tasks answer with."""
    held = {
        name: pa.struct([pa.field(one.name, TYPES[one.dtype]) for one in contract.columns])
        for name, contract in (("order", REPLAYED_ORDERS), ("line", REPLAYED_LINES))
    }
    return pa.schema([("part", pa.int64()), ("off_minor", pa.int64()), *held.items()])


def _spark_schema() -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(_schema())


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
