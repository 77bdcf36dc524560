"""A company that trades a little, and callers with tokens."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def call_as(db: None) -> Callable[..., Any]:
    """A caller for a person: with all that person may do, or with some scopes."""

    from entrepot.core import tokens
    from entrepot.core.roles import permissions_of
    from tests.callers import Caller

    def make(user: Any, *scopes: str, **more: Any) -> Any:
        _token, text = tokens.make_token(user, "test", scopes or permissions_of(user), **more)
        return Caller(text)

    return make


@pytest.fixture
def company(db: None) -> None:
    from django.core.cache import cache

    from tests.company import found_company

    cache.clear()
    found_company()


@pytest.fixture
def trade(company: None) -> dict[int, int]:
    """Six orders: two that ship, four that wait for stock; our id by number."""
    from entrepot.domains.fulfilment import services as fulfilment
    from tests.company import stock, take_in, tees

    stock(("RTM", "TEE", 2))
    ids = take_in(*(tees(n) for n in range(1, 7)))
    fulfilment.decide_pending()
    return ids
