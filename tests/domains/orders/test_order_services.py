"""Orders: taken in once, decided, reviewed by people, called off, brought back."""

import polars as pl
import pytest

from entrepot.core.models import AuditLog, OutboxEvent
from entrepot.domains.customs.models import TaxEntry
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision, PastDecision
from entrepot.domains.ledger.models import Entry
from entrepot.domains.ledger.queries import journal_proof
from entrepot.domains.logistics.models import Shipment
from entrepot.domains.orders import services
from entrepot.domains.orders.models import Customer, Hold, Order, OrderLine, ReturnLine
from entrepot.domains.warehouse.models import StockLevel, StockMove
from entrepot.domains.warehouse.queries import count_levels_out
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import DAY, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    found_company()
    stock(("RTM", "TEE", 100), ("SZX", "POW", 100))


def decided(*taken):
    ids = take_in(*taken)
    fulfilment.decide_pending()
    return [Order.objects.get(pk=ids[head["order_id"]]) for head, _ in taken]


def events(order):
    return list(
        OutboxEvent.objects.filter(payload__order_id=order.pk).order_by("pk").values_list("name", flat=True)
    )


def on_hand():
    return sum(StockLevel.objects.values_list("on_hand", flat=True))


def test_same_order_ten_times_is_one_order():
    for _ in range(10):
        take_in(tees(1, 2), tees(2))

    assert Order.objects.count() == OrderLine.objects.count() == 2
    first = Order.objects.get(external_id="1")
    assert (first.goods_minor, first.total_minor, first.number, first.state) == (6000, 6000, "1", "new")
    assert first.lines.get().sku.code == "TEE"
    assert events(first) == ["orders.received"]


def test_unknown_sku_stays_on_the_line_and_holds_the_order():
    (held,) = decided(order(1, [("HAT", 1, 900)]))

    assert (held.state, held.holds) == ("held", ["catalog.sku_unknown"])
    assert held.lines.get().sku is None
    assert events(held)[-1] == "orders.held"


def test_customers_are_known_by_their_code():
    buyers = pl.DataFrame({"code": ["C1", "C2"], "name": ["Ann", "Ben"]})
    first = services.insert_customers(buyers)
    again = services.insert_customers(buyers.with_columns(name=pl.lit("x")))

    assert first.sort("code").equals(again.sort("code"))
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ann", "Ben"]


def test_decision_reaches_every_room():
    (done,) = decided(tees(1, 2))

    assert (done.state, done.warehouse, done.service) == ("confirmed", "RTM", "EUP")
    decision, shipment = Decision.objects.get(order_id=done.pk), Shipment.objects.get(order_id=done.pk)
    assert (decision.version, decision.profit_base_minor) == (1, done.profit_base_minor)
    assert (shipment.state, shipment.freight_base_minor) == ("planned", decision.freight_base_minor)
    assert StockMove.objects.get(ref_kind="order", ref_id=done.pk).quantity == -2
    assert Entry.objects.get(ref_kind="order", ref_id=done.pk).idempotency_key == f"order:{done.pk}:v1"
    assert TaxEntry.objects.filter(order_id=done.pk).exists()
    assert events(done) == ["orders.received", "orders.confirmed"]
    assert done.margin_ppm == done.profit_base_minor * 1_000_000 // decision.revenue_base_minor


def risky(number):
    return tees(number, 2, billing_country="US", ip_country="JP")


def test_released_order_is_decided_anew_and_not_held_again(ada):
    (held,) = decided(risky(1))
    assert held.holds == ["payments.risk"]

    assert services.release_holds([held.pk], ada, note="called the buyer") == 1
    held.refresh_from_db()
    assert (held.state, held.released, held.holds) == ("new", ["payments.risk"], [])
    fulfilment.decide_pending()

    held.refresh_from_db()
    assert held.state == "confirmed"
    hold = Hold.objects.get()
    assert (hold.state, hold.closed_by, hold.note) == ("released", ada, "called the buyer")
    assert (Decision.objects.get().version, PastDecision.objects.get().status) == (2, "held")
    assert AuditLog.objects.get(action="orders.release_hold").object_ref == f"order:{held.pk}"


def test_order_waits_until_its_last_hold_is_released(ada):
    (held,) = decided(order(1, [("TEE", 60, 180_000)], billing_country="US", ip_country="JP"))
    assert held.holds == ["orders.quantity_unusual", "payments.risk"]

    services.release_holds([held.pk], ada, codes=["payments.risk"])

    held.refresh_from_db()
    assert (held.state, held.holds, held.released) == ("held", ["orders.quantity_unusual"], ["payments.risk"])


def test_rejected_order_is_cancelled(ada):
    (held,) = decided(risky(1))

    assert services.reject_orders([held.pk], ada) == 1
    held.refresh_from_db()
    assert (held.state, Hold.objects.get().state) == ("cancelled", "rejected")
    assert services.reject_orders([held.pk], ada) == 0


