"""One part of the measurements, found by its name in the process that runs it."""

from __future__ import annotations

import importlib
import os

from entrepot.config.commands.worker import ENGINE_THREADS


def measure(part: str, orders: int | None) -> dict[str, float]:
    """The figures of one part, with its own number of orders unless another is given."""
    if part == "pipeline":  # one worker, as `entrepot worker` starts it
        os.environ.update(ENGINE_THREADS)
    run = importlib.import_module(f"benchmarks.{part}").run
    found: dict[str, float] = run(orders) if orders else run()
    return found
