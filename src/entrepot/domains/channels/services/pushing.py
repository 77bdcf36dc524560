"""Tell channels: parcels, stock, prices. Written down first, sent afterwards, and the answer written down.

A message is a fact with a key of its own, so that saying it twice is one row. It is sent outside any transaction. Where
no answer came nobody knows whether it was heard: it rests some time and is then sent again, and the connector looks
first what the channel has (`port.Connector.send`). What a channel refuses is a dead letter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from entrepot.domains.catalog import queries as catalog
from entrepot.domains.channels.adapters.client import (
    ChannelError,
    Clock,
    NotAllowed,
    Refused,
    Unreachable,
    Unsure,
)
from entrepot.domains.channels.adapters.port import Answer, NotOffered, Outgoing, Refusal
from entrepot.domains.channels.adapters.reading import Unreadable
from entrepot.domains.channels.models import ChannelAccount, ChannelListing, Push
from entrepot.domains.channels.services import connecting, letters, parcels
from entrepot.domains.channels.services.accepting import mapped_skus
from entrepot.domains.logistics import queries as logistics
from entrepot.domains.orders.queries import channel as orders
from entrepot.domains.warehouse import queries as warehouse

LOCK_SPACE = 7_102
State = Push.State
AT_A_TIME, ROWS = 50, 200
MAX_ATTEMPTS = 12
REST_UNSURE, REST_PENDING, LONGEST_REST = timedelta(seconds=60), timedelta(minutes=2), timedelta(hours=6)
UNDONE = (State.WAITING, State.SENDING, State.UNSURE)


@transaction.atomic
def record_tracking(order_ids: Sequence[int]) -> int:
    """Write down what has left of orders, for those that came through a connected account; how many parcels are new.

    An order in parts is told part by part, each with its lines and pieces, when it leaves; `is_last`: nothing of the
    order is still to be sent. An order in one piece is told whole.
    """
    known = orders.channel_numbers(order_ids)
    accounts = {str(account.pk): account for account in _connected({each.account for each in known})}
    shipments = logistics.shipments_of([each.order_id for each in known if each.account in accounts])
    carriers = logistics.carriers_of({shipment.service for shipment in shipments})
    of_order: dict[int, list[Any]] = {}
    for shipment in shipments:
        of_order.setdefault(shipment.order_id, []).append(shipment)
    goods = parcels.goods_of_parts([order for order, found in of_order.items() if len(found) > 1])
    pushes = []
    for each in known:
        found = of_order.get(each.order_id, [])
        gone = [one for one in found if one.tracking_no and one.state != "planned"]
        for place, shipment in enumerate(gone, start=1):
            account = accounts[each.account]
            carrier = carriers.get(shipment.service, shipment.service)
            payload = {
                "external_id": each.external_id,
                "order_id": each.order_id,
                "number": each.number,
                "tracking_no": shipment.tracking_no,
                "carrier": (account.settings.get("carriers") or {}).get(shipment.service) or carrier,
                "service": shipment.service,
                "shipped_at": (shipment.shipped_at or timezone.now()).isoformat(),
            }
            key = f"tracking:{each.order_id}"
            if each.order_id in goods:
                key += f":{shipment.part}"
                is_last = place == len(found)
                lines = goods[each.order_id].get(shipment.part, [])
                payload |= {"part": shipment.part, "lines": lines, "is_last": is_last}
            pushes.append(Push(account=account, kind="tracking", key=key, payload=payload))
    return _record(pushes)


@transaction.atomic
def record_stock(account: ChannelAccount, *, whole: bool = False) -> int:
    """Write down what may be sold of the articles an account lists, where it is not what we told it last; how many.

    `whole`: all of them, told before or not. Articles we do not know are left alone.
    """
    mapped = mapped_skus(account)
    listings = list(
        ChannelListing.objects.filter(account=account).exclude(sku="").order_by("pk").select_for_update()
    )
    ours = {listing.pk: mapped.get(listing.sku, listing.sku) for listing in listings}
    known = set(catalog.sku_names(set(ours.values())))
    places = [code for code in str(account.settings.get("warehouses", "")).replace(",", " ").split() if code]
    pieces = warehouse.sellable(known, places)
    changed = []
    for listing in listings:
        wanted = pieces.get(ours[listing.pk])
        if wanted is not None and (whole or wanted != listing.pushed_quantity):
            listing.pushed_quantity = wanted
            changed.append(listing)
    ChannelListing.objects.bulk_update(changed, ["pushed_quantity"], batch_size=1_000)
    rows = {listing.sku: {"sku": listing.sku, "quantity": listing.pushed_quantity} for listing in changed}
    record_rows(account, "stock", list(rows.values()))
    return len(rows)


@transaction.atomic
def record_prices(account: ChannelAccount, prices: Mapping[str, tuple[int, str]]) -> int:
    """Write down new prices: the channel's SKU → (minor units, currency); how many."""
    rows = [
        {"sku": sku, "price_minor": minor, "currency": currency}
        for sku, (minor, currency) in sorted(prices.items())
    ]
    record_rows(account, "price", rows)
    return len(rows)