def test_cancelling_takes_back_what_was_booked(ada):
    done, other = decided(tees(1, 2), tees(2))
    before = on_hand()

    assert services.cancel_orders([done.pk], ada) == 1
    assert services.cancel_orders([done.pk], ada) == 0

    done.refresh_from_db()
    assert done.state == "cancelled"
    assert on_hand() == before + 2
    assert Shipment.objects.get(order_id=done.pk).state == "cancelled"
    assert sum(TaxEntry.objects.filter(order_id=done.pk).values_list("amount_minor", flat=True)) == 0
    reversal = Entry.objects.get(kind="reversal")
    assert reversal.ref_id == done.pk
    assert journal_proof().is_balanced
    assert count_levels_out() == 0
    assert Order.objects.get(pk=other.pk).state == "confirmed"
    assert events(done)[-1] == "orders.cancelled"


def test_shipped_order_cannot_be_cancelled(ada):
    (done,) = decided(tees(1))
    assert fulfilment.mark_shipped(done.promise_on) == 1

    assert services.cancel_orders([done.pk], ada) == 0
    done.refresh_from_db()
    assert done.state == "shipped"


def test_deciding_again_books_a_second_version(ada):
    (done,) = decided(tees(1, 2))

    run = fulfilment.decide_again([done.pk], ada, note="address changed")
    fulfilment.run_inline(run)

    done.refresh_from_db()
    assert done.state == "confirmed"
    assert Decision.objects.get().version == 2
    assert sorted(Entry.objects.values_list("kind", flat=True)) == ["order", "order", "reversal"]
    assert on_hand() == 198
    assert sorted(Shipment.objects.values_list("state", flat=True)) == ["cancelled", "planned"]
    assert journal_proof().is_balanced
    assert fulfilment.check_explanation(fulfilment.explain_order(done.pk)) == []


def test_cancelling_a_second_version_leaves_nothing(ada):
    (done,) = decided(tees(1, 2))
    fulfilment.run_inline(fulfilment.decide_again([done.pk], ada))

    services.cancel_orders([done.pk], ada)

    assert on_hand() == 200
    assert sum(TaxEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert Entry.objects.filter(kind="reversal").count() == 2


def test_urgent_order_gets_the_last_goods(ada):
    ids = take_in(tees(1, 40), tees(2, 40), tees(3, 40))
    assert services.change_priority([ids[3]], 30, ada) == 1

    fulfilment.decide_pending()

    states = dict(Order.objects.values_list("external_id", "state"))
    assert sorted(states.values()) == ["backordered", "confirmed", "confirmed"]
    assert states["3"] == "confirmed"


def came_back(order, quantity, **more):
    row = {
        "source": "shop", "external_id": f"R{order.pk}", "line_no": 1, "order_id": order.pk, "order_line_no": 1,
        "sku": "TEE", "quantity": quantity, "amount_minor": 3000 * quantity, "currency": "EUR", "received_on": DAY,
    }  # fmt: skip
    return pl.DataFrame([{**row, **more}])


def add_return_rules():
    from entrepot.domains.ledger.models import Account, PostingRule

    Account.objects.create(code="4100", name_en="Returns", kind="income")
    rules = {
        "return_goods": ("4100", "1100"),
        "return_tax": ("2200", "1100"),
        "return_stock": ("1200", "5000"),
    }
    PostingRule.objects.bulk_create(
        PostingRule(leg=leg, debit_id=debit, credit_id=credit) for leg, (debit, credit) in rules.items()
    )


def test_return_is_booked_once_and_in_full():
    add_return_rules()
    (done,) = decided(tees(1, 2))
    fulfilment.mark_shipped(done.promise_on)

    assert fulfilment.book_returns(came_back(done, 1)) == 1
    assert fulfilment.book_returns(came_back(done, 1)) == 0
    done.refresh_from_db()
    assert done.state == "shipped"
    assert fulfilment.book_returns(came_back(done, 1, line_no=2)) == 1

    done.refresh_from_db()
    assert done.state == "returned"
    assert ReturnLine.objects.filter(tied=True).count() == 2
    assert on_hand() == 200
    assert journal_proof().is_balanced
    entries = Entry.objects.filter(kind="return")
    decision = Decision.objects.get()
    back = {p.account.code: p.amount_minor for p in entries.first().postings.select_related("account")}
    assert back["1100"] == -3000
    assert back["4100"] + back.get("2200", 0) == 3000
    assert abs(back.get("2200", 0) * 2 - decision.tax_sale_minor) <= 1


def test_broken_goods_do_not_go_back_on_the_shelf():
    add_return_rules()
    (done,) = decided(tees(1, 2))

    fulfilment.book_returns(came_back(done, 2, restock=False))

    assert on_hand() == 198
    assert Entry.objects.filter(kind="return").count() == 1
