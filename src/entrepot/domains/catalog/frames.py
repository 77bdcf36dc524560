"""The catalogue as frames: countries, and SKUs with every unknown fact filled from their category's assumption."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl
from django.utils.translation import gettext_lazy as _

from entrepot.core.frames import Frame, read
from entrepot.core.worldtables import WorldTable
from entrepot.domains.catalog.models import Country, Sku
from entrepot.engine.columns import SKUS
from entrepot.engine.frames import Contract, column


def skus_frame(on: date, codes: Collection[str] | None = None) -> Frame:
    """Every SKU (or some) with its facts, origin and cost; `assumed` names the facts that are only assumptions.

    A SKU without a weight of its own and without an assumption is left out: review holds what cannot be decided.
    Units: as in `columns.SKUS`; an assumed cost is a share of the list price, rounded half up.
    """
    if codes is None:
        return read(_SKUS, SKUS.schema, [on, on])
    return read(f"{_SKUS} AND sku.code = ANY(%s)", SKUS.schema, [on, on, list(codes)])


_SKUS = """
    SELECT sku.code, category.code,
        coalesce(nullif(sku.hs_code, ''), assumed.hs_code, ''),
        coalesce(nullif(sku.origin, ''), assumed.origin, ''),
        coalesce(sku.weight_g, assumed.weight_g),
        coalesce(sku.length_mm, assumed.length_mm),
        coalesce(sku.width_mm, assumed.width_mm),
        coalesce(sku.height_mm, assumed.height_mm),
        sku.battery,
        sku.battery_kind, sku.battery_wh_e3, sku.battery_g, sku.upright,
        coalesce(sku.cost_minor, (sku.list_price_minor * assumed.cost_ppm + 500000) / 1000000, 0),
        CASE WHEN sku.cost_minor IS NULL THEN coalesce(nullif(sku.list_currency, ''), 'EUR') ELSE sku.cost_currency END,
        coalesce(nullif(sku.tax_category, ''), assumed.tax_category, 'standard'),
        sku.fee_category,
        concat_ws(' ',
            CASE WHEN sku.weight_g IS NULL THEN 'weight' END,
            CASE WHEN sku.length_mm IS NULL OR sku.width_mm IS NULL OR sku.height_mm IS NULL THEN 'size' END,
            CASE WHEN sku.hs_code = '' THEN 'hs' END,
            CASE WHEN sku.origin = '' THEN 'origin' END,
            CASE WHEN sku.cost_minor IS NULL THEN 'cost' END),
        sku.proofs, sku.measures
    FROM catalog_sku AS sku
    JOIN catalog_product AS product ON product.id = sku.product_id
    JOIN catalog_category AS category ON category.id = product.category_id
    LEFT JOIN catalog_categoryassumption AS assumed ON assumed.category_id = category.id
        AND assumed.valid_from <= %s AND coalesce(assumed.valid_to, 'infinity') >= %s
    WHERE coalesce(sku.weight_g, assumed.weight_g) IS NOT NULL
        AND coalesce(sku.length_mm, assumed.length_mm) IS NOT NULL
        AND coalesce(sku.width_mm, assumed.width_mm) IS NOT NULL
        AND coalesce(sku.height_mm, assumed.height_mm) IS NOT NULL
"""

TABLES = (
    WorldTable("skus", Sku, ("code",), _("SKUs"), "goods", reader=skus_frame),
    WorldTable("countries", Country, ("code",), _("Countries"), "goods", {"country": "code"}),
)

CATEGORIES = Contract(
    "categories",
    (
        column("category", pl.String, "code"),
        column("name_en", pl.String),
        column("name_zh", pl.String, default=""),
        column("weight_g", pl.Int64),
        column("length_mm", pl.Int64),
        column("width_mm", pl.Int64),
        column("height_mm", pl.Int64),
        column("hs_code", pl.String, default=""),
        column("origin", pl.String, default=""),
        column("cost_ppm", pl.Int64, "of the list price"),
        column("tax_category", pl.String, default="standard"),
        column("valid_from", pl.Date),
        column("source", pl.String, default=""),
        column("status", pl.String, default="U"),
        column("note", pl.String, default=""),
    ),
    ("category",),
)
NEW_SKUS = Contract(
    "new_skus",
    (
        column("sku", pl.String, "code"),
        column("name_en", pl.String),
        column("name_zh", pl.String, default=""),
        column("category", pl.String, "code"),
        column("hs_code", pl.String, default=""),
        column("origin", pl.String, default=""),
        column("weight_g", pl.Int64, nullable=True),
        column("length_mm", pl.Int64, nullable=True),
        column("width_mm", pl.Int64, nullable=True),
        column("height_mm", pl.Int64, nullable=True),
        column("cost_minor", pl.Int64, nullable=True),
        column("cost_currency", pl.String, default=""),
        column("list_price_minor", pl.Int64, nullable=True),
        column("list_currency", pl.String, default=""),
        column("product", pl.String, "code; '' = a product of its own under the SKU's code", default=""),
        column("product_en", pl.String, default=""),
        column("product_zh", pl.String, default=""),
        column("brand", pl.String, default=""),
        column("variant", pl.String, default=""),
        column("battery", pl.String, "'', contained, packed or alone", default=""),
        column("battery_wh_e3", pl.Int64, "Wh times 1000", nullable=True),
        column("tax_category", pl.String, default="standard"),
        column("fee_category", pl.String, default=""),
        column("proofs", pl.String, "preferences a proof of origin is held for", default=""),
        column("measures", pl.String, "pieces in other units, unit=thousandths", default=""),
    ),
    ("sku",),
)

SKU_FACTS = Contract(
    "sku_facts",
    (
        column("sku", pl.String, "code"),
        *(
            column(name, pl.String, "null = not said", nullable=True)
            for name in (
                "name_en", "name_zh", "category", "product", "brand", "variant", "hs_code", "origin", "battery",
                "cost_currency", "list_currency", "tax_category",
            )
        ),
        *(
            column(name, pl.Int64, "null = not said", nullable=True)
            for name in ("weight_g", "length_mm", "width_mm", "height_mm", "cost_minor", "list_price_minor")
        ),
        column("is_active", pl.Boolean, "null = not said", nullable=True),
    ),
    ("sku",),
)  # fmt: skip
SAVED = {"sku": pl.String(), "outcome": pl.String()}


def facts_of(rows: Sequence[Mapping[str, object]]) -> Frame:
    """What is said of SKUs, as `SKU_FACTS`; names that are left out are not said."""
    return pl.DataFrame(
        [{name: row.get(name) for name in SKU_FACTS.schema} for row in rows], schema=SKU_FACTS.schema
    )


def new_skus(facts: Frame) -> Frame:
    """What is said of SKUs that are new, as `NEW_SKUS`: a name in one language stands for the other."""
    names = pl.coalesce("name_en", "name_zh", "sku"), pl.coalesce("name_zh", pl.lit(""))
    texts = [
        c.name for c in NEW_SKUS.columns
        if c.dtype == pl.String and c.name in facts.columns and c.name not in ("sku", "name_en", "name_zh", "category")
    ]  # fmt: skip
    usual = {c.name: c.default for c in NEW_SKUS.columns}
    return facts.with_columns(
        *(pl.col(name).fill_null(pl.lit(usual[name])) for name in texts), name_en=names[0], name_zh=names[1]
    )


class UnknownCategory(ValueError):
    """A SKU names a category that does not exist."""
