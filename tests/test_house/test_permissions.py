"""Every address refuses strangers: those not signed in are sent to sign in, those without a role get 403."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, SlugConverter

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = ("accounts/", "health/", "language/", "static/", "hooks/")
BY_TOKEN = ("api/",)  # tests/api/test_access.py goes through these


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Each pattern as an address, its parts filled with something of the right kind."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern) and not route.startswith(OPEN_TO_ALL + BY_TOKEN):
            yield "/" + filled(route, pattern)


def filled(route: str, pattern: URLPattern) -> str:
    for name, converter in all_converters(route, pattern).items():
        value = (
            "1"
            if isinstance(converter, IntConverter)
            else "abc"
            if isinstance(converter, SlugConverter)
            else "x"
        )
        for kind in ("int:", "slug:", "str:", "path:", "uuid:", "date:", ""):
            route = route.replace(f"<{kind}{name}>", value)
    return route


def all_converters(route: str, pattern: URLPattern) -> dict[str, Any]:
    found = dict(pattern.pattern.converters)
    for part in route.split("<")[1:]:
        kind, _colon, name = part.partition(">")[0].rpartition(":")
        found.setdefault(name, IntConverter() if kind == "int" else SlugConverter())
    return found


ALL = sorted(set(addresses(get_resolver())))


def replies(client: Client, address: str) -> dict[str, Any]:
    """What each method answers, methods the page does not know left out."""
    found = {method: getattr(client, method)(address) for method in ("get", "post")}
    return {method: reply for method, reply in found.items() if reply.status_code != 405}


def test_the_list_of_addresses_is_whole():
    rooms = {address.split("/")[1] for address in ALL}

    assert {"", "orders", "stock", "ledger", "imports", "world", "fulfilment"} <= rooms
    assert len(ALL) > 40


@pytest.mark.parametrize("address", ALL)
def test_a_visitor_is_sent_to_sign_in(client: Client, address: str):
    answers = replies(client, address)

    assert answers, "no method is known"
    for method, reply in answers.items():
        assert reply.status_code == 302, method
        assert reply.headers["Location"].startswith("/accounts/login/?next=/"), method


@pytest.mark.parametrize("address", ALL)
def test_cy_without_a_role_is_refused(client: Client, cy: Any, address: str):
    client.force_login(cy)

    answers = replies(client, address)

    assert answers, "no method is known"
    assert {reply.status_code for reply in answers.values()} == {403}


def test_bo_handles_orders_but_not_the_books_and_takes_no_lists_away(client: Client, bo: Any):
    client.force_login(bo)

    assert client.get("/orders/").status_code == 200
    assert client.get("/ledger/").status_code == 403
    assert client.get("/ledger/entries/").status_code == 403
    assert client.get("/orders/export.csv").status_code == 403
    assert client.post("/orders/export.xlsx").status_code == 403
