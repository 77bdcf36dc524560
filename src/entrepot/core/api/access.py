"""Who may call: a token with the scope of the operation, as often in a minute as its limit says."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from entrepot.core import tokens
from entrepot.core.api.problems import Problem
from entrepot.core.roles import PERMISSIONS, UnknownPermission
from entrepot.core.tokens import Allowance, Caller


class Call(HttpRequest):
    """A request that passed `BearerToken`."""

    auth: Caller
    request_id: str
    allowance: Allowance


class BearerToken(HttpBearer):
    """Lets tokens with one scope pass. An empty scope: any token."""

    def __init__(self, scope: str) -> None:
        if scope and scope not in PERMISSIONS:
            raise UnknownPermission(f"{scope!r} is no permission; see core/roles.py")
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        given = request.headers.get(self.header, "")
        kind, _space, text = given.partition(" ")
        caller = tokens.identify(text.strip()) if kind.lower() == "bearer" else None
        if caller is None:
            detail = "The token is unknown, expired or revoked." if given else "A token is needed."
            raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="entrepot"'})
        allowance = tokens.count_call(caller.token)
        cast("Any", request).allowance = allowance
        if allowance.is_spent:
            wait = str(allowance.reset_seconds)
            raise Problem(429, f"The token is free again in {wait} s.", headers={"Retry-After": wait})
        if self.scope and self.scope not in caller.scopes:
            raise Problem(403, f"The token lacks the scope {self.scope}.")
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        return tokens.identify(token)


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; only behind `BearerToken`."""
    return cast("Call", request).auth
