"""Errors of the API: always `application/problem+json` (RFC 9457), with a code a program can go by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many_calls",
    500: "server_error",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 says it.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {
                    "field": {"type": "string"},
                    "reason": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}


class Problem(Exception):
    """Something the caller can put right; nothing was changed."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        code: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code = status, detail, code
        self.errors, self.headers = errors, headers or {}


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a response."""
    code = problem.code or CODES.get(problem.status, "error")
    body = {
        "type": f"urn:entrepot:problem:{code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": code,
        "detail": problem.detail,
        "request_id": getattr(request, "request_id", ""),
    }
    if problem.errors:
        body["errors"] = [dict(one) for one in problem.errors]
    return HttpResponse(
        json.dumps(body), status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers)
    )


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What ninja says of a request that does not fit its schema."""
    told = [
        {"field": ".".join(str(part) for part in one["loc"]), "reason": str(one["msg"])} for one in errors
    ]
    return Problem(422, "The request does not fit its schema.", errors=told)
