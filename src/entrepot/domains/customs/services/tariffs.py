"""Bring a tariff file in: stage by stage, each one transaction, so that a killed import goes on where it was."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import PurePath
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.customs.adapters.reading import Edition, Tariff, TariffRefused, published_on
from entrepot.domains.customs.frames import tariffs
from entrepot.domains.customs.frames.periods import Laid
from entrepot.domains.customs.models import TariffRun

LOCK_SPACE = 7_300
DATED_NAME = re.compile(r"(?<!\d)(20\d\d)[-_]?(0[1-9]|1[0-2])(?:[-_]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
SHOWN_EXAMPLES = 3
State = TariffRun.State
Watch = Callable[[str, int, int], None]
Step = Callable[[Tariff, str], Laid]


class TariffBusy(RuntimeError):
    """Another worker is importing this very file."""


@dataclass(frozen=True)
class Kind:
    """A kind of tariff file: what its rows name as source, how sure they are, from when they hold by default.

    A whole tariff ends what it no longer has; a table of single rows leaves all others alone.
    """

    owner: str
    status: str
    first_day: date | None = None
    is_whole: bool = True


KINDS = {
    "us-hts": Kind("US HTS", "P"),
    "section-301": Kind("USTR Section 301 list", "P", date(2020, 2, 14)),
    "exclusions": Kind("Section 301 exclusions", "U"),
    "us-rates": Kind("Published US rates", "U"),
    "uk-eu": Kind("UK Global Tariff and EU tariff", "P", date(2021, 1, 1)),
    "hs": Kind("Harmonized System", "P", date(2022, 1, 1)),
    "duty-rates": Kind("Own duty rates", "U", is_whole=False),
    "duty-layers": Kind("Own additional duties", "U", is_whole=False),
    "national-codes": Kind("Own national codes", "U", is_whole=False),
}
STEPS: dict[str, Step] = {
    "nomenclature": tariffs.lay_hs_codes,
    "codes": tariffs.lay_codes,
    "rates": tariffs.lay_rates,
    "layers": tariffs.lay_layers,
}
STAGES = ("reading", *STEPS)


@transaction.atomic
def receive_tariff(
    kind: str, file_name: str, content: bytes, *, valid_from: date | None = None, user: Actor = None
) -> TariffRun:
    """Take a tariff file in. The same file for the same day is the same run, whatever became of it.

    Without a day, the one in the file's name counts (us_hts_2025_04 is 2025-04-01), else the kind's own, else the day
    the file says it was made, else today.
    Errors: KeyError for an unknown kind.
    """
    name = PurePath(file_name).name[:200]
    day = valid_from or _day_in(name) or KINDS[kind].first_day or published_on(content)
    day = day or timezone.localdate()
    digest = hashlib.sha256(content).hexdigest()
    run, is_new = TariffRun.objects.get_or_create(
        kind=kind,
        file_sha256=digest,
        valid_from=day,
        defaults={"file_name": name, "content": content, "created_by_id": getattr(user, "pk", None)},
    )
    if is_new:
        audit.record(user, "customs.receive_tariff", f"tariff:{run.pk}", file=name, kind=kind, day=str(day))
    return run


def import_tariff(run: TariffRun, watch: Watch | None = None) -> TariffRun:
    """Carry out a run; one that is done already changes nothing.

    Errors: TariffBusy; TariffRefused when the file is not what it was said to be. Either way the run says so.
    """
    with _alone(run.pk):
        run.refresh_from_db()
        if run.state == State.DONE:
            return run
        _keep(run, state=State.RUNNING, error="", finished_at=None)
        try:
            _carry_out(run, watch or (lambda *_: None))
        except Exception as error:
            text = str(error) if isinstance(error, TariffRefused) else f"{type(error).__name__}: {error}"
            _keep(run, state=State.FAILED, error=text[:2_000], finished_at=timezone.now())
            raise
        _keep(run, state=State.DONE, finished_at=timezone.now())
    return run


def _carry_out(run: TariffRun, watch: Watch) -> None:
    started = monotonic()
    kind = KINDS[run.kind]
    watch("reading", 0, 0)
    edition = Edition(run.valid_from, f"{kind.owner}: {run.file_name}", kind.status)
    tariff = tariffs.read_file(run.kind, bytes(run.content), edition)
    report = {**run.report, **_report(tariff)}
    seconds = {"reading": round(monotonic() - started, 2), **run.report.get("seconds", {})}
    if run.stage not in STEPS:
        with transaction.atomic():
            tariffs.write_problems(run.pk, tariff)
            _keep(run, stage="reading", lines=tariff.lines, report=report)
    for number, (name, step) in enumerate(STEPS.items(), start=1):
        if STAGES.index(run.stage) >= number:
            continue
        watch(name, number, len(STEPS))
        begun = monotonic()
        with transaction.atomic():
            laid = step(tariff, f"{kind.owner}: " if kind.is_whole else "")
            seconds[name] = round(monotonic() - begun, 2)
            report = {**report, name: asdict(laid), "seconds": seconds}
            _keep(run, stage=name, report=report)
    audit.record(run.created_by, "customs.import_tariff", f"tariff:{run.pk}", outcomes=tariff.outcomes)


def _report(tariff: Tariff) -> dict[str, Any]:
    """What became of the lines, and why some give no rate; the outcomes add up to the lines."""
    counts = Counter((each["field"], each["reason"]) for each in tariff.problems)
    examples: dict[tuple[str, str], list[str]] = {}
    for each in tariff.problems:
        shown = examples.setdefault((each["field"], each["reason"]), [])
        if len(shown) < SHOWN_EXAMPLES and each["value"] not in shown:
            shown.append(each["value"])
    return {
        "lines": tariff.lines,
        "outcomes": tariff.outcomes,
        "adds_up": sum(tariff.outcomes.values()) == tariff.lines,
        "problems": [
            {"field": field, "reason": reason, "lines": number, "examples": examples[field, reason]}
            for (field, reason), number in counts.most_common()
        ],
        "facts": tariff.facts,
    }


def _keep(run: TariffRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    TariffRun.objects.filter(pk=run.pk).update(**values)


def _day_in(name: str) -> date | None:
    found = DATED_NAME.search(name)
    return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None


@contextmanager
def _alone(run_id: int) -> Iterator[None]:
    """Only one worker at a run; the lock goes with the worker's connection when it dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, run_id])
        if not cursor.fetchone()[0]:
            raise TariffBusy(run_id)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, run_id])
