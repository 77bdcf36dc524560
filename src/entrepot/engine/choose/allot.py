"""Allot: the contested orders shared out, group by group: by the solver, or by the stated heuristic past its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from entrepot.engine.choose.eject import eject
from entrepot.engine.choose.highs import Answer, Effort, solve
from entrepot.engine.choose.problem import Problem, Real, Whole, spans
from entrepot.engine.choose.queue import heuristic, improve, in_line, rush, serve, start
from entrepot.engine.policy import company_value
from entrepot.engine.world import World

CHEAPEST, OPTIMUM, SOLVER, HEURISTIC = range(4)
NAMES = {CHEAPEST: "cheapest", OPTIMUM: "optimum", SOLVER: "solver", HEURISTIC: "heuristic"}
MILLION = 1_000_000
KEPT_PER_ORDER = 4
ROUNDS = 6
FEW = 25
ROUGH = 3  # the first program in whole numbers leaves out a third: what it misses, the later ones mend
WIDER = (1, 2)
NEARLY = 1e-6


@dataclass(frozen=True)
class Bounds:
    """How far the solver goes: columns of a batch, columns solved whole at once, steps, nodes, distance to the best."""

    columns: int
    core: int
    effort: Effort
    gap: float

    @classmethod
    def of(cls, world: World) -> Bounds:
        """As the company's policies say, or the usual ones."""
        return cls(
            columns=company_value(world, "choose.solver_columns", 250_000),
            core=company_value(world, "choose.core_columns", 3_000),
            effort=Effort(
                iterations=company_value(world, "choose.solver_iterations", 200_000),
                nodes=company_value(world, "choose.solver_nodes", 500),
            ),
            gap=company_value(world, "choose.gap_ppm", 5_000) / MILLION,
        )


def allot(problem: Problem, world: World) -> tuple[Whole, Whole]:
    """The column each served order gets, and how it was found (a key of NAMES).

    Shapes: two arrays of one length; an order that goes without is missing.
    Holds: no limit is exceeded, whatever the solver answers.
    """
    bounds = Bounds.of(world)
    columns, methods = [], []
    for part, is_large, may_solve in _groups(problem, bounds):
        if may_solve:
            chosen, method = (_large if is_large else _small)(part, bounds)
            chosen = fair(part, chosen)
        else:
            chosen, method = rush(part), HEURISTIC
        served = chosen[chosen >= 0]
        columns.append(part.column[served])
        methods.append(np.full(len(served), method))
    return np.concatenate(columns), np.concatenate(methods)


def _groups(problem: Problem, bounds: Bounds) -> Iterator[tuple[Problem, bool, bool]]:
    """Independent groups of orders, small ones bundled: (group, larger than a core, within the solver's limit)."""
    label = problem.components()
    width = np.diff(problem.first)
    labels, group = np.unique(label, return_inverse=True)
    size = np.bincount(group, width).astype(np.int64)
    rank = np.argsort(size, kind="stable")
    within = np.cumsum(size[rank]) <= bounds.columns
    bundle, number, filled = np.zeros(len(labels), dtype=np.int64), 0, 0
    for one, fits in zip(rank.tolist(), within.tolist(), strict=True):
        if not fits:
            bundle[one] = -1
            continue
        if filled and filled + size[one] > bounds.core:
            number, filled = number + 1, 0
        bundle[one], filled = number, filled + int(size[one])
    of_order = bundle[group]
    for found in np.unique(of_order):
        part = problem.part(np.flatnonzero(of_order == found))
        yield part, len(part.extra) > bounds.core, bool(found >= 0)


def _small(part: Problem, bounds: Bounds) -> tuple[Whole, int]:
    """Few columns: solved at once in whole numbers."""
    answer = solve(part, np.arange(len(part.extra)), bounds.effort, whole=True)
    if answer is not None:
        chosen = _whole(part, np.arange(len(part.extra)), answer)
        if answer.is_optimal and _holds(part, chosen):
            return chosen, OPTIMUM
        return _better(part, chosen, heuristic(part))
    return heuristic(part), HEURISTIC


