"""Calls that count once: the same `Idempotency-Key` again gets the first answer and changes nothing.

Key, work and answer are one transaction. A second call with the key waits at the unique constraint until the first is
committed, then reads its answer; where the first failed nothing of it remains, and the second does the work.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from entrepot.core.api.access import caller_of
from entrepot.core.api.problems import Problem
from entrepot.core.models import IdempotentCall

HEADER = "Idempotency-Key"
PATTERN = "^[!-~]{1,200}$"
KEY = re.compile(PATTERN)


def answer_once(request: HttpRequest, work: Callable[[], Any], schema: Any, status: int) -> HttpResponse:
    """Do the work and answer, or give the answer it got the first time.

    Errors: Problem 400 without a key, 422 when the key was used for something else.
    """
    key = request.headers.get(HEADER, "")
    if not KEY.fullmatch(key):
        raise Problem(400, f"{HEADER} is needed: up to 200 visible ASCII letters, new for each order of business.",
                      code="idempotency_key_missing")  # fmt: skip
    digest = _hash(request)
    token = caller_of(request).token
    with transaction.atomic():
        if not _claim(token.pk, key, digest):
            return _earlier(token.pk, key, digest)
        result = work()
        body = schema.model_validate(result).model_dump(mode="json")
        IdempotentCall.objects.filter(token=token, key=key).update(status=status, body=body)
    return JsonResponse(body, status=status)


def _claim(token_id: int, key: str, digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotentcall (token_id, key, request_hash, created_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (token_id, key) DO NOTHING",
            [token_id, key, digest, timezone.now()],
        )
        return cursor.rowcount == 1


def _earlier(token_id: int, key: str, digest: str) -> HttpResponse:
    known = IdempotentCall.objects.get(token_id=token_id, key=key)
    if known.request_hash != digest:
        raise Problem(
            422, "This Idempotency-Key was used for another request.", code="idempotency_key_reused"
        )
    return JsonResponse(known.body, status=known.status, headers={"Idempotent-Replayed": "true"})


def _hash(request: HttpRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "surrogatepass")
    return hashlib.sha256(asked + request.body).hexdigest()
