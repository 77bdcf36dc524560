"""Stock at the end of each day, in pieces and in the books' money."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

import polars as pl
from django.db import connection

from entrepot.core.company import base_currency
from entrepot.core.frames import Frame, read
from entrepot.core.worldtables import get_table
from entrepot.domains.catalog.queries import sku_facts
from entrepot.engine.fx import Rates, convert
from entrepot.engine.world import World

_MOVES = """
    SELECT m.moved_on, w.code AS warehouse, s.code AS sku, sum(m.quantity)::bigint AS quantity
    FROM warehouse_stockmove AS m JOIN warehouse_warehouse AS w ON w.id = m.warehouse_id
    JOIN catalog_sku AS s ON s.id = m.sku_id
"""
_PRINTS = """
    SELECT date_trunc('month', m.moved_on)::date AS month, count(*), bit_xor(hash_record_extended((
        m.id, m.warehouse_id, m.quantity, m.moved_on, s.code, s.cost_minor, s.cost_currency, s.list_price_minor,
        s.list_currency, p.category_id), 0))
    FROM warehouse_stockmove AS m JOIN catalog_sku AS s ON s.id = m.sku_id
    JOIN catalog_product AS p ON p.id = s.product_id WHERE m.moved_on <= %s GROUP BY 1 ORDER BY 1
"""
_COUNTS = """
    SELECT date_trunc('month', moved_on)::date, count(*) FROM warehouse_stockmove
    WHERE moved_on <= %s GROUP BY 1 ORDER BY 1
"""
SCHEMA: dict[str, pl.DataType] = {
    "day": pl.Date(), "month": pl.Date(), "warehouse": pl.String(), "sku": pl.String(), "category": pl.String(),
    "on_hand": pl.Int64(), "value_base_minor": pl.Int64(),
}  # fmt: skip
MASK, ROWS_AT_ONCE = 0xFFFF_FFFF_FFFF_FFFF, 2_000_000


PLACE = ("warehouse", "sku")
_HELD: dict[str, pl.DataType] = {"warehouse": pl.String(), "sku": pl.String(), "quantity": pl.Int64()}


def fingerprints(today: date) -> dict[str, str]:
    """A fingerprint of each month from the first move to today: of all moves up to its end, for stock is their sum.

    The cost of a SKU counts from its first move on: an article new today changes no month before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PRINTS, [today])
        found = {month: (rows, mixed & MASK) for month, rows, mixed in cursor.fetchall()}
    if not found:
        return {}
    prints, month, rows, mixed = {}, min(found), 0, 0
    while month <= today:
        own_rows, own = found.get(month, (0, 0))
        rows, mixed = rows + own_rows, mixed ^ own
        prints[month.isoformat()] = f"{_last(month, today):%d}:{rows}:{mixed:016x}"
        month = _after(month)
    return prints