def _large(part: Problem, bounds: Bounds) -> tuple[Whole, int]:
    """Many columns: the linear program over the promising ones, more as its prices ask; the rest in whole numbers.

    Whatever comes out is held against the bound that the prices prove.
    """
    known, prices = start(part)
    least = float(part.cheapest.sum())
    offered = np.union1d(part.best(part.priced(prices), KEPT_PER_ORDER), known[known >= 0])
    bound = part.bound(prices)
    answer = solve(part, offered, bounds.effort, whole=False)
    for _ in range(ROUNDS):
        if answer is None:
            return heuristic(part), HEURISTIC
        bound, prices = max(bound, part.bound(answer.prices)), answer.prices
        if answer.worth - bound <= bounds.gap / 3 * (least + bound):
            break
        offered = np.union1d(offered, part.best(part.priced(prices), KEPT_PER_ORDER))
        answer = solve(part, offered, bounds.effort, whole=False)
    if answer is None:
        return heuristic(part), HEURISTIC
    effort = replace(bounds.effort, gap=bounds.gap / 3 * (least + bound))
    chosen = _rounded(part, offered, answer, bounds.core // 2, effort)
    if part.value(chosen) - bound <= bounds.gap * (least + bound):
        return chosen, OPTIMUM
    return _better(part, chosen, improve(part, known))


def _rounded(part: Problem, offered: Whole, answer: Answer, core: int, effort: Effort) -> Whole:
    """A choice from the linear answer: whole orders keep their column; the others, and what is nearly as good for its
    order, go through a program in whole numbers with the room that is left. Who is without then is tried once more."""
    chosen = np.full(part.orders, -1, dtype=np.int64)
    whole = offered[answer.columns >= 1 - NEARLY]
    chosen[part.order[whole]] = whole
    value = part.priced(answer.prices)
    behind = value - np.minimum.reduceat(value, part.first[:-1])[part.order]
    behind[offered[answer.columns > NEARLY]] = -1.0  # what the answer uses comes before all others
    behind[whole] = np.inf
    rank = np.argsort(behind, kind="stable")[: core // ROUGH * (ROUGH - 1)]
    chosen = _resolved(part, chosen, rank[np.isfinite(behind[rank])], effort)
    if not _holds(part, chosen):
        chosen = np.full(part.orders, -1, dtype=np.int64)
    chosen = improve(part, serve(part, value, chosen))
    line = in_line(part, value)
    chosen = eject(part, chosen, line[chosen[line] < 0][:FEW])
    for wider in WIDER:
        without = np.flatnonzero(chosen < 0)
        if 0 < len(without) <= FEW:
            chosen = _resolved(
                part, chosen, _around(part, chosen, without, behind, core // 2 * wider), effort
            )
    return chosen


def _around(part: Problem, chosen: Whole, without: Whole, behind: Real, core: int) -> Whole:
    """Columns of some orders without, and of those who hold what these would need, the nearest to their best first."""
    own = spans(part.first, without)
    entries = spans(part.entry_first, own)
    short = part.left(chosen)[part.limit[entries]] < part.amount[entries]
    wanted = np.zeros(len(part.room), dtype=np.bool_)
    wanted[part.limit[entries[short]]] = True
    held = spans(part.entry_first, chosen[chosen >= 0])
    holders = np.zeros(part.orders, dtype=np.bool_)
    holders[part.order[part.entry_column[held[wanted[part.limit[held]]]]]] = True
    columns = np.flatnonzero(holders[part.order])
    near = columns[np.argsort(behind[columns], kind="stable")[:core]]
    return np.union1d(own, near)


def _resolved(part: Problem, chosen: Whole, columns: Whole, effort: Effort) -> Whole:
    """The choice with the orders of some columns decided anew in whole numbers, among these and what each holds now."""
    if not len(columns):
        return chosen
    free = np.zeros(part.orders, dtype=np.bool_)
    free[part.order[columns]] = True
    held = chosen[free]
    columns = np.union1d(columns, held[held >= 0])
    fixed = np.where(free, -1, chosen)
    rest = replace(part.narrow(columns), room=part.left(fixed))
    answer = solve(rest, np.arange(len(columns)), effort, whole=True)
    if answer is None:
        return chosen
    taken = columns[answer.columns > 0.5]
    fixed[part.order[taken]] = taken
    is_better = _holds(part, fixed) and part.value(fixed) < part.value(chosen)
    return fixed if is_better or not _holds(part, chosen) else chosen


def _whole(part: Problem, offered: Whole, answer: Answer) -> Whole:
    chosen = np.full(part.orders, -1, dtype=np.int64)
    taken = offered[answer.columns > 0.5]
    chosen[part.order[taken]] = taken
    return chosen


def _holds(part: Problem, chosen: Whole) -> bool:
    return bool((part.left(chosen) >= 0).all())


def _better(part: Problem, solved: Whole, queued: Whole) -> tuple[Whole, int]:
    if _holds(part, solved) and part.value(solved) <= part.value(queued):
        return solved, SOLVER
    return queued, HEURISTIC


def fair(part: Problem, chosen: Whole) -> Whole:
    """The choice with orders that could stand in for one another served by date and number: the earlier the better."""
    alike, none = _alike(part), len(part.extra)
    offset = np.where(chosen >= 0, chosen - part.first[:-1], none)
    line, best = np.lexsort((part.turn, alike)), np.lexsort((offset, alike))
    found = np.empty_like(chosen)
    found[line] = np.where(offset[best] < none, part.first[line] + offset[best], -1)
    return found


def _alike(part: Problem) -> Whole:
    """A label per order; orders of one label have the same priority and the same columns, figure for figure."""
    columns, entries = np.diff(part.first), np.diff(part.entry_first[part.first])
    shapes, shape = np.unique(np.stack([columns, entries]), axis=1, return_inverse=True)
    label, labels = np.empty(part.orders, dtype=np.int64), 0
    for number, (width, size) in enumerate(shapes.T.tolist()):
        orders = np.flatnonzero(shape == number)
        column = part.first[orders, None] + np.arange(width)
        begin = part.entry_first[part.first[orders], None]
        entry = begin + np.arange(size)
        facts = (
            part.priority[orders, None], part.entry_first[column] - begin, part.extra[column],
            part.limit[entry], part.amount[entry],
        )  # fmt: skip
        marks = np.concatenate([np.asarray(fact, np.float64) for fact in facts], axis=1)
        _, same = np.unique(marks, axis=0, return_inverse=True)
        label[orders] = labels + same.ravel()
        labels += int(same.max()) + 1
    return label
