"""The small world of the engine's tests, written into the rooms' tables; and a few words to trade in it."""

from datetime import date
from typing import Any

import polars as pl
from django.db.models import Model

from entrepot.core.frames import write
from entrepot.core.worldtables import all_tables
from entrepot.domains.catalog.models import Category, Product, Sku
from entrepot.domains.ledger.models import Account
from entrepot.domains.orders import services as orders
from entrepot.domains.warehouse import services as warehouse
from entrepot.engine import World
from tests.engine.small import DAY, order, small_world

INCOME, EXPENSE = "4", "5"


def found_company(world: World | None = None) -> World:
    """Fill every rule table with the rows of a world (the small one by default) and open its accounts."""
    world = world or small_world()
    rules = world["posting_rules"]
    for code in sorted({*rules["debit"], *rules["credit"]}):
        kind = {INCOME: "income", EXPENSE: "expense"}.get(code[0], "asset")
        Account.objects.create(code=code, name_en=f"Account {code}", kind=kind)
    for name, table in all_tables().items():
        if name != "skus" and world[name].height:
            frame = world[name].rename(dict(table.sources))
            write(table.model._meta.db_table, _completed(frame, table.model))
    for sku in world["skus"].to_dicts():
        category, _ = Category.objects.get_or_create(
            code=sku["category"], defaults={"name_en": sku["category"]}
        )
        product = Product.objects.create(code=sku["sku"], name_en=sku["sku"], category=category)
        facts = {name: value for name, value in sku.items() if name not in ("sku", "category", "assumed")}
        Sku.objects.create(product=product, code=sku["sku"], name_en=sku["sku"], **facts)
    return world


def stock(*rows: tuple[str, str, int], on: date = DAY) -> None:
    """Receive (warehouse, SKU, pieces)."""
    frame = pl.DataFrame(rows, schema=["warehouse", "sku", "quantity"], orient="row")
    warehouse.receive(frame.with_columns(moved_on=pl.lit(on)))


def take_in(*taken: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[int, int]:
    """Take orders of `small.order` in; gives our id by the order's number."""
    heads = pl.DataFrame([head for head, _ in taken], infer_schema_length=None)
    heads = heads.with_columns(pl.col(pl.String).fill_null(""))
    lines = pl.DataFrame([line for _, goods in taken for line in goods])
    inserted = orders.insert_orders(
        heads.with_columns(
            ref="order_id",
            external_id=pl.col("order_id").cast(pl.String),
            placed_at=pl.col("placed_on").cast(pl.Datetime("us", "UTC")),
        ),
        lines.with_columns(ref="order_id", unit_price_e4=pl.col("amount_minor") * 100 // pl.col("quantity")),
    )
    return dict(inserted.select("ref", "order_id").iter_rows())


def tees(number: int, quantity: int = 1, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An order of some T-shirts at 30 euro."""
    return order(number, [("TEE", quantity, 3000 * quantity)], **more)


def _completed(frame: pl.DataFrame, model: type[Model]) -> pl.DataFrame:
    """Columns that only the record has, at the model's defaults."""
    missing = [
        field
        for field in model._meta.concrete_fields
        if field.column not in frame.columns and not (field.primary_key and field.column == "id")
    ]
    return frame.with_columns(
        [
            pl.lit("" if field.get_default() is None else field.get_default()).alias(field.column)
            for field in missing
        ]
    ).select([field.column for field in model._meta.concrete_fields if field.column != "id"])
