"""Own queries: answers over the marts, and nothing else: no file, no network, no setting, no end."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from entrepot.core.models import AuditLog
from entrepot.domains.insight import services
from entrepot.domains.insight.adapters import duck, store
from entrepot.domains.insight.models import QueryRun, SavedQuery

pytestmark = pytest.mark.django_db
ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000000000) AS a, range(1000) AS b"
NOT_A_SELECT = (
    "COPY order_lines TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{file}'",
    "ATTACH '{folder}/other.db' AS other",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET threads = 64",
    "RESET memory_limit",
    "PRAGMA memory_limit = '64GB'",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE VIEW mine AS SELECT 1",
    "INSERT INTO order_lines SELECT * FROM order_lines",
    "UPDATE order_lines SET quantity = 0",
    "DELETE FROM order_lines",
    "DROP VIEW order_lines",
    "EXPORT DATABASE '{folder}/all'",
    "IMPORT DATABASE '{folder}/all'",
    "EXPLAIN ANALYZE INSERT INTO order_lines SELECT * FROM order_lines",
    "PREPARE later AS SELECT 1",
    "EXECUTE later",
    "CALL pragma_version()",
    "BEGIN TRANSACTION",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE MACRO mine() AS 1",
)
OUTSIDE = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_json('/etc/hosts')",
    "SELECT * FROM read_parquet('{folder}/../*/*.parquet')",
    "SELECT * FROM parquet_metadata('/etc/passwd')",
    "SELECT * FROM 'http://127.0.0.1:1/x.parquet'",
    "SELECT * FROM read_csv('https://example.com/x.csv')",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT * FROM query('COPY order_lines TO ''{folder}/q.csv''')",
    "SELECT * FROM postgres_scan('host=localhost', 'public', 'auth_user')",
    "SELECT * FROM sqlite_scan('/tmp/x.db', 't')",
    "SELECT getenv('HOME')",
    "SELECT * FROM auth_user",
)


@pytest.fixture
def marts(db: None, mart_root: Path) -> dict[str, bytes]:
    """A small mart of order lines and one of postings, as bytes by path."""
    facts = {
        "order_lines": "SELECT * FROM (VALUES ('POW', 1, 900), ('TEE', 2, 3000), ('TEE', 4, -50)) AS t (sku, quantity, "
        "revenue_base_minor)",
        "postings": "SELECT '4000' AS account, -100 AS base_minor",
    }
    manifest = store.Manifest("CNY", {})
    for fact, query in facts.items():
        (mart_root / fact).mkdir(parents=True)
        duck.duckdb.sql(query).write_parquet(str(mart_root / fact / "one.parquet"))
        manifest = manifest.with_part(store.Part(fact, "2026-03-01", f"{fact}/one.parquet", 1, 1, "", "", {}))
    store.write_manifest(manifest)
    return everything(mart_root)


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def filled(query: str) -> str:
    """The query with real places in it."""
    return query.format(folder=store.root(), file=store.read_manifest().files("order_lines")[0])


def test_a_query_answers_with_typed_columns_and_is_logged(marts: dict[str, bytes], ada: Any):
    answer = services.ask(
        "SELECT sku, sum(quantity)::BIGINT AS n FROM order_lines GROUP BY 1 ORDER BY 1", ada
    )

    assert answer.columns == [("sku", "VARCHAR"), ("n", "BIGINT")]
    assert answer.rows == [("POW", 1), ("TEE", 6)]
    run = QueryRun.objects.get()
    assert (run.state, run.rows, run.user_id) == ("done", 2, ada.pk)
    assert AuditLog.objects.filter(action="insight.ask", actor=ada).count() == 1


@pytest.mark.parametrize("query", NOT_A_SELECT)
def test_only_select_runs(marts: dict[str, bytes], query: str):
    with pytest.raises(services.QueryRefused):
        services.ask(filled(query), None)

    assert everything(store.root()) == marts


@pytest.mark.parametrize("query", OUTSIDE)
def test_nothing_outside_the_marts_can_be_read(marts: dict[str, bytes], query: str):
    with pytest.raises(services.QueryRefused) as refused:
        services.ask(filled(query), None)

    assert str(store.root()) not in str(refused.value)
    assert everything(store.root()) == marts


@pytest.mark.parametrize("query", NOT_A_SELECT)
def test_the_locked_database_itself_changes_no_file_and_no_setting(marts: dict[str, bytes], query: str):
    """A second wall: even a statement that came past the first could do nothing that stays."""
    database = duck.locked(store.read_manifest(), services.Limits())
    before = database.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchall()

    with suppress(duck.duckdb.Error):
        database.execute(filled(query))
    if not query.startswith("BEGIN"):
        after = database.execute(
            "SELECT current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()
        assert after == before
    database.close()
    assert everything(store.root()) == marts


@pytest.mark.parametrize(
    "query", ["SELECT 1; SELECT 2", "SELECT 1; DROP VIEW order_lines", "", "   ", "-- nothing", "SELEC 1"]
)
def test_one_statement_at_a_time(marts: dict[str, bytes], query: str):
    with pytest.raises(services.QueryRefused):
        services.ask(query, None)


def test_rows_time_and_memory_have_an_end(marts: dict[str, bytes]):
    answer = services.ask("SELECT * FROM range(1000000)", None, limits=services.Limits(rows=10))
    assert (len(answer.rows), answer.is_cut) == (10, True)

    with pytest.raises(services.QueryStopped, match="timeout"):
        services.ask(ENDLESS, None, limits=services.Limits(seconds=0.3))
    with pytest.raises(services.QueryRefused, match=r"(?i)memory"):
        services.ask(
            "SELECT count(DISTINCT hash(range)) FROM range(30000000)", None,
            limits=services.Limits(seconds=60, memory_mb=32),
        )  # fmt: skip
    assert list(QueryRun.objects.order_by("pk").values_list("state", flat=True)) == [
        "done",
        "stopped",
        "refused",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_running_query_is_stopped_by_its_ticket(marts: dict[str, bytes], ada: Any, bo: Any):
    ticket, ended = str(uuid4()), []

    def work() -> None:
        from django.db import connection

        try:
            services.ask(ENDLESS, ada, ticket=ticket, limits=services.Limits(seconds=60))
        except services.QueryStopped as error:
            ended.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while not QueryRun.objects.filter(ticket=ticket).exists():
        time.sleep(0.05)
    assert not services.stop_query(ticket, bo)
    assert services.stop_query(ticket, ada)
    thread.join()
    assert ended == ["asked"]
    assert QueryRun.objects.get().state == "stopped"


def test_the_page_runs_saves_and_takes_away(marts: dict[str, bytes], ada: Any, client: Client):
    client.force_login(ada)
    query = "SELECT sku AS \"=sku\", '=1+1' AS text FROM order_lines LIMIT 1"

    page = client.get("/insight/sql/").content.decode()
    assert "order_lines" in page
    assert "revenue_base_minor" in page
    shown = client.post(
        "/insight/sql/run/",
        {"query": "SELECT '<b>' AS x"},
        headers={"HX-Request": "true", "HX-Target": "sql-result"},
    )
    assert "&lt;b&gt;" in shown.content.decode()
    assert (
        "only SELECT" in client.post("/insight/sql/run/", {"query": "DROP VIEW order_lines"}).content.decode()
    )
    file = client.post("/insight/sql/run/", {"query": query, "file": "csv"})
    assert b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[1].endswith("'=1+1")
    book = client.post("/insight/sql/run/", {"query": query, "file": "xlsx"})
    assert b"".join(book.streaming_content).startswith(b"PK")

    client.post("/insight/sql/save/", {"query": query, "name": "mine", "shared": "1"})
    assert "mine" in client.get("/insight/sql/").content.decode()
    kept = SavedQuery.objects.get()
    assert "=1+1" in client.get(f"/insight/sql/?saved={kept.pk}").content.decode()


def test_shared_queries_are_read_by_others_and_deleted_by_their_owner(
    marts: dict[str, bytes], ada: Any, make_user: Any, client: Client
):
    own = services.save_query(ada, "own", "SELECT 1")
    shared = services.save_query(ada, "shared", "SELECT 2", is_shared=True)
    client.force_login(make_user("acc", "accountant"))

    page = client.get("/insight/sql/").content.decode()
    assert "shared" in page
    assert f"saved={own.pk}" not in page
    assert client.post(f"/insight/sql/{shared.pk}/delete/").status_code == 404
    assert SavedQuery.objects.count() == 2


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_roles_that_see_the_books_may_ask(db: None, role: str, make_user: Any, client: Client):
    client.force_login(make_user("someone", role))

    assert client.get("/insight/sql/").status_code == 403
    assert client.post("/insight/sql/run/", {"query": "SELECT 1"}).status_code == 403
    assert client.post("/insight/sql/stop/").status_code == 403
