"""The API keeps to its own description, whatever it is sent: no fault of ours, no answer that is not described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from entrepot.config.api import description
from entrepot.config.wsgi import application
from entrepot.core import tokens
from entrepot.core.roles import give_role, permissions_of
from entrepot.domains.fulfilment import services as fulfilment

pytestmark = pytest.mark.django_db
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # what is described may still not be as things stand: an order that has left, a cursor of another list
            "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422"]},
        }
    }
)
schema = schemathesis.openapi.from_dict(description(), config=CONFIG)
schema.app = application
EXAMPLES = 7


@pytest.fixture(scope="module")
def token(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A company that trades, made once for all operations and taken back at the end.

    The server's door closes connections after each call; here one connection holds the records.
    """
    from tests.company import found_company, stock, take_in, tees

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        found_company()
        stock(("RTM", "TEE", 2))
        take_in(*(tees(n) for n in range(1, 7)))
        fulfilment.decide_pending()
        ada = User.objects.create_user("ada")
        give_role(ada, "owner")
        yield tokens.make_token(ada, "schemathesis", permissions_of(ada), per_minute=1_000_000)[1]
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_word(case: Any, token: str):
    case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
