"""Answers a world gives: each kind of question is worked out once and then only looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from entrepot.engine.world import World

Work = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Book:
    """Kinds asked so far with their number (column `kind`, the place in the book) and the answers by that number."""

    asked: pl.DataFrame
    answers: pl.DataFrame


def consult(world: World, question: str, kinds: pl.DataFrame, work: Work) -> Book:
    """The book of a question, with every one of these kinds in it.

    Shapes: kinds without repeated rows; `work` gets the new ones with their number as column `kind` (Int64) and
    returns
    any number of rows per kind, sorted by it, with that column. A batch brings few new kinds, a warm quote none.
    """
    with world.lock:
        book: Book | None = world.kept.get(question)
        if book is None:
            new = kinds.with_row_index("kind").with_columns(pl.col("kind").cast(pl.Int64))
            book = Book(new, work(new))
        else:
            new = kinds.join(book.asked, on=kinds.columns, how="anti", nulls_equal=True)
            if new.height:
                first = book.asked.height
                new = new.select(pl.int_range(first, first + pl.len()).alias("kind"), *kinds.columns)
                book = Book(pl.concat([book.asked, new]), pl.concat([book.answers, work(new)]))
        world.kept[question] = book
        return book


def numbered(frame: pl.DataFrame, book: Book, name: str = "kind") -> pl.DataFrame:
    """The frame with the number of each row's kind.

    Shapes: n rows in, n rows out, same order; the frame has the book's columns.
    """
    asked = book.asked.rename({"kind": name})
    keys = [column for column in asked.columns if column != name]
    return frame.join(asked, on=keys, how="left", maintain_order="left", nulls_equal=True)


def at(table: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    """Rows of a table by their place; null where the place is null.

    Shapes: one row per place.
    """
    return table.select(pl.all().gather(places))


def first_that_holds(
    rows: pl.DataFrame, book: Book, kinds: pl.Series, holds: Callable[[pl.DataFrame], pl.Series]
) -> pl.Series:
    """The place in the book of each row's answer: the first of its kind's answers that holds for the row.

    Shapes: one place per row, null where none holds; `holds` gets rows with the columns of one answer each and says
    which hold. All rows try their kind's first answer at once, those it does not hold for try the second, and so on.
    """
    answers = book.answers.drop("kind")
    spans = book.answers.with_row_index("first").group_by("kind").agg(pl.col("first").min(), count=pl.len())
    spans = book.asked.select("kind").join(spans, on="kind", how="left", maintain_order="left")
    rows = rows.with_row_index("row").hstack(at(spans.select("first", "count"), kinds))
    found = pl.repeat(None, rows.height, dtype=pl.Int64, eager=True)
    rows, rank = rows.filter(pl.col("count") > 0), 0
    while rows.height:
        places = rows["first"] + rank
        held = holds(rows.hstack(at(answers, places)))
        found.scatter(rows["row"].filter(held), places.filter(held).cast(pl.Int64))
        rank += 1
        rows = rows.filter(~held & (rows["count"] > rank))
    return found
