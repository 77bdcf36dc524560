"""Products and SKUs over the REST API."""

from typing import Any

from django.http import HttpRequest
from ninja import Query

from entrepot.core.api import Money, Page, PageQuery, Problem, Routes, Shown, Word, money, page_of
from entrepot.domains.catalog.queries import product_records, sku_records

routes = Routes("products")


class GoodsQuery(PageQuery):
    """Which goods: of a category, or with some words in code or name."""

    text: Word = ""
    category: Word = ""


class SkuShown(Shown):
    """A sellable variant. Weight g, sizes mm; null where unknown."""

    sku: str
    product: str
    name_en: str
    name_zh: str
    variant: str
    category: str
    hs_code: str
    origin: str
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    battery: str
    cost: Money | None
    list_price: Money | None
    tax_category: str
    is_active: bool


class ProductShown(Shown):
    """A product as a buyer knows it, with the codes of its SKUs."""

    product: str
    name_en: str
    name_zh: str
    category: str
    brand: str
    skus: list[str]


@routes.read("/products", scope="catalog.view", response=Page[ProductShown], name="list_products")
def list_products(request: HttpRequest, wanted: Query[GoodsQuery]) -> dict[str, Any]:
    """Products by code."""
    return page_of(product_records(wanted.text, wanted.category), wanted, product_shown, keys=("code",))


@routes.read("/products/{code}", scope="catalog.view", response=ProductShown, name="get_product")
def get_product(request: HttpRequest, code: Word) -> dict[str, Any]:
    """One product."""
    product = product_records().filter(code=code).first()
    if product is None:
        raise Problem(404, "There is no such product.")
    return product_shown(product)


@routes.read("/skus", scope="catalog.view", response=Page[SkuShown], name="list_skus")
def list_skus(request: HttpRequest, wanted: Query[GoodsQuery]) -> dict[str, Any]:
    """SKUs by code."""
    return page_of(sku_records(wanted.text, wanted.category), wanted, sku_shown, keys=("code",))


@routes.read("/skus/{code}", scope="catalog.view", response=SkuShown, name="get_sku")
def get_sku(request: HttpRequest, code: Word) -> dict[str, Any]:
    """One SKU."""
    sku = sku_records().filter(code=code).first()
    if sku is None:
        raise Problem(404, "There is no such SKU.")
    return sku_shown(sku)


def product_shown(product: Any) -> dict[str, Any]:
    """A product as `ProductShown`."""
    same = ("name_en", "name_zh", "brand")
    return {
        **{name: getattr(product, name) for name in same},
        "product": product.code,
        "category": product.category.code,
        "skus": sorted(sku.code for sku in product.skus.all()),
    }


def sku_shown(sku: Any) -> dict[str, Any]:
    """A SKU as `SkuShown`."""
    same = ("name_en", "name_zh", "variant", "hs_code", "origin", "weight_g", "length_mm", "width_mm", "height_mm",
            "battery", "tax_category", "is_active")  # fmt: skip
    return {
        **{name: getattr(sku, name) for name in same},
        "sku": sku.code,
        "product": sku.product.code,
        "category": sku.product.category.code,
        "cost": money(sku.cost_minor, sku.cost_currency),
        "list_price": money(sku.list_price_minor, sku.list_currency),
    }
