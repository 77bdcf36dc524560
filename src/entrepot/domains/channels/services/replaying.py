"""Try a dead letter again: an order is asked for anew or read anew, a message is sent anew."""

from __future__ import annotations

from django.db import transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.channels.adapters import signed
from entrepot.domains.channels.adapters.port import Page, parse_records
from entrepot.domains.channels.adapters.reading import MoneyReader
from entrepot.domains.channels.models import DeadLetter, Push
from entrepot.domains.channels.services import connecting, letters, pushing, taking
from entrepot.domains.ledger import queries as ledger

State = DeadLetter.State
MESSAGE = "push:"


class NotReplayable(RuntimeError):
    """There is nothing to try again: the letter is closed, or what it is about is gone."""


def replay(letter: DeadLetter, user: Actor = None) -> bool:
    """Try again; whether it came through. It stays open, with its newest reason, where it did not.

    Errors: those of the client when the platform cannot be asked; NotReplayable.
    """
    letter.refresh_from_db()
    if letter.state != State.OPEN:
        raise NotReplayable("letter.closed")
    audit.record(user, "channels.replay", f"letter:{letter.pk}", external_id=letter.external_id)
    if letter.stream.startswith(MESSAGE):
        return _send_again(letter)
    account = letter.account
    platform = connecting.platform_of(account)
    if platform and platform.way == "api" and not letter.external_id.startswith("sha256:"):
        with connecting.opened(account) as exchange:
            page = exchange.connector.order(letter.external_id)
    else:
        dialect, money = signed.dialect_of(account.platform), MoneyReader(ledger.minor_units_by_currency())
        orders, refused = parse_records(
            [letter.payload], lambda body: dialect.parse(body, money), lambda _: letter.external_id
        )
        page = Page(orders, refused, {})
    taken = taking.take_page(account, Page(page.orders, page.refused, {}), f"{account.platform}-replay")
    if page.orders and not taken.refused:
        letters.solve(account, letter.stream, [letter.external_id])
    letter.refresh_from_db()
    return letter.state == State.SOLVED


@transaction.atomic
def _send_again(letter: DeadLetter) -> bool:
    kind = letter.stream.removeprefix(MESSAGE)
    push = Push.objects.filter(account=letter.account, kind=kind, key=letter.external_id).first()
    if push is not None:
        pushing.again(push)
    elif kind in ("stock", "price") and "sku" in letter.payload:
        pushing.record_rows(letter.account, kind, [letter.payload])
    else:
        raise NotReplayable("message.gone")
    letters.solve(letter.account, letter.stream, [letter.external_id])
    return True
