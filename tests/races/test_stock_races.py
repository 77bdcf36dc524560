"""Many want the last pieces at once: nobody gets what is not there, and nothing is booked twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import polars as pl
import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from entrepot.domains.fulfilment import services, world
from entrepot.domains.fulfilment.models import Batch, Decision
from entrepot.domains.fulfilment.services import commit
from entrepot.domains.ledger.models import Entry
from entrepot.domains.ledger.queries import journal_proof
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Order
from entrepot.domains.warehouse import services as warehouse
from entrepot.domains.warehouse.models import StockLevel
from entrepot.domains.warehouse.queries import count_levels_out
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import DAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def company(transactional_db):
    found_company()
    world.load.cache_clear()


def at_once(work, count):
    """Run `work(n)` in so many threads, each with its own connection, all starting together."""
    barrier = Barrier(count)

    def one(number):
        try:
            barrier.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def move(quantity):
    return pl.DataFrame({"warehouse": ["RTM"], "sku": ["TEE"], "quantity": [quantity], "moved_on": [DAY]})


def left():
    return StockLevel.objects.get(sku__code="TEE").on_hand


def test_threads_that_buy_the_last_pieces_get_exactly_those():
    stock(("RTM", "TEE", 10))

    def buy(number):
        try:
            return warehouse.write_off(move(3))
        except warehouse.OutOfStock:
            return 0

    assert sum(at_once(buy, 8)) == 3
    assert left() == 1
    assert count_levels_out() == 0


def test_same_delivery_reported_by_many_counts_once():
    arrival = move(5).with_columns(idempotency_key=pl.lit("asn:1"))

    assert sum(at_once(lambda n: warehouse.receive(arrival), 6)) == 1
    assert left() == 5


def test_same_orders_arriving_at_once_are_taken_in_once():
    at_once(lambda n: take_in(*(tees(number) for number in range(1, 21))), 4)

    assert Order.objects.count() == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_orderline")
        assert cursor.fetchone()[0] == 20


def test_workers_share_a_run_and_never_oversell():
    stock(("RTM", "TEE", 25))
    take_in(*(tees(number) for number in range(1, 61)))
    run = services.start_run(batch_size=6)

    shares = at_once(lambda n: services.work(type(run).objects.get(pk=run.pk), worker=f"w{n}"), 4)

    run.refresh_from_db()
    assert (run.state, run.done, sum(shares)) == ("done", 60, 60)
    assert Batch.objects.filter(state="done", order_count=6).count() == 10
    states = list(Order.objects.values_list("state", flat=True))
    assert (states.count("confirmed"), states.count("backordered")) == (25, 35)
    assert left() == 0
    assert Entry.objects.filter(kind="order").count() == 25
    assert journal_proof().is_balanced
    assert count_levels_out() == 0
    for order_id in Decision.objects.values_list("order_id", flat=True)[:20]:
        assert services.check_explanation(services.explain_order(order_id)) == []


def test_stock_taken_between_decision_and_booking_is_decided_again(monkeypatch):
    stock(("RTM", "TEE", 2))
    take_in(tees(1), tees(2))
    real, rivals = commit.decide, []

    def decide_while_a_rival_buys(batch, now):
        if not rivals:
            rivals.append(at_once(lambda n: warehouse.write_off(move(1)), 1))
        return real(batch, now)

    monkeypatch.setattr(commit, "decide", decide_while_a_rival_buys)
    run = services.run_inline(services.start_run())

    assert (run.state, run.done) == ("done", 2)
    assert sorted(Order.objects.values_list("state", flat=True)) == ["backordered", "confirmed"]
    assert left() == 0
    for order_id in Order.objects.values_list("pk", flat=True):
        assert services.check_explanation(services.explain_order(order_id)) == []


def test_order_cancelled_between_decision_and_booking_is_not_booked(monkeypatch):
    ada = User.objects.create_user("ada")
    stock(("RTM", "TEE", 5))
    ids = take_in(tees(1), tees(2))
    real, rivals = commit.decide, []

    def decide_while_somebody_cancels(batch, now):
        if not rivals:
            rivals.append(at_once(lambda n: orders.cancel_orders([ids[1]], ada), 1))
        return real(batch, now)

    monkeypatch.setattr(commit, "decide", decide_while_somebody_cancels)
    run = services.run_inline(services.start_run())

    assert (run.state, run.done) == ("done", 1)
    assert dict(Order.objects.values_list("external_id", "state")) == {"1": "cancelled", "2": "confirmed"}
    assert left() == 4


def test_releasing_a_hold_twice_at_once_releases_it_once():
    ada = User.objects.create_user("ada")
    stock(("RTM", "TEE", 5))
    ids = take_in(tees(1, 2, billing_country="US", ip_country="JP"))
    services.decide_pending()

    assert sorted(at_once(lambda n: orders.release_holds([ids[1]], ada), 3)) == [0, 0, 1]
