"""Queue: the stated heuristic. One after the other, each takes its best column that still fits."""

from __future__ import annotations

import numpy as np

from entrepot.engine.choose.problem import Flags, Problem, Real, Whole, spans

STEPS = 100
BLOCK = 400  # orders that step forward at once
PATIENCE = 8


def in_line(problem: Problem, value: Real) -> Whole:
    """Orders in the sequence they are served: priority, no other column, regret, date, number."""
    begin, counts = problem.first[:-1], np.diff(problem.first)
    least = np.minimum.reduceat(value, begin)
    others = value.copy()
    others[_firsts(problem, value <= least[problem.order])] = np.inf
    regret = np.where(counts > 1, np.minimum.reduceat(others, begin) - least, 0.0)
    return np.lexsort((problem.turn, -regret, counts > 1, -problem.priority))


def _firsts(problem: Problem, marked: Flags) -> Whole:
    """The first marked column of each order that has one."""
    columns = np.flatnonzero(marked)
    found: Whole = columns[np.diff(problem.order[columns], prepend=-1) > 0]
    return found


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
            for k in entries:
                if left[limit[k]] < amount[k]:
                    break
            else:
                for k in entries:
                    left[limit[k]] -= amount[k]
                chosen[order] = column
                break
    return chosen


def rush(problem: Problem) -> Whole:
    """The queue at plain costs for very many orders: all of them step forward at once, round by round.

    In a round each waiting order names its cheapest column that has room for it alone; along the queue those are served
    whom everybody before them at the same limits leaves enough. The others name again in the next round. The queue
    comes in blocks, one after the other, so that nobody far behind takes what is somebody's second choice.
    Shapes: a column per order, -1 for none. Holds: no limit is exceeded.
    """
    value = problem.extra
    rank = np.lexsort((value, problem.order))
    line, place = in_line(problem, value), np.empty(problem.orders, dtype=np.int64)
    place[line] = np.arange(problem.orders)
    tried, chosen = problem.first[:-1].copy(), np.full(problem.orders, -1, dtype=np.int64)
    left = problem.room.copy()
    for waiting in np.array_split(line, len(line) // BLOCK + 1):
        while len(waiting):
            waiting = _next_that_fits(problem, rank, tried, waiting, left)
            columns = rank[tried[waiting]]
            served = _before_the_rest(problem, columns, place[waiting], left)
            chosen[waiting[served]] = columns[served]
            left -= problem.load(columns[served])
            waiting = waiting[~served]
    return chosen


def _next_that_fits(problem: Problem, rank: Whole, tried: Whole, waiting: Whole, left: Real) -> Whole:
    """Orders that still have a column with room for it alone; `tried` is moved on to that column."""
    moving = waiting
    while len(moving):
        owner, entries = _entries(problem, rank[tried[moving]])
        short = left[problem.limit[entries]] < problem.amount[entries]
        moving = moving[np.bincount(owner[short], minlength=len(moving)) > 0]
        tried[moving] += 1
        moving = moving[tried[moving] < problem.first[moving + 1]]
    return waiting[tried[waiting] < problem.first[waiting + 1]]


def _entries(problem: Problem, columns: Whole) -> tuple[Whole, Whole]:
    """What some columns take: for each entry the place of its column, and the entry."""
    counts = problem.entry_first[columns + 1] - problem.entry_first[columns]
    return np.repeat(np.arange(len(columns)), counts), spans(problem.entry_first, columns)


def _before_the_rest(problem: Problem, columns: Whole, place: Whole, left: Real) -> Flags:
    """True for columns that find enough at each of their limits after all who stand before them there."""
    owner, entries = _entries(problem, columns)
    limit, amount = problem.limit[entries], problem.amount[entries]
    line = np.lexsort((place[owner], limit))
    upto = np.cumsum(amount[line])
    begins = np.concatenate([[True], np.diff(limit[line]) > 0]) if len(line) else np.zeros(0, dtype=np.bool_)
    before = np.maximum.accumulate(np.where(begins, upto - amount[line], 0.0))
    late = upto - before > left[limit[line]]
    return np.bincount(owner[line[late]], minlength=len(columns)) == 0


def improve(problem: Problem, chosen: Whole) -> Whole:
    """The choice after each order, along the queue, has moved to a cheaper column if that has room."""
    chosen = chosen.copy()
    left = problem.left(chosen).tolist()
    first, entry_first, limit, amount, extra = problem.lists
    line = in_line(problem, problem.extra)
    dear = (chosen[line] >= 0) & (problem.extra[chosen[line]] > 0)
    for order in line[dear].tolist():
        held = int(chosen[order])
        own = range(entry_first[held], entry_first[held + 1])
        for k in own:
            left[limit[k]] += amount[k]
        for column in range(first[order], held):  # columns stand by cost
            if extra[column] == extra[held]:
                continue
            entries = range(entry_first[column], entry_first[column + 1])
            for k in entries:
                if left[limit[k]] < amount[k]:
                    break
            else:
                own, chosen[order] = entries, column
                break
        for k in own:
            left[limit[k]] -= amount[k]
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
        firsts = _firsts(problem, value <= least[problem.order])
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
