"""Boxes into a box: piece by piece, on whole millimetres.

Pieces come in the order given. Each goes to the free corner where its top, then its back, then its side end lowest, in
the turning that gives this; corners are those of the pieces before it and their shadows on the floor and the walls.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from entrepot.engine.compiled import compiled

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
TURNS = np.array([[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0], [2, 1, 0]])
FLAT_TURNS = 2  # the first two keep the piece upright
REACH = 1 << 20  # longer sides than a kilometre are no parcel
NEVER = np.iinfo(np.int64).max
PER_PIECE = 9  # corners that a piece opens


@compiled
def place(sizes: Ints, weights: Ints, upright: Flags, room: Ints, bear: int) -> Flags:
    """Which pieces go into one box: as they come, each that still fits in space and weight.

    Shapes: sizes n × 3, weights (0: no piece) and upright n, room 3; result n. Units: mm, g; `bear` is the heaviest
    contents. Holds: the pieces placed do not overlap and none leaves the box.
    """
    pieces = len(weights)
    placed = np.zeros(pieces, dtype=np.bool_)
    low, high = np.zeros((pieces, 3), dtype=np.int64), np.zeros((pieces, 3), dtype=np.int64)
    corners = np.zeros((1 + PER_PIECE * pieces, 3), dtype=np.int64)
    free, stands, load = 1, 0, 0
    for nth in range(pieces):
        if weights[nth] <= 0 or load + weights[nth] > bear:
            continue
        corner, turn = _best(sizes[nth], upright[nth], room, corners[:free], low[:stands], high[:stands])
        if corner < 0:
            continue
        for axis in range(3):
            low[stands, axis] = corners[corner, axis]
            high[stands, axis] = corners[corner, axis] + sizes[nth, TURNS[turn, axis]]
        _open(low[stands], high[stands], corners[free:])
        free, stands, load = free + PER_PIECE, stands + 1, load + weights[nth]
        placed[nth] = True
    return placed


@compiled
def in_order(sizes: Ints) -> Ints:
    """The three sides of each box, shortest first. Shapes: n × 3, result likewise."""
    ranked = np.empty_like(sizes)
    for nth in range(len(sizes)):
        x, y, z = sizes[nth, 0], sizes[nth, 1], sizes[nth, 2]
        short, long = min(x, y, z), max(x, y, z)
        ranked[nth, 0], ranked[nth, 1], ranked[nth, 2] = short, x + y + z - short - long, long
    return ranked


@compiled
def in_a_row(ranked: Ints, weights: Ints, room: Ints) -> bool:
    """Whether pieces that may be turned go into a box side by side in one row; a quick answer that needs no corners.

    Shapes: ranked n × 3, each piece's sides shortest first; weights n (0: no piece); room 3. Holds: true only where
    they fit.
    """
    for axis in range(3):
        one, other = room[(axis + 1) % 3], room[(axis + 2) % 3]
        low, high, left = min(one, other), max(one, other), room[axis]
        for nth in range(len(weights)):
            if weights[nth] <= 0:
                continue
            short, mid, long = ranked[nth, 0], ranked[nth, 1], ranked[nth, 2]
            if mid <= low and long <= high:
                left -= short
            elif short <= low and long <= high:
                left -= mid
            elif short <= low and mid <= high:
                left -= long
            else:
                left = -1
            if left < 0:
                break
        if left >= 0:
            return True
    return False


@compiled
def _best(size: Ints, upright: bool, room: Ints, corners: Ints, low: Ints, high: Ints) -> tuple[int, int]:
    """The corner and the turning of one piece; −1 where it finds no place."""
    least, corner, turn = NEVER, -1, 0
    for place in range(len(corners)):
        for way in range(FLAT_TURNS if upright else len(TURNS)):
            x = corners[place, 0] + size[TURNS[way, 0]]
            y = corners[place, 1] + size[TURNS[way, 1]]
            z = corners[place, 2] + size[TURNS[way, 2]]
            if x > room[0] or y > room[1] or z > room[2]:
                continue
            score = (z * REACH + y) * REACH + x
            if score < least and not _strikes(corners[place], x, y, z, low, high):
                least, corner, turn = score, place, way
    return corner, turn


@compiled
def _strikes(start: Ints, x: int, y: int, z: int, low: Ints, high: Ints) -> bool:
    for other in range(len(low)):
        if (
            start[0] < high[other, 0] and x > low[other, 0]
            and start[1] < high[other, 1] and y > low[other, 1]
            and start[2] < high[other, 2] and z > low[other, 2]
        ):  # fmt: skip
            return True
    return False


@compiled
def _open(start: Ints, stop: Ints, corners: Ints) -> None:
    """The three corners a piece opens, each with its shadows on the two walls it does not lean on."""
    for axis in range(3):
        for shadow in range(3):
            corners[3 * axis + shadow] = start
            corners[3 * axis + shadow, axis] = stop[axis]
        walls = (1, 2) if axis == 0 else (0, 2) if axis == 1 else (0, 1)
        corners[3 * axis + 1, walls[0]] = 0
        corners[3 * axis + 2, walls[1]] = 0
