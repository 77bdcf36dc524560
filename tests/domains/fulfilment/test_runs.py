"""Runs: everything is decided once, by the world as it stood, and can be explained from what was kept."""

from datetime import timedelta

import polars as pl
import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.core import outbox, worldtables
from entrepot.domains.customs.models import TaxEntry
from entrepot.domains.fulfilment import jobs, services, world
from entrepot.domains.fulfilment.models import Batch, Decision, Run, WorldFrame, WorldVersion
from entrepot.domains.fulfilment.services import commit
from entrepot.domains.ledger.models import Posting
from entrepot.domains.ledger.queries import journal_proof
from entrepot.domains.logistics.models import Rate
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Order
from entrepot.domains.warehouse.models import StockMove
from entrepot.domains.warehouse.queries import count_levels_out
from entrepot.engine.columns import WORLD
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    return found_company()


def booked_as_explained(order_id):
    found = services.explain_order(order_id)
    assert services.check_explanation(found) == []
    moves = StockMove.objects.filter(ref_kind="order", ref_id=order_id, kind="sale", quantity__lt=0)
    newest = Posting.objects.filter(
        entry__ref_kind="order", entry__ref_id=order_id, entry__kind="order"
    ).order_by("entry")
    assert sum(row["quantity"] for row in found.stock_moves) == sum(moves.values_list("quantity", flat=True))
    told = sorted(
        (row["account"], row["currency"], row["amount_minor"], row["base_minor"]) for row in found.postings
    )
    assert told == sorted(newest.values_list("account__code", "currency", "amount_minor", "base_minor"))
    taxes = TaxEntry.objects.filter(order_id=order_id)
    assert sorted(row["amount_minor"] for row in found.tax_entries) == sorted(
        taxes.values_list("amount_minor", flat=True)
    )


def test_run_decides_every_waiting_order_once():
    stock(("RTM", "TEE", 5))
    take_in(*(tees(n) for n in range(1, 8)))
    told = []

    run = services.start_run(batch_size=3)
    services.run_inline(run, lambda done, total: told.append((done, total)))

    assert (run.state, run.done, run.total) == ("done", 7, 7)
    assert told == [(3, 7), (6, 7), (7, 7)]
    assert list(Batch.objects.order_by("pk").values_list("state", "order_count")) == [
        ("done", 3),
        ("done", 3),
        ("done", 1),
    ]
    assert sorted(Order.objects.values_list("state", flat=True)) == ["backordered"] * 2 + ["confirmed"] * 5
    assert services.decide_pending() is None


def test_orders_queued_in_one_run_are_not_queued_in_another():
    take_in(tees(1), tees(2))
    first = services.start_run()
    take_in(tees(3))

    assert (first.total, services.start_run().total) == (2, 1)


def test_run_takes_the_chosen_orders_only():
    ids = take_in(tees(1), tees(2, channel="amazon"))

    assert services.start_run(channel="amazon").total == 1
    assert services.start_run([ids[1]]).total == 1


def test_stopped_run_goes_on_where_it_stood(ada):
    stock(("RTM", "TEE", 50))
    take_in(*(tees(n) for n in range(1, 7)))
    run = services.start_run(batch_size=2)
    services.work(run, limit=1)

    services.stop_run(run, ada)
    assert services.work(run) == 0
    assert (run.state, run.done) == ("stopped", 2)

    services.resume_run(run, ada)
    services.work(run)
    assert (run.state, run.done) == ("done", 6)


def test_run_left_by_its_worker_is_adopted():
    stock(("RTM", "TEE", 50))
    take_in(*(tees(n) for n in range(1, 7)))
    run = services.start_run(batch_size=2)
    services.work(run, limit=1)
    assert services.abandoned_runs(timedelta(minutes=2)) == []
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.update(started_at=long_ago)
    assert services.abandoned_runs(timedelta(minutes=2)) == []
    Batch.objects.filter(state="done").update(finished_at=long_ago)

    assert jobs.adopt_runs(timestamp=0) == 4
    assert Run.objects.get().state == "done"
    assert services.abandoned_runs(timedelta(0)) == []


def test_released_orders_are_queued_for_a_worker(ada, monkeypatch, django_capture_on_commit_callbacks):
    stock(("RTM", "TEE", 50))
    ids = take_in(tees(1, 2, billing_country="US", ip_country="JP"), tees(2))
    services.decide_pending()
    deferred = []
    monkeypatch.setattr(jobs.work_run, "defer", lambda run_id: deferred.append(run_id))  # noqa: PLW0108
    monkeypatch.setattr(outbox, "_listeners", {"orders.released": [jobs.decide_released]})

    with django_capture_on_commit_callbacks():
        orders.release_holds([ids[1]], ada)
    with django_capture_on_commit_callbacks(execute=True):
        outbox.deliver()
        outbox.deliver()

    assert len(deferred) == 1
    assert jobs.work_run(deferred[0]) == 1
    assert Order.objects.get(pk=ids[1]).state == "confirmed"


