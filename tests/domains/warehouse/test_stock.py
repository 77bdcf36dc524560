"""Stock is the sum of its moves and never below zero, whatever writes it."""

from datetime import date

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.domains.catalog.models import Category, Product, Sku
from entrepot.domains.warehouse import services
from entrepot.domains.warehouse.models import Lot, StockLevel, StockMove, Warehouse
from entrepot.domains.warehouse.queries import count_levels_out
from entrepot.domains.warehouse.services import OutOfStock, UnknownGoods

DAY = date(2026, 5, 4)
SKUS, PLACES = ("TEE", "MUG"), ("SZX", "RTM")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def goods(db):
    category = Category.objects.create(code="things", name_en="Things")
    for code in SKUS:
        product = Product.objects.create(code=code, name_en=code, category=category)
        Sku.objects.create(product=product, code=code, name_en=code)
    for code in PLACES:
        Warehouse.objects.create(code=code, name_en=code, country="CN", currency="CNY")


def moves(*rows, **more):
    frame = pl.DataFrame(rows, schema=["warehouse", "sku", "quantity"], orient="row").with_columns(
        moved_on=pl.lit(DAY)
    )
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def level(place="SZX", sku="TEE"):
    row = StockLevel.objects.filter(warehouse__code=place, sku__code=sku).first()
    return row.on_hand if row else None


def test_goods_come_in_and_go_out():
    services.receive(moves(("SZX", "TEE", 10), ("SZX", "TEE", 5)))
    services.write_off(moves(("SZX", "TEE", 4)))
    services.adjust(moves(("SZX", "TEE", -1)))

    assert level() == 10
    assert list(StockMove.objects.order_by("pk").values_list("kind", "quantity")) == [
        ("receipt", 10), ("receipt", 5), ("writeoff", -4), ("adjustment", -1),
    ]  # fmt: skip
    assert count_levels_out() == 0


def test_more_than_there_is_cannot_leave_and_nothing_else_does():
    services.receive(moves(("SZX", "TEE", 3), ("SZX", "MUG", 3)))

    with pytest.raises(OutOfStock, match="TEE in SZX: 3 on hand, 4 wanted"):
        services.write_off(moves(("SZX", "MUG", 1), ("SZX", "TEE", 4)))

    assert (level(), level(sku="MUG")) == (3, 3)


def test_goods_that_never_came_cannot_leave():
    with pytest.raises(OutOfStock, match="0 on hand"):
        services.write_off(moves(("SZX", "TEE", 1)))


def test_the_database_refuses_what_code_would_let_through():
    warehouse, sku = Warehouse.objects.get(code="SZX"), Sku.objects.get(code="TEE")
    with pytest.raises(IntegrityError, match="not_negative"), transaction.atomic():
        StockMove.objects.create(warehouse=warehouse, sku=sku, quantity=-1, kind="sale", moved_on=DAY)


def test_same_key_moves_goods_once():
    arrival = moves(("SZX", "TEE", 10), idempotency_key="asn:1")
    assert services.receive(arrival) == 1
    assert services.receive(arrival) == 0
    assert level() == 10


def test_known_key_does_not_count_as_demand():
    services.receive(moves(("SZX", "TEE", 10)))
    loss = moves(("SZX", "TEE", 10), idempotency_key="loss:1")
    services.write_off(loss)

    assert services.write_off(loss) == 0
    assert level() == 0


def test_unknown_goods_are_named():
    with pytest.raises(UnknownGoods, match="SKU HAT"):
        services.receive(moves(("SZX", "HAT", 1)))


def test_quantities_of_receipts_are_positive():
    with pytest.raises(ValueError, match="must be positive"):
        services.receive(moves(("SZX", "TEE", -1)))


def test_lots_are_made_on_first_sight():
    services.receive(moves(("SZX", "TEE", 5), lot="L1", expires_on=date(2027, 1, 1)))
    services.receive(moves(("RTM", "TEE", 5), lot="L1", expires_on=date(2028, 1, 1)))

    lot = Lot.objects.get()
    assert (lot.code, lot.sku, lot.expires_on) == ("L1", "TEE", date(2027, 1, 1))
    assert set(StockMove.objects.values_list("lot", flat=True)) == {lot.pk}


def test_reversal_puts_goods_back_once():
    services.receive(moves(("SZX", "TEE", 5)))
    services.book_moves(moves(("SZX", "TEE", -2), kind="sale", ref_kind="order", ref_id=7))

    assert services.reverse_moves("order", [7], on=DAY) == 1
    assert services.reverse_moves("order", [7], on=DAY) == 0
    assert level() == 5


@pytest.mark.parametrize(
    "statement", ["UPDATE warehouse_stockmove SET quantity = 9", "DELETE FROM warehouse_stockmove"]
)
def test_journal_is_append_only(statement):
    services.receive(moves(("SZX", "TEE", 5)))
    with (
        pytest.raises(IntegrityError, match="is a journal"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_levels_are_not_written_by_hand():
    services.receive(moves(("SZX", "TEE", 5)))
    with pytest.raises(IntegrityError, match="not written by hand"), transaction.atomic():
        StockLevel.objects.update(on_hand=50)


def test_sku_with_stock_cannot_be_deleted():
    services.receive(moves(("SZX", "TEE", 5)))
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM catalog_sku WHERE code = 'TEE'", "SET CONSTRAINTS ALL IMMEDIATE")


MOVES = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(SKUS), st.integers(-8, 8).filter(bool)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(MOVES, min_size=1, max_size=8))
def test_level_is_the_sum_of_moves_and_never_negative(batches):
    expected = dict.fromkeys(((place, sku) for place in PLACES for sku in SKUS), 0)
    with transaction.atomic():
        for batch in batches:
            after = dict(expected)
            for place, sku, quantity in batch:
                after[place, sku] += quantity
            try:
                services.adjust(moves(*batch))
            except OutOfStock:
                assert min(after.values()) < 0
            else:
                assert min(after.values()) >= 0
                expected = after
        assert {key: level(*key) or 0 for key in expected} == expected
        assert count_levels_out() == 0
        services.rebuild_levels()
        assert {key: level(*key) or 0 for key in expected} == expected
        transaction.set_rollback(True)
