"""Secrets are unreadable at rest, survive a change of keys, and are lost plainly without one."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from entrepot.config import home
from entrepot.core import secrets

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_secret_comes_back_and_is_never_stored_alike(settings):
    settings.SECRET_KEYS = [OLD]

    texts = {secrets.encrypt(b"open sesame") for _ in range(3)}

    assert len(texts) == 3
    assert {secrets.decrypt(text) for text in texts} == {b"open sesame"}
    assert not any("sesame" in text for text in texts)


def test_keys_can_be_changed_without_losing_a_secret(settings):
    settings.SECRET_KEYS = [OLD]
    text = secrets.encrypt(b"open sesame")
    settings.SECRET_KEYS = [NEW, OLD]
    moved = secrets.rotate(text)
    settings.SECRET_KEYS = [NEW]

    assert secrets.decrypt(moved) == b"open sesame"
    for lost in (secrets.decrypt, secrets.rotate):
        with pytest.raises(secrets.SecretLost):
            lost(text)


def test_a_key_that_is_none_is_named(settings):
    settings.SECRET_KEYS = ["short"]
    with pytest.raises(ImproperlyConfigured, match="ENTREPOT_SECRET_KEYS"):
        secrets.encrypt(b"x")


def test_keys_come_from_the_environment_or_are_made_once(monkeypatch, tmp_path):
    monkeypatch.setenv("ENTREPOT_HOME", str(tmp_path))
    monkeypatch.delenv("ENTREPOT_SECRET_KEYS", raising=False)
    made = home.secret_keys()
    assert home.secret_keys() == made
    assert (tmp_path / "credentials.keys").stat().st_mode & 0o077 == 0
    Fernet(made[0])

    monkeypatch.setenv("ENTREPOT_SECRET_KEYS", f"{NEW}, {OLD}")
    assert home.secret_keys() == [NEW, OLD]
