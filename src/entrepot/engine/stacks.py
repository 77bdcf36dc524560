"""Many equal pieces as one block: a regular stack, so that an order of hundreds is still a few boxes to place."""

from __future__ import annotations

import numpy as np

from entrepot.engine.boxes import FLAT_TURNS, TURNS, Flags, Ints

ACROSS = 12  # a stack is tried up to so many pieces along two sides
FAR = np.iinfo(np.int64).max
FARTHER = 1 << 60


def capacity(sizes: Ints, weights: Ints, upright: Flags, rooms: Ints, bears: Ints) -> Ints:
    """How many equal pieces each box takes: the best regular stack of their turnings, within the weight it bears.

    Shapes: sizes n × 3, weights and upright n, rooms m × 3, bears m; result n × m. Units: mm, g.
    """
    counts = np.zeros((len(sizes), len(rooms)), dtype=np.int64)
    for nth, turn in enumerate(TURNS.tolist()):
        along = rooms[None, :, :] // np.maximum(sizes[:, turn], 1)[:, None, :]
        found = along.prod(axis=2)
        allowed = ~upright | (nth < FLAT_TURNS)
        counts = np.where(allowed[:, None], np.maximum(counts, found), counts)
    return np.minimum(counts, bears[None, :] // np.maximum(weights, 1)[:, None])


def stacked(sizes: Ints, counts: Ints, upright: Flags, rooms: Ints) -> Ints:
    """The outer size of a stack of so many equal pieces: one that goes into its room, near a cube, with little air.

    Shapes: sizes and rooms n × 3, counts n; result n × 3. Units: mm. Holds: the stack has room for all pieces.
    """
    across = np.arange(1, ACROSS + 1)
    first, second = (grid.ravel() for grid in np.meshgrid(across, across, indexing="ij"))
    best = np.zeros_like(sizes)
    least = np.full(len(sizes), FAR)
    inside = np.sort(rooms, axis=1)
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        layers = -(-counts // (a * b))
        stack = sizes * np.stack([np.full_like(counts, a), np.full_like(counts, b), layers], axis=1)
        spare = (a > counts) | (a * b > counts) & (b > 1) & (a * (b - 1) >= counts)
        misfit = (np.sort(stack, axis=1) > inside).any(axis=1)
        slots = layers * (a * b)
        score = stack.max(axis=1) * slots * slots * 100 // np.maximum(counts * counts, 1)
        score = np.where(spare, FAR - 1, score + misfit * FARTHER)
        better = score < least
        best, least = np.where(better[:, None], stack, best), np.where(better, score, least)
    return _else_in_the_room(best, sizes, counts, upright, rooms)


def _else_in_the_room(best: Ints, sizes: Ints, counts: Ints, upright: Flags, rooms: Ints) -> Ints:
    """Where no small stack goes in: as many as the room takes side by side, in the turning that takes the most."""
    lost = (np.sort(best, axis=1) > np.sort(rooms, axis=1)).any(axis=1)
    most = np.zeros(len(sizes), dtype=np.int64)
    found = best.copy()
    for nth, turn in enumerate(TURNS.tolist()):
        turned = np.maximum(sizes[:, turn], 1)
        along = rooms // turned
        floor = along[:, 0] * along[:, 1]
        layers = -(-counts // np.maximum(floor, 1))
        allowed = (
            (~upright | (nth < FLAT_TURNS)) & (floor > 0) & (layers <= along[:, 2]) & (floor > most) & lost
        )
        stack = np.stack(
            [along[:, 0] * turned[:, 0], along[:, 1] * turned[:, 1], layers * turned[:, 2]], axis=1
        )
        found, most = np.where(allowed[:, None], stack, found), np.where(allowed, floor, most)
    return found
