"""The action log: who did what to which object. Row-level history is kept by the database beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from entrepot.core.models import AuditLog

Actor = User | AnonymousUser | None


def record(actor: Actor, action: str, object_ref: str = "", **detail: Any) -> None:
    """Log one action, named `<room>.<verb>`; `object_ref` is like `order:17`."""
    AuditLog.objects.create(
        actor=_person(actor),
        action=action,
        room=action.partition(".")[0],
        object_ref=object_ref,
        detail=detail,
    )


def record_many(actor: Actor, action: str, object_refs: Iterable[str], **detail: Any) -> None:
    """Log the same action on many objects."""
    person, room = _person(actor), action.partition(".")[0]
    AuditLog.objects.bulk_create(
        [
            AuditLog(actor=person, action=action, room=room, object_ref=ref, detail=detail)
            for ref in object_refs
        ],
        batch_size=5_000,
    )


def _person(actor: Actor) -> User | None:
    return actor if isinstance(actor, User) else None
