"""Capacities of a day hold over batches and against rivals, and the order page can explain them."""

from datetime import timedelta

import pytest

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.fulfilment.services import commit
from entrepot.domains.logistics.models import Capacity, Shipment
from tests.company import DAY, found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    found_company()
    Capacity.objects.create(warehouse="RTM", unit="orders", per_day=2, valid_from=DAY - timedelta(days=30))


def test_no_day_sends_more_than_its_capacity_over_several_batches():
    stock(("RTM", "TEE", 50))
    ids = take_in(*(tees(n) for n in range(1, 6)))

    services.run_inline(services.start_run(batch_size=2))

    assert Shipment.objects.filter(warehouse="RTM").count() == 2
    states = dict(Decision.objects.values_list("order_id", "status"))
    assert sorted(states.values()) == ["backordered"] * 3 + ["confirmed"] * 2
    for order_id in ids.values():
        assert services.check_explanation(services.explain_order(order_id)) == []


def test_capacity_taken_by_a_rival_meanwhile_is_noticed(monkeypatch):
    stock(("RTM", "TEE", 50))
    take_in(tees(1), tees(2))
    decide, calls = commit.decide, []

    def while_a_rival_plans(batch, world):
        calls.append(batch.booked.height)
        found = decide(batch, world)
        if len(calls) == 1:
            way = found.decisions.row(0, named=True)
            Shipment.objects.create(
                order_id=999, number="S999", warehouse="RTM", service=way["service"], ship_on=way["ship_on"],
                promise_on=way["promise_on"], parcels=1, weight_g=1, chargeable_g=1, freight_base_minor=0,
            )  # fmt: skip
        return found

    monkeypatch.setattr(commit, "decide", while_a_rival_plans)
    services.decide_pending()

    # the first attempt is rolled back, the rival's row (same connection here) with it; the second counts again
    assert len(calls) == 2
    assert Shipment.objects.exclude(order_id=999).count() == 2
