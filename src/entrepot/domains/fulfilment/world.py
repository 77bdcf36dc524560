"""The world of this company: compiled from the rooms' tables, kept by the hash of its content, found again by it.

A stamp per table (changed by trigger) says which tables are stale; only those are read again. What a decision was
made by is kept for good, table by table, so that two worlds share what they have in common.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import cast
from uuid import UUID

from django.utils import timezone

from entrepot.core.frames import Frame, pack, unpack
from entrepot.core.models import WorldStamp
from entrepot.core.worldtables import all_tables
from entrepot.domains.fulfilment.models import WorldFrame, WorldVersion
from entrepot.engine import World

READS = 4
Stamp = tuple[UUID | None, date | None]


class UnknownWorld(LookupError):
    """A world that was never kept."""


class _Compiled:
    """The tables as last read by this process, with the stamp each had."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.stamps: dict[str, Stamp] = {}
        self.frames: dict[str, Frame] = {}
        self.world: World | None = None


_compiled = _Compiled()


def warm() -> World:
    """The world as it stands now, and with it the compiled loops: what a process loads once, before its first order."""
    import_module("entrepot.engine.cartons").load()
    return current()


def current() -> World:
    """The world as it stands now; one small query when nothing has changed.

    Errors: SchemaError when a table breaks its contract.
    """
    with _compiled.lock:
        for _ in range(READS):
            stamps = _stamps()
            stale = [name for name, stamp in stamps.items() if _compiled.stamps.get(name) != stamp]
            if not stale and _compiled.world is not None:
                break  # looked at once more after reading: nobody changed two tables while one of them was read
            tables, today = all_tables(), timezone.localdate()
            frames = {**_compiled.frames, **{name: tables[name].frame(today) for name in stale}}
            world = World.of(frames)
            _compiled.stamps, _compiled.frames, _compiled.world = stamps, frames, world
        return cast(World, _compiled.world)


def keep(world: World) -> str:
    """Store a world under the hash of its content, unless it is there already; gives the hash."""
    if WorldVersion.objects.filter(hash=world.hash).exists():
        return world.hash
    hashes = world.hashes
    known = set(WorldFrame.objects.filter(hash__in=hashes.values()).values_list("hash", flat=True))
    missing = {digest: name for name, digest in hashes.items() if digest not in known}
    rows = [
        WorldFrame(hash=digest, name=name, data=pack(world[name])) for digest, name in sorted(missing.items())
    ]
    WorldFrame.objects.bulk_create(rows, ignore_conflicts=True)
    WorldVersion.objects.bulk_create([WorldVersion(hash=world.hash, tables=hashes)], ignore_conflicts=True)
    return world.hash


@lru_cache(maxsize=4)
def load(digest: str) -> World:
    """A kept world by its hash.

    Errors: UnknownWorld when it was never kept.
    """
    version = WorldVersion.objects.filter(hash=digest).first()
    if version is None:
        raise UnknownWorld(digest)
    hashes = version.tables.values()
    frames = {row.hash: unpack(row.data) for row in WorldFrame.objects.filter(hash__in=hashes)}
    return World.of({name: frames[table] for name, table in version.tables.items()})


def _stamps() -> dict[str, Stamp]:
    tokens = dict(WorldStamp.objects.values_list("name", "token"))
    today = timezone.localdate()
    return {name: (tokens.get(name), today if table.reader else None) for name, table in all_tables().items()}
