"""One part of the measurements, found by its name in the process that runs it."""

from __future__ import annotations

import importlib


def measure(part: str, orders: int | None) -> dict[str, float]:
    """The figures of one part, with its own number of orders unless another is given."""
    run = importlib.import_module(f"benchmarks.{part}").run
    found: dict[str, float] = run(orders) if orders else run()
    return found
