"""HiGHS through OR-tools: a linear or whole-number program in, values and prices out. Loaded only where needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.engine.choose.problem import Problem, Real, Whole, spans

OPTIMAL = 1  # TerminationReasonProto
FEASIBLE = 2  # SolutionStatusProto


@dataclass(frozen=True)
class Answer:
    """Values per offered column and per order left without, prices of the limits, and whether it is the optimum."""

    columns: Real
    without: Real
    prices: Real
    worth: float
    is_optimal: bool


@dataclass(frozen=True)
class Effort:
    """How far the solver may go, in steps and not in seconds, so that the same batch always gives the same choice.

    gap: in whole numbers it may stop so near the best, in minor units.
    """

    iterations: int
    nodes: int
    gap: float = 0.5


def solve(problem: Problem, offered: Whole, effort: Effort, *, whole: bool) -> Answer | None:
    """Least worth over some columns; None when the effort ended before any answer.

    Shapes: offered m columns, ascending; each order gets one of them or goes without.
    Errors: RuntimeError when the solver refuses the program.
    """
    from ortools.math_opt import (
        callback_pb2,
        model_parameters_pb2,
        parameters_pb2,
    )
    from ortools.math_opt.core.python import solver

    parameters = parameters_pb2.SolveParametersProto(
        iteration_limit=effort.iterations, presolve=parameters_pb2.EMPHASIS_OFF
    )
    if whole:
        parameters = parameters_pb2.SolveParametersProto(
            node_limit=effort.nodes,
            relative_gap_tolerance=0.0,
            absolute_gap_tolerance=effort.gap,
            heuristics=parameters_pb2.EMPHASIS_OFF,
        )
    found = solver.solve(
        _program(problem, offered, whole=whole), parameters_pb2.SOLVER_TYPE_HIGHS,
        parameters_pb2.SolverInitializerProto(), parameters, model_parameters_pb2.ModelSolveParametersProto(),
        None, callback_pb2.CallbackRegistrationProto(), None, None,
    )  # fmt: skip
    if not found.solutions or found.solutions[0].primal_solution.feasibility_status != FEASIBLE:
        return None
    solution = found.solutions[0]
    values, count = (
        _values(solution.primal_solution.variable_values, len(offered) + problem.orders),
        len(offered),
    )
    duals = _values(solution.dual_solution.dual_values, problem.orders + len(problem.room))
    return Answer(
        columns=values[:count],
        without=values[count:],
        prices=np.maximum(0.0, -duals[problem.orders :]),
        worth=solution.primal_solution.objective_value,
        is_optimal=found.termination.reason == OPTIMAL,
    )


def _program(problem: Problem, offered: Whole, *, whole: bool) -> object:
    """One variable per offered column and one per order for going without; a row per order and per limit."""
    from ortools.math_opt import model_pb2

    program = model_pb2.ModelProto()
    columns, orders, limits = len(offered), problem.orders, len(problem.room)
    total = columns + orders
    upper = np.concatenate([np.ones(columns), np.where(problem.is_free, 0.0, 1.0)])
    program.variables.ids.extend(range(total))
    program.variables.lower_bounds.extend([0.0] * total)
    program.variables.upper_bounds.extend(upper.tolist())
    program.variables.integers.extend([whole] * total)
    program.objective.linear_coefficients.ids.extend(range(total))
    program.objective.linear_coefficients.values.extend(
        [*problem.extra[offered].tolist(), *problem.penalty.tolist()]
    )
    program.linear_constraints.ids.extend(range(orders + limits))
    program.linear_constraints.lower_bounds.extend([1.0] * orders + [-np.inf] * limits)
    program.linear_constraints.upper_bounds.extend([1.0] * orders + problem.room.tolist())
    entries = spans(problem.entry_first, offered)
    counts = (problem.entry_first[offered + 1] - problem.entry_first[offered]).astype(np.int64)
    row = np.concatenate([problem.order[offered], np.arange(orders), problem.limit[entries] + orders])
    column = np.concatenate([np.arange(total), np.repeat(np.arange(columns), counts)])
    amount = np.concatenate([np.ones(total), problem.amount[entries]])
    rank = np.lexsort((column, row))
    matrix = program.linear_constraint_matrix
    matrix.row_ids.extend(row[rank].tolist())
    matrix.column_ids.extend(column[rank].tolist())
    matrix.coefficients.extend(amount[rank].tolist())
    return program


def _values(sparse: object, size: int) -> Real:
    """A solver's list of ids and values as an array."""
    found = np.zeros(size)
    ids = np.fromiter(sparse.ids, np.int64)  # type: ignore[attr-defined]
    found[ids] = np.fromiter(sparse.values, np.float64)  # type: ignore[attr-defined]
    return found
