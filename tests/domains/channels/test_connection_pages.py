"""Pages of connected accounts: what they show, what they never show, and who may touch what."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entrepot.core import secrets
from entrepot.domains.channels import services
from entrepot.domains.channels.models import ChannelAccount, DeadLetter, SyncRun
from tests.company import found_company
from tests.domains.channels.peers import account_of

pytestmark = pytest.mark.django_db
SECRET = "shpat_very_secret"


@pytest.fixture
def account(db: None, settings: Any) -> ChannelAccount:
    settings.PRIVATE_SHOPS = True
    found_company()
    return account_of("shopify", {"base_url": "http://127.0.0.1:9"}, {"access_token": SECRET}, channel="shop")


def test_secrets_are_kept_unreadable_and_never_shown(client: Client, account: ChannelAccount, ada: Any):
    client.force_login(ada)

    pages = [client.get(f"/connections/{account.pk}/{part}") for part in ("", "panel/", "edit/")]

    assert all(page.status_code == 200 for page in pages)
    assert not any(SECRET in page.content.decode() for page in pages)
    assert SECRET not in account.sealed
    assert SECRET in secrets.decrypt(account.sealed).decode()
    assert account.sealed_names == ["access_token"]


def test_an_empty_secret_keeps_the_one_there_is(client: Client, account: ChannelAccount, ada: Any):
    client.force_login(ada)
    form = {"setting_base_url": "http://127.0.0.1:8", "setting_api_version": "2026-10", "secret_access_token": "",
            "pull_minutes": "5", "decide": "no", "push_stock": "yes"}  # fmt: skip

    answer = client.post(f"/connections/{account.pk}/edit/", form)

    assert answer.status_code == 302
    account.refresh_from_db()
    assert SECRET in secrets.decrypt(account.sealed).decode()
    assert (account.settings["base_url"], account.pull_minutes) == ("http://127.0.0.1:8", 5)


def test_a_private_address_is_refused_where_it_is_typed(
    client: Client, account: ChannelAccount, ada: Any, settings: Any
):
    settings.PRIVATE_SHOPS = False
    client.force_login(ada)
    form = {"setting_base_url": "https://169.254.169.254", "setting_api_version": "2026-10", "pull_minutes": "5",
            "decide": "no", "push_stock": "no"}  # fmt: skip

    answer = client.post(f"/connections/{account.pk}/edit/", form)

    assert answer.status_code == 422
    assert "private network" in answer.content.decode()


def test_keys_are_changed_without_asking_for_a_secret_again(account: ChannelAccount, settings: Any):
    from cryptography.fernet import Fernet

    new = Fernet.generate_key().decode()
    settings.SECRET_KEYS = [new, *settings.SECRET_KEYS]

    assert services.reseal_all() == 1

    settings.SECRET_KEYS = [new]
    account.refresh_from_db()
    assert SECRET in secrets.decrypt(account.sealed).decode()


def test_the_list_asks_the_same_few_questions_for_one_account_or_many(
    client: Client, account: ChannelAccount, ada: Any
):
    client.force_login(ada)
    with CaptureQueriesContext(connection) as few:
        client.get("/connections/")
    for number in range(20):
        one = ChannelAccount.objects.create(name=f"A{number}", platform="ebay", channel="shop")
        DeadLetter.objects.create(account=one, stream="orders", external_id="1", reason="value.missing")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/connections/")

    assert len(many) <= len(few)
    assert page.content.decode().count("data-href") == 21


def test_the_accountant_sees_and_does_not_touch(client: Client, account: ChannelAccount, make_user: Any):
    client.force_login(make_user("dee", "accountant"))

    assert client.get(f"/connections/{account.pk}/").status_code == 200
    assert client.get(f"/connections/{account.pk}/edit/").status_code == 403
    assert client.post(f"/connections/{account.pk}/sync/orders/").status_code == 403
    assert not SyncRun.objects.exists()


def test_sync_now_asks_once_however_often_it_is_pressed(client: Client, account: ChannelAccount, ada: Any):
    client.force_login(ada)

    for _ in range(3):
        assert client.post(f"/connections/{account.pk}/sync/orders/").status_code == 302

    assert SyncRun.objects.filter(account=account, state="waiting").count() == 1
