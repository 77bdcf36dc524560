"""Bring sanctions lists in, version by version, and screen names against the newest ones."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.domains.customs.adapters.ofac import ListFile, parse_list
from entrepot.domains.customs.frames import screening as frames
from entrepot.domains.customs.models import SanctionEntry, SanctionList
from entrepot.domains.customs.rules.names import NameIndex

OFAC = "OFAC SDN"
DATED_NAME = re.compile(r"(?<!\d)(20\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")
COMPARED_KINDS = ("individual", "entity")  # buyers are neither ships nor aircraft
SHOWN = 50


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    content: bytes


@dataclass(frozen=True)
class NamedHit:
    """A listed name that a name is like."""

    score: int
    list: str
    version: date
    uid: str
    listed: str
    alias: str
    programs: str


@transaction.atomic
def import_ofac(
    sdn: Upload, alt: Upload | None = None, *, version: date | None = None, user: Actor = None
) -> tuple[SanctionList, bool]:
    """Take a version of the SDN list in; (the version, whether it is new). The same files again change nothing.

    Without a day, the one in the file's name counts, else today. Without other names the entries have their main ones.
    Errors: ListRefused; ValueError when another file stands for that day already.
    """
    name = PurePath(sdn.name).name[:200]
    day = version or _day_in(name) or timezone.localdate()
    digest = hashlib.sha256(sdn.content + b"\0" + (alt.content if alt else b"")).hexdigest()
    known = SanctionList.objects.filter(source=OFAC, version=day).first()
    if known and known.digest == digest:
        return known, False
    if known:
        raise ValueError(f"{OFAC} of {day} was imported from {known.file_name}: give another day")
    found = parse_list(sdn.content, alt.content if alt else None)
    before = SanctionList.objects.filter(source=OFAC, version__lt=day).order_by("-version").first()
    aliases = _aliases(found)
    one = SanctionList.objects.create(
        source=OFAC, version=day, file_name=name, digest=digest, entries=len(found.entries),
        names=len(found.entries) + sum(map(len, aliases.values())), imported_by_id=getattr(user, "pk", None),
        report={**_differences(before, found, aliases), "problems": found.problems[:500],
                "problem_count": len(found.problems)},
    )  # fmt: skip
    rows = (SanctionEntry(edition=one, aliases=aliases.get(e.uid, []), **asdict(e)) for e in found.entries)
    SanctionEntry.objects.bulk_create(rows, batch_size=2_000)
    audit.record(user, "customs.import_sanctions", f"sanctions:{one.pk}", file=name, entries=one.entries)
    return one, True


def screen_names(names: Frame) -> Frame:
    """The listed name most like each order's names (`order_id`, `name` in; frame HITS out); none without a list."""
    found = _index(_current())
    return frames.hits(names, found.index, found.about)


def find_names(text: str, threshold: int = frames.FLOOR) -> list[NamedHit]:
    """Listed names like one name, the most alike first."""
    found = _index(_current())
    return [
        NamedHit(score=score, **found.about(number))  # type: ignore[arg-type]
        for score, number in found.index.find(text, threshold)
    ]


@dataclass(frozen=True)
class _Listed:
    index: NameIndex
    of_name: list[dict[str, object]]

    def about(self, number: int) -> dict[str, object]:
        return self.of_name[number]


def _current() -> tuple[int, ...]:
    rows = SanctionList.objects.order_by("source", "-version").distinct("source").values_list("pk", flat=True)
    return tuple(rows)


@lru_cache(maxsize=2)
def _index(lists: tuple[int, ...]) -> _Listed:
    """The index of some versions; kept by this process, because a version never changes."""
    rows = SanctionEntry.objects.filter(edition__in=lists, kind__in=COMPARED_KINDS).order_by("edition", "pk")
    columns = ("edition__source", "edition__version", "uid", "name", "programs", "aliases")
    texts, of_name = [], []
    for source, version, uid, name, programs, aliases in rows.values_list(*columns):
        head = {"list": source, "version": version, "uid": uid, "listed": name, "programs": programs}
        for alias in ["", *aliases]:
            texts.append(alias or name)
            of_name.append({**head, "alias": alias})
    return _Listed(NameIndex(texts), of_name)


def _aliases(found: ListFile) -> dict[str, list[str]]:
    of_entry: dict[str, list[str]] = {}
    for other in found.names:
        of_entry.setdefault(other.uid, []).append(other.name)
    return of_entry


def _differences(
    before: SanctionList | None, found: ListFile, aliases: dict[str, list[str]]
) -> dict[str, Any]:
    """Entries that came, went or changed since the version before; all of them are new on the first import."""
    columns = ("uid", "name", "kind", "programs", "aliases")
    rows = before.rows.values_list(*columns) if before else []
    old = {uid: (name, kind, programs, sorted(others)) for uid, name, kind, programs, others in rows}
    new = {e.uid: (e.name, e.kind, e.programs, sorted(aliases.get(e.uid, []))) for e in found.entries}
    came = [uid for uid in new if uid not in old]
    went = [uid for uid in old if uid not in new]
    other = [uid for uid in new if uid in old and new[uid] != old[uid]]
    return {
        "before": str(before.version) if before else "",
        "added": len(came),
        "removed": len(went),
        "changed": len(other),
        "added_names": [[uid, new[uid][0]] for uid in came[:SHOWN]] if before else [],
        "removed_names": [[uid, old[uid][0]] for uid in went[:SHOWN]],
        "changed_names": [[uid, old[uid][0], new[uid][0]] for uid in other[:SHOWN]],
    }


def _day_in(name: str) -> date | None:
    found = DATED_NAME.search(name)
    return date(int(found[1]), int(found[2]), int(found[3])) if found else None
