"""Events and the caller itself over the REST API."""

from typing import Any

from django.http import HttpRequest
from ninja import Query

from entrepot.core.api.access import caller_of
from entrepot.core.api.paging import Page, PageQuery, page_of
from entrepot.core.api.routers import Routes
from entrepot.core.api.words import Instant, Shown, Word
from entrepot.core.models import OutboxEvent

routes = Routes("events")


class EventQuery(PageQuery):
    """Which events: all, or those of one name."""

    name: Word = ""


class EventShown(Shown):
    """Something that became true. The payload names the record; read it for how it stands now."""

    id: int
    name: str
    created_at: Instant
    payload: dict[str, Any]


class CallerShown(Shown):
    """Who you are to us."""

    token: str
    user: str
    scopes: list[str]
    calls_per_minute: int
    expires_at: Instant | None


@routes.read("/events", scope="integration.view", response=Page[EventShown], name="list_events")
def list_events(request: HttpRequest, wanted: Query[EventQuery]) -> dict[str, Any]:
    """The log of what happened; with `direction=asc` and the last cursor it can be followed."""
    rows = OutboxEvent.objects.all()
    rows = rows.filter(name=wanted.name) if wanted.name else rows
    return page_of(rows, wanted, lambda event: event)


@routes.read("/me", scope="", response=CallerShown, name="get_caller")
def get_caller(request: HttpRequest) -> dict[str, Any]:
    """The token that calls: its name, person, scopes and limit."""
    caller = caller_of(request)
    return {
        "token": caller.token.name,
        "user": caller.user.get_username(),
        "scopes": sorted(caller.scopes),
        "calls_per_minute": caller.token.per_minute,
        "expires_at": caller.token.expires_at,
    }
