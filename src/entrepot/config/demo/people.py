"""Who can sign in to the demo: Ada owns the company, Bo handles orders, Cy has an account and no role."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User

from entrepot.config.home import state_home
from entrepot.core.roles import ROLE_NAMES, give_role

CAST = {"ada": ("Ada", "owner"), "bo": ("Bo", "operator"), "cy": ("Cy", None)}
FILE = "demo-logins.json"


@dataclass(frozen=True)
class Login:
    """One account of the demo, with its password as it was made."""

    username: str
    password: str
    role: str


def make_people() -> None:
    """Make the cast where it is missing; passwords are made once per installation and kept with its state.

    `ENTREPOT_DEMO_PASSWORD` gives all of them one password instead.
    """
    known = _passwords()
    for username, (first_name, role) in CAST.items():
        user, is_new = User.objects.get_or_create(
            username=username, defaults={"first_name": first_name, "email": f"{username}@haiyun.example"}
        )
        chosen = os.environ.get("ENTREPOT_DEMO_PASSWORD")
        if is_new or username not in known or (chosen and chosen != known[username]):
            known[username] = chosen or known.get(username) or f"harbour-{secrets.token_hex(4)}"
            user.set_password(known[username])
            user.save(update_fields=["password"])
        if role and not user.groups.exists():
            give_role(user, role)
    path = state_home() / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def logins() -> list[Login]:
    """The accounts as they can be used to sign in."""
    known = _passwords()
    return [
        Login(username, known.get(username, ""), str(ROLE_NAMES[role]) if role else "no role")
        for username, (_first_name, role) in CAST.items()
    ]


def person(username: str) -> User:
    """One of the cast."""
    return User.objects.get(username=username)


def _passwords() -> dict[str, str]:
    path = state_home() / FILE
    if not path.exists():
        return {}
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return known
