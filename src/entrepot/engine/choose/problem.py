"""The contest as numbers: orders, their columns, what each column takes of each scarce limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHAIN = 100.0  # an order left without is worth so many of the dearest detours
WHOLE_NUMBERS = 1e11  # up to here the solver's arithmetic keeps single minor units apart


@dataclass(frozen=True)
class Problem:
    """n orders with m columns; order o owns columns first[o] … first[o + 1] - 1, cheapest first.

    Column j takes amount[k] of limit[k] for k in entry_first[j] … entry_first[j + 1] - 1; room is what a limit has.
    extra is what a column costs more than its order's cheapest way; penalty what leaving the order without is
    worth, cheapest what the order's cheapest way costs.
    turn ranks the orders by date and number; column is each column's number in the whole contest.
    """

    first: Whole
    extra: Real
    entry_first: Whole
    limit: Whole
    amount: Real
    room: Real
    priority: Whole
    turn: Whole
    column: Whole
    penalty: Real
    cheapest: Real

    @property
    def orders(self) -> int:
        """Number of orders."""
        return len(self.first) - 1

    @cached_property
    def order(self) -> Whole:
        """Each column's order."""
        return np.repeat(np.arange(self.orders), np.diff(self.first))

    @cached_property
    def entry_column(self) -> Whole:
        """Each entry's column."""
        return np.repeat(np.arange(len(self.extra)), np.diff(self.entry_first))

    @cached_property
    def lists(self) -> tuple[list[int], list[int], list[int], list[float], list[float]]:
        """first, entry_first, limit, amount, extra for walking along them one by one."""
        return (
            self.first.tolist(),
            self.entry_first.tolist(),
            self.limit.tolist(),
            self.amount.tolist(),
            self.extra.tolist(),
        )

    @cached_property
    def is_taking(self) -> Flags:
        """Columns that take something scarce."""
        return np.diff(self.entry_first) > 0

    @cached_property
    def runs(self) -> Whole:
        """Where the entries of each column that takes something begin."""
        found: Whole = self.entry_first[:-1][self.is_taking]
        return found

    @cached_property
    def is_free(self) -> Flags:
        """Orders with a column that takes nothing scarce: they never go without."""
        empty = np.diff(self.entry_first) == 0
        return np.logical_or.reduceat(empty, self.first[:-1])

    def value(self, chosen: Whole) -> float:
        """What a choice (a column per order, -1 for none) costs, detours and orders left without together."""
        served = chosen >= 0
        return float(self.extra[chosen[served]].sum() + self.penalty[~served].sum())

    def left(self, chosen: Whole) -> Real:
        """What a choice leaves of each limit."""
        return self.room - self.load(chosen[chosen >= 0])

    def load(self, columns: Whole) -> Real:
        """What some columns take of each limit together."""
        entries = spans(self.entry_first, columns)
        found: Real = np.bincount(self.limit[entries], self.amount[entries], len(self.room)).astype(
            np.float64
        )
        return found

    def priced(self, prices: Real) -> Real:
        """Each column's extra cost with what it takes at a price per limit."""
        if not len(self.limit):
            return self.extra.copy()
        worth = np.take(prices, self.limit)
        worth *= self.amount
        sums: Real = np.add.reduceat(worth, self.runs)
        if len(sums) == len(self.extra):
            sums += self.extra
            return sums
        found = self.extra.copy()
        found[self.is_taking] += sums
        return found

    def bound(self, prices: Real) -> float:
        """No choice whatever can be worth less than this (Lagrange), for any prices of nought or more."""
        least = np.minimum.reduceat(self.priced(prices), self.first[:-1])
        least = np.where(self.is_free, least, np.minimum(least, self.penalty))
        return float(least.sum() - prices @ self.room)

    def best(self, value: Real, count: int) -> Whole:
        """The columns of least value of each order, so many of each at most."""
        rank = np.lexsort((value, self.order))
        place = np.arange(len(rank)) - self.first[self.order[rank]]
        return np.sort(rank[place < count])

    def part(self, orders: Whole) -> Problem:
        """The problem of some orders alone; limits they do not touch are left out."""
        alone = self.narrow(spans(self.first, orders))
        touched, limit = np.unique(alone.limit, return_inverse=True)
        return replace(
            alone,
            limit=limit.astype(np.int64),
            room=self.room[touched],
            penalty=penalties(alone.first, alone.extra, alone.priority),
        )

    def narrow(self, columns: Whole) -> Problem:
        """The problem of some columns (ascending) and their orders; limits keep their numbers."""
        orders, counts = np.unique(self.order[columns], return_counts=True)
        entries = spans(self.entry_first, columns)
        return Problem(
            first=starts(counts),
            extra=self.extra[columns],
            entry_first=starts(np.diff(self.entry_first)[columns]),
            limit=self.limit[entries],
            amount=self.amount[entries],
            room=self.room,
            priority=self.priority[orders],
            turn=self.turn[orders],
            column=self.column[columns],
            penalty=self.penalty[orders],
            cheapest=self.cheapest[orders],
        )

    def components(self) -> Whole:
        """A label per order: orders that meet at a limit, directly or through others, have the same one."""
        owner = self.order[self.entry_column]
        label = np.arange(self.orders)
        while True:
            lowest = np.full(len(self.room), self.orders)
            np.minimum.at(lowest, self.limit, label[owner])
            found = label.copy()
            np.minimum.at(found, owner, lowest[self.limit])
            found = found[found]
            if np.array_equal(found, label):
                return label
            label = found


def penalties(first: Whole, extra: Real, priority: Whole) -> Real:
    """What leaving each order without is worth: more than every detour together, and a level of priority more than all
    orders of the levels below; in a very large contest so much as a hundred of the dearest detours, or orders."""
    spread = np.maximum.reduceat(extra, first[:-1])
    levels, level, counts = np.unique(priority, return_inverse=True, return_counts=True)
    weights = _weights(1.0 + float(spread.sum()), (counts + 1.0).astype(np.float64))
    if weights[-1] * counts[-1] > WHOLE_NUMBERS:
        weights = _weights(CHAIN * (1.0 + float(spread.max())), np.full(len(levels), CHAIN))
    found: Real = weights[level]
    return found


def starts(counts: Whole) -> Whole:
    """Where each run begins, given the lengths of the runs; one more for the end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def spans(first: Whole, chosen: Whole) -> Whole:
    """The members of some runs, run after run."""
    counts = first[chosen + 1] - first[chosen]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first[chosen] - (ends - counts), counts)


def _weights(least: float, ratios: Real) -> Real:
    return least * np.concatenate([[1.0], np.cumprod(ratios[:-1])])
