"""Scenarios: keep, change, forget; the gallery of real shocks made into scenarios of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.models import Scenario
from entrepot.engine.scenario import Edit, EditError, problems


class NotYours(PermissionError):
    """A scenario of somebody else."""


@dataclass(frozen=True)
class Draft:
    """A scenario as somebody wrote it."""

    name: str
    edits: Sequence[Edit]
    note: str = ""
    is_shared: bool = False
    shock: str = ""


def check_edits(edits: Sequence[Edit]) -> list[tuple[int, EditError]]:
    """What is wrong with edits in the world as it stands, by their place; nothing where all can be made."""
    return problems(edits, world.current())


@transaction.atomic
def save_scenario(draft: Draft, actor: Actor, scenario: Scenario | None = None) -> Scenario:
    """Keep a scenario, new or changed.

    Errors: EditError for the first edit that cannot be made; NotYours for a change of somebody else's.
    """
    wrong = check_edits(draft.edits)
    if wrong:
        raise wrong[0][1]
    if scenario is not None and not may_change(scenario, actor):
        raise NotYours(scenario.pk)
    row = scenario or Scenario(owner_id=getattr(actor, "pk", None))
    row.name, row.note, row.is_shared = draft.name, draft.note, draft.is_shared
    row.shock = draft.shock or row.shock
    row.edits = [edit.record() for edit in draft.edits]
    row.changed_at = timezone.now()
    row.save()
    audit.record(actor, "fulfilment.save_scenario", f"scenario:{row.pk}", name=row.name, edits=len(row.edits))
    return row


@transaction.atomic
def delete_scenario(scenario: Scenario, actor: Actor) -> None:
    """Forget a scenario; replays made of it keep their own copy of the edits.

    Errors: NotYours for somebody else's.
    """
    if not may_change(scenario, actor):
        raise NotYours(scenario.pk)
    audit.record(actor, "fulfilment.delete_scenario", f"scenario:{scenario.pk}", name=scenario.name)
    scenario.delete()


def may_change(scenario: Scenario, actor: Any) -> bool:
    """Whether somebody may change or delete a scenario: it is their own."""
    return scenario.owner_id is not None and scenario.owner_id == getattr(actor, "pk", None)


def edits_of(records: Sequence[Mapping[str, Any]]) -> list[Edit]:
    """Kept edits. Errors: EditError for a record that is none."""
    return [Edit.from_record(record) for record in records]
