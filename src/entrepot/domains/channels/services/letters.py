"""Dead letters: what could not be handled is kept whole with its reason, and tried again when a person says so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.adapters.port import Refusal
from entrepot.domains.channels.models import ChannelAccount, DeadLetter

State = DeadLetter.State


@transaction.atomic
def keep(account: ChannelAccount, stream: str, refusals: Iterable[Refusal]) -> int:
    """Keep what was refused; the same record again only counts as another attempt. How many."""
    rows = [
        (
            account.pk, stream, each.external_id or _fingerprint(each.record), each.reason, each.detail[:500],
            json.dumps(each.record, ensure_ascii=False, default=str).replace("\\u0000", ""),
        )
        for each in refusals
    ]  # fmt: skip
    unique = list({row[2]: row for row in rows}.values())
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, unique)
    return len(unique)


def solve(account: ChannelAccount, stream: str, external_ids: Sequence[str]) -> int:
    """Records that came through now: their letters are closed; how many."""
    letters = DeadLetter.objects.filter(account=account, stream=stream, external_id__in=list(external_ids))
    return letters.filter(state=State.OPEN).update(state=State.SOLVED)


@transaction.atomic
def drop(letter: DeadLetter, user: Actor = None) -> None:
    """A person decided that nothing is to be done about it; it stays readable."""
    DeadLetter.objects.filter(pk=letter.pk, state=State.OPEN).update(state=State.DROPPED)
    audit.record(user, "channels.drop_letter", f"letter:{letter.pk}", external_id=letter.external_id)


def _fingerprint(record: Any) -> str:
    text = json.dumps(record, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:32]


_KEEP = """
    INSERT INTO channels_deadletter AS letter (
        account_id, stream, external_id, reason, detail, payload, state, attempts, first_at, last_at
    ) VALUES (%s, %s, %s, %s, %s, %s::jsonb, 'open', 1, now(), now())
    ON CONFLICT (account_id, stream, external_id) WHERE state = 'open' DO UPDATE
        SET reason = excluded.reason, detail = excluded.detail, payload = excluded.payload,
            attempts = letter.attempts + 1, last_at = excluded.last_at
"""
