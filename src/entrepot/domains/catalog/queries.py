"""What pages and other rooms read of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from entrepot.core.frames import Frame
from entrepot.domains.catalog.frames import skus_frame
from entrepot.domains.catalog.models import Category, Country, Product, Sku

Names = dict[str, tuple[str, str]]


def country_names() -> Names:
    """English and Chinese name of every country, by code."""
    return {
        code: (en, zh)
        for code, en, zh in Country.objects.values_list("code", "name_en", "name_zh").order_by("name_en")
    }


def sku_facts(on: date, codes: Collection[str] | None = None) -> Frame:
    """Every SKU (or some) with its facts on a day, the unknown ones filled by assumption (frame SKUS)."""
    return skus_frame(on, codes)


def sku_names(codes: Collection[str]) -> Names:
    """English and Chinese name of some SKUs, by code."""
    rows = Sku.objects.filter(code__in=codes).values_list("code", "name_en", "name_zh")
    return {code: (en, zh) for code, en, zh in rows}


def category_names() -> Names:
    """English and Chinese name of every category, by code."""
    return {
        code: (en, zh or en)
        for code, en, zh in Category.objects.values_list("code", "name_en", "name_zh").order_by("name_en")
    }


def skus_with_products(ids: Collection[int]) -> dict[int, Sku]:
    """SKUs with their products and categories, by id: one query."""
    return Sku.objects.select_related("product__category").in_bulk(list(ids))


def find_skus(
    text: str = "", *, apart: Collection[str] = (), among: Collection[str] | None = None
) -> QuerySet[Sku]:
    """Of each product the first SKU, with product and category: those `apart` left out, only those `among` where given.

    Words are sought in code, names and HS code.
    """
    found = Sku.objects.filter(is_active=True).exclude(code__in=apart)
    if among is not None:
        found = found.filter(code__in=among)
    for word in text.split():
        found = found.filter(
            Q(code__icontains=word)
            | Q(name_en__icontains=word)
            | Q(name_zh__icontains=word)
            | Q(hs_code=word)
        )
    first = found.order_by("product_id", "code").distinct("product_id").values("pk")
    return Sku.objects.select_related("product__category").filter(pk__in=first).order_by("code")


def variants(products: Collection[int], *, apart: Collection[str] = ()) -> dict[int, list[str]]:
    """The codes of the SKUs of each product, those `apart` left out."""
    found: dict[int, list[str]] = {}
    rows = (
        Sku.objects.filter(product_id__in=products, is_active=True).exclude(code__in=apart).order_by("code")
    )
    for product, code in rows.values_list("product_id", "code"):
        found.setdefault(product, []).append(code)
    return found


def variants_of(sku: str) -> list[str]:
    """The codes of all SKUs of the product a SKU belongs to."""
    rows = Sku.objects.filter(product__skus__code=sku, is_active=True).order_by("code")
    return list(rows.values_list("code", flat=True))


def product_records(text: str = "", category: str = "") -> QuerySet[Product]:
    """Products with their category and SKUs; words are sought in code and names."""
    found = Product.objects.select_related("category").prefetch_related("skus")
    found = found.filter(category__code=category) if category else found
    for word in text.split():
        found = found.filter(
            Q(code__icontains=word) | Q(name_en__icontains=word) | Q(name_zh__icontains=word)
        )
    return found


def sku_records(text: str = "", category: str = "") -> QuerySet[Sku]:
    """Every SKU with product and category; words are sought in code, names and HS code."""
    found = Sku.objects.select_related("product__category")
    found = found.filter(product__category__code=category) if category else found
    for word in text.split():
        found = found.filter(
            Q(code__icontains=word)
            | Q(name_en__icontains=word)
            | Q(name_zh__icontains=word)
            | Q(hs_code=word)
        )
    return found
