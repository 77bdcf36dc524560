"""Marts of a small trade: three orders of T-shirts in two months, one of them cancelled, one part sent back."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engine.small import DAY, order


@pytest.fixture
def mart_root(tmp_path: Path, settings: Any) -> Path:
    """A folder of marts of this test's own."""
    from django.core.cache import cache

    cache.clear()
    settings.MART_ROOT = tmp_path / "marts"
    return tmp_path / "marts"


@pytest.fixture
def trade(db: None, mart_root: Path) -> dict[int, int]:
    """Orders on the day and forty days before; two to Germany, one to America, one held, one cancelled."""
    return trade_a_little()


@pytest.fixture
def export() -> Callable[[], Any]:
    """Export the marts now."""
    from entrepot.domains.insight import services

    def run() -> Any:
        return services.export_marts(services.start_export())

    return run


YEAR = (date(DAY.year - 1, 1, 1), date(DAY.year, 12, 31))


def trade_a_little() -> dict[int, int]:
    """Our ids of the five orders by their number."""
    from entrepot.domains.fulfilment import services as fulfilment
    from entrepot.domains.orders import services as orders
    from tests.company import found_company, stock, take_in, tees

    found_company()
    stock(("RTM", "TEE", 40), ("SZX", "TEE", 40), ("SZX", "POW", 40), on=DAY - timedelta(days=60))
    ids = take_in(
        tees(1), order(2, [("TEE", 2, 6000), ("POW", 1, 4000)], channel="amazon", currency="USD", dest_country="US"),
        tees(3, dest_country="IR"), tees(4, placed_on=DAY - timedelta(days=40)),
        tees(5, placed_on=DAY - timedelta(days=40)),
    )  # fmt: skip
    fulfilment.decide_pending()
    orders.cancel_orders([ids[5]], None, on=DAY)
    return ids
