"""The books hold themselves: nothing unbalanced, nothing changed, balances follow."""

from datetime import date

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.domains.ledger import services
from entrepot.domains.ledger.frames import UnknownAccount
from entrepot.domains.ledger.models import Account, AccountBalance, Entry, Posting
from entrepot.domains.ledger.queries import journal_proof

DAY = date(2026, 5, 4)
CODES = ("1000", "1200", "4000")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def accounts(db):
    Account.objects.bulk_create(Account(code=code, name_en=code, kind="asset") for code in CODES)


def entries(*keys, day=DAY):
    rows = [{"ref": n, "idempotency_key": key, "ref_id": n} for n, key in enumerate(keys, 1)]
    return pl.DataFrame(rows).with_columns(
        kind=pl.lit("order"), ref_kind=pl.lit("order"), entry_date=pl.lit(day)
    )


def postings(*rows):
    return pl.DataFrame(
        rows, schema=["ref", "account", "currency", "amount_minor", "base_minor"], orient="row"
    )


def sale(ref=1, amount=500):
    return (ref, "1200", "EUR", amount, amount * 8), (ref, "4000", "EUR", -amount, -amount * 8)


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_entry_is_booked_once():
    assert services.post_entries(entries("order:1:v1"), postings(*sale())) == 1
    assert services.post_entries(entries("order:1:v1"), postings(*sale())) == 0

    assert Entry.objects.count() == 1
    assert Posting.objects.count() == 2


def test_known_and_new_entries_in_one_call():
    services.post_entries(entries("a"), postings(*sale(amount=100)))

    assert services.post_entries(entries("a", "b"), postings(*sale(1, 100), *sale(2, 200))) == 1
    assert sorted(Posting.objects.values_list("amount_minor", flat=True)) == [-200, -100, 100, 200]


@pytest.mark.parametrize(
    "rows",
    [
        [(1, "1200", "EUR", 500, 4000), (1, "4000", "EUR", -499, -4000)],
        [(1, "1200", "EUR", 500, 4000), (1, "4000", "EUR", -500, -3999)],
        [(1, "1200", "EUR", 500, 4000), (1, "4000", "USD", -500, -4000)],
        [(1, "1200", "EUR", 500, 4000), (2, "4000", "EUR", -500, -4000)],
    ],
    ids=["amount", "base", "across currencies", "across entries"],
)
def test_unbalanced_entry_is_refused(rows):
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        services.post_entries(entries("a", "b"), postings(*rows))
    assert Entry.objects.count() == AccountBalance.objects.count() == 0


def book_half():
    services.post_entries(entries("a", "b"), postings(*sale(1)))
    execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_entry_without_postings_is_refused():
    with pytest.raises(IntegrityError, match="has no postings"), transaction.atomic():
        book_half()


def test_posting_without_entry_is_refused():
    account = Account.objects.get(code="1200")
    with pytest.raises(IntegrityError, match="there is no entry 999"), transaction.atomic():
        Posting.objects.bulk_create(
            Posting(entry_id=999, account=account, currency="EUR", amount_minor=n, base_minor=n)
            for n in (5, -5)
        )


def test_unknown_account_is_named():
    with pytest.raises(UnknownAccount, match="9999"):
        services.post_entries(entries("a"), postings((1, "9999", "EUR", 5, 5), (1, "1200", "EUR", -5, -5)))


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_journal_is_append_only(table, verb):
    services.post_entries(entries("a"), postings(*sale()))
    with pytest.raises(IntegrityError, match="is a journal"), transaction.atomic():
        execute(verb.format(table))


def test_journal_cannot_be_emptied():
    with pytest.raises(IntegrityError, match="is a journal"), transaction.atomic():
        execute("SET LOCAL entrepot.may_truncate = 'off'", "TRUNCATE ledger_posting, ledger_entry")


def test_balances_are_not_written_by_hand():
    services.post_entries(entries("a"), postings(*sale()))
    with pytest.raises(IntegrityError, match="not written by hand"), transaction.atomic():
        AccountBalance.objects.update(debit_minor=1)


def test_account_with_postings_cannot_be_deleted():
    services.post_entries(entries("a"), postings(*sale()))
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM ledger_account WHERE code = '1200'", "SET CONSTRAINTS ALL IMMEDIATE")


def test_reversal_brings_accounts_to_zero_once():
    services.post_entries(entries("a", "b"), postings(*sale(1), *sale(2, 700)))

    assert services.reverse_entries("order", [1, 2], on=DAY) == 2
    assert services.reverse_entries("order", [1, 2], on=DAY) == 0

    assert Entry.objects.filter(kind="reversal").count() == 2
    assert {b.debit_minor - b.credit_minor for b in AccountBalance.objects.all()} == {0}
    assert journal_proof().is_balanced


LEGS = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        st.sampled_from(["EUR", "USD"]),
        st.integers(-(10**12), 10**12),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(booked=st.lists(st.tuples(LEGS, st.dates(date(2020, 1, 1), date(2030, 1, 1))), min_size=1, max_size=8))
def test_whatever_is_booked_balances_and_the_projection_follows(booked):
    with transaction.atomic():
        for number, (legs, day) in enumerate(booked):
            rows = [
                row
                for debit, credit, currency, amount in legs
                for row in (
                    (1, debit, currency, amount, amount * 3),
                    (1, credit, currency, -amount, -amount * 3),
                )
            ]
            services.post_entries(entries(f"e{number}", day=day), postings(*rows))
        kept = list(AccountBalance.objects.order_by("account", "currency", "month").values())

        proof = journal_proof()
        assert proof.is_balanced
        assert proof.postings == sum(2 * len(legs) for legs, _ in booked)

        services.rebuild_balances()
        again = list(AccountBalance.objects.order_by("account", "currency", "month").values())
        assert [{**row, "id": 0} for row in again] == [{**row, "id": 0} for row in kept]
        transaction.set_rollback(True)
