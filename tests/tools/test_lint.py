"""Each lint finds the accident it is named after, and leaves sound code alone."""

import pytest

from tools.lint import clocks, docstrings, money, sizes, transactions
from tools.lint.__main__ import findings, judge
from tools.lint.base import Finding, Module

ENGINE = "src/entrepot/engine/choose.py"
SERVICES = "src/entrepot/domains/orders/services.py"
MODELS = "src/entrepot/domains/orders/models.py"


def rules_found(check, source, path=SERVICES):
    return [finding.rule for finding in check(Module(path, source))]


def test_long_file_is_found_and_a_test_file_may_be_longer():
    source = "x = 1\n" * 401
    assert rules_found(sizes.check, source) == ["file-size"]
    assert rules_found(sizes.check, source, "tests/engine/test_choose.py") == []
    assert rules_found(sizes.check, "x = 1\n" * 400) == []


def test_long_function_is_found_by_its_dotted_name():
    source = "class A:\n    def f(self):\n" + "        x = 1\n" * 60
    found = list(sizes.check(Module(SERVICES, source)))
    assert [(finding.rule, finding.name) for finding in found] == [("function-size", "A.f")]


def test_seven_parameters_are_too_many_but_not_for_a_command():
    assert rules_found(sizes.check, "def f(a, b, c, d, *, e, f, g): ...") == ["parameters"]
    assert rules_found(sizes.check, "class A:\n    def f(self, a, b, c, d, e, f): ...") == []
    assert rules_found(sizes.check, "@click.command()\ndef f(a, b, c, d, e, f, g): ...") == []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("price = models.FloatField()", MODELS),
        ("def f(price_minor: float): ...", SERVICES),
        ("weight_g: float = 0.5", SERVICES),
        ("total_minor = float(x)", SERVICES),
        ("Column('rate_ppm', Float64)", ENGINE),
        ("Column('rate_ppm', pl.Float64)", ENGINE),
    ],
)
def test_float_money_is_found(source, path):
    assert set(rules_found(money.check, source, path)) == {"money-float"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(price_minor: int): ...",
        "share: float = 0.5",
        "Column('rate_ppm', Int64)",
        "total_minor = int(x)",
    ],
)
def test_exact_money_passes(source):
    assert rules_found(money.check, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "with transaction.atomic():\n    httpx.get(url)",
        "@transaction.atomic\ndef f():\n    client.post(url)",
        "with transaction.atomic(), lock():\n    if x:\n        requests.post(url)",
    ],
)
def test_http_inside_a_transaction_is_found(source):
    assert rules_found(transactions.check, source) == ["http-in-atomic"]


def test_http_after_the_transaction_passes():
    assert rules_found(transactions.check, "with transaction.atomic():\n    save()\nhttpx.get(url)") == []


def test_job_before_commit_is_found():
    assert rules_found(transactions.check, "run_import.defer(run_id=1)") == ["job-before-commit"]


@pytest.mark.parametrize(
    "source",
    [
        "transaction.on_commit(lambda: run_import.defer(run_id=1))",
        "def later():\n    run_import.defer(run_id=1)\ntransaction.on_commit(later)",
        "Order.objects.defer('note')",
    ],
)
def test_job_on_commit_passes(source):
    assert rules_found(transactions.check, source) == []


def engine_function(doc):
    body = "    x = 1\n" * 15
    return f'"""Module."""\ndef landed_cost(lines: LineFrame) -> LandedFrame:\n    """{doc}"""\n{body}'


def test_engine_function_without_units_is_found():
    assert rules_found(docstrings.check, engine_function("Cost."), ENGINE) == ["docstring"]
    assert rules_found(docstrings.check, engine_function("Cost.\n\n    Units: minor."), ENGINE) == []


def test_engine_module_without_a_word_is_found():
    assert rules_found(docstrings.check, "X = 1", ENGINE) == ["docstring"]


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from django.db import models",
        "t = datetime.now()",
        "f = pl.read_csv('x')",
        "open('x')",
    ],
)
def test_impure_engine_is_found(source):
    assert rules_found(clocks.check, source, ENGINE) == ["pure-engine"]
    assert rules_found(clocks.check, source, SERVICES) == []


def test_exceptions_only_shrink():
    known = Finding("file-size", "a.py", 1, "500 lines")

    assert judge([known], set()) == ["a.py:1: file-size: 500 lines"]
    assert judge([known], {known.key}) == []
    assert judge([], {known.key}) == ["exceptions.txt: no longer needed, take it out: file-size a.py"]


def test_tree_is_read_without_migrations(tmp_path):
    room = tmp_path / "src/entrepot/domains/orders"
    (room / "migrations").mkdir(parents=True)
    (room / "migrations/0001_initial.py").write_text("x = models.FloatField()\n")
    (room / "models.py").write_text("x = models.FloatField()\n")

    assert [finding.path for finding in findings(tmp_path)] == [MODELS]
