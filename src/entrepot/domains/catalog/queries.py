"""What pages and other rooms read of the catalogue."""

from __future__ import annotations

from datetime import date

from entrepot.core.frames import Frame
from entrepot.domains.catalog.frames import skus_frame
from entrepot.domains.catalog.models import Category, Country

Names = dict[str, tuple[str, str]]


def country_names() -> Names:
    """English and Chinese name of every country, by code."""
    return {code: (en, zh) for code, en, zh in Country.objects.values_list("code", "name_en", "name_zh").order_by("name_en")}


def sku_facts(on: date) -> Frame:
    """Every SKU with its facts on a day, the unknown ones filled by assumption (frame SKUS)."""
    return skus_frame(on)


def category_names() -> Names:
    """English and Chinese name of every category, by code."""
    return {code: (en, zh or en) for code, en, zh in Category.objects.values_list("code", "name_en", "name_zh").order_by("name_en")}
