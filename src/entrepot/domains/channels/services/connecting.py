"""Connect accounts: keep settings and credentials, try them, let accounts work, rest or end; open an exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit, outbound, secrets
from entrepot.core.audit import Actor
from entrepot.domains.channels.adapters.client import Clock, Patience
from entrepot.domains.channels.adapters.platforms import Platform, connector, platforms
from entrepot.domains.channels.adapters.port import Connector, NotOffered
from entrepot.domains.channels.adapters.session import Session
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.ledger import queries as ledger
from entrepot.domains.payments import queries as payments

State = ChannelAccount.State
ADDRESSES = ("base_url", "token_url")
TRANSPORT: Any = None  # a test's own way out


class ConnectionInvalid(ValueError):
    """What was filled in cannot be used: the field and a dotted code."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def platform_of(account: ChannelAccount) -> Platform | None:
    """What is known of the account's platform."""
    return platforms().get(account.platform)


@transaction.atomic
def open_account(
    name: str, platform: str, channel: str, market: str = "", user: Actor = None
) -> ChannelAccount:
    """A new account, still to be connected. Errors: ConnectionInvalid (name, platform or channel)."""
    if ChannelAccount.objects.filter(name=name).exists():
        raise ConnectionInvalid("name", "taken")
    if platform not in platforms():
        raise ConnectionInvalid("platform", "unknown")
    if payments.prices_include_tax(channel) is None:
        raise ConnectionInvalid("channel", "unknown")
    account = ChannelAccount.objects.create(
        name=name, platform=platform, channel=channel, market=market, created_by_id=getattr(user, "pk", None)
    )
    audit.record(user, "channels.open_account", f"account:{account.pk}", name=name, platform=platform)
    return account


@transaction.atomic
def connect(
    account: ChannelAccount, settings: Mapping[str, Any], credentials: Mapping[str, str], user: Actor = None
) -> None:
    """Keep how an account is reached. A credential left empty stays as it is; none is ever shown again.

    Errors: ConnectionInvalid with the field (missing, or an address that may not be called).
    """
    platform = platforms()[account.platform]
    kept = {**account.settings, **{name: value for name, value in settings.items() if value != ""}}
    for name in [name for name, value in settings.items() if value == ""]:
        kept.pop(name, None)
    for name in ADDRESSES:
        if kept.get(name):
            kept[name] = _address(name, str(kept[name]))
    known = unsealed(account) | {name: value.strip() for name, value in credentials.items() if value.strip()}
    for field in platform.settings:
        if field.required and not (kept.get(field.name) or platform.defaults.get(field.name)):
            raise ConnectionInvalid(field.name, "missing")
    for field in platform.credentials:
        if field.required and not known.get(field.name):
            raise ConnectionInvalid(field.name, "missing")
    account.settings = kept
    _seal(account, known)
    account.failures, account.rest_until, account.last_error = 0, None, ""
    account.save()
    changed = sorted(name for name, value in credentials.items() if value.strip())
    audit.record(user, "channels.connect", f"account:{account.pk}", settings=kept, credentials=changed)


def unsealed(account: ChannelAccount) -> dict[str, str]:
    """The credentials, for an exchange or a check of a signature; never for a page."""
    return json.loads(secrets.decrypt(account.sealed)) if account.sealed else {}


@transaction.atomic
def reseal_all() -> int:
    """Encrypt the credentials of all accounts with the newest key; how many."""
    accounts = ChannelAccount.objects.exclude(sealed="").select_for_update().order_by("pk")
    for account in accounts:
        account.sealed = secrets.rotate(account.sealed)
    ChannelAccount.objects.bulk_update(accounts, ["sealed"], batch_size=500)
    return len(accounts)


@transaction.atomic
def set_state(account: ChannelAccount, state: str, user: Actor = None) -> None:
    """Let an account work (at once), rest or end."""
    account.state = State(state)
    account.next_pull_at = timezone.now() if account.state == State.ACTIVE else None
    account.failures, account.rest_until = 0, None
    account.save(update_fields=["state", "next_pull_at", "failures", "rest_until"])
    audit.record(user, "channels.set_account_state", f"account:{account.pk}", state=state)


def test_connection(account: ChannelAccount) -> str:
    """Who the platform takes us for. Errors: those of the client (`adapters/client.py`), NotOffered."""
    with opened(account, patience=Patience(tries=2, timeout=15.0)) as exchange:
        return exchange.connector.identify()


class Exchange:
    """An open connector, closed at the end; what it cost."""

    def __init__(self, made: Connector) -> None:
        self.connector = made

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.connector.client.__exit__()

    @property
    def requests(self) -> int:
        """Calls made so far."""
        return self.connector.client.requests

    @property
    def waited_ms(self) -> int:
        """Time spent waiting so far."""
        return round(self.connector.client.waited * 1000)


def opened(
    account: ChannelAccount, *, patience: Patience | None = None, clock: Clock | None = None
) -> Exchange:
    """The account's connector with its credentials. Errors: NotOffered for a platform without one."""
    platform = platform_of(account)
    if platform is None or platform.way != "api":
        raise NotOffered(account.platform)
    session = Session(
        settings=account.settings,
        credentials=unsealed(account),
        minor_units=ledger.minor_units_by_currency(),
        defaults=platform.defaults,
        clock=clock or Clock(),
        patience=patience or patience_of(account),
        transport=TRANSPORT,
    )
    return Exchange(connector(account.platform, session))


def patience_of(account: ChannelAccount) -> Patience:
    """How long to try; an account may say it in its settings."""
    usual = Patience()
    return Patience(
        tries=int(account.settings.get("tries") or usual.tries),
        first_wait=float(account.settings.get("first_wait") or usual.first_wait),
        timeout=float(account.settings.get("timeout") or usual.timeout),
    )


def _seal(account: ChannelAccount, known: Mapping[str, str]) -> None:
    account.sealed = secrets.encrypt(json.dumps(dict(known), sort_keys=True).encode()) if known else ""
    account.sealed_names, account.sealed_at = sorted(known), timezone.now()


def _address(name: str, url: str) -> str:
    try:
        return outbound.check_address(url)
    except outbound.AddressRefused as error:
        raise ConnectionInvalid(name, f"address.{error.code}") from None
