"""`python -m benchmarks [part …] [--orders N]`: measure, print, and write `out/latest.json`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import measure

PARTS = (
    "engine", "cartons", "choose", "screening", "pipeline", "pages", "documents", "goods", "replay", "quotes",
    "channels", "insight",
)  # fmt: skip
OUT = Path(__file__).with_name("out") / "latest.json"


def main() -> None:
    """Run the parts one after the other, each in a process of its own, so that none warms another up.

    Some parts only: the figures of the others stay in the file as they were.
    """
    arguments = _arguments()
    figures: dict[str, float | str] = (
        json.loads(OUT.read_text("utf-8")) if arguments.parts and OUT.exists() else {}
    )
    figures |= {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251
        "machine.cores": os.cpu_count() or 0,
        "machine.python": platform.python_version(),
    }
    for part in arguments.parts or PARTS:
        print(f"\n{part}", flush=True)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            found = pool.submit(measure, part, arguments.orders).result()
        for name, figure in found.items():
            print(f"  {name:44} {figure:16,.3f}".rstrip("0").rstrip("."))
        figures |= found
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {OUT}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="part", help=", ".join(PARTS))
    parser.add_argument("--orders", type=int, help="instead of each part's own number")
    return parser.parse_args()


if __name__ == "__main__":
    main()
