"""Sanctions lists for pages."""

from __future__ import annotations

from entrepot.domains.customs.models import SanctionList


def sanction_lists() -> list[SanctionList]:
    """Every version of every sanctions list, the newest first."""
    return list(SanctionList.objects.order_by("-version", "source"))
