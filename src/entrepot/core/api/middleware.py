"""Around every call of the API: a request id, the headers of the rate limit, and errors in one form only."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from entrepot.core.api.problems import MEDIA_TYPE, Problem, answer

PREFIX = "/api/"
GIVEN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
DETAILS = {404: "There is nothing at this address.", 405: "This address does not know the method."}
log = logging.getLogger(__name__)


class ApiMiddleware:
    """Leaves pages alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(MEDIA_TYPE):
            response = _as_problem(request, response)
        response["X-Request-ID"] = request_id
        response.setdefault("Cache-Control", "no-store")
        allowance = getattr(request, "allowance", None)
        if allowance:
            response["RateLimit-Limit"] = str(allowance.limit)
            response["RateLimit-Remaining"] = str(allowance.remaining)
            response["RateLimit-Reset"] = str(allowance.reset_seconds)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Nothing of ours is told to a stranger; the log has it under the request id."""
        if not request.path_info.startswith(PREFIX):
            return None
        return unforeseen(request, error)


def unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours: logged with its request id."""
    log.error("API call %s failed", getattr(request, "request_id", ""), exc_info=error)
    return answer(request, Problem(500, "Something went wrong here; tell us the request id."))


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    kept = {name: response[name] for name in ("Allow", "WWW-Authenticate", "Retry-After") if name in response}
    return answer(request, Problem(response.status_code, DETAILS.get(response.status_code, ""), headers=kept))
