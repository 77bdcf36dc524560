"""What the importers read of the orders they brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from entrepot.core.frames import Frame
from entrepot.domains.orders import frames
from entrepot.domains.orders.models import Order, OrderLine, ReturnLine
from entrepot.domains.orders.rules import BOOKED, HOLDABLE, LEFT

WAITING = ("new", "held", "pending")


def orders_by_number(channel: str, external_ids: Sequence[str], account: str = "") -> Frame:
    """The orders of a channel's account among some of its numbers (columns of `frames.IMPORTED`)."""
    return frames.orders_by_number(channel, external_ids, account)


@dataclass(frozen=True)
class KnownOrder:
    """What a later file must know of an order that is there: its id, state, currency and the channel's last change."""

    order_id: int
    external_id: str
    state: str
    channel_state: str
    currency: str
    placed_at: datetime
    revised_at: datetime | None
    price_includes_tax: bool
    decided_at: datetime | None


def known_orders(account: str, external_ids: Sequence[str]) -> dict[str, KnownOrder]:
    """Orders of an account among some of the channel's numbers, by that number."""
    found = Order.objects.filter(account=account, external_id__in=list(external_ids)).values_list(
        "pk",
        "external_id",
        "state",
        "channel_state",
        "currency",
        "placed_at",
        "revised_at",
        "price_includes_tax",
        "decided_at",
    )
    return {row[1]: KnownOrder(*row) for row in found}


def orders_numbered(numbers: Sequence[str]) -> dict[str, KnownOrder]:
    """Orders of any account among some numbers, ours or the channel's, by that number; only where one order has it."""
    wanted = list(numbers)
    names = [field.name for field in fields(KnownOrder)]
    rows = Order.objects.filter(Q(external_id__in=wanted) | Q(number__in=wanted)).values_list(
        "number", "pk", *names[1:]
    )
    found: dict[str, set[KnownOrder]] = {}
    for number, *row in rows:
        known = KnownOrder(*row)
        for name in {number, known.external_id}:
            found.setdefault(name, set()).add(known)
    return {name: next(iter(known)) for name, known in found.items() if len(known) == 1 and name in numbers}


@dataclass(frozen=True)
class Sums:
    """What orders amount to in one currency; minor units."""

    currency: str
    orders: int
    goods_minor: int
    shipping_minor: int
    discount_minor: int
    tax_minor: int


def sums_of(account: str, external_ids: Sequence[str]) -> list[Sums]:
    """Sums over orders of an account as they stand in the records, by currency."""
    found = (
        Order.objects.filter(account=account, external_id__in=list(external_ids))
        .order_by()
        .values("currency")
    )
    rows = found.annotate(
        n=Count("pk"), goods=Sum("goods_minor"), shipping=Sum("shipping_minor"), discount=Sum("discount_minor"),
        tax=Sum("tax_charged_minor"),
    )  # fmt: skip
    return [
        Sums(r["currency"], r["n"], r["goods"], r["shipping"], r["discount"], r["tax"])
        for r in rows.order_by("currency")
    ]


def given_back(order_ids: Sequence[int]) -> dict[int, int]:
    """What our own returns gave back of orders, by order; minor units of the order's currency."""
    rows = ReturnLine.objects.filter(order_id__in=list(order_ids)).order_by().values("order_id")
    return dict(rows.annotate(sum=Sum("amount_minor")).values_list("order_id", "sum"))


def undecided(order_ids: Sequence[int]) -> list[int]:
    """Those of some orders of which nothing is booked or sent yet."""
    found = Order.objects.filter(pk__in=list(order_ids), state__in=sorted(HOLDABLE - BOOKED))
    return list(found.order_by("pk").values_list("pk", flat=True))


def left_unbooked(account: str) -> list[int]:
    """Orders of an account that had left before they came here, of known articles, and are in no books yet."""
    found = Order.objects.filter(account=account, state__in=sorted(LEFT), decided_at=None)
    unknown = OrderLine.objects.filter(order=OuterRef("pk"), sku=None)
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    return list(found.filter(Exists(lines), ~Exists(unknown)).order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True)
class UnknownSku:
    """A channel's code of an article that the catalogue does not have: what it is called, and how many orders wait."""

    account: str
    channel_sku: str
    description: str
    orders: int


def unknown_skus(account: str) -> list[UnknownSku]:
    """Codes of an account's articles that nobody knows yet, those of the most orders first."""
    waiting = Q(order__state__in=WAITING) | Q(order__state__in=sorted(LEFT), order__decided_at=None)
    lines = OrderLine.objects.filter(waiting, sku=None, order__account=account)
    rows = lines.values("channel_sku").annotate(n=Count("order", distinct=True), text=Max("description"))
    return [
        UnknownSku(account, row["channel_sku"], row["text"], row["n"])
        for row in rows.order_by("-n", "channel_sku")
    ]


def waiting_for_sku(account: str, channel_sku: str) -> list[int]:
    """Orders of an account, not confirmed yet, with a line of one of the channel's codes."""
    waiting = Q(order__state__in=WAITING) | Q(order__state__in=sorted(LEFT), order__decided_at=None)
    lines = OrderLine.objects.filter(waiting, channel_sku=channel_sku, order__account=account)
    return list(lines.order_by("order_id").values_list("order_id", flat=True).distinct())
