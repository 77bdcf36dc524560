"""The files of the marts: a Parquet file per fact and month, named by its content, and a manifest of those that hold.

A file is written beside its place, then renamed; the manifest is replaced as a whole afterwards. A reader who holds the
old manifest finds the old files for an hour still, so nobody ever reads half an export.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

MANIFEST, FORMAT, GRACE_S = "manifest.json", 3, 3_600


class ExportBusy(RuntimeError):
    """Another process exports the marts at this moment."""


@dataclass(frozen=True)
class Part:
    """One month of one fact: its file, what it holds, and the fingerprint of the records it was made of."""

    fact: str
    month: str
    file: str
    rows: int
    bytes: int
    sha256: str
    fingerprint: str
    sums: Mapping[str, int]


@dataclass(frozen=True)
class Manifest:
    """All parts that hold, by fact and month, and the currency of their figures."""

    currency: str = ""
    parts: Mapping[tuple[str, str], Part] = ()  # type: ignore[assignment]

    def of(self, fact: str) -> list[Part]:
        """The parts of a fact, the oldest month first."""
        return [part for (name, _month), part in sorted(dict(self.parts).items()) if name == fact]

    def with_part(self, part: Part) -> Manifest:
        """The same with one part more, or another in its place."""
        return replace(self, parts={**dict(self.parts), (part.fact, part.month): part})

    def without(self, fact: str, month: str) -> Manifest:
        """The same without a month that has no records any more."""
        kept = {key: part for key, part in dict(self.parts).items() if key != (fact, month)}
        return replace(self, parts=kept)

    def files(self, fact: str) -> list[str]:
        """Paths of a fact's files."""
        return [str(root() / part.file) for part in self.of(fact)]


def root() -> Path:
    """The folder of the marts."""
    return Path(settings.MART_ROOT)


def read_manifest() -> Manifest:
    """What is exported; nothing where no export was made yet."""
    try:
        kept: dict[str, Any] = json.loads((root() / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return Manifest()
    if kept.get("format") != FORMAT:
        return Manifest()
    parts = [Part(**one) for one in kept["parts"]]
    return Manifest(kept["currency"], {(part.fact, part.month): part for part in parts})


def stamp() -> int:
    """Changes whenever the manifest does; 0 without one."""
    try:
        found = (root() / MANIFEST).stat()
    except FileNotFoundError:
        return 0
    return found.st_mtime_ns ^ found.st_ino


def write_manifest(manifest: Manifest) -> None:
    """Put another manifest in the place of the old one."""
    parts = [asdict(part) for _key, part in sorted(dict(manifest.parts).items())]
    text = json.dumps({"format": FORMAT, "currency": manifest.currency, "parts": parts}, indent=1)
    _put(root() / MANIFEST, text.encode())


def write_part(fact: str, month: str, data: bytes) -> tuple[str, str]:
    """Keep a file under the hash of its content; its name and the hash."""
    digest = sha256(data).hexdigest()
    name = f"{fact}/{month[:7]}.{digest[:16]}.parquet"
    path = root() / name
    if not path.exists() or path.stat().st_size != len(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, data)
    return name, digest


def is_whole(part: Part) -> bool:
    """Whether a part's file is there, byte by byte as it was written (reads it)."""
    path = root() / part.file
    return path.exists() and sha256(path.read_bytes()).hexdigest() == part.sha256


def looks_whole(part: Part) -> bool:
    """Whether a part's file is there in its length."""
    path = root() / part.file
    return path.exists() and path.stat().st_size == part.bytes


def sweep(manifest: Manifest) -> int:
    """Remove files that no manifest has named for an hour, and what a killed export left; how many."""
    held = {part.file for part in dict(manifest.parts).values()}
    removed = 0
    for path in root().glob("*/*"):
        is_old = time.time() - path.stat().st_mtime > GRACE_S  # noqa: TID251  # compared with the file system's clock
        if path.relative_to(root()).as_posix() not in held and is_old:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


@contextmanager
def export_lock() -> Iterator[None]:
    """Only one process exports at a time; a killed one lets go by itself. Errors: ExportBusy."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / ".lock").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise ExportBusy from None
        yield


def _put(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
