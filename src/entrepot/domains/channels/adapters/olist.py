"""The Olist tables (Brazil): orders, items, payments, customers, products, sellers, joined."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import polars as pl

from entrepot.domains.channels.adapters.tables import MAX_UNPACKED, FileRefused, table, unpacked

TABLES = {
    "orders": "orders",
    "items": "order_items",
    "payments": "order_payments",
    "customers": "customers",
    "products": "products",
    "sellers": "sellers",
    "translation": "product_category_name_translation",
}
ZONE = "America/Sao_Paulo"
ZIP_DIGITS = 5
UNKNOWN = "unknown"


class MissingTable(FileRefused):
    """A table of the set is not in the folder: names it."""

    def __init__(self, missing: str) -> None:
        super().__init__("file.tables", missing)


@dataclass(frozen=True)
class OlistRecords:
    """The set as frames ready to be stored; amounts in centavos, weights g, sizes mm."""

    lines: pl.DataFrame
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    skus: pl.DataFrame
    categories: pl.DataFrame
    customers: pl.DataFrame
    moves: pl.DataFrame


def tables_of(archive: bytes) -> dict[str, pl.DataFrame]:
    """The tables of a zip of CSV files (plain or gzipped), found by their names, every value as text.

    Errors: a table that is not there raises MissingTable with the names.
    """
    found: dict[str, pl.DataFrame] = {}
    try:
        opened = zipfile.ZipFile(io.BytesIO(archive))
    except zipfile.BadZipFile as error:
        raise FileRefused("file.packed", str(error)) from error
    with opened as box:
        if sum(entry.file_size for entry in box.infolist()) > MAX_UNPACKED:
            raise FileRefused("file.packed")
        for name in sorted(box.namelist()):
            wanted = _table_name(name)
            if wanted and wanted not in found:
                found[wanted] = _read(box.read(name))
    missing = [stem for name, stem in TABLES.items() if name not in found]
    if missing:
        raise MissingTable(", ".join(missing))
    return found


def _table_name(path: str) -> str | None:
    """`a/sample1000_order_items.csv.gz` is the table `items`; the longest match wins."""
    base = path.rsplit("/", 1)[-1].lower()
    if not base.endswith((".csv", ".csv.gz")):
        return None
    stem = base.removesuffix(".gz").removesuffix(".csv").removesuffix("_dataset")
    fitting = [name for name, end in TABLES.items() if stem == end or stem.endswith("_" + end)]
    return max(fitting, key=lambda name: len(TABLES[name]), default=None)


def _read(content: bytes) -> pl.DataFrame:
    frame = pl.read_csv(unpacked(content), infer_schema=False, null_values=[""])
    return frame.rename({name: name.strip().lstrip("\ufeff") for name in frame.columns})


def parse_tables(tables: dict[str, pl.DataFrame]) -> OlistRecords:
    """Everything the joined tables say.

    Shapes: one line per order item, as many lines as the items table has rows. Cancelled orders are kept as
    lines
    with the outcome `adjustment` and make no order.
    Units: `*_minor` centavos, `price_e4` 1/10000 real. Sizes come in whole centimetres and are kept in mm.
    """
    lines = _lines(tables)
    orders = _orders(tables, lines)
    skus, categories = _skus(tables["products"], tables["translation"], lines)
    sold = lines.filter(outcome="order_line")
    return OlistRecords(
        lines=lines,
        orders=orders,
        order_lines=sold.select(
            "invoice", "row_no", "line_no", "sku", "description", "quantity", "price_e4", "amount_minor"
        ),
        skus=skus,
        categories=categories,
        customers=orders.select("customer", "country").unique("customer", maintain_order=True),
        moves=_opening(sold),
    )


def _lines(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    items = tables["items"].join(
        tables["orders"].select("order_id", "order_status", "order_purchase_timestamp"),
        on="order_id",
        how="left",
        maintain_order="left",
    )
    sellers = tables["sellers"].select(
        "seller_id",
        "seller_state",
        seller_zip=pl.col("seller_zip_code_prefix").str.zfill(ZIP_DIGITS),
    )
    status = pl.col("order_status")
    price, freight = _e4("price"), _e4("freight_value")
    unreadable = price.is_null() | freight.is_null() | pl.col("order_purchase_timestamp").is_null()
    cancelled = status.is_in(["canceled", "unavailable"])
    return (
        items.join(sellers, on="seller_id", how="left", maintain_order="left")
        .with_row_index("row_no", offset=1)
        .select(
            pl.col("row_no").cast(pl.Int64),
            invoice="order_id",
            line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("order_id"),
            sku="product_id",
            description=pl.format(
                "seller {} · {} {}", pl.col("seller_id").str.head(8), "seller_zip", "seller_state"
            ).fill_null(""),
            quantity=pl.lit(1, pl.Int64),
            price_e4=price,
            freight_minor=freight // 100,
            amount_e4=price,
            amount_minor=price // 100,
            seller_state=pl.col("seller_state").fill_null(""),
            status=status.fill_null(""),
            outcome=pl.when(unreadable)
            .then(pl.lit("rejected"))
            .when(cancelled)
            .then(pl.lit("adjustment"))
            .otherwise(pl.lit("order_line")),
            reason=pl.when(unreadable)
            .then(pl.lit("value.unreadable"))
            .when(cancelled)
            .then(pl.lit("order_cancelled"))
            .otherwise(pl.lit("sale")),
        )
    )


def _orders(tables: dict[str, pl.DataFrame], lines: pl.DataFrame) -> pl.DataFrame:
    sold = lines.filter(outcome="order_line")
    money = sold.group_by("invoice", maintain_order=True).agg(
        goods_minor=pl.col("amount_minor").sum(), shipping_minor=pl.col("freight_minor").sum()
    )
    customers = tables["customers"].select(
        "customer_id",
        customer="customer_unique_id",
        region="customer_state",
        city="customer_city",
        postcode=pl.col("customer_zip_code_prefix").str.zfill(ZIP_DIGITS),
    )
    heads = tables["orders"].join(customers, on="customer_id", how="left")
    placed = _moment("order_purchase_timestamp")
    heads = heads.select(
        invoice="order_id",
        customer="customer",
        country=pl.lit("BR"),
        region="region",
        city="city",
        postcode="postcode",
        placed_on=placed.dt.date(),
        placed_at=placed.dt.replace_time_zone(
            ZONE, ambiguous="earliest", non_existent="null"
        ).dt.convert_time_zone("UTC"),
        their_promise_on=_moment("order_estimated_delivery_date").dt.date(),
        delivered_on=_moment("order_delivered_customer_date").dt.date(),
        status="order_status",
    )
    return (
        money.join(heads, on="invoice", how="left", maintain_order="left")
        .join(_payment_methods(tables["payments"]), on="invoice", how="left", maintain_order="left")
        .with_columns(
            pl.col("payment_method").fill_null(""),
            total_minor=pl.col("goods_minor") + pl.col("shipping_minor"),
        )
    )


def _payment_methods(payments: pl.DataFrame) -> pl.DataFrame:
    """The method that paid most of an order, by our name for it (data/olist_payments.csv)."""
    ours = table("olist_payments").select("payment_type", "payment_method")
    return (
        payments.with_columns(value=_e4("payment_value"))
        .sort(["order_id", "value", "payment_type"], descending=[False, True, False])
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("payment_type").first())
        .join(ours, on="payment_type", how="left")
        .select(invoice="order_id", payment_method=pl.col("payment_method").fill_null(""))
    )


def _skus(
    products: pl.DataFrame, translation: pl.DataFrame, lines: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Articles that were sold, and each category with the median weight and size of all its products."""
    english = translation.select(
        product_category_name=pl.col("product_category_name").str.strip_chars(),
        english=pl.col("product_category_name_english").str.strip_chars(),
    )
    known = products.join(english, on="product_category_name", how="left", maintain_order="left").select(
        sku="product_id",
        category=pl.coalesce("english", "product_category_name", pl.lit(UNKNOWN)),
        weight_g=_whole("product_weight_g"),
        length_mm=_whole("product_length_cm") * 10,
        width_mm=_whole("product_width_cm") * 10,
        height_mm=_whole("product_height_cm") * 10,
    )
    sizes = ["weight_g", "length_mm", "width_mm", "height_mm"]
    known = known.with_columns(pl.when(pl.col(size) > 0).then(pl.col(size)).alias(size) for size in sizes)
    categories = (
        known.group_by("category")
        .agg(
            *(pl.col(size).quantile(0.5, "lower").cast(pl.Int64).fill_null(1) for size in sizes),
            products=pl.len(),
        )
        .sort("category")
    )
    prices = (
        lines.filter(outcome="order_line")
        .group_by("sku")
        .agg(list_price_minor=pl.col("amount_minor").quantile(0.5, "lower").cast(pl.Int64))
    )
    skus = prices.join(known, on="sku", how="left").with_columns(pl.col("category").fill_null(UNKNOWN))
    named = skus.with_columns(
        name=pl.format("{} {}", pl.col("category").str.replace_all("_", " "), pl.col("sku").str.head(8))
    )
    return named.sort("sku"), categories.filter(pl.col("category").is_in(skus["category"].to_list()))


def _opening(sold: pl.DataFrame) -> pl.DataFrame:
    """The set says nothing of stock: exactly what was sold is taken as opening stock."""
    return (
        sold.group_by("sku")
        .agg(quantity=pl.col("quantity").sum())
        .sort("sku")
        .select(key=pl.lit("opening:") + pl.col("sku"), sku="sku", quantity="quantity")
    )


def _moment(column: str) -> pl.Expr:
    return pl.col(column).str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S", strict=False)


def _whole(column: str) -> pl.Expr:
    return pl.col(column).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def _e4(column: str) -> pl.Expr:
    """1/10000 of a real from a text with up to two decimals, exact."""
    text = pl.col(column).str.strip_chars()
    whole = text.str.extract(r"^(\d{1,9})(?:\.\d{0,2}0*)?$", 1).cast(pl.Int64)
    part = text.str.extract(r"^\d{1,9}\.(\d{0,2})0*$", 1).fill_null("").str.pad_end(2, "0").cast(pl.Int64)
    return whole * 10_000 + part * 100
