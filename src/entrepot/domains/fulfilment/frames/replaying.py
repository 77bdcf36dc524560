"""Replays between the database and the engine: which batches, what was booked of them, and the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from entrepot.core.frames import Frame, pack, read, unpack, write
from entrepot.domains.fulfilment.frames import kept_batch
from entrepot.domains.fulfilment.models import Batch as BatchRow
from entrepot.domains.fulfilment.models import ReplayPart
from entrepot.engine import Batch, World
from entrepot.engine.columns import DECISIONS, POSTINGS
from entrepot.engine.explain import explain_way
from entrepot.engine.post import postings
from entrepot.engine.replay import Question, cells, difference, frozen
from entrepot.engine.replay.advice import MOVED, effects, repriced, without
from entrepot.engine.replay.identity import different, posting_difference
from entrepot.engine.replay.parts import Part, Result, replay_part
from entrepot.engine.scenario import changed_batch

GONE = ("cancelled", "returned")


@dataclass(frozen=True)
class Filter:
    """Which past orders: placed from one day to another, of a market, a channel, an article; empty means all."""

    first: date | None = None
    last: date | None = None
    market: str = ""
    channel: str = ""
    sku: str = ""

    def record(self) -> dict[str, Any]:
        """As plain values for keeping."""
        return {
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
            "market": self.market,
            "channel": self.channel,
            "sku": self.sku,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Filter:
        """A filter as it was kept."""
        first, last = (
            date.fromisoformat(record[name]) if record.get(name) else None for name in ("first", "last")
        )
        return cls(first, last, *(str(record.get(name, "")) for name in ("market", "channel", "sku")))


@dataclass(frozen=True)
class Proof:
    """How far a part of the books, worked out again, is from what is booked: sums of absolute differences."""

    orders: int
    figures_minor: int
    postings_minor: int
    different: Frame


def batches_found(which: Filter, *, every_state: bool = False) -> Frame:
    """Batches with confirmed orders of the filter: batch_id, world_hash, orders; by world, then batch.

    Orders that were cancelled or came back whole are left out unless every state is asked for.
    """
    where, params = _where(which, every_state)
    query = f"SELECT d.batch_id, d.world_hash, count(*) {_FROM} WHERE {where} GROUP BY 1, 2 ORDER BY 2, 1"
    return read(query, {"batch_id": pl.Int64(), "world_hash": pl.String(), "orders": pl.Int64()}, params)


def booked_decisions(batch_ids: Sequence[int], which: Filter, *, every_state: bool = False) -> Frame:
    """The decisions booked of some batches' orders: the columns of DECISIONS, with batch_id and version."""
    where, params = _where(which, every_state)
    columns = ", ".join(f"d.{name}" for name in DECISIONS.schema)
    query = (
        f"SELECT {columns}, d.batch_id, d.version {_FROM} WHERE {where} AND d.batch_id = ANY(%s) ORDER BY 1"
    )
    schema = {**DECISIONS.schema, "batch_id": pl.Int64(), "version": pl.Int64()}
    return read(query, schema, [*params, list(batch_ids)])


def read_part(part: ReplayPart, which: Filter, *, every_state: bool = False) -> Part | None:
    """Orders of a part as the engine saw them, with what was booked of them; None without any."""
    booked = booked_decisions(part.batch_ids, which, every_state=every_state)
    if booked.is_empty():
        return None
    rows = BatchRow.objects.in_bulk(booked["batch_id"].unique().to_list())
    own = booked.partition_by("batch_id", as_dict=True)
    return Part.of([(number, kept_batch(rows[number]), own[number,]) for number in sorted(rows)])


def carry_out(part: ReplayPart, which: Filter, asked: Question) -> Result | None:
    """Replay a part; None when none of its orders is there any more."""
    found = read_part(part, which)
    return replay_part(found, asked) if found else None


def keep_result(part: ReplayPart, found: Result) -> None:
    """Put a part's result beside it and its sums into cells; what an earlier attempt left is gone by then."""
    orders, lines = found.orders, found.lines
    part.orders, part.lines = pack(orders), pack(lines)
    part.lost = orders["code"].drop_nulls().len()
    other = pl.col("new_service").is_not_null() & (
        (pl.col("new_service") != pl.col("service")) | (pl.col("new_warehouse") != pl.col("warehouse"))
    )
    part.moved = orders.select(other.sum()).item()
    sums = cells(lines).with_columns(part_id=pl.lit(part.pk), run_id=pl.lit(part.run_id))
    write("fulfilment_replaycell", sums)


def prove(part: Part, world: World, ledger: Frame) -> Proof:
    """Booked figures and postings against the same worked out again in the world they were decided in."""
    booked = part.decisions
    again = frozen(part.batch, booked, world)
    made = postings(again.legs, world) if again.ways.height else POSTINGS.empty()
    return Proof(
        orders=booked.height,
        figures_minor=difference(booked, again.ways),
        postings_minor=posting_difference(ledger, made),
        different=different(booked, again.ways),
    )


def entry_keys(batch_ids: Sequence[int], which: Filter) -> list[str]:
    """The keys under which the decisions of some batches were posted."""
    booked = booked_decisions(batch_ids, which, every_state=True)
    return booked.select(pl.format("order:{}:v{}", "order_id", "version")).to_series().to_list()


