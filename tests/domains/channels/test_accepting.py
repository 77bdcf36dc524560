"""The door for orders of channel accounts: however often and in whatever order they come, each is one order."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.channels.rules import IncomingLine, IncomingOrder
from entrepot.domains.orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db
LINE = IncomingLine("S-1", 2, 2_500, 125_000, "A shirt", "L1")
FIRST = IncomingOrder(
    "A-1", datetime(2026, 5, 1, 10, tzinfo=UTC), "GBP", (LINE,), number="#1", shipping_minor=400,
    recipient="Jo Buyer", email="Jo@Example.com", country="DE", city="Bonn",
)  # fmt: skip


@pytest.fixture
def account(company: None) -> ChannelAccount:
    return ChannelAccount.objects.create(name="Shop", platform="shopify", channel="shopify", state="active")


def at(hour: int) -> datetime:
    return datetime(2026, 5, 1, hour, tzinfo=UTC)


def take(account: ChannelAccount, *orders: IncomingOrder) -> list[str]:
    return list(services.accept(orders, account, source="test").outcomes)


def test_an_order_sent_ten_times_is_one_order(account: ChannelAccount) -> None:
    outcomes = [take(account, FIRST, FIRST) for _ in range(5)]
    assert outcomes == [["new", "same"], *[["same", "same"]] * 4] or outcomes[0] == ["same", "new"]
    order = Order.objects.get()
    assert (order.number, order.goods_minor, order.total_minor, order.account) == (
        "#1", 2_500, 2_900, str(account.pk),
    )  # fmt: skip
    line = OrderLine.objects.get()
    assert (line.sku_code, line.channel_sku, line.channel_line_id) == ("S-1", "S-1", "L1")
    assert order.customer is not None
    assert order.customer.code == "shopify:jo@example.com"


def test_two_accounts_may_use_the_same_number(account: ChannelAccount) -> None:
    other = ChannelAccount.objects.create(name="Shop 2", platform="shopify", channel="shopify")
    take(account, FIRST)
    assert take(other, FIRST) == ["new"]
    assert Order.objects.count() == 2


def test_a_newer_version_replaces_what_is_not_confirmed_and_an_older_one_nothing(
    account: ChannelAccount,
) -> None:
    take(account, replace(FIRST, revised_at=at(11)))
    newer = replace(FIRST, revised_at=at(12), city="", shipping_minor=500, lines=(replace(LINE, quantity=3),))
    assert take(account, newer) == ["updated"]
    assert take(account, newer) == ["same"]
    assert take(account, replace(FIRST, revised_at=at(11))) == ["older"]
    order = Order.objects.get()
    assert (order.city if hasattr(order, "city") else order.dest_city, order.shipping_minor) == ("Bonn", 500)
    assert OrderLine.objects.get().quantity == 3


def test_of_two_versions_in_one_call_the_newer_counts(account: ChannelAccount) -> None:
    newer = replace(FIRST, revised_at=at(12), shipping_minor=500)
    assert sorted(take(account, newer, replace(FIRST, revised_at=at(11)))) == ["new", "same"]
    assert Order.objects.get().shipping_minor == 500


def test_an_undated_version_only_fills_blanks_of_a_dated_one(account: ChannelAccount) -> None:
    take(account, replace(FIRST, revised_at=at(11), city=""))
    assert take(account, replace(FIRST, shipping_minor=1)) == ["updated"]
    order = Order.objects.get()
    assert (order.dest_city, order.shipping_minor) == ("Bonn", 400)


def test_pending_orders_wait_and_cancelled_ones_are_kept(account: ChannelAccount) -> None:
    waiting = replace(FIRST, state="pending", channel_state="pending")
    take(account, waiting, replace(FIRST, external_id="A-2", state="cancelled", channel_state="cancelled"))
    assert dict(Order.objects.values_list("external_id", "state")) == {"A-1": "pending", "A-2": "cancelled"}
    assert take(account, FIRST) == ["updated"]
    assert take(account, waiting) == ["updated"] or Order.objects.get(external_id="A-1").state == "new"
    assert Order.objects.get(external_id="A-1").state == "new"
    assert take(account, replace(FIRST, state="cancelled", channel_state="cancelled")) == ["cancelled"]
    assert Order.objects.get(external_id="A-1").state == "cancelled"


def test_a_change_after_the_order_left_is_told_and_changes_nothing(account: ChannelAccount) -> None:
    take(account, replace(FIRST, revised_at=at(11)))
    Order.objects.update(state="shipped", decided_at=at(11))
    assert take(account, replace(FIRST, revised_at=at(12), shipping_minor=9)) == ["too_late"]
    assert take(account, replace(FIRST, revised_at=at(13), state="cancelled")) == ["too_late"]
    order = Order.objects.get()
    assert (order.shipping_minor, order.state) == (400, "shipped")


def test_mapping_a_sku_names_the_lines_of_orders_that_wait(account: ChannelAccount, bo: Any) -> None:
    from entrepot.domains.catalog import services as catalog
    from tests.domains.channels.conftest import article

    catalog.ensure_categories(article("OURS")[0])
    catalog.ensure_skus(article("OURS")[1])
    take(account, FIRST)
    Order.objects.update(state="held", holds=["catalog.sku_unknown"])
    assert services.map_sku(account, "S-1", "OURS", bo) == 1
    order = Order.objects.get()
    line = OrderLine.objects.get()
    assert (order.state, line.sku_code, line.channel_sku) == ("new", "OURS", "S-1")
    assert take(account, FIRST) == ["same"]
    with pytest.raises(services.SkuUnknown):
        services.map_sku(account, "S-1", "NOBODY", bo)
