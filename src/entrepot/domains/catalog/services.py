"""Commands of the catalogue: categories with their assumptions and SKUs, in bulk, never over what is there already."""

from __future__ import annotations

from django.db import connection, transaction

from entrepot.core.frames import Frame, stage
from entrepot.domains.catalog import frames
from entrepot.domains.catalog.models import Sku


@transaction.atomic
def ensure_categories(categories: Frame) -> int:
    """Add categories that are new, each with its assumption; those that exist keep what a user made of them.

    Shapes: `frames.CATEGORIES`, key `category`. Units: g, mm, ppm of the list price. Result: how many were new.
    """
    table = stage("category", frames.CATEGORIES.check(categories))
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES.format(table=table))
        count = int(cursor.rowcount)
        cursor.execute(_ASSUMPTIONS.format(table=table))
    return count


@transaction.atomic
def ensure_skus(skus: Frame) -> int:
    """Add SKUs that are new, with their products; those that exist are left as they are.

    Shapes: `frames.NEW_SKUS`, key `sku`; unknown facts are null and stay unknown. Result: how many were new.
    Errors: UnknownCategory when a category does not exist.
    """
    table = stage("sku", frames.NEW_SKUS.check(skus))
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN_CATEGORY.format(table=table))
        if unknown := cursor.fetchone():
            raise frames.UnknownCategory(unknown[0])
        cursor.execute(_PRODUCTS.format(table=table))
        cursor.execute(_SKUS.format(table=table))
        return int(cursor.rowcount)


def set_hs_code(sku: str, code: str) -> bool:
    """Give a SKU its HS code; False when there is no such SKU, or it has that code already."""
    return bool(Sku.objects.filter(code=sku).exclude(hs_code=code).update(hs_code=code))


_CATEGORIES = """
    INSERT INTO catalog_category (code, name_en, name_zh, is_edited)
    SELECT category, name_en, name_zh, false FROM {table} ORDER BY category ON CONFLICT (code) DO NOTHING
"""
_ASSUMPTIONS = """
    INSERT INTO catalog_categoryassumption (category_id, weight_g, length_mm, width_mm, height_mm, hs_code, origin,
        cost_ppm, tax_category, valid_from, valid_to, source, status, note, is_edited)
    SELECT category.id, staged.weight_g, staged.length_mm, staged.width_mm, staged.height_mm, staged.hs_code,
        staged.origin, staged.cost_ppm, staged.tax_category, staged.valid_from, NULL, staged.source, staged.status,
        staged.note, false
    FROM {table} AS staged JOIN catalog_category AS category ON category.code = staged.category
    WHERE NOT EXISTS (SELECT FROM catalog_categoryassumption AS known WHERE known.category_id = category.id)
    ORDER BY staged.category
"""
_UNKNOWN_CATEGORY = """
    SELECT category FROM {table} WHERE category NOT IN (SELECT code FROM catalog_category) ORDER BY category LIMIT 1
"""
_PRODUCTS = """
    INSERT INTO catalog_product (code, name_en, name_zh, category_id, brand, life_stage, created_at)
    SELECT DISTINCT ON (1) coalesce(nullif(staged.product, ''), staged.sku),
        coalesce(nullif(staged.product_en, ''), staged.name_en),
        coalesce(nullif(staged.product_zh, ''), staged.name_zh),
        category.id, staged.brand, '', now()
    FROM {table} AS staged JOIN catalog_category AS category ON category.code = staged.category
    WHERE NOT EXISTS (SELECT FROM catalog_sku AS known WHERE known.code = staged.sku)
    ORDER BY 1, staged.sku ON CONFLICT (code) DO NOTHING
"""
_SKUS = """
    INSERT INTO catalog_sku (product_id, code, name_en, name_zh, variant, hs_code, origin, weight_g, length_mm,
        width_mm, height_mm, battery, battery_wh_e3, cost_minor, cost_currency, list_price_minor, list_currency,
        tax_category, fee_category, proofs, measures, is_active, battery_kind, upright)
    SELECT product.id, staged.sku, staged.name_en, staged.name_zh, staged.variant, staged.hs_code, staged.origin,
        staged.weight_g, staged.length_mm, staged.width_mm, staged.height_mm, staged.battery, staged.battery_wh_e3,
        staged.cost_minor, staged.cost_currency, staged.list_price_minor, staged.list_currency, staged.tax_category,
        staged.fee_category, staged.proofs, staged.measures, true, '', false
    FROM {table} AS staged
    JOIN catalog_product AS product ON product.code = coalesce(nullif(staged.product, ''), staged.sku)
    ORDER BY staged.sku ON CONFLICT (code) DO NOTHING
"""
