"""Parts: orders of one world, replayed together by one function, wherever it runs: here, in a process, on a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import BOOKED, DECISIONS, LINES, ORDERS, STOCK
from entrepot.engine.frames import Contract, column
from entrepot.engine.replay import CAUSES, CELL, SUMS, Frozen, Question, by_line, replay

I64, TXT = pl.Int64, pl.String
INPUTS = {"orders": ORDERS, "lines": LINES, "stock": STOCK, "planned": BOOKED, "booked": DECISIONS}
AFTER = ("revenue_after", "profit_after", "paid_after", "duty_after", "import_tax_after", "freight_after")
BY_ORDER = ("orders", "lines", "booked")
BEFORE = (
    "revenue_before",
    "profit_before",
    "b_fees",
    "b_border",
    "b_freight",
    "b_handling",
    "b_cogs",
    "paid_before",
)
REPLAYED_ORDERS = Contract(
    "replayed orders",
    (
        column("order_id", I64),
        column("warehouse", TXT, nullable=True),
        column("service", TXT, nullable=True),
        column("new_warehouse", TXT, nullable=True),
        column("new_service", TXT, nullable=True),
        column("code", TXT, "why it has no way any more", nullable=True),
        *(column(name, I64, "books' currency", nullable=True) for name in BEFORE),
        *(column(name, I64, "books' currency") for name in AFTER),
        *(column(name, I64, "books' currency", nullable=True) for name in ("cost_same", "cost_after")),
        *(column(name, I64, "books' currency") for name in CAUSES),
    ),
    ("order_id",),
)
REPLAYED_LINES = Contract(
    "replayed lines",
    (
        column("order_id", I64),
        column("line_no", I64),
        *(column(name, TXT) for name in CELL),
        *(column(name, I64, "pieces, or books' currency", nullable=True) for name in SUMS),
    ),
    ("order_id", "line_no"),
)


@dataclass(frozen=True)
class Part:
    """Orders decided in one world: orders, their lines, the stock and the plans each batch saw, what was booked.

    Every frame is one of INPUTS with `batch_id` beside it: the batch the order was decided in. An order stands once.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    stock: pl.DataFrame
    planned: pl.DataFrame
    booked: pl.DataFrame

    @classmethod
    def of(cls, batches: Sequence[tuple[int, Batch, pl.DataFrame]]) -> Part:
        """A part from whole batches and what is booked of each; orders that are not booked there are left out.

        Shapes: one triple per batch: its number, the batch as it was seen, rows of DECISIONS.
        """
        found: dict[str, list[pl.DataFrame]] = {name: [] for name in INPUTS}
        for number, batch, booked in batches:
            own = batch.only(booked["order_id"])
            frames = (own.orders, own.lines, own.stock, own.booked, booked.select(list(DECISIONS.schema)))
            for name, frame in zip(INPUTS, frames, strict=True):
                found[name].append(frame.with_columns(batch_id=pl.lit(number, dtype=I64)))
        return cls.checked({name: pl.concat(frames) for name, frames in found.items()})

    @classmethod
    def checked(cls, frames: Mapping[str, pl.DataFrame]) -> Part:
        """A part from loose frames, rows in any order: as they come from files.

        Errors: a broken contract raises SchemaError.
        """
        made = {}
        for name, contract in INPUTS.items():
            frame = frames[name]
            kept = contract.check(frame, unique=contract.key == ("order_id",))
            made[name] = kept.with_columns(frame["batch_id"].cast(I64)).sort("batch_id", *contract.key)
        return cls(
            **{**made, **{name: made[name].sort("order_id", maintain_order=True) for name in BY_ORDER}}
        )

    @property
    def batch(self) -> Batch:
        """All orders as one batch, where stock is not asked."""
        return Batch(self.orders.drop("batch_id"), self.lines.drop("batch_id"), STOCK.empty())

    @property
    def decisions(self) -> pl.DataFrame:
        """What was booked: rows of DECISIONS."""
        return self.booked.drop("batch_id")

    def apart(self) -> list[Batch]:
        """The batches the orders were decided in, each with the stock it saw."""
        frames = {name: _by_batch(getattr(self, name)) for name in ("orders", "lines", "stock", "planned")}
        return [
            Batch.of(
                orders=orders,
                lines=frames["lines"].get(number, LINES.empty()),
                stock=frames["stock"].get(number, STOCK.empty()),
                booked=frames["planned"].get(number),
            )
            for number, orders in sorted(frames["orders"].items())
        ]


@dataclass(frozen=True)
class Result:
    """A part replayed: rows of REPLAYED_ORDERS and REPLAYED_LINES, and by how much the own world misses the books."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    off_minor: int


def replay_part(part: Part, asked: Question, known: Frozen | None = None) -> Result:
    """A part's orders and lines before and after: what every worker does, whatever machine it runs on.

    Shapes: one row per order booked, one per line of them, sorted by their keys. Units: minor units of the books'
    currency. Errors: EditError for an edit that cannot be made. Holds: a part's result is that of any cut of it, but
    for ways chosen from the stock of the day, where a batch stays whole.
    Source: docs/methods/replay.md.
    """
    batch = part.batch
    apart = part.apart() if asked.redecide and not asked.unlimited else ()
    found = replay(batch, part.decisions, asked, apart, known)
    lines = by_line(found, batch)
    return Result(REPLAYED_ORDERS.check(found.orders), REPLAYED_LINES.check(lines), found.off_minor)


def _by_batch(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    parts = frame.partition_by("batch_id", as_dict=True, include_key=False, maintain_order=True)
    return {int(number): own for (number, *_), own in parts.items()}
