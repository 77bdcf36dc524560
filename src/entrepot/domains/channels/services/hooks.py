"""Signed messages from channels: checked and kept by their number, answered at once, worked on by a job."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from entrepot.domains.channels.adapters import signed
from entrepot.domains.channels.adapters.port import Page, parse_records
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.models import ChannelAccount, Hook
from entrepot.domains.channels.services import connecting, taking
from entrepot.domains.channels.services.pulling import decide_new, read_soon
from entrepot.domains.ledger import queries as ledger

State = Hook.State
AT_A_TIME = 200


class HookUnknown(LookupError):
    """No open account has this address."""


def receive(hook_key: str, headers: Mapping[str, str], content: bytes) -> Hook | None:
    """Keep a message; the same one again is the same row. None for a trial call without content.

    Errors: HookUnknown, signed.SignatureWrong, ValueError when the content is no JSON object.
    """
    account = (
        ChannelAccount.objects.filter(hook_key=hook_key).exclude(state=ChannelAccount.State.CLOSED).first()
    )
    if account is None:
        raise HookUnknown(hook_key)
    secret = connecting.unsealed(account).get("webhook_secret", "")
    message = signed.read_message(account.platform, headers, content, secret)
    if message is None:
        return None
    body = _without_nul(message.body)
    with transaction.atomic():
        Hook.objects.bulk_create(
            [Hook(account=account, external_id=message.external_id, topic=message.topic[:100], body=body)],
            ignore_conflicts=True,
        )
    return Hook.objects.get(account=account, external_id=message.external_id)


def work_off(limit: int = AT_A_TIME) -> int:
    """Book the orders of waiting messages, the oldest first; how many messages. Workers never take the same one."""
    with transaction.atomic():
        waiting = Hook.objects.filter(state=State.WAITING).select_for_update(skip_locked=True, of=("self",))
        hooks = list(waiting.select_related("account").order_by("pk")[:limit])
        by_account: dict[int, list[Hook]] = {}
        for hook in hooks:
            by_account.setdefault(hook.account_id, []).append(hook)
        for found in by_account.values():
            _book(found[0].account, found)
    for found in by_account.values():
        read_soon(found[0].account)
        decide_new(found[0].account)
    return len(hooks)


def _book(account: ChannelAccount, hooks: list[Hook]) -> None:
    dialect = signed.dialect_of(account.platform)
    money = MoneyReader(ledger.minor_units_by_currency())
    bodies = [hook.body for hook in hooks if dialect.takes(hook.topic)]
    orders, refused = parse_records(bodies, lambda body: dialect.parse(body, money), _number)
    taking.take_page(account, Page(orders, refused, {}), f"{account.platform}-hook")
    for hook in hooks:
        hook.state, hook.attempts = State.DONE, hook.attempts + 1
    Hook.objects.bulk_update(hooks, ["state", "attempts"], batch_size=500)


def _number(body: Mapping[str, object]) -> str:
    inner = body.get("data")
    return str(inner["id"] if isinstance(inner, Mapping) else body["id"])


def _without_nul(value: object) -> object:
    """The same without the one character that PostgreSQL keeps in no text."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    return value
