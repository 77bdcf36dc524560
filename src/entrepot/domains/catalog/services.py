"""Commands of the catalogue: categories with their assumptions and SKUs, in bulk, never over what is there already."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame, read, stage
from entrepot.domains.catalog import frames
from entrepot.domains.catalog.frames import UnknownCategory
from entrepot.domains.catalog.models import Sku

__all__ = ["UnknownCategory", "ensure_categories", "ensure_skus", "save_sku", "save_skus", "set_hs_code"]


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


@transaction.atomic
def save_skus(facts: Frame, user: Actor = None) -> Frame:
    """Add SKUs that are new and bring the others up to what is said of them; what is not said stays as it is.

    Shapes: `frames.SKU_FACTS`, key `sku`, null = not said; a new SKU needs a category. Result: `sku`, `outcome` of
    new, changed, same. Units: g, mm, minor units. A category or brand is that of the SKU's whole product.
    Errors: UnknownCategory when a category does not exist.
    """
    facts = frames.SKU_FACTS.check(facts)
    table = stage("skufact", facts)
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN_CATEGORY.format(table=table))
        if unknown := cursor.fetchone():
            raise frames.UnknownCategory(unknown[0])
        cursor.execute(_KNOWN.format(table=table))
        known = {row[0] for row in cursor.fetchall()}
    fresh = facts.filter(~facts["sku"].is_in(sorted(known)))
    ensure_skus(frames.new_skus(fresh))
    switched_off = fresh.filter(~fresh["is_active"].fill_null(value=True))["sku"].to_list()
    Sku.objects.filter(code__in=switched_off).update(is_active=False)
    changed: set[str] = set()
    with connection.cursor() as cursor:
        for statement in (_MOVED_PRODUCTS, _CHANGED_PRODUCTS, _CHANGED_SKUS):
            cursor.execute(statement.format(table=table), {"known": sorted(known)})
            changed |= {row[0] for row in cursor.fetchall()}
    if fresh.height or changed:
        audit.record(
            user,
            "catalog.save_skus",
            "skus",
            new=fresh.height,
            changed=sorted(changed)[:100],
            of=facts.height,
        )
    return read(_OUTCOMES.format(table=table), frames.SAVED, [sorted(known), sorted(changed)])


def save_sku(values: Mapping[str, object], user: Actor = None) -> str:
    """The same for one SKU: what became of it (new, changed, same). Errors: UnknownCategory."""
    return str(save_skus(frames.facts_of([values]), user)["outcome"][0])


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
_KNOWN = "SELECT code FROM catalog_sku WHERE code IN (SELECT sku FROM {table})"
_MOVED_PRODUCTS = """
    WITH named AS (
        SELECT sku.id, sku.code, staged.product, product.category_id, product.brand, product.name_en, product.name_zh
        FROM {table} AS staged JOIN catalog_sku AS sku ON sku.code = staged.sku AND sku.code = ANY(%(known)s)
        JOIN catalog_product AS product ON product.id = sku.product_id
        WHERE staged.product <> product.code
    ), made AS (
        INSERT INTO catalog_product (code, name_en, name_zh, category_id, brand, life_stage, created_at)
        SELECT DISTINCT ON (product) product, name_en, name_zh, category_id, brand, '', now() FROM named
        ORDER BY product, code ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING id, code
    )
    UPDATE catalog_sku AS sku SET product_id = made.id
    FROM named JOIN made ON made.code = named.product WHERE sku.id = named.id RETURNING sku.code
"""
_CHANGED_PRODUCTS = """
    WITH said AS (
        SELECT DISTINCT ON (sku.product_id) sku.product_id, category.id AS category_id, staged.brand
        FROM {table} AS staged JOIN catalog_sku AS sku ON sku.code = staged.sku AND sku.code = ANY(%(known)s)
        LEFT JOIN catalog_category AS category ON category.code = staged.category
        WHERE staged.category IS NOT NULL OR staged.brand IS NOT NULL ORDER BY sku.product_id, staged.sku
    ), changed AS (
        UPDATE catalog_product AS product SET category_id = coalesce(said.category_id, product.category_id),
            brand = coalesce(said.brand, product.brand)
        FROM said WHERE said.product_id = product.id AND (product.category_id, product.brand)
            IS DISTINCT FROM (coalesce(said.category_id, product.category_id), coalesce(said.brand, product.brand))
        RETURNING product.id
    )
    SELECT sku.code FROM {table} AS staged JOIN catalog_sku AS sku ON sku.code = staged.sku
    JOIN changed ON changed.id = sku.product_id
"""
_SAID = (
    "name_en", "name_zh", "variant", "hs_code", "origin", "battery", "weight_g", "length_mm", "width_mm", "height_mm",
    "cost_minor", "cost_currency", "list_price_minor", "list_currency", "tax_category", "is_active",
)  # fmt: skip
_CHANGED_SKUS = f"""
    UPDATE catalog_sku AS sku SET {", ".join(f"{name} = coalesce(staged.{name}, sku.{name})" for name in _SAID)}
    FROM {{table}} AS staged WHERE staged.sku = sku.code AND sku.code = ANY(%(known)s)
        AND ({", ".join(f"sku.{name}" for name in _SAID)}) IS DISTINCT FROM
            ({", ".join(f"coalesce(staged.{name}, sku.{name})" for name in _SAID)})
    RETURNING sku.code
"""
_OUTCOMES = """
    SELECT sku, CASE WHEN sku <> ALL(%s) THEN 'new' WHEN sku = ANY(%s) THEN 'changed' ELSE 'same' END
    FROM {table} ORDER BY sku
"""
