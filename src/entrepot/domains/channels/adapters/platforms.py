"""The platforms there are (data/platforms.csv): what connecting asks for, what is preset, and their connectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from entrepot.domains.channels.adapters.amazon import Amazon
from entrepot.domains.channels.adapters.ebay import Ebay
from entrepot.domains.channels.adapters.paypal import PayPal
from entrepot.domains.channels.adapters.port import Connector, NotOffered
from entrepot.domains.channels.adapters.session import Session
from entrepot.domains.channels.adapters.shopify import Shopify
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.adapters.vendure import Vendure
from entrepot.domains.channels.adapters.woocommerce import WooCommerce

CONNECTORS: dict[str, Callable[[Session], Connector]] = {
    "amazon": Amazon,
    "ebay": Ebay,
    "paypal": PayPal,
    "shopify": Shopify,
    "vendure": Vendure,
    "woocommerce": WooCommerce,
}


@dataclass(frozen=True)
class Field:
    """One thing to fill in when connecting."""

    name: str
    required: bool


@dataclass(frozen=True)
class Platform:
    """A platform. `way`: api = connected, hook = it tells us, file = by its export files.

    `reads` is the stream that is read by itself: orders, or statements of one that only holds money.
    """

    code: str
    name: str
    way: str
    reads: str
    credentials: tuple[Field, ...]
    settings: tuple[Field, ...]
    defaults: dict[str, str]
    source: str


@cache
def platforms() -> dict[str, Platform]:
    """All platforms by code, in the order of the table."""
    return {
        row["platform"]: Platform(
            row["platform"],
            row["name"],
            row["way"],
            row["reads"],
            _fields(row["credentials"]),
            _fields(row["settings"]),
            dict(part.split("=", 1) for part in row["defaults"].split(";") if part),
            row["source"],
        )
        for row in table("platforms").iter_rows(named=True)
    }


def connector(platform: str, session: Session) -> Connector:
    """The platform's connector for one exchange. Errors: NotOffered for a platform without one."""
    if platform not in CONNECTORS:
        raise NotOffered(platform)
    return CONNECTORS[platform](session)


def _fields(text: str) -> tuple[Field, ...]:
    return tuple(Field(name.rstrip("*"), name.endswith("*")) for name in text.split(";") if name)
