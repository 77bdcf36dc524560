"""A replay as a folder of Parquet files: worlds, parts, the question, and what was found.

question.parquet, parts.parquet (part, world, orders), worlds/<hash>/<table>.parquet, parts/<part>/<frame>.parquet,
found/*.parquet (the part, and an order, a line, or by how much the part misses the books). The folder may be a path
that all machines see, or any address Polars reads. Only the engine is needed to read it: no database, no Django.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

import polars as pl

from entrepot.engine.columns import WORLD
from entrepot.engine.replay import Question
from entrepot.engine.replay.parts import INPUTS, REPLAYED_LINES, REPLAYED_ORDERS, Part, Result
from entrepot.engine.scenario import Edit
from entrepot.engine.world import World


class OtherWorld(ValueError):
    """The files of a world are not the world they are named after."""


def write_parts(folder: str, parts: Iterable[tuple[int, str, Part]]) -> int:
    """Put parts into a folder one by one, then the list of them; how many orders they hold."""
    found = []
    for number, digest, part in parts:
        for name in INPUTS:
            frame: pl.DataFrame = getattr(part, name)
            frame.write_parquet(f"{folder}/parts/{number}/{name}.parquet", mkdir=True)
        found.append({"part": number, "world": digest, "orders": part.orders.height})
    schema = {"part": pl.Int64(), "world": pl.String(), "orders": pl.Int64()}
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
    """The list of parts: part, world, orders."""
    return pl.read_parquet(f"{folder}/parts.parquet")


def read_found(folder: str) -> dict[int, Result]:
    """What was found, by part.

    Errors: SchemaError when a file breaks its contract.
    """
    rows = pl.read_parquet(f"{folder}/found/*.parquet")
    off = rows.filter(pl.col("off_minor").is_not_null()).select("part", "off_minor")
    orders, lines = (
        rows.filter(pl.col(name).is_not_null())
        .select("part", name)
        .unnest(name)
        .partition_by("part", as_dict=True)
        for name in ("order", "line")
    )
    return {
        part: Result(
            REPLAYED_ORDERS.check(orders[part,]).sort("order_id")
            if (part,) in orders
            else REPLAYED_ORDERS.empty(),
            REPLAYED_LINES.check(lines[part,]).sort("order_id", "line_no")
            if (part,) in lines
            else REPLAYED_LINES.empty(),
            minor,
        )
        for part, minor in off.iter_rows()
    }
