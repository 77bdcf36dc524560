"""Sign-in rules: accounts are made by the owner, never by strangers."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def typed_login(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The name or address as typed: the lock-out counts wrong passwords of that, in any case of letters."""
    given = credentials or {}
    typed = request.POST.get("login") or given.get("username") or given.get("email") or ""
    return str(typed).strip().lower()
