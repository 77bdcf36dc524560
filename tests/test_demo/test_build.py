"""A small demo company end to end: built through the rooms, everything adds up, building again changes nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from entrepot.config.demo import build, people
from entrepot.domains.fulfilment import services as fulfilment

ORDERS = 300
WISH = build.Wish(ORDERS, 3, datetime(2026, 9, 18, 12, tzinfo=UTC))


@pytest.mark.django_db
def test_a_small_company_lives_through_a_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "state_home", lambda: tmp_path)
    told: list[tuple[str, int, int]] = []

    with pytest.raises(KeyboardInterrupt):
        build.build(WISH, interrupt_at(120))
    assert not build.is_built()
    build.build(build.Wish(5_000, 99, WISH.until), lambda *event: told.append(event))

    assert told[-1][1:] == (ORDERS, ORDERS)
    every_order_is_there_and_decided()
    the_ledger_balances()
    stock_is_the_sum_of_its_moves_and_was_there_on_every_day()
    goods_come_only_from_lots_and_returns()
    parcels_and_orders_agree()
    orders_explain_to_what_is_booked()
    most_margins_are_those_of_real_trade()
    the_cast_can_sign_in()
    building_again_changes_nothing()


def interrupt_at(orders: int) -> build.Tell:
    """Somebody presses Ctrl-C when so many orders are booked."""

    def tell(stage: str, done: int, total: int) -> None:
        if total and done >= orders:
            raise KeyboardInterrupt

    return tell


def rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def value(query: str) -> object:
    return rows(query)[0][0]


def every_order_is_there_and_decided() -> None:
    assert value("SELECT count(*) FROM orders_order WHERE source = 'demo'") == ORDERS
    assert value("SELECT count(*) FROM orders_order WHERE state = 'new'") == 0
    assert value("SELECT count(*) FROM orders_order WHERE state IN ('delivered', 'returned')") > 0.8 * ORDERS
    assert value("SELECT count(*) FROM fulfilment_run WHERE state <> 'done'") == 0


def the_ledger_balances() -> None:
    assert rows("SELECT currency FROM ledger_posting GROUP BY 1 HAVING sum(amount_minor) <> 0") == []
    assert value("SELECT sum(base_minor) FROM ledger_posting") == 0
    unbalanced = (
        "SELECT entry_id FROM ledger_posting GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0"
    )
    assert rows(unbalanced) == []


def stock_is_the_sum_of_its_moves_and_was_there_on_every_day() -> None:
    wrong = """
        SELECT sku_id, warehouse_id FROM warehouse_stocklevel AS level FULL JOIN (
            SELECT sku_id, warehouse_id, sum(quantity) AS pieces FROM warehouse_stockmove GROUP BY 1, 2
        ) AS moved USING (sku_id, warehouse_id)
        WHERE coalesce(level.on_hand, 0) <> coalesce(moved.pieces, 0)
    """
    assert rows(wrong) == []
    below = """
        SELECT count(*) FROM (
            SELECT sum(sum(quantity)) OVER (PARTITION BY sku_id, warehouse_id ORDER BY moved_on) AS pieces
            FROM warehouse_stockmove GROUP BY sku_id, warehouse_id, moved_on
        ) AS day WHERE pieces < 0
    """
    assert value(below) == 0


def goods_come_only_from_lots_and_returns() -> None:
    kinds = (
        "SELECT DISTINCT kind FROM warehouse_stockmove WHERE quantity > 0 AND ref_kind <> 'order' ORDER BY 1"
    )
    assert [kind for (kind,) in rows(kinds)] in (["opening", "receipt", "return"], ["opening", "receipt"])
    assert value("SELECT count(*) FROM warehouse_stockmove WHERE kind = 'receipt' AND lot_id IS NULL") == 0


def parcels_and_orders_agree() -> None:
    strange = """
        SELECT o.id FROM orders_order AS o LEFT JOIN logistics_shipment AS parcel ON parcel.order_id = o.id
        WHERE (o.state = 'delivered' AND parcel.state <> 'delivered')
            OR (o.state = 'confirmed' AND parcel.state <> 'planned')
    """
    assert rows(strange) == []
    assert value("SELECT count(*) FROM logistics_shipment WHERE delivered_on <= ship_on") == 0
    assert value("SELECT max(delivered_on) FROM logistics_shipment") <= WISH.until.date()


def orders_explain_to_what_is_booked() -> None:
    for (order_id,) in rows("SELECT id FROM orders_order WHERE state = 'delivered' ORDER BY id LIMIT 3"):
        assert fulfilment.check_explanation(fulfilment.explain_order(order_id)) == []


def most_margins_are_those_of_real_trade() -> None:
    margins = sorted(
        margin for (margin,) in rows("SELECT margin_ppm FROM orders_order WHERE margin_ppm IS NOT NULL")
    )
    assert 100_000 < margins[len(margins) // 2] < 350_000
    assert margins[len(margins) // 20] < 50_000


def the_cast_can_sign_in() -> None:
    from django.contrib.auth import authenticate
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    for login in people.logins():
        assert authenticate(request, username=login.username, password=login.password) is not None


def building_again_changes_nothing() -> None:
    tables = (
        "orders_order",
        "orders_orderline",
        "warehouse_stockmove",
        "ledger_posting",
        "fulfilment_decision",
    )
    counts = [value(f"SELECT count(*) FROM {table}") for table in tables]
    states = rows("SELECT state, count(*) FROM orders_order GROUP BY 1 ORDER BY 1")
    assert build.is_built()

    build.build(build.Wish(5_000, 99, WISH.until), lambda *event: None)

    assert [value(f"SELECT count(*) FROM {table}") for table in tables] == counts
    assert rows("SELECT state, count(*) FROM orders_order GROUP BY 1 ORDER BY 1") == states
