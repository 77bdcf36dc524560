"""A room's routes: every one names its scope; those that change something count once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from ninja import Router

from entrepot.core.api.access import BearerToken
from entrepot.core.api.once import answer_once
from entrepot.core.api.problems import Problem

View = Callable[..., Any]


class Routes:
    """Collects the operations of one subject; `config/api.py` puts them under /api/v1/.

    Modules that use it must not postpone annotations: ninja reads them where the call is wrapped.
    """

    def __init__(self, tag: str) -> None:
        self.router = Router(tags=[tag])

    def read(
        self, path: str, *, scope: str, response: Any, name: str, extra: dict[str, Any] | None = None
    ) -> Callable[[View], View]:
        """A GET operation; `extra` goes into its description."""

        def decorate(view: View) -> View:
            declare = self.router.get(
                path,
                auth=BearerToken(scope),
                response=response,
                operation_id=name,
                summary=_words(name),
                openapi_extra=extra,
            )
            declared: View = declare(_known_only(view))
            return declared

        return decorate

    def write(
        self, path: str, *, scope: str, response: Any, name: str, status: int = 200
    ) -> Callable[[View], View]:
        """A POST operation; its view runs inside one transaction, at most once per Idempotency-Key."""

        def decorate(view: View) -> View:
            @wraps(view)
            def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                return answer_once(request, lambda: view(request, *args, **kwargs), response, status)

            declare = self.router.post(
                path,
                auth=BearerToken(scope),
                response={status: response},
                operation_id=name,
                summary=_words(name),
            )
            declared: View = declare(_known_only(once))
            return declared

        return decorate


def _known_only(view: View) -> View:
    """Refuse filters that the operation does not know: a slip of the pen would otherwise find everything."""
    schemas = [get_args(one.annotation) for one in signature(view).parameters.values()]
    known = {name for found in schemas if found for name in getattr(found[0], "model_fields", ())}

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if unknown := sorted(set(request.GET) - known):
            told = [{"field": f"query.{name}", "reason": "unknown"} for name in unknown[:20]]
            raise Problem(422, "The address has parameters that mean nothing here.", errors=told)
        return view(request, *args, **kwargs)

    return checked


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
