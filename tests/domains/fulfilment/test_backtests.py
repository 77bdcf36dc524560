"""Back-tests: orders before a shock under its rules, held against what was booked after it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from entrepot.core import reference
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.models import Decision, ReplayRun
from entrepot.domains.fulfilment.queries import Shock
from entrepot.domains.fulfilment.services import backtesting
from entrepot.domains.logistics.models import Rate
from entrepot.domains.orders.models import Order
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db
ON = date(2026, 5, 4)
NAMES = {
    "name_en": "Dearer lines",
    "name_zh": "专线涨价",
    "note_en": "",
    "note_zh": "",
    "source": "test",
    "status": "C",
}
SHOCK = Shock(
    "dearer", ({"table": "rates", "on": str(ON), "column": "service", "values": "LINE", **NAMES},)
)  # fmt: skip


@pytest.fixture(autouse=True)
def trade(db, monkeypatch):
    """Forty orders before and forty after the day on which a carrier's prices rise by half."""
    found_company()
    stock(("SZX", "TEE", 9_000))
    for rate in Rate.objects.filter(service="LINE"):
        rate.valid_to = ON - timedelta(days=1)
        rate.save()
        rate.pk, rate.valid_from, rate.valid_to = None, ON, None
        rate.base_minor = rate.base_minor * 3 // 2
        rate.save()
    monkeypatch.setattr(queries.replaying, "gallery", lambda: {"dearer": SHOCK})
    monkeypatch.setattr(backtesting, "gallery", lambda: {"dearer": SHOCK})
    days = [ON + timedelta(days=n) for n in range(-10, 10)]
    orders = [(day, place) for day in days for place in range(4)]
    take_in(
        *(
            tees(
                n, 1, dest_country="US" if place else "DE", currency="USD" if place else "EUR", placed_on=day
            )
            for n, (day, place) in enumerate(orders, 1)
        )
    )
    services.run_inline(services.start_run())


def made(days=30, reading="frozen"):
    run = services.start_back_test("dearer", days, reading, "test", None)
    services.work_replay(run)
    return run


def later():
    """The orders after it."""
    return list(Order.objects.filter(placed_on__gte=ON).values_list("pk", flat=True))


@pytest.mark.parametrize("reading", ["frozen", "stocked"])
def test_the_same_orders_again_are_predicted_to_the_cent(reading):
    run = made(reading=reading)
    found = services.back_test(run)
    assert (found.window.days, run.total) == (10, 40)
    assert {row.market for row in found.touched} == {"US", "DE"} - {row.market for row in found.others}
    assert found.total is not None
    freight = found.total.figures["freight"]
    assert freight.before < freight.then == freight.after == freight.mixed
    assert (freight.miss, freight.miss_ppm, freight.is_chance) == (0, 0, True)
    assert freight.naive_ppm < 0
    assert ("rates", ON) in {(table, on) for table, on, _count in found.rules}


def test_other_orders_afterwards_are_a_miss_that_is_told():
    after = Decision.objects.filter(status="confirmed", order_id__in=later())
    after.update(freight_base_minor=99_999)
    freight = services.back_test(made()).total.figures["freight"]
    assert freight.after == 99_999
    assert freight.miss == freight.then - 99_999 < 0
    assert not freight.is_chance


def test_a_shock_outside_the_orders_or_with_too_few_of_them_is_refused(monkeypatch):
    with pytest.raises(services.NotTestable) as unknown:
        services.testable("nothing", 30)
    assert unknown.value.code == "unknown"
    monkeypatch.setattr(backtesting, "LEAST", 41)
    with pytest.raises(services.NotTestable) as few:
        services.testable("dearer", 30)
    assert few.value.code == "few"
    monkeypatch.setattr(backtesting, "SHORTEST", 11)
    with pytest.raises(services.NotTestable) as short:
        services.testable("dearer", 30)
    assert short.value.code == "short"
    Decision.objects.filter(order_id__in=later()).delete()
    with pytest.raises(services.NotTestable) as outside:
        services.testable("dearer", 30)
    assert outside.value.code == "outside"


def test_a_back_test_is_made_and_read_in_the_browser(client, ada, bo, monkeypatch):
    monkeypatch.setattr(queries, "gallery", lambda: {"dearer": SHOCK})
    client.force_login(ada)
    assert client.get(reverse("replay:backtests")).status_code == 200
    wrong = client.post(reverse("replay:start_backtest"), {"shock": "x", "days": 30, "reading": "frozen"})
    assert wrong.status_code == 422
    started = client.post(
        reverse("replay:start_backtest"), {"shock": "dearer", "days": 30, "reading": "frozen"}
    )
    run = ReplayRun.objects.get()
    assert started["Location"] == reverse("replay:backtest", args=[run.pk])
    page = client.get(started["Location"]).content.decode()
    assert "Freight per order" in page
    assert "missed by 0.0" in page
    assert client.get(started["Location"], {"figure": "profit"}).status_code == 200
    assert "test" not in client.get(reverse("replay:list")).content.decode().split("Replays")[-1][:80]
    client.force_login(bo)
    assert client.get(started["Location"]).status_code == 404


def test_every_shock_of_the_gallery_can_be_made_on_the_shipped_rules():
    reference.load()
    for shock in queries.gallery().values():
        for direction in ("held", "undone"):
            assert services.check_edits(services.edits_of(shock.records(direction))) == [], shock.code
