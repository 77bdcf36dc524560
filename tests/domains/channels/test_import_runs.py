"""An import from file to books: reconciled, once only, stopped and resumed without a trace."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from entrepot.domains.channels import services
from entrepot.domains.channels.models import ImportRun, SourceLine
from entrepot.domains.ledger import services as ledger
from entrepot.domains.orders.models import Order, ReturnLine

pytestmark = pytest.mark.django_db
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = (
    "536365,85123A,WHITE HANGING HEART,60,2011-02-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,22423,REGENCY CAKESTAND,10,2011-02-01 08:26:00,10.95,17850.0,United Kingdom",
    "536365,POST,POSTAGE,1,2011-02-01 08:26:00,18.0,17850.0,United Kingdom",
    "536366,22423,REGENCY CAKESTAND,40,2011-02-02 09:00:00,10.95,14911.0,Germany",
    "536367,85123a,WHITE HANGING HEART,24,2011-02-03 09:00:00,2.95,,Unspecified",
    "536365,85123A,WHITE HANGING HEART,60,2011-02-01 08:26:00,2.55,17850.0,United Kingdom",
    "C536400,22423,REGENCY CAKESTAND,-4,2011-02-05 09:00:00,10.95,17850.0,United Kingdom",
    "C536401,22423,REGENCY CAKESTAND,-1,2011-02-05 10:00:00,10.95,99999.0,United Kingdom",
    "C536402,D,Discount,-1,2011-02-06 09:00:00,27.5,17850.0,United Kingdom",
    "536500,85123A,damaged,-3,2011-02-07 09:00:00,0.0,,United Kingdom",
    "536501,22423,found,2,2011-02-07 09:30:00,0.0,,United Kingdom",
    "C536502,AMAZONFEE,AMAZON FEE,-1,2011-02-08 09:00:00,120.11,,United Kingdom",
    "A536503,B,Adjust bad debt,1,2011-02-09 09:00:00,-62.06,,United Kingdom",
    "536504,85123A,WHITE HANGING HEART,six,2011-02-09 09:00:00,2.55,1.0,United Kingdom",
)
TABLES = (
    "orders_order", "orders_orderline", "orders_returnline", "orders_hold", "warehouse_stockmove",
    "warehouse_stocklevel", "ledger_entry", "ledger_posting", "ledger_accountbalance", "fulfilment_decision",
    "logistics_shipment",
    "customs_taxentry", "catalog_sku", "catalog_categoryassumption", "orders_customer", "channels_sourceline",
    "channels_sourcereject", "core_outboxevent", "fulfilment_batch",
)  # fmt: skip


def content(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def run_file(data: bytes, **options: Any) -> ImportRun:
    return services.import_file(services.receive_file("online-retail", "retail.csv", data), **options)


def value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def everything() -> dict[str, str]:
    """Every row that an import may touch, as one mark per table."""
    marks = {}
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {table}::text FROM {table} ORDER BY 1")
            marks[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return marks


def totals() -> dict[str, Any]:
    """What must be equal however the import came about."""
    return {
        "orders": value(
            "SELECT string_agg(external_id || state || total_minor, ',' ORDER BY external_id) FROM orders_order"
        ),
        "lines": value("SELECT count(*) FROM orders_orderline"),
        "stock": value(
            "SELECT string_agg(sku.code || ':' || on_hand, ',' ORDER BY sku.code) "
            "FROM warehouse_stocklevel JOIN catalog_sku AS sku ON sku.id = sku_id"
        ),
        "books": value(
            "SELECT string_agg(code || currency || s || ':' || b, ',' ORDER BY code, currency) "
            "FROM (SELECT code, currency, sum(amount_minor) AS s, sum(base_minor) AS b FROM ledger_posting "
            "JOIN ledger_account AS a ON a.id = account_id GROUP BY 1, 2) AS x"
        ),
        "source": value(
            "SELECT string_agg(row_no || ':' || outcome || reason, ',' ORDER BY row_no) FROM channels_sourceline"
        ),
        "returns": value(
            "SELECT string_agg(external_id || quantity || tied, ',' ORDER BY external_id) FROM orders_returnline"
        ),
    }


def outcome_lines(report: dict[str, Any]) -> dict[str, int]:
    return {row["outcome"]: row["lines"] for row in report["outcomes"]}


def test_every_line_ends_somewhere_and_the_books_agree_to_the_penny(company: None) -> None:
    run = run_file(content(*ROWS))

    assert run.state == "done"
    assert outcome_lines(run.report) == {
        "order_line": 4, "return": 2, "write_off": 1, "fee": 2, "adjustment": 3, "duplicate": 1, "rejected": 1,
    }  # fmt: skip
    assert {row["name"]: row["difference"] for row in run.report["books"]} == dict.fromkeys(
        ("orders", "return", "fee", "adjustment", "write_off", "duplicate", "rejected", "total"), "0.00"
    )
    states = dict(Order.objects.values_list("external_id", "state"))
    assert states == {"536365": "delivered", "536366": "delivered", "536367": "held"}
    assert Order.objects.get(external_id="536367").holds == ["customs.country_unknown"]
    assert Order.objects.get(external_id="536365").shipping_minor == 1800
    ties = list(
        ReturnLine.objects.order_by("external_id").values_list("external_id", "order__external_id", "tied")
    )
    assert ties == [("C536400", "536365", True), ("C536401", None, False)]
    assert value("SELECT sum(base_minor) FROM ledger_posting") == 0
    assert value("SELECT count(*) FROM warehouse_stocklevel WHERE on_hand < 0") == 0
    assert SourceLine.objects.filter(run_id=run.pk).count() == len(ROWS)
    assert run.rejects.values_list("row_no", "field", "value", "reason").get() == (
        14,
        "quantity",
        "six",
        "value.unreadable",
    )


def test_a_refund_gives_back_the_tax_its_order_was_sold_with(company: None) -> None:
    run_file(content(*ROWS))
    query = (
        "SELECT amount_minor FROM ledger_posting JOIN ledger_entry AS e ON e.id = entry_id "
        "JOIN ledger_account AS a ON a.id = account_id "
        "WHERE idempotency_key = 'online-retail:return:C536400:1' AND a.code = '{}'"
    )
    assert value(query.format("1200")) == -4380
    assert value(query.format("2200")) == 730  # one sixth of 43.80: British VAT of 20 % is inside
    assert value(query.format("4100")) == 3650


def test_goods_come_with_assumptions_that_a_user_may_change(company: None) -> None:
    run = run_file(content(*ROWS))
    assert run.report["assumptions"]["skus"] == 2
    assert run.report["assumptions"]["assumed"] == dict.fromkeys(
        ("weight", "size", "hs", "origin", "cost"), 2
    )
    assert (
        value("SELECT count(*) FROM catalog_categoryassumption WHERE source = 'assumption' AND status = 'U'")
        == 14
    )
    assert (
        value(
            "SELECT count(*) FROM catalog_sku WHERE weight_g IS NULL AND cost_minor IS NULL AND hs_code = ''"
        )
        == 2
    )


def test_the_same_file_twice_changes_nothing(company: None) -> None:
    run = run_file(content(*ROWS))
    before = everything()

    again = run_file(content(*ROWS))
    assert again.pk == run.pk
    assert everything() == before

    ImportRun.objects.update(state="stopped", stage="", options={})  # as if every mark had been lost
    assert run_file(content(*ROWS)).state == "done"
    unkept = ("channels_sourcereject",)  # written anew, under new numbers
    assert {k: v for k, v in everything().items() if k not in unkept} == {
        k: v for k, v in before.items() if k not in unkept
    }
    assert SourceLine.objects.count() == len(ROWS)


def test_a_longer_file_adds_only_what_is_new(company: None) -> None:
    run_file(content(*ROWS[:3]))
    run_file(content(*ROWS))
    assert Order.objects.count() == 3
    assert value("SELECT count(*) FROM warehouse_stocklevel WHERE on_hand < 0") == 0
    assert value("SELECT sum(base_minor) FROM ledger_posting") == 0
    assert value("SELECT count(*) FROM orders_order WHERE state = 'backordered'") == 0


def test_stopped_at_any_stage_and_resumed_it_ends_the_same(company: None) -> None:
    expected = undisturbed()
    for stage in services.stages_of("online-retail"):
        with rolled_back():
            run = services.receive_file("online-retail", "retail.csv", content(*ROWS))
            assert services.import_file(run, watch=stopping(run, stage)).state in ("stopped", "done")
            assert services.import_file(run).state == "done"
            assert totals() == expected, stage


def test_without_deciding_the_orders_wait_and_can_be_decided_later(company: None) -> None:
    expected = undisturbed()
    run = run_file(content(*ROWS), decide=False)
    assert (run.state, run.stage) == ("stopped", "preview")
    assert set(Order.objects.values_list("state", flat=True)) == {"new"}
    assert outcome_lines(run.report)["order_line"] == 4
    assert run.report["profit"]["orders"] == 0

    assert services.import_file(run).state == "done"
    assert not Order.objects.filter(state="new").exists()
    assert totals() == expected


def test_a_failing_stage_is_rolled_back_noted_and_can_be_repeated(
    company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = undisturbed()

    def broken(*_args: Any, **_more: Any) -> int:
        raise RuntimeError("the books are closed")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "book_legs", broken)
        with pytest.raises(RuntimeError):
            run_file(content(*ROWS))
    run = ImportRun.objects.get()
    assert (run.state, run.stage, run.error) == ("failed", "returns", "RuntimeError: the books are closed")
    assert services.import_file(run).state == "done"
    assert totals() == expected


def test_two_workers_are_never_at_the_same_run(company: None) -> None:
    run = services.receive_file("online-retail", "retail.csv", content(*ROWS))

    def rival(stage: str, _done: int, _total: int) -> None:
        if stage == "stock":
            assert services.is_under_way(run.pk)

    services.import_file(run, watch=rival)
    assert not services.is_under_way(run.pk)


def undisturbed() -> dict[str, Any]:
    with rolled_back():
        run_file(content(*ROWS))
        return totals()


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stopping(run: ImportRun, stage: str) -> services.Watch:
    """Stops the run once, when it comes to a stage."""
    stopped: list[str] = []

    def watch(at: str, _done: int, _total: int) -> None:
        if at == stage and not stopped:
            stopped.append(at)
            services.stop_import(run)

    return watch