@transaction.atomic
def record_refund(
    account: ChannelAccount,
    capture_id: str,
    amount: tuple[int, str],
    *,
    key: str,
    note: str = "",
    invoice: str = "",
) -> bool:
    """Write down that money is to be given back through the account that took it; whether this key is new.

    `amount`: minor units and currency. The key goes to the provider, so that the refund is made once.
    """
    minor, currency = amount
    payload = {
        "external_id": capture_id, "capture_id": capture_id, "amount_minor": minor, "currency": currency,
        "note": note, "invoice": invoice,
    }  # fmt: skip
    return bool(_record([Push(account=account, kind="refund", key=f"refund:{key}", payload=payload)]))


def record_rows(account: ChannelAccount, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Messages of some hundred rows; those of the same kind that still wait for their first try are put into them."""
    if not rows:
        return
    untold = Push.objects.filter(
        account=account, kind=kind, state=State.WAITING, attempts=0
    ).select_for_update()
    merged: dict[str, Any] = {}
    for push in untold.order_by("pk"):
        merged |= {row["sku"]: row for row in push.payload["rows"]}
    untold.delete()
    merged |= {row["sku"]: row for row in rows}
    wanted = list(merged.values())
    now = timezone.now()
    pushes = []
    for start in range(0, len(wanted), ROWS):
        part = wanted[start : start + ROWS]
        digest = hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]
        key = f"{kind}:{now:%Y%m%dT%H%M%S.%f}:{digest}"
        pushes.append(Push(account=account, kind=kind, key=key, payload={"rows": part}))
    _record(pushes)


def waiting_accounts() -> list[int]:
    """Accounts with messages whose time has come."""
    due = Push.objects.filter(state__in=UNDONE, next_at__lte=timezone.now())
    active = due.filter(account__state=ChannelAccount.State.ACTIVE)
    return list(active.order_by("account").values_list("account", flat=True).distinct())


def send_waiting(account: ChannelAccount, *, clock: Clock | None = None) -> int:
    """Send an account's messages whose time has come, in the order they were written; how many were heard."""
    done = 0
    with _alone(account.pk) as is_mine:
        if not is_mine or not _due(account):
            return 0
        try:
            with connecting.opened(account, clock=clock) as exchange:
                while batch := _claim(account):
                    for push, is_pending in batch:
                        done += _send(exchange, push, is_pending=is_pending)
        except NotOffered:
            return done
    return done


@transaction.atomic
def again(push: Push) -> None:
    """Let a message that was given up be sent once more."""
    Push.objects.filter(pk=push.pk, state=State.FAILED).update(
        state=State.WAITING, attempts=0, next_at=timezone.now(), error=""
    )


def _send(exchange: connecting.Exchange, push: Push, *, is_pending: bool) -> bool:
    message = Outgoing(push.kind, f"{push.account_id}/{push.key}", push.payload)
    try:
        if is_pending:
            answer = exchange.connector.result(message, push.answer["external_id"])
        else:
            answer = exchange.connector.send(message)
    except Unsure as error:
        _later(push, State.UNSURE, str(error), REST_UNSURE)
    except Unreachable as error:
        _later(push, State.WAITING, str(error), _rest(push.attempts))
    except NotAllowed as error:
        _later(push, State.WAITING, str(error), LONGEST_REST)
    except (Refused, NotOffered, Unreadable, ChannelError) as error:
        _give_up(push, str(error))
    else:
        return _heard(push, answer)
    return False


@transaction.atomic
def _heard(push: Push, answer: Answer) -> bool:
    kept = {"external_id": answer.external_id, "pending": answer.pending, "refused": dict(answer.refused)}
    if answer.pending:
        Push.objects.filter(pk=push.pk).update(
            state=State.UNSURE, answer=kept, next_at=timezone.now() + REST_PENDING, error=""
        )
        return False
    Push.objects.filter(pk=push.pk).update(state=State.DONE, answer=kept, error="")
    stream = f"push:{push.kind}"
    if answer.refused:
        rows = {row.get("sku"): row for row in push.payload.get("rows", ())}
        letters.keep(
            push.account,
            stream,
            [
                Refusal(name, reason, "", rows.get(name) or push.payload)
                for name, reason in answer.refused.items()
            ],
        )
    letters.solve(push.account, stream, [push.key])
    return True


@transaction.atomic
def _give_up(push: Push, error: str) -> None:
    Push.objects.filter(pk=push.pk).update(state=State.FAILED, error=error[:500])
    reason, _, detail = error.partition(": ")
    letters.keep(push.account, f"push:{push.kind}", [Refusal(push.key, reason, detail, push.payload)])


def _later(push: Push, state: str, error: str, rest: timedelta) -> None:
    if push.attempts >= MAX_ATTEMPTS:
        _give_up(push, error)
        return
    Push.objects.filter(pk=push.pk).update(state=state, error=error[:500], next_at=timezone.now() + rest)


def _rest(attempts: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_REST)


@transaction.atomic
def _claim(account: ChannelAccount) -> list[tuple[Push, bool]]:
    """Some messages, marked as being sent, each with whether the channel has it and is working on it.

    One that a dead worker was at is claimed again: its lock went with it.
    """
    found = list(_due(account).select_for_update(skip_locked=True)[:AT_A_TIME])
    now = timezone.now()
    claimed = []
    for push in found:
        is_pending = push.state == State.UNSURE and bool(push.answer.get("pending"))
        push.state, push.sent_at, push.next_at = State.SENDING, now, now + REST_UNSURE
        push.attempts += not is_pending
        claimed.append((push, is_pending))
    Push.objects.bulk_update(found, ["state", "attempts", "sent_at", "next_at"], batch_size=AT_A_TIME)
    return claimed


def _due(account: ChannelAccount) -> Any:
    due = Push.objects.filter(account=account, state__in=UNDONE, next_at__lte=timezone.now())
    return due.select_related("account").order_by("pk")


def _record(pushes: Sequence[Push]) -> int:
    before = Push.objects.filter(key__in=[push.key for push in pushes]).count()
    Push.objects.bulk_create(pushes, ignore_conflicts=True, batch_size=1_000)
    return Push.objects.filter(key__in=[push.key for push in pushes]).count() - before


def _connected(refs: set[str]) -> list[ChannelAccount]:
    numbers = [int(ref) for ref in refs if ref.isdigit()]
    reached = ChannelAccount.objects.exclude(sealed="")  # others are kept for their files only
    accounts = reached.filter(pk__in=numbers).exclude(state=ChannelAccount.State.CLOSED)
    platforms = {account: connecting.platform_of(account) for account in accounts}
    return [account for account, platform in platforms.items() if platform and platform.way == "api"]


@contextmanager
def _alone(account_id: int) -> Iterator[bool]:
    """One sender for an account: messages keep their order; the lock goes with a worker that dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, account_id])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, account_id])
