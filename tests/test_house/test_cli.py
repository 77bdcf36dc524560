"""The command line: every command loads, and says plainly what is wrong."""

import os
import socket

import django
import pytest
from click.testing import CliRunner
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from entrepot.config import database
from entrepot.config.cli import main
from entrepot.config.commands import serve


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("name", main.list_commands(None))
def test_every_command_explains_itself(name):
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "help" in result.output


def test_unknown_command_is_refused():
    result = run("fly")
    assert result.exit_code == 2
    assert "fly" in result.output


def test_embedded_database_is_not_managed_beside_a_named_server(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada@db.example/shop")
    result = run("db", "status")
    assert result.exit_code == 1
    assert "DATABASE_URL is set" in result.output


def test_a_named_database_that_does_not_answer_is_told_in_a_sentence(monkeypatch):
    def refuse(_self):
        raise OperationalError("no such host")

    monkeypatch.setenv("DATABASE_URL", "postgresql://ada@db.example/shop")
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    result = run("decide")

    assert result.exit_code == 1
    assert result.output.startswith(
        "Error: The database that DATABASE_URL names does not answer: no such host"
    )


def test_an_address_that_is_none_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://ada@db.example/shop")
    monkeypatch.setattr(django, "setup", lambda: database.settings(os.environ))
    result = run("decide")

    assert result.exit_code == 1
    assert "must look like postgresql://" in result.output


def test_database_says_where_it_stands(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = run("db", "status")
    assert result.exit_code == 0
    assert "state   " in result.output


def test_next_free_port_is_taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert serve.free_port("127.0.0.1", taken) > taken


def test_browser_files_are_hashed_once(settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = tmp_path
    calls = []
    monkeypatch.setattr(serve.subprocess, "run", lambda command, check: calls.append(command))

    serve.collect_static()
    serve.collect_static()

    assert len(calls) == 1


def test_order_that_is_not_there_is_not_explained(db):
    result = run("explain", "no-such-number")
    assert result.exit_code == 1
    assert "No orders have the number no-such-number" in result.output


def test_nothing_to_decide_is_said(db):
    result = run("decide", "no-such-number")
    assert result.exit_code == 1
    assert "No order has such a number" in result.output
