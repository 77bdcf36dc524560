"""Ledger pages: the trial balance balances, an account shows its postings, an entry proves itself."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.ledger.models import Account, Entry, Posting
from entrepot.domains.ledger.queries import Period, account_months, entries_of, postings_proof, trial_balance
from tests.company import found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> dict[int, int]:
    cache.clear()
    found_company()
    stock(("RTM", "TEE", 10))
    ids = take_in(tees(1), tees(2, placed_on=date(2026, 6, 10)))
    fulfilment.decide_pending()
    return ids


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def test_the_trial_balance_is_balanced_and_complete(books: dict[int, int]):
    trial = trial_balance(Period())

    assert trial.rows
    assert trial.is_balanced
    sums: dict[tuple[str, str], int] = {}
    for posting in Posting.objects.select_related("account"):
        key = (posting.account.code, posting.currency)
        sums[key] = sums.get(key, 0) + posting.amount_minor
    assert {(row.account.code, row.currency): row.closing_minor for row in trial.rows} == sums
    assert sum(row.base_closing_minor for row in trial.accounts) == 0


def test_the_journal_added_up_again_agrees(books: dict[int, int], as_ada: Client):
    shown = as_ada.get("/ledger/check/").content.decode()

    assert f"{Posting.objects.count()} postings added up." in shown
    assert "proof-good" in shown


def test_a_period_splits_before_and_in(books: dict[int, int]):
    june = trial_balance(Period(date(2026, 6, 1), date(2026, 6, 1)))
    whole = {(row.account.code, row.currency): row.closing_minor for row in trial_balance(Period()).rows}

    assert june.is_balanced
    assert any(row.opening_minor for row in june.rows)
    assert {(row.account.code, row.currency): row.closing_minor for row in june.rows} == whole
    assert trial_balance(Period(last=date(2020, 1, 1))).rows == []


def test_an_order_is_booked_by_entries_that_prove_themselves(books: dict[int, int]):
    entries = entries_of(("order",), books[1])

    assert entries
    for entry in entries:
        proofs, base = postings_proof(list(entry.postings.all()))
        assert base == 0
        assert all(proof.difference_minor == 0 and proof.debit_minor for proof in proofs)


def test_months_of_an_account_end_with_its_balance(books: dict[int, int]):
    account = Posting.objects.select_related("account").order_by("pk")[0].account

    months = account_months(account)

    assert months[-1][1] == sum(Posting.objects.filter(account=account).values_list("base_minor", flat=True))


def test_pages_open_in_few_queries(books: dict[int, int], as_ada: Client):
    entry = Entry.objects.order_by("-pk")[0]
    code = Account.objects.filter(postings__isnull=False).order_by("code")[0].code
    addresses = (
        "/ledger/",
        "/ledger/?by=currency&first=2026-05&last=2026-06",
        "/ledger/?first=nonsense&last=2026-13",
        "/ledger/check/",
        "/ledger/entries/",
        "/ledger/entries/?kind=order&q=order&first=2026-05-01&last=2026-12-31",
        f"/ledger/entries/{entry.pk}/",
        f"/ledger/accounts/{code}/",
        f"/ledger/accounts/{code}/?currency=EUR&first=2026-06-01",
        f"/ledger/accounts/{code}/chart.json",
    )
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            assert as_ada.get(address).status_code == 200, address
        assert len(queries) <= 12, address


def test_what_is_not_there_is_not_found(as_ada: Client):
    for address in ("/ledger/entries/999999/", "/ledger/accounts/0000/", "/ledger/accounts/0000/chart.json"):
        assert as_ada.get(address).status_code == 404


def test_the_balance_is_told_in_words_and_both_languages(books: dict[int, int], as_ada: Client):
    assert "Balanced: in every currency debit equals credit" in as_ada.get("/ledger/").content.decode()

    as_ada.cookies["django_language"] = "zh-hans"
    assert "账务平衡" in as_ada.get("/ledger/").content.decode()


def test_empty_books_say_when_entries_come(as_ada: Client):
    cache.clear()

    assert "Nothing booked in this period" in as_ada.get("/ledger/").content.decode()
    assert "Nothing booked yet" in as_ada.get("/ledger/entries/").content.decode()
