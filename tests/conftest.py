"""The test suite's own database and cast. Nothing here touches the demo's records, and nothing reaches the network."""

import os
import socket
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

LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost", ""}


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded database and load the rooms, before any test module is imported."""
    import django

    from entrepot.config import database

    database.ensure()
    django.setup()
    from django.conf import settings

    # journals refuse to be emptied, except in a database that says it is for tests
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c entrepot.may_truncate=on"
    settings.STATIC_ROOT.mkdir(
        exist_ok=True
    )  # whitenoise warns when it is missing, and a warning is an error
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the slow one is for real people


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
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which nobody uses any more when it goes: a page that was left may still be answered."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="module")
def shipped_rules(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The rules and rates that come with the program, loaded once for a file of tests; each test goes back to them."""
    from django.db import transaction

    from entrepot.core import reference

    whole_file = transaction.atomic()
    with django_db_blocker.unblock():
        whole_file.__enter__()
        reference.load()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole_file.__exit__(None, None, None)


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
