"""Secrets at rest: what other systems trust us with is encrypted before it is stored, and the keys can be changed.

Keys are those of `settings.SECRET_KEYS`: the first encrypts, all of them decrypt. To change the key put a new one in
front, encrypt everything again by `rotate`, then take the old one away.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class SecretLost(ValueError):
    """A secret that none of the keys opens: its key was taken away, or the text was changed."""


def encrypt(secret: bytes) -> str:
    """The secret as a text that only our keys open; the same secret gives another text each time."""
    return _box().encrypt(secret).decode("ascii")


def decrypt(text: str) -> bytes:
    """The secret again. Errors: SecretLost."""
    try:
        return _box().decrypt(text.encode())
    except InvalidToken:
        raise SecretLost("no key of ENTREPOT_SECRET_KEYS opens this secret") from None


def rotate(text: str) -> str:
    """The same secret under the first key. Errors: SecretLost."""
    try:
        return _box().rotate(text.encode()).decode("ascii")
    except InvalidToken:
        raise SecretLost("no key of ENTREPOT_SECRET_KEYS opens this secret") from None


def _box() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.SECRET_KEYS])
    except ValueError as error:
        text = "ENTREPOT_SECRET_KEYS: each key is 32 random bytes as URL-safe base64 (44 characters)"
        raise ImproperlyConfigured(f"{text}; {error}") from None
