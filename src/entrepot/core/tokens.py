"""Tokens of the API: make, find, count, revoke. A token can never do more than the person it belongs to."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.models import ApiToken, IdempotentCall
from entrepot.core.roles import PERMISSIONS, permissions_of

START = "ep_"
WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=7)  # answers of idempotent calls


class ScopeRefused(ValueError):
    """A scope that does not exist, or that the token's person does not have."""


@dataclass(frozen=True)
class Caller:
    """Who calls: the token, its person, and what both together may do."""

    token: ApiToken
    user: User
    scopes: frozenset[str]


@dataclass(frozen=True)
class Allowance:
    """How much of its minute a token has left."""

    limit: int
    used: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        """Calls that are still free."""
        return max(self.limit - self.used, 0)

    @property
    def is_spent(self) -> bool:
        """Whether this call is one too many."""
        return self.used > self.limit


@transaction.atomic
def make_token(
    user: User,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    per_minute: int = 600,
    actor: Actor = None,
) -> tuple[ApiToken, str]:
    """A new token, and its text, which nobody can read again.

    Errors: ScopeRefused for scopes that its person does not have.
    """
    wanted = set(scopes)
    if refused := wanted - (permissions_of(user) & PERMISSIONS):
        raise ScopeRefused(", ".join(sorted(refused)))
    prefix = START + secrets.token_hex(4)
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=name,
        user=user,
        prefix=prefix,
        digest=_digest(text),
        scopes=sorted(wanted),
        expires_at=expires_at,
        per_minute=per_minute,
    )
    audit.record(
        actor or user, "integration.make_token", f"token:{token.pk}", name=name, scopes=sorted(wanted)
    )
    return token, text


@transaction.atomic
def revoke_token(token_id: int, actor: Actor) -> bool:
    """Make a token worthless from now on; False when it was so already."""
    done = ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=timezone.now())
    if done:
        audit.record(actor, "integration.revoke_token", f"token:{token_id}")
    return bool(done)


def list_tokens() -> QuerySet[ApiToken]:
    """Every token with its person and its use, the newest first."""
    return ApiToken.objects.select_related("user", "use").order_by("-pk")


def identify(text: str) -> Caller | None:
    """Whose token this is; None when nobody's, or when it expired, was revoked, or its person left."""
    if not text.startswith(START):
        return None
    token = ApiToken.objects.select_related("user").filter(digest=_digest(text)).first()
    if token is None or token.state != "active" or not token.user.is_active:
        return None
    return Caller(token, token.user, frozenset(token.scopes) & permissions_of(token.user))


def count_call(token: ApiToken) -> Allowance:
    """Count one call in the token's minute. One statement, so that all processes count together."""
    now = timezone.now()
    start = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [token.pk, start, now])
        used = int(cursor.fetchone()[0])
    left = (start + WINDOW - now).total_seconds()
    return Allowance(token.per_minute, used, max(1, -int(-left // 1)))


def forget_old_answers() -> int:
    """Drop answers of idempotent calls that nobody will ask for again; how many."""
    return IdempotentCall.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _digest(text: str) -> str:
    """A token has 256 random bits, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_COUNT = """
    INSERT INTO core_apiuse AS known (token_id, window_start, used, calls, last_at) VALUES (%s, %s, 1, 1, %s)
    ON CONFLICT (token_id) DO UPDATE SET
        used = CASE WHEN known.window_start = excluded.window_start THEN known.used + 1 ELSE 1 END,
        window_start = excluded.window_start, calls = known.calls + 1, last_at = excluded.last_at
    RETURNING used
"""
