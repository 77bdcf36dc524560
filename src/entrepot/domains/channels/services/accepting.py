"""The one door for orders of channel accounts: files, APIs and webhooks all come in here."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.uncollected import uncollected
from entrepot.domains.catalog import queries as catalog
from entrepot.domains.channels.frames import incoming
from entrepot.domains.channels.models import ChannelAccount, SkuMapping
from entrepot.domains.channels.rules import Accepted, IncomingOrder
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.queries import imports
from entrepot.domains.payments import queries as payments

PARTLY_SENT = "partly sent through the channel, which does not say what: take that off before releasing it"


class ChannelMissing(RuntimeError):
    """The account's channel is not among the reference data: names it."""


class SkuUnknown(ValueError):
    """The catalogue has no such SKU: names it."""


@uncollected()
@transaction.atomic
def accept(
    incoming_orders: Sequence[IncomingOrder], account: ChannelAccount, *, source: str = ""
) -> Accepted:
    """Take orders of an account in, all in one transaction and a fixed number of statements; idempotent.

    The same order, by file, API or webhook, ten times or at the same moment, is one order: it is known by the account
    and the channel's number (see `orders.services.accept_orders` for what a newer version may change). The account's
    codes of articles are replaced by ours where they are mapped; an article nobody knows is taken in and held.
    The answer has an outcome for each order, in the order of the call.
    Errors: ChannelMissing without the account's channel. Two callers with the same orders may be told of a deadlock
    by the database (OperationalError): nothing was done then, call again.
    """
    if not incoming_orders:
        return Accepted()
    taxed = payments.prices_include_tax(account.channel)
    if taxed is None:
        raise ChannelMissing(account.channel)
    heads = incoming.heads(
        incoming_orders, channel=account.channel, account=account_ref(account), source=source, taxed=taxed
    )
    orders.insert_customers(incoming.customers(incoming_orders, account.channel))
    answer = orders.accept_orders(heads, incoming.lines(incoming_orders, mapped_skus(account)))
    accepted = incoming.accepted(answer)
    orders.hold_orders(
        imports.undecided(incoming.left_open(incoming_orders, accepted)), None, note=PARTLY_SENT
    )
    return accepted


@transaction.atomic
def ensure_account(
    name: str, platform: str, channel: str, market: str = "", user: Actor = None
) -> tuple[ChannelAccount, bool]:
    """The account of a name, opened if it is not there yet; it is not pulled before it is connected.

    Errors: ChannelMissing without the channel.
    """
    if payments.prices_include_tax(channel) is None:
        raise ChannelMissing(channel)
    account, is_new = ChannelAccount.objects.get_or_create(
        name=name[:80],
        defaults={"platform": platform, "channel": channel, "market": market, "state": "active"},
    )
    if is_new:
        audit.record(user, "channels.open_account", f"account:{account.pk}", name=name, platform=platform)
    return account, is_new


def account_ref(account: ChannelAccount) -> str:
    """How orders name the account they came through."""
    return str(account.pk)


def mapped_skus(account: ChannelAccount) -> dict[str, str]:
    """The account's codes of articles that have another name with us."""
    return dict(SkuMapping.objects.filter(account=account).values_list("channel_sku", "sku"))


@transaction.atomic
def map_sku(account: ChannelAccount, channel_sku: str, sku: str, user: Actor = None) -> int:
    """Say which of our articles an account's code means; orders that waited for it are decided anew. How many lines.

    Errors: SkuUnknown.
    """
    if not catalog.sku_names([sku]):
        raise SkuUnknown(sku)
    SkuMapping.objects.update_or_create(account=account, channel_sku=channel_sku, defaults={"sku": sku})
    waiting = imports.waiting_for_sku(account_ref(account), channel_sku)
    lines = orders.replace_skus(waiting, {channel_sku: sku}, user)
    audit.record(user, "channels.map_sku", f"account:{account.pk}", channel_sku=channel_sku, sku=sku)
    return lines


@transaction.atomic
def forget_sku(account: ChannelAccount, channel_sku: str, user: Actor = None) -> None:
    """Take a mapping back; orders that came in by it stay as they are."""
    if SkuMapping.objects.filter(account=account, channel_sku=channel_sku).delete()[0]:
        audit.record(user, "channels.forget_sku", f"account:{account.pk}", channel_sku=channel_sku)
