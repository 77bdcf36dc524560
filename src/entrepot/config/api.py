"""The REST API: the routes of every room under /api/v1/, one description of all, one form of errors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from entrepot import __version__
from entrepot.core.api import events, problems
from entrepot.core.api.access import BearerToken
from entrepot.core.api.middleware import unforeseen
from entrepot.core.api.once import HEADER, PATTERN
from entrepot.core.api.problems import Problem, answer, invalid
from entrepot.core.roles import permissions_of
from entrepot.domains.catalog import api as catalog
from entrepot.domains.channels import api as channels
from entrepot.domains.fulfilment import api as fulfilment
from entrepot.domains.ledger import api as ledger
from entrepot.domains.logistics import api as logistics
from entrepot.domains.orders import api as orders
from entrepot.domains.warehouse import api as warehouse
from entrepot.web.lists import api as lists

DESCRIPTION = """
Orders in, decisions out. Every call carries a token: `Authorization: Bearer ep_…`.

* **Money** is an integer in minor units beside its currency: `{"minor": 1999, "currency": "EUR"}` are 19.99 euro.
* **Lists** come in pages: `next_cursor` of one page is the `cursor` of the next.
* **Every POST** carries an `Idempotency-Key`: the same key again gets the first answer and changes nothing.
* **Errors** are `application/problem+json` with a `code`; the `request_id` finds them in our log.
* **Limits** are told in `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset`; then comes 429 with `Retry-After`.
"""
ROOMS = (orders, fulfilment, catalog, warehouse, logistics, ledger, channels)
ROUTES = (*(room.routes for room in ROOMS), lists.routes, events.routes)
ALWAYS = {
    401: "No token, or one that is unknown, expired or revoked",
    403: "The token lacks the scope",
    422: "The request does not fit its schema",
    429: "Too many calls in this minute",
    500: "A fault of ours",
}
OF_WRITES = {
    400: "Malformed JSON, or no Idempotency-Key",
    409: "It cannot be done as things stand",
}


class Api(NinjaAPI):
    """Adds to ninja's description what holds for every operation."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(operation, path, method)
        schema["components"]["schemas"]["Problem"] = problems.SCHEMA
        return schema


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    told = {**ALWAYS, **({404: "There is no such record"} if "{" in path else {})}
    if method == "post":
        told |= OF_WRITES
        operation["parameters"].append(
            {
                "name": HEADER,
                "in": "header",
                "required": True,
                "description": "New for each order of business; the same again gets the first answer.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": PATTERN},
            }
        )
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in sorted(told.items()):
        operation["responses"][status] = {"description": words, "content": content}


def build() -> NinjaAPI:
    """The API with all routes and its forms of error."""
    api = Api(
        title="Entrepôt",
        version=__version__,
        description=DESCRIPTION,
        urls_namespace="api",
        openapi_url=None,
        docs_url=None,
    )
    forms: dict[Any, Any] = {
        Problem: answer,
        ValidationError: lambda request, error: answer(request, invalid(error.errors)),
        HttpError: _http,
        AuthenticationError: _http,
        Http404: _missing,
        Exception: unforeseen,
    }
    for kind, form in forms.items():
        api.add_exception_handler(kind, form)
    for routes in ROUTES:
        api.add_router("", routes.router)
    return api


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(request, Problem(error.status_code, str(error)))


def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(request, Problem(404, str(error)))


api = build()


def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address under /api/ that is none."""
    return answer(request, Problem(404, "There is nothing at this address."))


def openapi(request: HttpRequest) -> HttpResponse:
    """The description as a file: for people who may see the page about the API, and for any token."""
    if "integration.view" not in permissions_of(request.user):
        try:
            BearerToken("")(request)
        except Problem as problem:
            return answer(request, problem)
    return JsonResponse(description())


@lru_cache(maxsize=1)
def description() -> Any:
    """The OpenAPI description of what is served."""
    return api.get_openapi_schema()
