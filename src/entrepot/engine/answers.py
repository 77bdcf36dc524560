"""Answers a world gives: each kind of question is worked out once and then only looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entrepot.engine import few as pl
from entrepot.engine.few import Column, Few
from entrepot.engine.world import World

NOTHING = ()  # the kind whose answer has no rows
REMEMBERED = 20_000  # answers of a question that are remembered one by one
Work = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Book:
    """Kinds asked so far with their number (column `kind`, the place in the book) and the answers by that number."""

    asked: pl.DataFrame
    answers: pl.DataFrame


def consult(world: World, question: str, kinds: pl.DataFrame, work: Work) -> Book:
    """The book of a question, with every one of these kinds in it.

    Shapes: kinds without repeated rows; `work` gets the new ones with their number as column `kind` (Int64) and
    returns any number of rows per kind, sorted by it, with that column. Threads that ask at once may both work.
    A batch brings few new kinds, a warm quote none.
    """
    book: Book | None = world.kept.get(question)
    if isinstance(kinds, Few):
        return _book_of(world, question, kinds, work)
    new = kinds if book is None else _unasked(kinds, book)
    if book is not None and new.is_empty():
        return book
    new = new.select(pl.int_range(pl.len()).alias("kind"), *kinds.columns)
    answers = work(new)
    with world.lock:
        known: Book | None = world.kept.get(question)
        world.kept[question] = book = _grown(known, new, answers)
    return book


def answered(frame: pl.DataFrame, keys: list[str], world: World, question: str, work: Work) -> pl.DataFrame:
    """The one answer to each row's question, asked by some columns.

    Shapes: n rows in, n rows out, same order; `work` as in `consult`, but one row per kind in the kinds' order.
    """
    if not isinstance(frame, Few):
        kinds = frame.select(keys)
        book = consult(world, question, kinds.unique(maintain_order=True), work)
        return at(book.answers.drop("kind"), numbered(kinds, book)["kind"])
    found = _remembered(world, question, frame.select(keys), work)
    return pl.concat(found)


def every_answer(
    kinds: pl.DataFrame, keys: list[str], world: World, question: str, work: Work
) -> pl.DataFrame:
    """Every answer to each row's question, with the row's `place`.

    Shapes: rows differ in their keys; any number of rows per row, in the rows' order; `work` as in `consult`.
    """
    asked = kinds.select(keys)
    if isinstance(asked, Few):
        found = _remembered(world, question, asked, work)
        places = [n for n, part in zip(kinds["place"], found, strict=False) for _row in range(part.size)]
        return Few({"place": places, **pl.concat(found).data}, len(places))
    book = consult(world, question, asked, work)
    known = numbered(kinds.select(*keys, "place"), book).select("place", "kind")
    return known.join(book.answers, on="kind", maintain_order="left_right").drop("kind")


def _book_of(world: World, question: str, kinds: Few, work: Work) -> Book:
    """A book of these few kinds alone, from what is remembered of each."""
    found = _remembered(world, question, kinds, work)
    numbers = [number for number, part in enumerate(found) for _row in range(part.size)]
    asked = Few({"kind": [*range(kinds.size)], **kinds.data}, kinds.size)
    return Book(asked, Few({"kind": numbers, **pl.concat(found).data}, len(numbers)))


def _remembered(world: World, question: str, kinds: Few, work: Work) -> list[Few]:
    """The answers to each of these kinds, or the one without rows where there is no kind; the latest are kept."""
    with world.lock:
        memory: dict[Any, Few] = world.once(f"{question}, one by one", dict)
        rows = kinds.rows()
        new = list(dict.fromkeys(row for row in rows if row not in memory))
        if new or NOTHING not in memory:
            columns = map(list, zip(*new, strict=True)) if new else ([] for _ in kinds.data)
            asked = dict(zip(kinds.data, columns, strict=True))
            answers = Few.of(work(Few({"kind": [*range(len(new))], **asked}, len(new))))
            places = answers.index(("kind",), nulls_equal=True)
            answers = answers.drop("kind")
            memory[NOTHING] = answers.at([])
            memory.update((row, answers.at(places.get((number,), []))) for number, row in enumerate(new))
        found = [memory[row] for row in rows] or [memory[NOTHING]]
        while len(memory) > REMEMBERED:
            del memory[next(iter(memory))]
        return found


def _unasked(kinds: pl.DataFrame, book: Book) -> pl.DataFrame:
    keys = [column for column in book.asked.columns if column != "kind"]
    return kinds.join(book.asked, on=keys, how="anti", nulls_equal=True, maintain_order="left")


def _grown(book: Book | None, new: pl.DataFrame, answers: pl.DataFrame) -> Book:
    """The book with new kinds behind its own; those another thread has answered meanwhile are left out."""
    if book is None:
        return Book(new, answers)
    first, fresh = book.asked.height, _unasked(new, book)
    if fresh.height < new.height:
        numbers = fresh.select("kind").with_columns(number=pl.int_range(pl.len()))
        answers = (
            answers.join(numbers, on="kind", maintain_order="left").with_columns(kind="number").drop("number")
        )
        fresh = fresh.with_columns(kind=pl.int_range(pl.len()))
    moved = pl.col("kind") + first
    return Book(
        pl.concat([book.asked, fresh.with_columns(moved)]),
        pl.concat([book.answers, answers.with_columns(moved)]),
    )


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
    if isinstance(table, Few):
        return table.taken(places.to_list())
    return table.select(pl.all().gather(places))


def first_that_holds(
    rows: pl.DataFrame, book: Book, kinds: pl.Series, holds: Callable[[pl.DataFrame], pl.Series]
) -> pl.Series:
    """The place in the book of each row's answer: the first of its kind's answers that holds for the row.

    Shapes: one place per row, null where none holds; `holds` gets rows with the columns of one answer each and says
    which hold. All rows try their kind's first answer at once, those it does not hold for try the second, and so on.
    """
    answers = book.answers.drop("kind")
    if isinstance(rows, Few):
        return _first_of_few(rows, Few.of(book.answers), kinds, holds)
    spans = book.answers.with_row_index("first").group_by("kind").agg(pl.col("first").min(), count=pl.len())
    spans = book.asked.select("kind").join(spans, on="kind", how="left", maintain_order="left")
    rows = rows.with_row_index("row").hstack(at(spans.select("first", "count"), kinds))
    found = rows.with_columns(found=pl.lit(None, dtype=pl.Int64))["found"]
    rows, rank = rows.filter(pl.col("count") > 0), 0
    while rows.height:
        places = rows["first"] + rank
        held = holds(rows.hstack(at(answers, places)))
        found.scatter(rows["row"].filter(held), places.filter(held).cast(pl.Int64))
        rank += 1
        rows = rows.filter(~held & (rows["count"] > rank))
    return found


def _first_of_few(
    rows: Few, answers: Few, kinds: pl.Series, holds: Callable[[pl.DataFrame], pl.Series]
) -> pl.Series:
    """As `first_that_holds`: each row beside every answer of its kind, and of those that hold the first."""
    of_kind = answers.index(("kind",), nulls_equal=False)
    pairs = [(row, place) for row, kind in enumerate(kinds) for place in of_kind.get((kind,), ())]
    found: list[int | None] = [None] * rows.size
    if pairs:
        tried = rows.taken([row for row, _ in pairs])
        held = holds(tried.hstack(answers.drop("kind").taken([place for _, place in pairs])))
        for (row, place), one in zip(reversed(pairs), reversed(held.to_list()), strict=True):
            if one:
                found[row] = place
    return Column("found", found)
