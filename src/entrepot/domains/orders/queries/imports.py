"""What the importers read of the orders they brought in."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.core.frames import Frame
from entrepot.domains.orders import frames


def orders_by_number(channel: str, external_ids: Sequence[str], account: str = "") -> Frame:
    """The orders of a channel's account among some of its numbers (columns of `frames.IMPORTED`)."""
    return frames.orders_by_number(channel, external_ids, account)
