"""What pages and other rooms read of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from entrepot.core.frames import Frame
from entrepot.domains.catalog.frames import skus_frame
from entrepot.domains.catalog.models import Category, Country, Sku

Names = dict[str, tuple[str, str]]


def country_names() -> Names:
    """English and Chinese name of every country, by code."""
    return {
        code: (en, zh)
        for code, en, zh in Country.objects.values_list("code", "name_en", "name_zh").order_by("name_en")
    }


def sku_facts(on: date) -> Frame:
    """Every SKU with its facts on a day, the unknown ones filled by assumption (frame SKUS)."""
    return skus_frame(on)


def category_names() -> Names:
    """English and Chinese name of every category, by code."""
    return {
        code: (en, zh or en)
        for code, en, zh in Category.objects.values_list("code", "name_en", "name_zh").order_by("name_en")
    }


def skus_with_products(ids: Collection[int]) -> dict[int, Sku]:
    """SKUs with their products and categories, by id: one query."""
    return Sku.objects.select_related("product__category").in_bulk(list(ids))


def find_skus(text: str = "", *, apart: Collection[str] = ()) -> QuerySet[Sku]:
    """SKUs with their products and categories by code, those `apart` left out; words are sought in code and names."""
    found = Sku.objects.select_related("product__category").filter(is_active=True).exclude(code__in=apart)
    for word in text.split():
        found = found.filter(
            Q(code__icontains=word)
            | Q(name_en__icontains=word)
            | Q(name_zh__icontains=word)
            | Q(hs_code=word)
        )
    return found.order_by("code")
