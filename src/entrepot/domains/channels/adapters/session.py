"""What a connector is given of its account: settings, credentials for the length of one exchange, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from entrepot.domains.channels.adapters.client import Client, Clock, Manners, Patience

OVERLAP_MINUTES = 10
FIRST_DAYS = 30


@dataclass(frozen=True)
class Session:
    """One exchange with one account. `defaults`: the platform's own settings (adapters/platforms.py)."""

    settings: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)
    minor_units: Mapping[str, int]
    defaults: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    patience: Patience = field(default_factory=Patience)
    transport: httpx.BaseTransport | None = None

    def setting(self, name: str) -> str:
        """A setting of the account, or the platform's default; '' where neither is there."""
        return str(self.settings.get(name) or self.defaults.get(name) or "").strip()

    def client(self, manners: Manners, base_url: str = "") -> Client:
        """The HTTP client for the account's address, or another of the platform's."""
        address = (base_url or self.setting("base_url")).rstrip("/")
        return Client(address, manners, patience=self.patience, clock=self.clock, transport=self.transport)

    def first_day(self, now: datetime) -> datetime:
        """From when on orders are read at the first exchange: as said in the settings, or some weeks back."""
        start = self.setting("start_on")
        if start:
            return datetime.fromisoformat(start).replace(tzinfo=now.tzinfo)
        return now - timedelta(days=int(self.setting("first_days") or FIRST_DAYS))

    @property
    def overlap(self) -> timedelta:
        """How far back the next exchange begins, for platforms that show a change late."""
        return timedelta(minutes=int(self.setting("overlap_minutes") or OVERLAP_MINUTES))
