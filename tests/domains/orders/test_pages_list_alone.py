"""The orders list of a company without orders, and of one with more and more of them."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.company import found_company, take_in, tees

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def test_the_list_takes_the_same_few_queries_for_any_number_of_orders(as_ada: Client):
    cache.clear()
    found_company()
    take_in(*(tees(n) for n in range(1, 4)))
    counts = []
    for _more in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert as_ada.get("/orders/").status_code == 200
        counts.append(len(queries))
        take_in(*(tees(n) for n in range(100, 140)))

    assert counts[0] == counts[1] <= 12


def test_empty_lists_say_what_to_do_next(as_ada: Client):
    cache.clear()

    assert "No orders yet" in as_ada.get("/orders/").content.decode()
    assert "No order fits these filters" in as_ada.get("/orders/?state=held").content.decode()
