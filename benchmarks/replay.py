"""Replay of demo orders in partitions, over processes: same ways priced again, and ways chosen again. No database."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

from entrepot.config.demo.world import demo_world, generate_batch
from entrepot.engine import Batch, decide
from entrepot.engine.replay import Frozen, Question, by_line, cells, frozen, replay
from entrepot.engine.scenario import Edit

PART = 50_000
BORDER = (
    Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"}),
    Edit("tax_rate", {"country": "DE", "points_ppm": 20_000}),
)
FREIGHT = (*BORDER, Edit("rate_card", {"change_ppm": 80_000}))
NAMES = ("orders", "lines", "stock", "booked", "carried", "packed", "stranded", "shares")


def run(orders: int = 1_000_000) -> dict[str, float]:
    """Seconds for all orders: duties and taxes changed, freight changed as well, ways chosen again; greatest memory."""
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        parts = _write(orders, Path(folder))
        found: dict[str, float] = {"replay.orders": orders, "replay.workers": workers}
        context = multiprocessing.get_context("spawn")
        os.environ["POLARS_MAX_THREADS"] = "1"
        with ProcessPoolExecutor(workers, context) as pool:
            for name in ("border", "freight", "free"):
                list(pool.map(_warm, [name] * workers))
                begun = perf_counter()
                sums = list(pool.map(_work, [(str(part), name) for part in parts]))
                found[f"replay.{name}_s"] = perf_counter() - begun
                found[f"replay.{name}_cpu_s"] = sum(spent for _, _, spent in sums)
                found[f"replay.{name}_change_minor"] = sum(change for change, _, _ in sums)
            found["replay.worker_mb"] = max(size for _, size, _ in sums)
        del os.environ["POLARS_MAX_THREADS"]
    return found


def _write(orders: int, folder: Path) -> list[Path]:
    """Partitions on disk: orders as the engine saw them, what was decided, and the freight of their ways."""
    whole, world, paths = generate_batch(orders), demo_world(), []
    for start in range(0, orders, PART):
        heads = whole.orders.slice(start, PART)
        batch = whole.only(heads["order_id"])
        booked = decide(batch, world).decisions.filter(pl.col("status") == "confirmed")
        batch = batch.only(booked["order_id"])
        known = frozen(batch, booked, world, by_line=True)
        paths.append(folder / f"{start:09}")
        paths[-1].mkdir()
        frames = (batch.orders, batch.lines, batch.stock, booked, known.carried, known.packed, known.stranded)
        for name, frame in zip(NAMES, (*frames, known.shares), strict=True):
            frame.write_ipc(paths[-1] / f"{name}.arrow")
    return paths


def _question(name: str) -> Question:
    edits = BORDER if name == "border" else FREIGHT
    if name not in _asked:
        asked = Question(demo_world(), edits, redecide=name == "free", baseline=False, proof=False)
        _asked[name] = replace(asked)
        _asked[name].after.changes  # noqa: B018  # the changed world is made before the clock runs
    return _asked[name]


_asked: dict[str, Question] = {}


def _warm(name: str) -> None:
    _question(name)


def _work(job: tuple[str, str]) -> tuple[int, int, float]:
    """The change of profit, the greatest memory in MB, and the seconds of processor spent: true on a busy machine."""
    folder, name = job
    begun = process_time()
    asked = _question(name)
    frames = {one: pl.read_ipc(Path(folder) / f"{one}.arrow") for one in NAMES}
    batch = Batch(frames["orders"], frames["lines"], frames["stock"])
    nothing = frames["stranded"].clear()
    known = Frozen(nothing.select("order_id"), nothing, nothing, *(frames[one] for one in NAMES[4:]))
    found = replay(batch, frames["booked"], asked, known=known)
    sums = cells(by_line(found, batch))
    change = int(sums["profit_after"].sum() - sums["profit_before"].sum())
    return change, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, process_time() - begun
