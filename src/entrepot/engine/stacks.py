"""Many equal pieces as one block: a regular stack, so that an order of hundreds is still a few boxes to place."""

from __future__ import annotations

import numpy as np

from entrepot.engine.boxes import FLAT_TURNS, TURNS, Flags, Ints, in_order
from entrepot.engine.compiled import compiled

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


@compiled
def stacked(sizes: Ints, counts: Ints, upright: Flags, rooms: Ints) -> Ints:
    """The outer size of a stack of so many equal pieces: one that goes into its room, near a cube, with little air.

    Shapes: sizes and rooms n × 3, counts n; result n × 3. Units: mm. Holds: the stack has room for all pieces.
    """
    found = np.zeros_like(sizes)
    inside = in_order(rooms)
    for nth in range(len(sizes)):
        if not _near_a_cube(sizes[nth], counts[nth], inside[nth], found[nth]):
            _fill_the_room(sizes[nth], counts[nth], upright[nth], rooms[nth], found[nth])
    return found


@compiled
def _near_a_cube(size: Ints, count: int, inside: Ints, best: Ints) -> bool:
    """Of the small stacks the one with the shortest longest side for the air in it, one that goes in before others;
    whether it goes in."""
    least = FAR
    for across in range(1, min(ACROSS, count) + 1):
        for deep in range(1, ACROSS + 1):
            if deep > 1 and across * (deep - 1) >= count:
                break
            layers = -(-count // (across * deep))
            x, y, z = size[0] * across, size[1] * deep, size[2] * layers
            short, long = min(x, y, z), max(x, y, z)
            slots = layers * across * deep
            score = long * slots * slots * 100 // max(count * count, 1)
            if short > inside[0] or x + y + z - short - long > inside[1] or long > inside[2]:
                score += FARTHER
            if score < least:
                least = score
                best[0], best[1], best[2] = x, y, z
    return least < FARTHER


@compiled
def _fill_the_room(size: Ints, count: int, upright: bool, room: Ints, stack: Ints) -> None:
    """Where no small stack goes in: as many as the room takes side by side, in the turning that takes the most."""
    most = 0
    for turn in range(FLAT_TURNS if upright else len(TURNS)):
        x, y, z = max(size[TURNS[turn, 0]], 1), max(size[TURNS[turn, 1]], 1), max(size[TURNS[turn, 2]], 1)
        across, deep = room[0] // x, room[1] // y
        layers = -(-count // max(across * deep, 1))
        if across * deep > most and layers <= room[2] // z:
            most = across * deep
            stack[0], stack[1], stack[2] = across * x, deep * y, layers * z
