"""The test suite's own database and cast. Nothing here touches the demo's records, and nothing reaches the network."""

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as random_cases

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
os.environ.setdefault("ENTREPOT_HOME", str(ROOT / ".entrepot-test"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # a browser journey runs its driver's loop in this thread

random_cases.register_profile("house", deadline=None)  # a busy machine makes no test fail
random_cases.load_profile("house")

# a worker each to begin with, of which one needs no database while the other makes it
BEGUN_FIRST = (
    "domains/channels/test_import_killed.py",
    "cluster/test_spark.py",
    "journeys/test_what_if.py",
    "domains/channels/test_real_files.py",
    "races/test_killed_worker.py",
    "test_demo/test_build.py",
    "journeys/test_marketplace_files.py",
    "domains/channels/test_vendure.py",
    "races/test_every_order_once.py",
    "journeys/test_connect_a_shop.py",
    "engine/test_properties.py",
    "golden/test_landed_cost.py",
)
LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost", ""}


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded database and load the rooms, before any test module is imported."""
    import django

    from entrepot.config import database

    database.ensure()
    django.setup()
    from django.conf import settings

    # journals refuse to be emptied, except in a database that says it is for tests; nobody waits for its disk
    settings.DATABASES["default"]["OPTIONS"]["options"] = (
        "-c entrepot.may_truncate=on -c synchronous_commit=off"
    )
    settings.STATIC_ROOT.mkdir(
        exist_ok=True
    )  # whitenoise warns when it is missing, and a warning is an error
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the slow one is for real people


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, files that take long begin first, then those with many tests: no worker is alone at the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        tests = Counter(item.path for item in items)
        first = {ROOT / "tests" / name: place for place, name in enumerate(BEGUN_FIRST)}
        items.sort(key=lambda item: (first.get(item.path, len(first)), -tests[item.path], str(item.path)))


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Sockets go to this machine only."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL_HOSTS:
            raise RuntimeError(f"a test tried to reach {address!r}")
        real_connect(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """This worker's own database: a copy of the one that was migrated."""
    from django.db import connection

    from tests import databases

    with django_db_blocker.unblock():
        own = connection.creation._get_test_db_name()
        databases.copy(own)
        before = databases.lead_to(own)
    yield
    with django_db_blocker.unblock():
        databases.lead_to(before)
        databases.drop(own)


@pytest.fixture(scope="module")
def for_the_file(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], Any]]:
    """Open the database for what a file of tests shares: undone after its last test, and each test goes back to it."""
    from django.db import transaction

    whole_file = transaction.atomic()
    with django_db_blocker.unblock():
        whole_file.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole_file.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shipped_rules(for_the_file: Callable[[], Any]) -> None:
    """The rules and rates that come with the program, loaded once for a file of tests."""
    from entrepot.core import reference

    with for_the_file():
        reference.load()


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """A user with a role, or a stranger without one."""
    from django.contrib.auth.models import User

    from entrepot.core.roles import give_role

    def make(username: str, role: str | None) -> User:
        user = User.objects.create_user(username, f"{username}@example.com", "correct horse battery")
        if role:
            give_role(user, role)
        return user

    return make


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Any:
    """Ada owns the company."""
    return make_user("ada", "owner")


@pytest.fixture
def bo(make_user: Callable[..., Any]) -> Any:
    """Bo handles orders."""
    return make_user("bo", "operator")


@pytest.fixture
def cy(make_user: Callable[..., Any]) -> Any:
    """Cy has an account and no role."""
    return make_user("cy", None)


@pytest.fixture
def shared_data() -> Path:
    """The real files that stand beside the checkout; tests that need them are skipped plainly without."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data files not found in {SHARED_DATA}")
    return SHARED_DATA
