"""An order in two parts from end to end: shipments, stock, books, papers, page, replay, delivery and return."""

from datetime import timedelta

import polars as pl
import pytest

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Decision, Policy
from entrepot.domains.ledger.models import Posting, PostingRule
from entrepot.domains.logistics.models import Service, Shipment
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Order
from entrepot.domains.warehouse.models import StockLevel, StockMove
from tests.company import DAY, found_company, stock, take_in
from tests.engine.small import order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    """Shirts lie in Shenzhen, power banks in Rotterdam, and parts are allowed."""
    found_company()
    Service.objects.update(battery="all")
    Policy.objects.create(key="choose.split", value=2, valid_from=DAY.replace(year=2024))
    stock(("SZX", "TEE", 9), ("RTM", "POW", 9))


def decided():
    ids = take_in(order(1, [("TEE", 2, 6_000), ("POW", 1, 9_000)], shipping_minor=490),
                  order(2, [("TEE", 1, 3_000)]))  # fmt: skip
    services.decide_pending()
    return ids[1], ids[2]


def test_each_part_is_a_shipment_and_the_books_hold_the_order_once():
    cut, whole = decided()

    found = Shipment.objects.filter(order_id=cut).order_by("part")
    booked = Decision.objects.get(order_id=cut)
    assert [(one.number, one.warehouse, one.service) for one in found] == [
        (f"S{cut}-1-1", "RTM", "EUP"), (f"S{cut}-1-2", "SZX", "LINE")]  # fmt: skip
    assert Shipment.objects.get(order_id=whole).number == f"S{whole}-1"
    assert sum(one.freight_base_minor for one in found) == booked.freight_base_minor
    assert sum(one.weight_g for one in found) == booked.weight_g
    moves = StockMove.objects.filter(ref_kind="order", ref_id=cut).values_list(
        "warehouse__code", "sku__code", "quantity"
    )
    assert set(moves) == {("RTM", "POW", -1), ("SZX", "TEE", -2)}
    rows = Posting.objects.filter(entry__ref_kind="order", entry__ref_id=cut)
    assert sum(row.base_minor for row in rows) == 0


def test_the_explanation_and_the_replay_are_what_is_booked(client, ada):
    cut, _whole = decided()

    assert services.check_explanation(services.explain_order(cut)) == []
    for proof in services.proofs(services.Filter()):
        assert (proof.figures_minor, proof.postings_minor, proof.different.height) == (0, 0, 0)
    client.force_login(ada)
    page = client.get(f"/fulfilment/orders/{cut}/explanation/").content.decode()
    assert "It goes in two parts." in page
    assert "No warehouse has all of it" in page
    assert "In two parts" in page


def test_each_shipment_has_papers_of_its_own_goods(client, ada):
    cut, _whole = decided()
    Order.objects.update(recipient_name="Jürgen Müller", dest_city="Berlin", dest_postcode="10115")

    papers = services.papers_of([cut])

    booked = Decision.objects.get(order_id=cut)
    assert [[item.sku for item in one.items] for one in papers] == [["POW"], ["TEE"]]
    assert [one.number for one in papers] == [f"S{cut}-1-1", f"S{cut}-1-2"]
    assert sum(one.total_minor for one in papers) == booked.revenue_minor
    client.force_login(ada)
    panel = client.get(f"/fulfilment/orders/{cut}/papers/").content.decode()
    assert f"S{cut}-1-1" in panel
    assert f"S{cut}-1-2" in panel
    assert client.get(f"/fulfilment/orders/{cut}/papers/label.pdf?part=3").status_code == 404


def test_the_order_has_left_with_its_last_part_and_arrived_with_it():
    cut, _whole = decided()
    Shipment.objects.filter(order_id=cut, part=2).update(ship_on=DAY + timedelta(days=9))

    services.mark_shipped(DAY + timedelta(days=5))
    assert Order.objects.get(pk=cut).state == "confirmed"
    services.mark_shipped(DAY + timedelta(days=9))
    assert Order.objects.get(pk=cut).state == "shipped"
    first = pl.DataFrame({"order_id": [cut], "part": [1], "delivered_on": [DAY + timedelta(days=12)]})
    services.record_deliveries(first)
    assert Order.objects.get(pk=cut).state == "shipped"
    services.record_deliveries(first.with_columns(part=2, delivered_on=pl.lit(DAY + timedelta(days=20))))
    done = Order.objects.get(pk=cut)
    assert (done.state, done.delivered_on) == ("delivered", DAY + timedelta(days=20))


def test_what_comes_back_goes_to_where_its_part_left_from():
    cut, _whole = decided()
    for leg, debit, credit in (("goods", "4000", "1100"), ("tax", "2200", "1100"), ("stock", "1200", "5000")):
        PostingRule.objects.create(leg=f"return_{leg}", debit_id=debit, credit_id=credit)
    Order.objects.filter(pk=cut).update(state="delivered", delivered_on=DAY)
    row = {"source": "test", "external_id": "R1", "line_no": 1, "order_id": cut, "sku": "TEE", "quantity": 1,
           "amount_minor": 3_000, "currency": "EUR", "received_on": DAY, "restock": True}  # fmt: skip

    services.book_returns(pl.DataFrame([row]))

    assert StockLevel.objects.get(warehouse__code="SZX", sku__code="TEE").on_hand == 9 - 2 - 1 + 1


def test_a_cancelled_order_gives_both_parts_back(ada):
    cut, _whole = decided()
    orders.cancel_orders([cut], ada)

    assert set(Shipment.objects.filter(order_id=cut).values_list("state", flat=True)) == {"cancelled"}
    assert StockLevel.objects.get(warehouse__code="RTM", sku__code="POW").on_hand == 9
