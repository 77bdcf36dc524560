"""The embedded PostgreSQL: starts anywhere, once, and again after the worst."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from entrepot.config import database, postgres

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="a server is named in DATABASE_URL"
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An own state folder; its cluster is stopped and removed afterwards, wherever it went."""
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setenv("ENTREPOT_HOME", str(folder))
    yield folder
    cluster = postgres.Cluster(folder)
    postgres.stop()
    shutil.rmtree(cluster.base, ignore_errors=True)
    shutil.rmtree(cluster.run, ignore_errors=True)
    for copy in postgres.SHARED_ROOT.glob(f"postgresql-*-{cluster.digest}"):
        shutil.rmtree(copy)


def ask(sql):
    with psycopg.connect(**_address()) as connection:
        return connection.execute(sql).fetchone()


def ensure_in_other_process():
    code = "from entrepot.config import postgres; postgres.ensure()"
    return subprocess.Popen([sys.executable, "-c", code])


def test_several_processes_start_one_cluster_that_knows_chinese(home):
    starters = [ensure_in_other_process() for _ in range(3)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0]

    assert postgres.status()["state"] == "running"
    assert ask("SELECT current_database(), getdatabaseencoding()") == ("entrepot", "UTF8")
    assert ask("SELECT lower('ÄÖÜ'), upper('ß'), '包裹' ~ '^\\w+$'")[0] == "äöü"
    assert ask("SHOW listen_addresses") == ("",)


def test_records_survive_kill_9_and_stop(home):
    postgres.ensure()
    with psycopg.connect(**_address(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT generate_series(1, 500) AS n")
    server = int((postgres.Cluster(home).data / "postmaster.pid").read_text().splitlines()[0])

    os.kill(server, signal.SIGKILL)
    postgres.ensure()
    assert ask("SELECT count(*) FROM t") == (500,)

    assert postgres.stop() is True
    assert postgres.status()["state"] == "stopped"
    assert postgres.stop() is False
    postgres.ensure()
    assert ask("SELECT count(*) FROM t") == (500,)


def test_half_made_cluster_is_made_anew(home):
    cluster = postgres.Cluster(home)
    cluster.base.mkdir(parents=True)
    (cluster.base / "data.new").mkdir()
    (cluster.base / "data.new" / "PG_VERSION").write_text("18\n")

    postgres.ensure()

    assert ask("SELECT 1") == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's cluster runs under another uid")
def test_closed_folder_of_root_is_left_as_it_is(home):
    home.chmod(0o700)

    postgres.ensure()

    assert home.stat().st_mode & 0o777 == 0o700
    assert postgres.Cluster(home).base.parent == postgres.SHARED_ROOT
    assert ask("SELECT 1") == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's cluster runs under another uid")
def test_binaries_out_of_reach_are_copied(home, monkeypatch):
    monkeypatch.setattr(postgres, "_is_open_to_others", lambda path: False)

    postgres.ensure()

    assert str(postgres.Cluster(home).binaries).startswith(str(postgres.SHARED_ROOT))
    assert ask("SELECT 1") == (1,)


def test_long_path_gets_a_short_socket(tmp_path):
    home = tmp_path / ("x" * 60) / ("y" * 60)
    home.mkdir(parents=True)
    home.chmod(0o755)
    cluster = postgres.Cluster(home)
    if cluster.base.is_relative_to(home):
        assert not cluster.run.is_relative_to(home)
    assert len(f"{cluster.run}/.s.PGSQL.5432") <= postgres.SOCKET_PATH_LIMIT


def test_missing_binaries_are_explained(home, monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "_binary_folders", lambda: iter(()))
    with pytest.raises(postgres.PostgresError, match="ENTREPOT_PG_BIN"):
        postgres.ensure()


def test_other_versions_binaries_are_passed_over(home, monkeypatch):
    cluster = postgres.Cluster(home)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("15\n")
    monkeypatch.setattr(
        postgres, "_binary_folders", lambda: iter([Path("/eighteen/bin"), Path("/fifteen/bin")])
    )
    monkeypatch.setattr(
        postgres.Cluster,
        "_major",
        staticmethod(lambda folder: {"eighteen": 18, "fifteen": 15}[folder.parent.name]),
    )
    monkeypatch.setattr(postgres, "_is_open_to_others", lambda path: True)

    assert cluster.binaries == Path("/fifteen/bin")
    shutil.rmtree(cluster.base)


def test_database_url_is_read():
    parsed = database.parse_url("postgresql://ada:p%40ss@db.example:5433/shop?sslmode=require")
    assert parsed == {
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "shop",
        "USER": "ada",
        "PASSWORD": "p@ss",
        "OPTIONS": {"sslmode": "require"},
    }
    assert database.parse_url("postgres:///shop?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", "shop"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ValueError, match="DATABASE_URL"):
        database.parse_url(url)


def test_named_server_is_used_and_nothing_started():
    entry = database.settings({"DATABASE_URL": "postgresql://ada@db.example/shop", "ENTREPOT_POOL": "1"})
    assert entry["HOST"] == "db.example"
    assert entry["OPTIONS"]["pool"]["max_size"] >= 4


def _address():
    place = postgres.location()
    return {"host": place["HOST"], "port": place["PORT"], "dbname": place["NAME"], "user": place["USER"]}
