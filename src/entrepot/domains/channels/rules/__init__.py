"""Pure rules of the channels room: account health, and what an order from outside is made of."""

from entrepot.domains.channels.rules.health import AccountMetric, is_met, metric_of, rate_of
from entrepot.domains.channels.rules.incoming import (
    Accepted,
    IncomingLine,
    IncomingOrder,
    IncomingRefund,
    to_e4,
)

__all__ = [
    "Accepted",
    "AccountMetric",
    "IncomingLine",
    "IncomingOrder",
    "IncomingRefund",
    "is_met",
    "metric_of",
    "rate_of",
    "to_e4",
]
