"""Platforms, markets and channels by their names in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.channels.adapters.platforms import platforms
from entrepot.domains.channels.adapters.tables import territory_name
from entrepot.domains.channels.models import ChannelAccount
from entrepot.domains.channels.queries.standing import market_code
from entrepot.domains.payments.queries import channel_names


@dataclass(frozen=True)
class Named:
    """An account's platform, market and channel in words; the market is empty where none is said."""

    platform: str
    market: str
    channel: str


class Names:
    """The names of everything an account points at: two queries for any number of accounts."""

    def __init__(self) -> None:
        self.countries, self.channels = country_names(), channel_names()

    def of(self, account: ChannelAccount) -> Named:
        """The account in words; what has no name is shown by its code."""
        known = platforms().get(account.platform)
        market = market_code(account.market)
        if market in self.countries:
            place = in_language(self.countries[market])
        else:
            place = territory_name(market, get_language() or "en")
        channel = self.channels.get(account.channel, (account.channel, account.channel))
        return Named(known.name if known else account.platform, place, in_language(channel))
