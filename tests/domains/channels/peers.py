"""Accounts for tests, with clocks that do not wait."""

from __future__ import annotations

import random
from typing import Any

from entrepot.domains.channels import services
from entrepot.domains.channels.adapters.client import Clock
from entrepot.domains.channels.models import ChannelAccount


def account_of(
    platform: str, settings: dict[str, Any], credentials: dict[str, str], **more: Any
) -> ChannelAccount:
    """A connected, working account of a platform."""
    channel = more.pop("channel", "shopify")
    account = services.open_account(more.pop("name", f"{platform} shop"), platform, channel)
    services.connect(account, {"first_wait": "0.01", "tries": "6", **settings}, credentials)
    services.set_state(account, "active")
    account.refresh_from_db()
    return account


def hasty(seed: int = 1) -> Clock:
    """Time that passes, waits that do not: the seconds asked for are counted by the client all the same."""
    return Clock(sleep=lambda _seconds: None, chance=random.Random(seed).random)


def pull(account: ChannelAccount, stream: str = "orders", **more: Any) -> Any:
    """One run of a stream."""
    return services.pull(services.ask_for(account, stream), clock=more.pop("clock", hasty()), **more)
