"""Loops over whole numbers, compiled to machine code the first time they are called and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """The loop as machine code that lets other threads run; where no folder can be written, compiled once a process.

    Holds: the same arrays, the same answer as the plain function. Source: docs/decisions/0019-loops-compiled.md.
    """
    try:
        return cast("Loop", numba.njit(cache=True, nogil=True)(loop))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return cast("Loop", numba.njit(nogil=True)(loop))
