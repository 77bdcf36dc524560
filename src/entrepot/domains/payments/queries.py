"""What pages and other rooms read of channels and payment."""

from __future__ import annotations

from entrepot.domains.payments.models import Channel

Names = dict[str, tuple[str, str]]


def channel_names() -> Names:
    """English and Chinese name of every channel, by code."""
    return {
        code: (en, zh or en)
        for code, en, zh in Channel.objects.values_list("code", "name_en", "name_zh").order_by("code")
    }


def prices_include_tax(channel: str) -> bool | None:
    """Whether a channel's prices contain the tax; None for a channel that does not exist."""
    return Channel.objects.filter(code=channel).values_list("prices_include_tax", flat=True).first()


def channel_currency(channel: str) -> str:
    """The currency a channel sells in; '' for one that does not exist or names none."""
    return Channel.objects.filter(code=channel).values_list("currency", flat=True).first() or ""
