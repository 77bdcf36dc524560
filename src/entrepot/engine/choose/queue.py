"""Queue: the stated heuristic. One after the other, each takes its best column that still fits."""

from __future__ import annotations

import numpy as np

from entrepot.engine.choose.problem import Problem, Real, Whole

STEPS = 120
PATIENCE = 8


def in_line(problem: Problem, value: Real) -> Whole:
    """Orders in the sequence they are served: priority, no other column, regret, date, number."""
    rank = np.lexsort((value, problem.order))
    begin, counts = problem.first[:-1], np.diff(problem.first)
    second = np.where(counts > 1, value[rank[np.minimum(begin + 1, len(rank) - 1)]], 0.0)
    regret = np.where(counts > 1, second - value[rank[begin]], 0.0)
    return np.lexsort((problem.turn, -regret, counts > 1, -problem.priority))


def serve(problem: Problem, value: Real, chosen: Whole) -> Whole:
    """The choice with those served too who still find room, each by its lowest value, along the queue.

    Shapes: value per column; chosen a column per order, -1 for none; gives a new choice.
    """
    chosen = chosen.copy()
    left = problem.left(chosen).tolist()
    waiting = chosen < 0
    line = in_line(problem, value)
    rank = np.lexsort((value, problem.order)).tolist()
    first, entry_first, limit, amount, _ = problem.lists
    for order in line[waiting[line]].tolist():
        for column in rank[first[order] : first[order + 1]]:
            entries = range(entry_first[column], entry_first[column + 1])
            if all(left[limit[k]] >= amount[k] for k in entries):
                for k in entries:
                    left[limit[k]] -= amount[k]
                chosen[order] = column
                break
    return chosen


def improve(problem: Problem, chosen: Whole) -> Whole:
    """The choice after each order, along the queue, has moved to a cheaper column if that has room."""
    chosen = chosen.copy()
    left = problem.left(chosen).tolist()
    first, entry_first, limit, amount, extra = problem.lists
    line = in_line(problem, problem.extra)
    dear = (chosen[line] >= 0) & (problem.extra[chosen[line]] > 0)
    for order in line[dear].tolist():
        held = int(chosen[order])
        for k in range(entry_first[held], entry_first[held + 1]):
            left[limit[k]] += amount[k]
        for column in range(first[order], first[order + 1]):
            entries = range(entry_first[column], entry_first[column + 1])
            fits = all(left[limit[k]] >= amount[k] for k in entries)
            if column == held or (fits and extra[column] < extra[held]):
                for k in entries:
                    left[limit[k]] -= amount[k]
                chosen[order] = column
                break
    return chosen


def scarcity_prices(problem: Problem, known: float) -> Real:
    """A price per limit that makes most orders choose by themselves what fits (subgradient steps, a fixed number).

    `known` is the worth of a choice that was found already; the nearer to the best, the better the steps.
    """
    prices = best = np.zeros(len(problem.room))
    top, step, missed = -np.inf, 1.0, 0
    for _ in range(STEPS):
        value = problem.priced(prices)
        least = np.minimum.reduceat(value, problem.first[:-1])
        refused = ~problem.is_free & (least > problem.penalty)
        worth = float(np.where(refused, problem.penalty, least).sum() - prices @ problem.room)
        missed = 0 if worth > top else missed + 1
        if worth > top:
            top, best = worth, prices
        elif missed > PATIENCE:
            step, missed, prices = step / 2, 0, best
        hits = np.flatnonzero(value <= least[problem.order])
        firsts = hits[np.concatenate([[True], np.diff(problem.order[hits]) > 0])]
        slope = problem.load(firsts[~refused]) - problem.room
        slope[(slope < 0) & (prices <= 0)] = 0
        length = float(slope @ slope)
        if length == 0 or known <= worth:
            break
        prices = np.maximum(0.0, prices + step * (known - worth) / length * slope)
    return best


def heuristic(problem: Problem) -> Whole:
    """The queue at plain costs or the queue at scarcity prices, whichever is worth less, each improved once.

    Shapes: a column per order, -1 for none.
    """
    plain, prices = start(problem)
    nobody = np.full(problem.orders, -1, dtype=np.int64)
    priced = serve(problem, problem.priced(prices), nobody)
    return min(improve(problem, plain), improve(problem, priced), key=problem.value)


def start(problem: Problem) -> tuple[Whole, Real]:
    """The queue at plain costs, and scarcity prices."""
    plain = serve(problem, problem.extra, np.full(problem.orders, -1, dtype=np.int64))
    return plain, scarcity_prices(problem, problem.value(plain))
