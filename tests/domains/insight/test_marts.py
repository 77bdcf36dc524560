"""Marts: what is exported ties to the ledger to the cent, only what changed is written again, and stops do no harm."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from entrepot.domains.catalog.models import Sku
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.fulfilment.models import Decision
from entrepot.domains.insight import jobs, queries, services
from entrepot.domains.insight.adapters import duck, store
from entrepot.domains.insight.frames import stock
from entrepot.domains.insight.models import MartRun
from entrepot.domains.insight.queries.home import profit_groups
from entrepot.domains.insight.services import marts
from entrepot.domains.ledger.models import AccountBalance, Posting
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Order, OrderLine
from entrepot.domains.warehouse.models import StockLevel
from tests import company
from tests.engine.small import DAY

pytestmark = pytest.mark.django_db
Export = Callable[[], MartRun]


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.parquet")}


def test_every_line_and_posting_is_there_and_ties_to_the_ledger(trade: dict[int, int], export: Export):
    run = export()

    assert run.state == "done"
    proofs = queries.mart_proofs()
    assert [proof.name for proof in proofs if not proof.holds] == []
    assert sum("= ledger" in proof.name for proof in proofs) == 2
    assert duck.ask("SELECT count(*) FROM order_lines") == [(OrderLine.objects.count(),)]
    assert (
        duck.ask("SELECT count(*), sum(amount_minor)::BIGINT FROM postings")[0][0] == Posting.objects.count()
    )
    balances = AccountBalance.objects.aggregate(n=Sum("base_minor"))["n"]
    assert int(duck.ask("SELECT sum(base_minor) FROM postings")[0][0]) == balances == 0


def test_profit_is_the_same_as_on_the_home_page_and_of_the_decisions(trade: dict[int, int], export: Export):
    export()

    home = sum(figures.profit for _name, figures in profit_groups("market", DAY, 90))
    kept = Decision.objects.exclude(order_id=trade[5]).aggregate(n=Sum("profit_base_minor"))["n"]
    assert int(duck.ask("SELECT sum(profit_base_minor) FROM profit_cube")[0][0]) == home == kept
    for order_id, profit in Decision.objects.exclude(order_id=trade[5]).values_list(
        "order_id", "profit_base_minor"
    ):
        found = duck.ask(
            "SELECT sum(profit_base_minor)::BIGINT FROM order_lines WHERE order_id = ?", [order_id]
        )
        assert found == [(profit or 0,)]


def test_what_buyers_were_charged_is_converted_once_and_shared_by_the_lines(
    trade: dict[int, int], export: Export
):
    export()

    found = duck.ask(
        "SELECT sum(total_base_minor)::BIGINT, count(*) FROM order_lines WHERE order_id = ?", [trade[2]]
    )
    # 100.00 dollars at 7.7 yuan and 1.1 dollars for one euro
    assert found == [(70_000, 2)]
    part = duck.ask("SELECT total_base_minor FROM order_lines WHERE order_id = ? AND sku = 'TEE'", [trade[2]])
    assert part == [(42_000,)]


def test_parts_of_a_line_add_up_and_cancelled_orders_earn_nothing(trade: dict[int, int], export: Export):
    export()

    off = """
        SELECT count(*) FROM order_lines WHERE profit_base_minor <> revenue_base_minor - cogs_base_minor
            - freight_base_minor - handling_base_minor - channel_fee_base_minor - payment_fee_base_minor
            - duty_base_minor - import_tax_base_minor
    """
    assert duck.ask(off) == [(0,)]
    gone = duck.ask(
        "SELECT state, revenue_base_minor, total_base_minor > 0 FROM order_lines WHERE order_id = ?",
        [trade[5]],
    )
    assert gone == [("cancelled", 0, True)]


def test_lines_carry_the_figures_a_replay_gives_them(trade: dict[int, int], export: Export):
    export()
    run = fulfilment.start_replay(fulfilment.Wish("as it was", [], fulfilment.Filter(), "frozen"))
    fulfilment.work_replay(run)

    rows, _count = fulfilment.lines_replayed(run, 1, 50)
    booked = {
        (row["order_id"], row["line_no"]): (row["revenue_before"], row["profit_before"]) for row in rows
    }
    found = duck.ask("SELECT order_id, line_no, revenue_base_minor, profit_base_minor FROM order_lines")
    exported = {(row[0], row[1]): (row[2], row[3]) for row in found}
    assert booked
    assert booked == {key: exported[key] for key in booked}


def test_only_months_that_changed_are_written_again(trade: dict[int, int], export: Export, mart_root: Path):
    export()
    before = files(mart_root)

    assert export().written == 0
    assert files(mart_root) == before

    orders.cancel_orders([trade[1]], None, on=DAY)
    again = export()
    new = {name.partition("/")[0] + name[-29:-24] for name in files(mart_root).keys() - before.keys()}
    assert again.written == len(files(mart_root).keys() - before.keys())
    month = f"{DAY:%Y-%m}"
    touched = {
        name.rpartition("/")[2][:7] for name in files(mart_root).keys() - before.keys() if "order" in name
    }
    assert touched == {month}, new
    assert [proof.name for proof in queries.mart_proofs() if not proof.holds] == []


def test_stopped_and_killed_anywhere_it_ends_in_equal_files(
    trade: dict[int, int], export: Export, mart_root: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    export()
    whole = files(mart_root)
    settings.MART_ROOT = mart_root.with_name("second")
    real, calls = marts.frames.Reader.read_month, iter(range(100))

    def dies(*arguments: Any) -> Any:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(marts.frames.Reader, "read_month", dies)
    killed = services.start_export()
    with pytest.raises(KeyboardInterrupt):
        services.export_marts(killed)
    half = files(mart_root.with_name("second"))
    assert 0 < len(half) < len(whole)

    stopped = services.start_export()
    services.export_marts(
        stopped, lambda done, _all, _what: services.stop_export(stopped) if done == 4 else None
    )
    assert stopped.state == "stopped"

    assert export().state == "done"
    assert files(mart_root.with_name("second")) == whole
    held = {part.file for part in dict(store.read_manifest().parts).values()}
    assert held == set(whole)


def test_stock_by_day_ends_in_what_is_on_hand(trade: dict[int, int], export: Export):
    export()

    last = duck.ask(
        "SELECT sku, warehouse, on_hand FROM stock_daily WHERE day = (SELECT max(day) FROM stock_daily)"
    )
    levels = StockLevel.objects.filter(on_hand__gt=0).values_list("sku__code", "warehouse__code", "on_hand")
    assert sorted(last) == sorted(levels)
    first = duck.ask(
        "SELECT min(day), sum(on_hand) FILTER (WHERE day = ?) FROM stock_daily", [DAY - timedelta(days=60)]
    )
    assert first[0][0] == DAY - timedelta(days=60)
    assert int(first[0][1]) == 120


def test_months_without_moves_are_carried_on_without_being_read(
    trade: dict[int, int], monkeypatch: pytest.MonkeyPatch
):
    company.stock(("RTM", "TEE", 7), on=DAY - timedelta(days=500))
    months = [date.fromisoformat(month) for month in stock.fingerprints(DAY)]
    alone = [stock.StockBook(DAY).read_month(month) for month in months]
    reads: list[object] = []
    real = stock.read
    monkeypatch.setattr(stock, "read", lambda *asked: reads.append(asked) or real(*asked))
    book = stock.StockBook(DAY)

    assert [book.read_month(month).equals(found) for month, found in zip(months, alone, strict=True)] == [
        True
    ] * len(months)
    assert len(months) > 15
    assert len(reads) == 2  # what came before the first month, and all moves since

    monkeypatch.setattr(stock, "ROWS_AT_ONCE", 1)
    backwards = stock.StockBook(DAY)
    assert all(
        backwards.read_month(month).equals(found)
        for month, found in reversed(list(zip(months, alone, strict=True)))
    )


def test_a_new_article_changes_no_month_before_it(trade: dict[int, int]):
    before = stock.fingerprints(DAY)
    model = Sku.objects.get(code="TEE")
    new = Sku.objects.create(product=model.product, code="NEW", weight_g=1, cost_minor=1, cost_currency="EUR")

    assert stock.fingerprints(DAY) == before
    company.stock(("RTM", new.code, 1), on=DAY)
    changed = {month for month, mark in stock.fingerprints(DAY).items() if before.get(month) != mark}
    assert changed == {f"{DAY:%Y-%m}-01"}

    model.cost_minor = 1
    model.save()
    assert not set(stock.fingerprints(DAY).items()) & set(before.items())


def test_a_broken_file_is_found_by_the_check(trade: dict[int, int], export: Export, mart_root: Path):
    export()
    path = next(mart_root.glob("shipments/*.parquet"))
    path.write_bytes(path.read_bytes() + b"x")

    broken = [proof for proof in queries.mart_proofs() if not proof.holds]
    assert [proof.name for proof in broken] == ["files that are not as written"]

    assert export().written == 1
    assert [proof.name for proof in queries.mart_proofs() if not proof.holds] == []


def test_no_personal_data_is_in_the_marts(trade: dict[int, int], export: Export):
    Order.objects.update(recipient_name="Erika Muster", dest_city="Berlin", dest_postcode="10115")
    export()

    for fact in ("order_lines", "profit_cube", "postings", "shipments", "stock_daily"):
        names = {row[0] for row in duck.ask(f"DESCRIBE {fact}")}
        assert not names & {
            "customer_id",
            "recipient_name",
            "dest_city",
            "dest_postcode",
            "buyer_vat_id",
            "memo",
            "tracking_no",
        }
        assert duck.ask(f"SELECT count(*) FROM {fact} AS t WHERE contains(t::VARCHAR, 'Erika')") == [(0,)]


def test_two_exports_at_once_are_refused(trade: dict[int, int], export: Export):
    with store.export_lock(), pytest.raises(services.ExportBusy):
        export()

    assert jobs.export_marts(services.start_export().pk) == "done"
    with store.export_lock():
        assert jobs.export_marts(services.start_export().pk) == "busy"


def test_the_page_shows_facts_and_a_failed_export(
    trade: dict[int, int], export: Export, ada: Any, client: Client
):
    client.force_login(ada)
    assert "Nothing has been exported yet" in client.get("/insight/profit/").content.decode()
    export()
    MartRun.objects.create(state="failed", error="OSError: no space left")

    page = client.get("/insight/marts/").content.decode()
    assert "order_lines" in page
    assert "no space left" in page
    assert client.post("/insight/marts/start/").status_code == 302
    assert MartRun.objects.filter(created_by=ada).count() == 1
    assert client.post("/insight/marts/999/stop/").status_code == 404


def test_marts_of_an_empty_company_are_empty(db: None, mart_root: Path, export: Export):
    assert export().total == 0
    assert queries.mart_states() == []
    assert queries.mart_proofs() == []