class StockBook:
    """Stock carried from month to month: each month reads only what moved in it; costs and rates are read once.

    Months may be asked for in any order; asked for one after the other nothing is read twice.
    """

    def __init__(self, today: date) -> None:
        self.today, self.until = today, date.min
        self.held = pl.DataFrame(schema=_HELD)
        self.read_from = self.read_until = date.min
        self.moves = pl.DataFrame(schema={"day": pl.Date(), **_HELD})

    @cached_property
    def rates(self) -> Rates:
        """Every exchange rate known."""
        return Rates.of(World.of({name: get_table(name).frame(date.min) for name in ("currencies", "fx")}))

    def read_month(self, first: date) -> Frame:
        """Stock at the end of every day of a month, up to today.

        Shapes: one row per day, warehouse and SKU with anything on hand. Units: pieces; value at the SKU's cost,
        converted at the day's rate, half-up, null where cost or rate is unknown.
        """
        self._carry_to(first)
        last = _last(first, self.today)
        days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
        moved = self._moves(first, last)
        still = (
            self.held.join(moved, on=PLACE, how="anti")
            .rename({"quantity": "on_hand"})
            .join(days, how="cross")
        )
        rows = pl.concat([_course(self.held, moved, days), still.select("day", *PLACE, "on_hand")])
        self.held, self.until = _sum(self.held, moved), last + timedelta(days=1)
        rows = rows.filter(pl.col("on_hand") != 0).with_columns(month=pl.lit(first))
        return self._valued(rows, last).sort("day", *PLACE)

    @cached_property
    def counts(self) -> list[tuple[date, int]]:
        """How many moves each month has, the oldest first."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS, [self.today])
            return list(cursor.fetchall())

    def _moves(self, first: date, last: date) -> Frame:
        """The moves of a month, read together with those of the months after it, up to so many."""
        if not self.read_from <= first < self.read_until:
            later = [(month, count) for month, count in self.counts if month >= first]
            sums = accumulate(count for _month, count in later)
            full = (month for (month, _), rows in zip(later, sums, strict=True) if rows > ROWS_AT_ONCE)
            self.read_from = first
            self.read_until = max(next(full, self.today + timedelta(days=1)), _after(first))
            self.moves = read(
                f"{_MOVES} WHERE m.moved_on >= %s AND m.moved_on < %s GROUP BY 1, 2, 3",
                self.moves.schema,
                [self.read_from, self.read_until],
            )
        return self.moves.filter(pl.col("day").is_between(first, last))

    def _carry_to(self, first: date) -> None:
        """Add up what moved between the last month asked for and this one."""
        if first < self.until:
            self.held, self.until = pl.DataFrame(schema=_HELD), date.min
        if first == self.until:
            return
        moves = read(
            f"SELECT warehouse, sku, sum(quantity)::bigint FROM ({_MOVES} WHERE m.moved_on >= %s AND m.moved_on < %s "
            "GROUP BY 1, 2, 3) AS moved GROUP BY 1, 2",
            _HELD,
            [self.until, first],
        )
        self.held, self.until = _sum(self.held, moves), first

    def _valued(self, rows: Frame, on: date) -> Frame:
        costs = sku_facts(on).select("sku", "category", "cost_minor", "cost_currency")
        rows = rows.join(costs, on="sku", how="left").with_columns(
            pl.col("cost_currency").fill_null(""),
            pl.col("category").fill_null(""),
            base=pl.lit(base_currency()),
        )
        rows = self.rates.attach(self.rates.attach(rows, "cost_currency", "day", "w"), "base", "day", "b")
        worth = convert(pl.col("cost_minor") * pl.col("on_hand"), "w", "b")
        return rows.with_columns(value_base_minor=worth).select(list(SCHEMA))


def _course(held: Frame, moved: Frame, days: Frame) -> Frame:
    """What stood each day where something moved: what was held before, and the sum of the moves since."""
    opening = held.join(moved, on=PLACE, how="semi").with_columns(day=days["day"].min())
    changes = (
        pl.concat([opening.select(moved.columns), moved])
        .group_by("day", *PLACE)
        .agg(pl.col("quantity").sum())
    )
    dense = moved.select(PLACE).unique().join(days, how="cross").join(changes, on=["day", *PLACE], how="left")
    rows = dense.sort(*PLACE, "day").with_columns(
        on_hand=pl.col("quantity").fill_null(0).cum_sum().over(PLACE)
    )
    return rows.select("day", *PLACE, "on_hand")


def _sum(held: Frame, moves: Frame) -> Frame:
    if moves.is_empty():
        return held
    both = pl.concat([held, moves.select(held.columns)])
    return both.group_by(PLACE).agg(pl.col("quantity").sum()).filter(pl.col("quantity") != 0)


def _last(month: date, today: date) -> date:
    return min(_after(month) - timedelta(days=1), today)


def _after(month: date) -> date:
    return (
        month.replace(year=month.year + 1, month=1)
        if month.month == 12
        else month.replace(month=month.month + 1)
    )
