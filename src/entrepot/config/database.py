"""Which database: the one in `DATABASE_URL`, else the embedded cluster of this installation."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from entrepot.config import postgres

POOL = {"min_size": 2, "max_size": 10, "timeout": 20}


class AddressError(ValueError):
    """A `DATABASE_URL` that cannot be read; the text says how it must look."""


def settings(env: Mapping[str, str]) -> dict[str, Any]:
    """Django's entry for the database; looks nothing up and starts nothing."""
    url = env.get("DATABASE_URL")
    address: dict[str, Any] = parse_url(url) if url else {**postgres.location(), "OPTIONS": {}}
    if env.get("ENTREPOT_POOL") == "1":  # threads of one server process share connections
        address["OPTIONS"] = {**address["OPTIONS"], "pool": POOL}
    return {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, **address}


def parse_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require` as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise AddressError("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query))
    host = unquote(options.pop("host", parts.hostname or ""))
    return {
        "HOST": host,
        "PORT": str(parts.port or ""),
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }


def ensure() -> None:
    """Make sure the database answers: starts the embedded cluster unless a server is named."""
    if not os.environ.get("DATABASE_URL"):
        postgres.ensure()