def test_failing_batch_is_noted_and_the_others_go_on(monkeypatch, ada):
    stock(("RTM", "TEE", 50))
    take_in(*(tees(n) for n in range(1, 5)))
    run = services.start_run(batch_size=2)
    real, calls = commit.decide, []

    def broken_once(batch, now):
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("no such luck")
        return real(batch, now)

    monkeypatch.setattr(commit, "decide", broken_once)
    services.work(run)

    assert (run.state, run.done) == ("failed", 2)
    assert "ZeroDivisionError: no such luck" in run.error
    assert Order.objects.filter(state="new").count() == 2
    services.resume_run(run, ada)
    services.work(run)
    assert (run.state, run.done, run.error) == ("done", 4, "")


def test_order_cancelled_meanwhile_is_left_alone(ada):
    stock(("RTM", "TEE", 50))
    ids = take_in(tees(1), tees(2))
    run = services.start_run()
    orders.cancel_orders([ids[1]], ada)

    services.work(run)

    assert (run.state, run.done) == ("done", 1)
    assert dict(Order.objects.values_list("external_id", "state")) == {"1": "cancelled", "2": "confirmed"}


def test_explanation_is_what_was_booked_even_when_rules_have_changed():
    stock(("RTM", "TEE", 50), ("SZX", "POW", 50))
    ids = take_in(
        tees(1, 2), tees(2, 3, dest_country="US", currency="USD"), order(3, [("POW", 1, 9900)]), tees(4, 500)
    )
    services.decide_pending()
    before = Decision.objects.get(order_id=ids[1]).world_hash

    Rate.objects.update(base_minor=99_999)
    take_in(tees(5, 2))
    services.decide_pending()

    for order_id in ids.values():
        booked_as_explained(order_id)
    assert WorldVersion.objects.count() == 2
    assert Decision.objects.exclude(world_hash=before).count() == 1


def test_order_without_decision_has_no_explanation():
    ids = take_in(tees(1))
    with pytest.raises(services.NotDecided):
        services.explain_order(ids[1])


def test_compiled_world_is_the_one_that_was_written(company):
    compiled = world.current()

    assert compiled.hash == company.hash
    assert {name: frame.height for name, frame in compiled.tables.items()} == {
        n: company[n].height for n in WORLD
    }


def test_world_is_read_again_only_when_a_table_changes(django_assert_num_queries):
    first = world.current()
    with django_assert_num_queries(1):
        assert world.current() is first

    Rate.objects.filter(service="EUP").update(base_minor=777)

    second = world.current()
    assert second.hash != first.hash
    assert [n for n in WORLD if second.hashes[n] != first.hashes[n]] == ["rates"]


def test_kept_world_comes_back_whole_and_shares_its_tables():
    first = world.current()
    digest = world.keep(first)
    frames = WorldFrame.objects.count()
    Rate.objects.filter(service="EUP").update(base_minor=777)
    world.keep(world.current())

    assert WorldFrame.objects.count() == frames + 1
    world.load.cache_clear()
    loaded = world.load(digest)
    assert loaded.hash == digest
    with pytest.raises(world.UnknownWorld):
        world.load("0" * 64)


def test_every_table_of_the_world_has_a_room():
    assert list(worldtables.all_tables()) == list(WORLD)


PROFIT_BOOKED = """
    SELECT coalesce(-sum(base_minor), 0) FROM ledger_posting AS posting
    JOIN ledger_account AS account ON account.id = posting.account_id WHERE account.code >= '4'
"""
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["TEE", "POW", "HAT"]),
        st.integers(1, 6),
        st.integers(0, 20_000),
        st.sampled_from([("DE", "EUR"), ("US", "USD"), ("JP", "JPY"), ("IR", "USD"), ("ZZ", "EUR")]),
        st.sampled_from(["shop", "amazon"]),
        st.sampled_from(["DDP", "DAP"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=ORDERS, pieces=st.integers(1, 15), size=st.integers(1, 5), rate=st.integers(0, 5_000))
def test_any_batches_leave_sound_records(drawn, pieces, size, rate):
    with transaction.atomic():
        Rate.objects.filter(service="LINE").update(base_minor=rate)
        stock(("RTM", "TEE", pieces), ("SZX", "TEE", pieces), ("SZX", "POW", pieces))
        ids = take_in(*(
            order(n, [(sku, quantity, amount)], dest_country=place, currency=currency, channel=channel,
                  incoterm=incoterm, price_includes_tax=taxed)
            for n, (sku, quantity, amount, (place, currency), channel, incoterm, taxed) in enumerate(drawn, 1)
        ))  # fmt: skip
        run = services.run_inline(services.start_run(batch_size=size))

        assert (run.state, run.done) == ("done", len(drawn))
        assert journal_proof().is_balanced
        assert count_levels_out() == 0
        for order_id in ids.values():
            booked_as_explained(order_id)
        profit = Decision.objects.filter(status="confirmed").values_list("profit_base_minor", flat=True)
        with connection.cursor() as cursor:
            cursor.execute(PROFIT_BOOKED)
            assert cursor.fetchone()[0] == sum(profit)
        transaction.set_rollback(True)


def test_frames_of_a_run_are_kept_small():
    stock(("RTM", "TEE", 500))
    take_in(*(tees(n) for n in range(1, 101)))
    services.decide_pending()

    batch = Batch.objects.get()
    assert len(batch.orders) + len(batch.lines) + len(batch.stock) < 40_000
    assert Run.objects.get().options["batch_size"] > 0
    assert isinstance(pl.read_ipc(bytes(batch.lines)), pl.DataFrame)
