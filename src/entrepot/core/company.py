"""What every page must know about the company, read from the policies of the world."""

from __future__ import annotations

from django.core.cache import cache
from django.utils import timezone

from entrepot.core import worldtables

KEY, SECONDS = "core.company.base_currency", 60


def base_currency() -> str:
    """The currency of the company's books; empty as long as no policy names one. Read anew once a minute."""
    known: str | None = cache.get(KEY)
    if not known:
        known = _base_currency()
        cache.set(KEY, known, SECONDS)
    return known


def _base_currency() -> str:
    policies = worldtables.get_table("policies").model._default_manager
    in_force = policies.filter(key="company.base_currency", valid_from__lte=timezone.localdate())
    newest = in_force.order_by("-valid_from").values_list("text", flat=True).first()
    return str(newest or "")
