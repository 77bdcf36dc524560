"""What pages and other rooms read of the catalogue."""

from __future__ import annotations

from entrepot.domains.catalog.models import Country

Names = dict[str, tuple[str, str]]


def country_names() -> Names:
    """English and Chinese name of every country, by code."""
    return {code: (en, zh) for code, en, zh in Country.objects.values_list("code", "name_en", "name_zh").order_by("name_en")}
