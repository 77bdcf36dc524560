"""Eject: room made for an order without, by moving one other order to a column that still fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from entrepot.engine.choose.problem import Problem, Whole, spans, starts

Uses = dict[int, float]
Move = tuple[float, int, int, int]


class _Table:
    """A choice with what is left of each limit and who holds it, kept up to date while orders move."""

    def __init__(self, problem: Problem, chosen: Whole) -> None:
        self.chosen: list[int] = chosen.tolist()
        self.left: list[float] = problem.left(chosen).tolist()
        self.first, self.entry_first, self.limit, self.amount, self.extra = problem.lists
        self.moved: dict[int, None] = {}
        taken = chosen[chosen >= 0]
        entries = spans(problem.entry_first, taken)
        rank = np.argsort(problem.limit[entries], kind="stable")
        owners = problem.order[problem.entry_column[entries]]
        self._owners: list[int] = owners[rank].tolist()
        self._begin: list[int] = starts(
            np.bincount(problem.limit[entries], minlength=len(problem.room))
        ).tolist()

    def uses(self, column: int) -> Uses:
        """What a column takes of each limit."""
        entries = range(self.entry_first[column], self.entry_first[column + 1])
        return {self.limit[k]: self.amount[k] for k in entries}

    def short(self, uses: Uses) -> list[int]:
        """Limits that have not enough left."""
        return [limit for limit, amount in uses.items() if self.left[limit] < amount]

    def put(self, order: int, column: int) -> None:
        """Give an order a column; what it held before is free again."""
        if self.chosen[order] >= 0:
            for limit, amount in self.uses(self.chosen[order]).items():
                self.left[limit] += amount
        self.chosen[order] = column
        self.moved[order] = None
        for limit, amount in self.uses(column).items():
            self.left[limit] -= amount

    def holders(self, limit: int) -> Iterator[tuple[int, Uses]]:
        """Orders that hold something of a limit, with what they hold: first who never moved, then who did."""
        begin, end = self._begin[limit : limit + 2]
        still = (order for order in self._owners[begin:end] if order not in self.moved)
        for order in (*still, *self.moved):
            held = self.uses(self.chosen[order])
            if limit in held:
                yield order, held

    def cheapest_move(self, order: int) -> Move | None:
        """(added cost, own column, who moves, where to) with the least added cost; None when no single move helps."""
        best: Move | None = None
        for column in range(self.first[order], self.first[order + 1]):
            wanted = self.uses(column)
            short = self.short(wanted)
            if not short or (best and self.extra[column] >= best[0]):
                continue
            for other, held in self.holders(short[0]):
                if any(self.left[limit] + held.get(limit, 0.0) < wanted[limit] for limit in short):
                    continue
                best = self._elsewhere(other, held, wanted, column, best)
        return best

    def _elsewhere(self, other: int, held: Uses, wanted: Uses, column: int, best: Move | None) -> Move | None:
        now = self.extra[self.chosen[other]]
        for target in range(self.first[other], self.first[other + 1]):
            added = self.extra[column] + self.extra[target] - now
            if best and added >= best[0]:
                break  # columns stand by cost
            for k in range(self.entry_first[target], self.entry_first[target + 1]):
                limit = self.limit[k]
                if self.left[limit] + held.get(limit, 0.0) - wanted.get(limit, 0.0) < self.amount[k]:
                    break
            else:
                return added, column, other, target
        return best


def eject(problem: Problem, chosen: Whole, line: Whole) -> Whole:
    """The choice with orders without served where one other order can make room, the cheapest such move each time.

    Shapes: line is the queue of the orders without; gives a new choice. No order is left without that had a column.
    """
    table = _Table(problem, chosen)
    for order in line.tolist():
        move = table.cheapest_move(order)
        if move:
            _, column, other, target = move
            table.put(other, target)
            table.put(order, column)
    return np.array(table.chosen, dtype=np.int64)
