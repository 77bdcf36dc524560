"""Which imports go through a wall."""

import pytest

from tools.lint.contracts import is_through_wall

D = "entrepot.domains"


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        (f"{D}.orders.services", f"{D}.ledger.models"),
        (f"{D}.orders.views.listing", f"{D}.ledger.rules"),
        (f"{D}.orders.services", f"{D}.ledger"),
        ("entrepot.web.home.views", f"{D}.orders.models"),
        ("entrepot.web.home.views", f"{D}.orders.frames"),
        (f"{D}.orders.services", f"{D}.catalog.frames"),
    ],
)
def test_through_a_wall(importer, imported):
    assert is_through_wall(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        (f"{D}.orders.services", f"{D}.ledger.services.entries"),
        (f"{D}.orders.models", f"{D}.orders.rules"),
        (f"{D}.orders.frames", f"{D}.catalog.frames"),
        ("entrepot.config.demo.build", f"{D}.orders.frames"),
        ("entrepot.web.home.views", f"{D}.orders.queries"),
        (f"{D}.orders.services", "entrepot.core.outbox"),
    ],
)
def test_through_a_door(importer, imported):
    assert not is_through_wall(importer, imported)
