"""Money given back for an order is counted once, whether the channel tells it first or our own return does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import polars as pl
import pytest
from django.db.models import Sum

from entrepot.core.models import OutboxEvent
from entrepot.domains.channels import jobs, services
from entrepot.domains.channels.adapters.marketplace.parsed import IncomingSettlement, SettlementRow
from entrepot.domains.channels.models import ChannelAccount, ChannelRefund
from entrepot.domains.channels.rules import IncomingRefund
from entrepot.domains.channels.services import refunding, settling
from entrepot.domains.fulfilment.services import book_returns
from entrepot.domains.ledger.models import Account, Posting, PostingRule
from entrepot.domains.orders.models import Order
from tests.domains.channels.peers import pull
from tests.domains.channels.test_connectors import connected

pytestmark = pytest.mark.django_db
WHEN = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def known(for_the_file: Callable[[], Any]) -> int:
    """A shop whose one order came in, and where its refunds are booked."""
    with pytest.MonkeyPatch.context() as patch, for_the_file():
        found, _mock = connected("shopify", patch, [1])
        pull(found)
        for leg, debit, credit in (
            ("channel_refund", "4100", "1200"), ("return_goods", "4100", "1200"), ("return_tax", "2200", "1200"),
            ("return_stock", "1300", "5000"), ("settled_sale", "1210", "1200"), ("settled_payout", "1000", "1210"),
            ("settled_untied", "1210", "2190"), ("settled_tied", "2190", "1200"),
        ):  # fmt: skip
            for code in (debit, credit):
                Account.objects.get_or_create(code=code, defaults={"name_en": code, "kind": "asset"})
            PostingRule.objects.get_or_create(leg=leg, defaults={"debit_id": debit, "credit_id": credit})
    return found.pk


@pytest.fixture
def account(known: int, db: None) -> ChannelAccount:
    return ChannelAccount.objects.get(pk=known)


def told(account: ChannelAccount, amount: int, *, total: bool = True, key: str = "") -> None:
    """The channel says that money was given back."""
    name = key or ("1:total" if total else f"r{amount}")
    refunding.keep_refunds(account, [IncomingRefund(name, "1", amount, "EUR", WHEN, is_total=total)])
    refunding.book_refunds(account)


def returned(amount: int, number: str = "R1") -> None:
    """One shirt came back to us, and its money went out."""
    row: dict[str, Any] = {
        "source": "desk", "external_id": number, "line_no": 1, "order_id": Order.objects.get().pk, "order_line_no": 1,
        "sku": "TEE", "quantity": 1, "amount_minor": amount, "currency": "EUR", "received_on": date(2026, 11, 22),
    }  # fmt: skip
    book_returns(pl.DataFrame([row]))
    jobs.count_returns_once(list(OutboxEvent.objects.filter(name="orders.return_booked")))


def given_back() -> int:
    """What left the receivable because it was given back."""
    rows = Posting.objects.filter(account__code="1200").exclude(entry__kind="order")
    return -(rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


@pytest.mark.parametrize("total", [True, False])
def test_the_channel_first_and_our_return_later(account: ChannelAccount, total: bool):
    told(account, 3_000, total=total)
    assert given_back() == 3_000

    returned(3_000)

    assert given_back() == 3_000
    assert services.count_returns_once([Order.objects.get().pk]) == 0


@pytest.mark.parametrize("total", [True, False])
def test_our_return_first_and_the_channel_later(account: ChannelAccount, total: bool):
    returned(3_000)

    told(account, 3_000, total=total)

    assert given_back() == 3_000


def test_what_the_channel_gave_back_beyond_the_return_stays(account: ChannelAccount):
    told(account, 4_200)
    returned(3_000)
    assert given_back() == 4_200

    told(account, 6_000)
    assert given_back() == 6_000
    returned(3_000, "R2")
    assert given_back() == 6_000


def test_a_return_beyond_what_the_channel_told_counts_whole(account: ChannelAccount):
    told(account, 1_200, total=False)
    returned(3_000)
    assert given_back() == 3_000

    told(account, 2_000, total=False, key="r2")

    assert given_back() == 3_200, "12.00 and 20.00 by the channel, of which 30.00 are ours"
    assert ChannelRefund.objects.filter(is_booked=False).count() == 0


def settled(account: ChannelAccount, amount: int, number: str = "S1") -> None:
    """A settlement pays out a sale of 50.00 and takes back what was given back of it."""
    found = IncomingSettlement(number, "EUR", total_minor=5_000 - amount, paid_on=date(2026, 11, 20))
    for kind, minor in (("sale", 5_000), ("refund", -amount)):
        found.rows.append(SettlementRow(1, kind, kind, minor, "1", "", "", 0, None))
    assert settling.keep_settlements(account, [found])[0].state == "booked"


def books(account: str) -> int:
    """What stands in an account, without the order's own entry."""
    rows = Posting.objects.filter(account__code=account).exclude(entry__kind="order")
    return rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def lowered() -> int:
    """What lowered revenue, and the tax in it."""
    return books("4100") + books("2200")


WAYS = {
    "settled": lambda account: settled(account, 3_000),
    "returned": lambda account: returned(3_000),
    "total": lambda account: told(account, 3_000),
    "one": lambda account: told(account, 3_000, total=False),
}


@pytest.mark.parametrize("order", [*permutations(WAYS, 2), *permutations(WAYS)], ids="-".join)
def test_money_given_back_is_booked_once_in_whatever_order_it_is_told(
    account: ChannelAccount, order: tuple[str, ...]
):
    for way in order:
        WAYS[way](account)

    assert lowered() == 3_000
    is_settled = "settled" in order
    assert books("1200") == (-3_000 - 2_000 if is_settled else -3_000), (
        "a settlement clears what is still owed"
    )
    assert books("1210") == 0
    assert services.count_returns_once([Order.objects.get().pk]) == 0


def test_two_settlements_and_a_return_of_a_part(account: ChannelAccount):
    settled(account, 1_000)
    settled(account, 1_500, "S2")
    assert lowered() == 2_500

    returned(2_000)
    assert lowered() == 2_500
    told(account, 4_000)
    assert lowered() == 4_000
    returned(2_000, "R2")
    assert lowered() == 4_000


def test_a_settlement_before_its_order_books_the_refund_once_the_order_is_known(account: ChannelAccount):
    order = Order.objects.get()
    Order.objects.filter(pk=order.pk).update(external_id="not yet")
    settled(account, 3_000)
    assert (lowered(), ChannelRefund.objects.count()) == (0, 0)

    Order.objects.filter(pk=order.pk).update(external_id=order.external_id)
    settling.tie_lines(account)
    returned(3_000)

    assert (lowered(), books("2190")) == (3_000, 0)
