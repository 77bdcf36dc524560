"""Products and SKUs over the REST API."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from entrepot.core.api import (
    Amount,
    CurrencyCode,
    Flag,
    Given,
    Line,
    Money,
    Page,
    PageQuery,
    Problem,
    Routes,
    Shown,
    Whole,
    Word,
    caller_of,
    money,
    page_of,
)
from entrepot.domains.catalog import services
from entrepot.domains.catalog.queries import country_names, product_records, sku_records

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


class MoneyGiven(Given):
    """An amount in minor units of its currency."""

    minor: Amount
    currency: CurrencyCode


class FactsGiven(Given):
    """What is said of a SKU. A fact that is left out (or null) stays as it is; weight g, sizes mm.

    Category and brand are those of the whole product.
    """

    product: Annotated[Word | None, Field(description="code of the product; left out: one of its own")] = None
    name_en: Line | None = None
    name_zh: Line | None = None
    variant: Word | None = None
    category: Word | None = None
    brand: Word | None = None
    hs_code: Annotated[str, Field(pattern="^([0-9]{6,10})?$", max_length=10)] | None = None
    origin: Annotated[str, Field(pattern="^([A-Z]{2})?$", max_length=2)] | None = None
    weight_g: Whole | None = None
    length_mm: Whole | None = None
    width_mm: Whole | None = None
    height_mm: Whole | None = None
    battery: Literal["", "contained", "packed", "alone"] | None = None
    cost: MoneyGiven | None = None
    list_price: MoneyGiven | None = None
    tax_category: Annotated[Word, Field(min_length=1)] | None = None
    is_active: Flag | None = None


class SkuGiven(FactsGiven):
    """A new SKU: its code, a name and a category at least."""

    sku: Annotated[Word, Field(min_length=1)]
    name_en: Annotated[Line, Field(min_length=1)]
    category: Annotated[Word, Field(min_length=1)]


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


@routes.write("/skus", scope="catalog.change", response=SkuShown, name="create_sku", status=201)
def create_sku(request: HttpRequest, given: SkuGiven) -> dict[str, Any]:
    """Add a SKU, with a product of its own or to one that is there; a code that is taken is refused (409)."""
    if sku_records().filter(code=given.sku).exists():
        raise Problem(409, "There is a SKU of this code.", code="taken")
    return _saved(request, given.sku, given)


@routes.write("/skus/{code}", scope="catalog.change", response=SkuShown, name="update_sku")
def update_sku(request: HttpRequest, code: Word, given: FactsGiven) -> dict[str, Any]:
    """Bring a SKU up to what is said of it; every change stays in its history."""
    if not sku_records().filter(code=code).exists():
        raise Problem(404, "There is no such SKU.")
    return _saved(request, code, given)


def _saved(request: HttpRequest, code: str, given: FactsGiven) -> dict[str, Any]:
    said = given.model_dump(exclude_none=True, exclude={"cost", "list_price", "sku"})
    if said.get("origin") and said["origin"] not in country_names():
        raise _unfit("origin", "There is no such country.")
    prices = (("cost", given.cost, "cost_currency"), ("list_price", given.list_price, "list_currency"))
    for name, price, currency in prices:
        if price:
            said |= {f"{name}_minor": price.minor, currency: price.currency}
    try:
        services.save_sku({"sku": code, **said}, caller_of(request).user)
    except services.UnknownCategory:
        raise _unfit("category", "There is no such category.") from None
    return sku_shown(sku_records().get(code=code))


def _unfit(field: str, reason: str) -> Problem:
    told = [{"field": f"body.given.{field}", "reason": reason}]
    return Problem(422, "The request names something that does not exist.", errors=told)


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
