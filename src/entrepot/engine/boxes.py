"""Boxes into a box: many packages worked off side by side, piece by piece, on whole millimetres.

Pieces come in the order given. Each goes to the free corner where its top, then its back, then its side end lowest, in
the turning that gives this; corners are those of the pieces before it and their shadows on the floor and the walls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
TURNS = np.array([[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0], [2, 1, 0]])
FLAT_TURNS = 2  # the first two keep the piece upright
REACH = 1 << 14  # longer sides than 16 m are no parcel
NEVER = np.iinfo(np.int64).max
CELLS = 4_000_000  # numbers looked at in one go, so that memory stays flat


def place(sizes: Ints, weights: Ints, upright: Flags, room: tuple[int, int, int], bear: int) -> Flags:
    """Which pieces of each package go into one box: as they come, each that still fits in space and weight.

    Shapes: sizes p × n × 3 (zeros: no piece), weights and upright p × n; result p × n. Units: mm, g; `bear` is the
    heaviest contents. Holds: the pieces placed do not overlap and none leaves the box; the same input, the same
    answer.
    """
    placed = np.zeros(weights.shape, dtype=bool)
    for part in _chunks(weights):
        _place(sizes[part], weights[part], upright[part], _Room(room, bear, False), placed[part])
    return placed


def takes_all(sizes: Ints, weights: Ints, upright: Flags, room: tuple[int, int, int], bear: int) -> Flags:
    """Whether all pieces of each package go into one box; a package is given up at its first piece that does not.

    Shapes: as `place`; result p.
    """
    placed = np.zeros(weights.shape, dtype=bool)
    for part in _chunks(weights):
        _place(sizes[part], weights[part], upright[part], _Room(room, bear, True), placed[part])
    whole: Flags = (placed | (weights == 0)).all(axis=1)
    return whole


def in_a_row(sizes: Ints, upright: Flags, room: tuple[int, int, int]) -> Flags:
    """Whether the pieces of each package go into a box side by side in one row; a quick answer that needs no corners.

    Shapes: sizes p × n × 3, each piece's sides shortest first; upright p × n; result p. Holds: true only where they
    fit.
    """
    fits = np.zeros(len(sizes), dtype=bool)
    short, mid, long = sizes[..., 0], sizes[..., 1], sizes[..., 2]
    for axis in range(3):
        low, high = sorted(room[other] for other in range(3) if other != axis)
        needs = np.where((short <= low) & (mid <= high), long, REACH)
        needs = np.where((short <= low) & (long <= high), mid, needs)
        needs = np.where((mid <= low) & (long <= high), short, needs)
        fits |= needs.sum(axis=1) <= room[axis]
    return fits & ~upright.any(axis=1)


@dataclass(frozen=True)
class _Room:
    size: tuple[int, int, int]
    bear: int
    whole: bool


def _chunks(weights: Ints) -> list[slice]:
    packages, pieces = weights.shape
    step = max(1, CELLS // max(1, 18 * (9 * pieces + 1)))
    return [slice(a, a + step) for a in range(0, packages, step)]


def _place(sizes: Ints, weights: Ints, upright: Flags, room: _Room, placed: Flags) -> None:
    """Marks the pieces that go in."""
    packages, pieces = weights.shape
    sizes = np.minimum(sizes, REACH).astype(np.int32)  # narrow numbers: this loop is the time packing takes
    low = np.zeros((packages, pieces, 3), dtype=np.int32)
    high = np.zeros((packages, pieces, 3), dtype=np.int32)
    corners = np.full((packages, 1 + 9 * pieces, 3), REACH, dtype=np.int32)
    corners[:, 0] = 0
    load = np.zeros(packages, dtype=np.int64)
    alive = np.arange(packages)
    for nth in range(pieces):
        there = weights[alive, nth] > 0
        first = 1 if room.whole and nth else 0  # the origin is taken
        free = corners[:, first : 1 + 9 * nth]
        turned = sizes[alive, nth][:, TURNS]
        may = there & (load + weights[alive, nth] <= room.bear)
        best, goes = _best(free, turned, (low[:, :nth], high[:, :nth]), upright[alive, nth], room.size)
        goes &= may
        at, turn = best // len(TURNS), best % len(TURNS)
        rows = np.arange(len(alive))
        start = np.where(goes[:, None], free[rows, at], 0)
        stop = np.where(goes[:, None], start + turned[rows, turn], 0)
        low[:, nth], high[:, nth] = start, stop
        placed[alive, nth] = goes
        load += np.where(goes, weights[alive, nth], 0)
        corners[:, 1 + 9 * nth : 10 + 9 * nth] = np.where(goes[:, None, None], _corners(start, stop), REACH)
        if room.whole and not (goes | ~there).all():
            kept = goes | ~there
            alive, load, low, high, corners = alive[kept], load[kept], low[kept], high[kept], corners[kept]
        if not len(alive):
            return


def _best(
    free: Small, turned: Small, others: tuple[Small, Small], upright: Flags, room: tuple[int, int, int]
) -> tuple[Ints, Flags]:
    """The place of one piece of each package: corner × turn as one number, and whether there is any."""
    end = free[:, :, None, :] + turned[:, None, :, :]
    x, y, z = end[..., 0], end[..., 1], end[..., 2]
    fits = (x <= room[0]) & (y <= room[1]) & (z <= room[2])
    if upright.any():
        fits &= ~(upright[:, None, None] & (np.arange(len(TURNS)) >= FLAT_TURNS))
    low, high = others
    for other in range(low.shape[1]):
        behind = np.asarray((free >= high[:, None, other]).any(axis=2))[:, :, None]
        first, second, third = (low[:, other, axis, None, None] for axis in range(3))
        fits &= behind | (x <= first) | (y <= second) | (z <= third)
    score = np.where(fits, (z.astype(np.int64) * REACH + y) * REACH + x, NEVER).reshape(len(free), -1)
    best = score.argmin(axis=1)
    return best, score[np.arange(len(free)), best] < NEVER


def _corners(start: Small, stop: Small) -> Small:
    """The three corners a piece opens, each with its shadows on the two walls it does not lean on."""
    found = np.empty((len(start), 9, 3), dtype=np.int32)
    for axis in range(3):
        first, second = [other for other in range(3) if other != axis]
        corner = start.copy()
        corner[:, axis] = stop[:, axis]
        found[:, 3 * axis] = corner
        for shadow, wall in ((1, first), (2, second)):
            found[:, 3 * axis + shadow] = corner
            found[:, 3 * axis + shadow, wall] = 0
    return found
