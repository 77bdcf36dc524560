"""Records of the channels room: accounts, what they exchange with us, and files that were brought in."""

from entrepot.domains.channels.models.accounts import ChannelAccount
from entrepot.domains.channels.models.articles import SkuMapping
from entrepot.domains.channels.models.exchange import (
    ChannelListing,
    DeadLetter,
    Hook,
    Push,
    SyncCursor,
    SyncRun,
)
from entrepot.domains.channels.models.imports import ImportProfile, ImportRun, SourceLine, SourceReject
from entrepot.domains.channels.models.metrics import MarketplaceMetric
from entrepot.domains.channels.models.settlements import ChannelRefund, Settlement, SettlementLine
from entrepot.domains.channels.models.standing import (
    AccountCase,
    AccountDocument,
    AccountTrait,
    CaseEntry,
    HealthFigure,
)

__all__ = [
    "AccountCase",
    "AccountDocument",
    "AccountTrait",
    "CaseEntry",
    "ChannelAccount",
    "ChannelListing",
    "ChannelRefund",
    "DeadLetter",
    "HealthFigure",
    "Hook",
    "ImportProfile",
    "ImportRun",
    "MarketplaceMetric",
    "Push",
    "Settlement",
    "SettlementLine",
    "SkuMapping",
    "SourceLine",
    "SourceReject",
    "SyncCursor",
    "SyncRun",
]
