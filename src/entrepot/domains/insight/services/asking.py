"""Own queries over the marts: run within limits, logged, stopped, and kept under names."""

from __future__ import annotations

from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.insight.adapters import duck
from entrepot.domains.insight.adapters.duck import Answer, Limits, NoMarts, QueryRefused, QueryStopped
from entrepot.domains.insight.models import QueryRun, SavedQuery

__all__ = [
    "Answer",
    "Limits",
    "NoMarts",
    "QueryRefused",
    "QueryStopped",
    "ask",
    "delete_query",
    "save_query",
    "stop_query",
]
State = QueryRun.State
LONGEST = 20_000


def ask(query: str, actor: Actor, *, ticket: str = "", limits: Limits | None = None) -> Answer:
    """Run a query somebody wrote over the marts; who asked what is logged, with its fate.

    `ticket` names the run, so that it can be told to stop from elsewhere. Errors: NoMarts, QueryRefused, QueryStopped.
    """
    if len(query) > LONGEST:
        raise QueryRefused(f"longer than {LONGEST} characters")
    run = QueryRun.objects.create(
        ticket=ticket or str(uuid4()), query=query, user_id=getattr(actor, "pk", None)
    )
    audit.record(actor, "insight.ask", f"query:{run.pk}", query=query[:2_000])
    begun = monotonic()
    try:
        answer = duck.ask_locked(query, limits or Limits(), lambda: _is_stopped(run.pk))
    except QueryRefused as error:
        _note(run, begun, state=State.REFUSED, error=str(error))
        raise
    except QueryStopped as error:
        _note(run, begun, state=State.STOPPED, error=str(error))
        raise
    except Exception as error:
        _note(run, begun, state=State.FAILED, error=f"{type(error).__name__}: {error}"[:500])
        raise
    _note(run, begun, state=State.DONE, rows=len(answer.rows))
    return answer


def stop_query(ticket: str, actor: Actor) -> bool:
    """Tell one's own running query to stop; false when there is none."""
    user_id: int = getattr(actor, "pk", None) or 0
    found = QueryRun.objects.filter(ticket=ticket, user_id=user_id, state=State.RUNNING)
    return bool(found.update(stop_asked=True))


@transaction.atomic
def save_query(actor: Any, name: str, query: str, *, is_shared: bool = False) -> SavedQuery:
    """Keep a query under a name; the same name again replaces what it stood for."""
    kept, _made = SavedQuery.objects.update_or_create(
        owner_id=actor.pk,
        name=name,
        defaults={"query": query, "is_shared": is_shared, "changed_at": timezone.now()},
    )
    return kept


def delete_query(actor: Any, query_id: int) -> bool:
    """Forget a query; false when it is not one's own."""
    return bool(SavedQuery.objects.filter(owner_id=actor.pk, pk=query_id).delete()[0])


def _is_stopped(run_id: int) -> bool:
    """Asked from the watching thread, which has a connection of its own and gives it back at once."""
    try:
        return QueryRun.objects.filter(pk=run_id, stop_asked=True).exists()
    finally:
        connection.close()


def _note(run: QueryRun, begun: float, **values: object) -> None:
    spent = int((monotonic() - begun) * 1000)
    QueryRun.objects.filter(pk=run.pk).update(milliseconds=spent, **values)