def lines_of(parts: Sequence[ReplayPart], *, sku: str = "", market: str = "", channel: str = "") -> Frame:
    """Lines of a run's parts with the ways of their orders, the worst difference first."""
    found = []
    for part in parts:
        if part.lines is None or part.orders is None:
            continue
        lines = unpack(part.lines)
        for column, wanted in (("sku", sku), ("market", market), ("channel", channel)):
            lines = lines.filter(pl.col(column) == wanted) if wanted else lines
        ways = unpack(part.orders).select(
            "order_id", "warehouse", "service", "new_warehouse", "new_service", "code"
        )
        found.append(lines.join(ways, on="order_id", how="left", maintain_order="left"))
    if not found:
        return pl.DataFrame()
    rows = pl.concat(found).with_columns(difference=pl.col("profit_after") - pl.col("profit_before"))
    return rows.sort("difference", "order_id", "line_no")


def order_of(part: ReplayPart, order_id: int) -> dict[str, Any] | None:
    """One order of a part, before and after; None when it is not in it."""
    if part.orders is None:
        return None
    return next(iter(unpack(part.orders).filter(pl.col("order_id") == order_id).to_dicts()), None)


_FROM = "FROM fulfilment_decision d JOIN orders_order o ON o.id = d.order_id"


def _where(which: Filter, every_state: bool) -> tuple[str, list[object]]:
    """Conditions in SQL; the index on the moment of the order narrows a period by a day more at each end."""
    tests = ["d.status = 'confirmed'"]
    params: list[object] = []
    if not every_state:
        tests.append("o.state <> ALL(%s)")
        params.append(list(GONE))
    if which.first:
        tests.append("o.placed_on >= %s AND o.placed_at >= %s")
        params += [which.first, which.first - timedelta(days=1)]
    if which.last:
        tests.append("o.placed_on <= %s AND o.placed_at < %s")
        params += [which.last, which.last + timedelta(days=2)]
    for column, value in (("o.dest_country", which.market), ("o.channel", which.channel)):
        if value:
            tests.append(f"{column} = %s")
            params.append(value)
    if which.sku:
        tests.append("EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.sku_code = %s)")
        params.append(which.sku)
    return " AND ".join(tests), params


@dataclass(frozen=True)
class Advised:
    """What advice is asked for: the articles, the price change of each (ppm), the countries to buy from."""

    skus: Sequence[str]
    prices: Mapping[str, int]
    origins: Sequence[str] = ()


Effects = dict[tuple[str, str, str], int]


def effects_of(
    part: ReplayPart, which: Filter, asked: Question, wish: Advised, *, all_kinds: bool = True
) -> tuple[Effects, Frame]:
    """Profit of some articles in a part under the changed world, by article, kind of advice and detail; and what goods
    keeping stock near the buyers would bring to which warehouse (rows of `advice.MOVED`).

    `all_kinds` false: as they are and with other prices only.
    """
    moved = pl.DataFrame(schema=MOVED)
    found = _holding(part, which, wish.skus)
    if found is None:
        return {}, moved
    batch, booked = found
    batch = changed_batch(asked.edits, batch)
    if all_kinds:
        rows, moved = effects(batch, booked, asked.after, wish.skus, wish.prices, wish.origins)
    else:
        rows = repriced(batch, booked, asked.after, wish.skus, wish.prices)
    return {(row["sku"], row["kind"], row["detail"]): row["profit"] for row in rows.to_dicts()}, moved


def delisted(part: ReplayPart, which: Filter, asked: Question, skus: Sequence[str]) -> dict[str, int]:
    """What the orders of each article earn more without it, under the changed world."""
    found = _holding(part, which, skus)
    if found is None:
        return {}
    batch, booked = found
    batch = changed_batch(asked.edits, batch)
    ways = frozen(batch, booked, asked.after).ways
    changes = {}
    for sku in skus:
        ids = batch.lines.filter(pl.col("sku") == sku).select("order_id").unique()
        own = booked.join(ids, on="order_id", how="semi", maintain_order="left")
        if own.height:
            earned = (
                ways.join(ids, on="order_id", how="semi")["profit_base_minor"].sum() if ways.height else 0
            )
            changes[sku] = without(batch, own, asked.after, sku) - int(earned)
    return changes


def _holding(part: ReplayPart, which: Filter, skus: Sequence[str]) -> tuple[Batch, Frame] | None:
    """The orders of a part that hold one of some articles."""
    found = read_part(part, which)
    if found is None:
        return None
    ids = found.lines.filter(pl.col("sku").is_in(list(skus))).select("order_id").unique()
    booked = found.decisions.join(ids, on="order_id", how="semi", maintain_order="left")
    return (found.batch, booked) if booked.height else None


def told_twice(part: ReplayPart, order_id: int, asked: Question, row: dict[str, Any]) -> dict[str, Any]:
    """An order's way as it was in its own world, and the way taken in the changed one, told as explanations."""
    batch_id, parts = _booked_as(order_id)
    batch = kept_batch(BatchRow.objects.get(pk__in=part.batch_ids, pk=batch_id))
    before = explain_way(batch, asked.world, (order_id, row["warehouse"], row["service"]), parts)
    after = None
    if row["new_service"]:
        orders = changed_batch(asked.edits, batch.only(pl.Series("order_id", [order_id])))
        way = (order_id, row["new_warehouse"], row["new_service"])
        try:
            after = explain_way(orders, asked.after, way, None if asked.redecide else parts)
        except KeyError:  # chosen again in parts, of which the first alone is known here
            after = None
    return {"before": before, "after": after, "row": row}


def _booked_as(order_id: int) -> tuple[int, str | None]:
    """The batch an order was decided in, and how it was cut into parts."""
    query = "SELECT batch_id, parts FROM fulfilment_decision WHERE order_id = %s"
    row = read(query, {"batch_id": pl.Int64(), "parts": pl.String()}, [order_id]).row(0)
    return int(row[0]), row[1]
