"""A replay as a folder of Parquet files: worlds, parts, the question, and what was found.

question.parquet, parts.parquet (part, world, orders, mark), worlds/<hash>/<table>.parquet,
parts/<part>/<frame>.parquet, found/<part>-<mark>/orders, lines and off.parquet. The mark says what a part was asked:
what is found under it holds as long as question, world and orders are the same, so a run that broke is gone on with.
The folder may be a path that all machines see, or any address Polars reads. Only the engine is needed to read it: no
database, no Django.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import polars as pl

from entrepot.engine.columns import WORLD
from entrepot.engine.replay import Question
from entrepot.engine.replay.parts import INPUTS, REPLAYED_LINES, REPLAYED_ORDERS, Part, Result
from entrepot.engine.scenario import Edit
from entrepot.engine.world import World


class OtherWorld(ValueError):
    """The files of a world are not the world they are named after."""


def write_parts(folder: str, parts: Iterable[tuple[int, str, Part]]) -> int:
    """Put parts into a folder one by one, then the list of them; how many orders they hold.

    The question stands there already.
    """
    asked = repr(pl.read_parquet(f"{folder}/question.parquet").row(0))
    found = []
    for number, digest, part in parts:
        mark = sha256(f"{asked}\n{digest}".encode())
        for name in INPUTS:
            frame: pl.DataFrame = getattr(part, name)
            frame.write_parquet(f"{folder}/parts/{number}/{name}.parquet", mkdir=True)
            mark.update(repr(frame.schema).encode() + frame.hash_rows().to_numpy().tobytes())
        row = {"part": number, "world": digest, "orders": part.orders.height, "mark": mark.hexdigest()[:32]}
        found.append(row)
    schema = {"part": pl.Int64(), "world": pl.String(), "orders": pl.Int64(), "mark": pl.String()}
    index = pl.DataFrame(found, schema=schema)
    index.write_parquet(f"{folder}/parts.parquet", mkdir=True)
    return int(index["orders"].sum())


def read_part(folder: str, number: int) -> Part:
    """A part as it was written.

    Errors: SchemaError when a file breaks its contract.
    """
    return Part.checked({name: pl.read_parquet(f"{folder}/parts/{number}/{name}.parquet") for name in INPUTS})


def write_world(folder: str, world: World) -> None:
    """Put a world under its hash."""
    for name, frame in world.tables.items():
        frame.write_parquet(f"{folder}/worlds/{world.hash}/{name}.parquet", mkdir=True)


def read_world(folder: str, digest: str) -> World:
    """A world by its hash.

    Errors: OtherWorld when the content has another hash; SchemaError when a table breaks its contract.
    """
    world = World.of({name: pl.read_parquet(f"{folder}/worlds/{digest}/{name}.parquet") for name in WORLD})
    if world.hash != digest:
        raise OtherWorld(f"the files of world {digest} hold another world: {world.hash}")
    return world


def write_question(folder: str, edits: Sequence[Edit], *, redecide: bool, unlimited: bool) -> None:
    """Put down what is asked of the parts."""
    records = json.dumps([edit.record() for edit in edits])
    asked = pl.DataFrame({"edits": [records], "redecide": [redecide], "unlimited": [unlimited]})
    asked.write_parquet(f"{folder}/question.parquet", mkdir=True)


@lru_cache(maxsize=4)
def read_question(folder: str, digest: str) -> Question:
    """What is asked of orders of one world; kept, as the parts of a world ask for it one after the other."""
    row = pl.read_parquet(f"{folder}/question.parquet").row(0, named=True)
    edits = [Edit.from_record(record) for record in json.loads(row["edits"])]
    return Question(read_world(folder, digest), edits, redecide=row["redecide"], unlimited=row["unlimited"])


def read_index(folder: str) -> pl.DataFrame:
    """The list of parts: part, world, orders, mark."""
    return pl.read_parquet(f"{folder}/parts.parquet")


def write_found(folder: str, number: int, mark: str, result: Result) -> None:
    """Put down what was found of a part; it stands as soon as the last of its files does."""
    off = pl.DataFrame({"off_minor": [result.off_minor]}, schema={"off_minor": pl.Int64})
    for name, frame in (("orders", result.orders), ("lines", result.lines), ("off", off)):
        _put(frame, f"{folder}/found/{number}-{mark}/{name}.parquet")


def is_found(folder: str, number: int, mark: str) -> bool:
    """Whether what was asked of a part is answered."""
    try:
        return pl.read_parquet(f"{folder}/found/{number}-{mark}/off.parquet").height == 1
    except (OSError, pl.exceptions.PolarsError):
        return False


def read_found(folder: str) -> dict[int, Result]:
    """What was found, by part; parts that are still to be done are missing.

    Errors: SchemaError when a file breaks its contract.
    """
    found = {}
    for number, mark in read_index(folder).select("part", "mark").iter_rows():
        if is_found(folder, number, mark):
            place = f"{folder}/found/{number}-{mark}"
            frames = {name: pl.read_parquet(f"{place}/{name}.parquet") for name in ("orders", "lines", "off")}
            orders, lines = REPLAYED_ORDERS.check(frames["orders"]), REPLAYED_LINES.check(frames["lines"])
            found[number] = Result(orders, lines, int(frames["off"]["off_minor"][0]))
    return found


def _put(frame: pl.DataFrame, place: str) -> None:
    """Write a file whole: on a disk beside its place first, then renamed; elsewhere a file appears at once."""
    if "://" in place:
        frame.write_parquet(place)
        return
    path = Path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{uuid4().hex}")
    frame.write_parquet(beside)
    os.replace(beside, path)
