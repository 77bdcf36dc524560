"""The records of an Online Retail file in the shapes the rooms take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.channels.adapters.online_retail import RetailRecords
from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.frames.source import Source
from entrepot.engine.arithmetic import divide

NUMBERS = ("weight_g", "length_mm", "width_mm", "height_mm", "cost_ppm")


def categories(first_day: date) -> Frame:
    """The assumed categories with their assumptions, as `catalog` takes them."""
    return table("online_retail_categories").select(
        "category",
        "name_en",
        "name_zh",
        *(pl.col(name).cast(pl.Int64) for name in NUMBERS),
        "hs_code",
        "origin",
        "tax_category",
        valid_from=pl.lit(first_day.replace(month=1, day=1)),
        source=pl.lit("assumption"),
        status=pl.lit("U"),
        note=pl.lit("assumed for imported goods without facts of their own"),
    )


def skus(records: RetailRecords, source: Source) -> Frame:
    """Articles without any physical fact of their own; the list price is the median price of the file."""
    known = pl.col("list_price_minor").is_not_null()
    return records.skus.select(
        "sku",
        "category",
        "list_price_minor",
        name_en="name",
        weight_g=pl.lit(None, pl.Int64),
        length_mm=pl.lit(None, pl.Int64),
        width_mm=pl.lit(None, pl.Int64),
        height_mm=pl.lit(None, pl.Int64),
        cost_minor=pl.lit(None, pl.Int64),
        list_currency=pl.when(known).then(pl.lit(source.currency)).otherwise(pl.lit("")),
    )


def customers(records: RetailRecords, source: Source) -> Frame:
    """Customers by a number of our own: the source's name before theirs."""
    return records.customers.select(code=_customer_code("customer", source), country="country")


def orders(records: RetailRecords, source: Source) -> tuple[Frame, Frame]:
    """Orders and lines as `orders` takes them; `ref` counts the file's orders."""
    heads = records.orders.with_row_index("ref").with_columns(pl.col("ref").cast(pl.Int64))
    known = pl.col("customer") != ""
    orders = heads.select(
        "ref",
        "placed_at",
        "placed_on",
        "shipping_minor",
        channel=pl.lit(source.channel),
        external_id="invoice",
        source=pl.lit(source.name),
        customer_code=_customer_code("customer", source),
        dest_country="country",
        currency=pl.lit(source.currency),
        price_includes_tax=pl.lit(source.includes_tax),
        buyer_kind=pl.when(known).then(pl.lit(source.buyer_known)).otherwise(pl.lit(source.buyer_unknown)),
    )
    lines = records.order_lines.join(
        heads.select("invoice", "ref"), on="invoice", maintain_order="left"
    ).select("ref", "line_no", "sku", "description", "quantity", "amount_minor", unit_price_e4="price_e4")
    return orders, lines


def moves(records: RetailRecords, source: Source, file_id: str, opened: Mapping[str, int]) -> Frame:
    """Stock moves other than sales.

    The opening stock is what this file needs beyond the opening stock that earlier files of the kind have booked
    (`opened`, pieces by SKU); every other move is the line's own, whatever file brings it.
    """
    known = pl.DataFrame(
        {"sku": list(opened), "opened": list(opened.values())}, schema={"sku": pl.String, "opened": pl.Int64}
    )
    opening = pl.col("kind") == "opening"
    prefix = pl.when(opening).then(pl.lit(f"{source.name}:{file_id}:")).otherwise(pl.lit(f"{source.name}:"))
    short = pl.col("quantity") - pl.col("opened").fill_null(0)
    rows = records.moves.join(known, on="sku", how="left", maintain_order="left").with_columns(
        quantity=pl.when(opening).then(short).otherwise(pl.col("quantity"))
    )
    return rows.filter(~opening | (pl.col("quantity") > 0)).select(
        "sku",
        "quantity",
        "moved_on",
        "kind",
        "note",
        warehouse=pl.lit(source.warehouse),
        idempotency_key=prefix + pl.col("key"),
    )


def opening_key(source: Source, file_id: str) -> str:
    """What the keys of a file's opening moves begin with."""
    return f"{source.name}:{file_id}:opening:"


def stock_legs(
    records: RetailRecords, costs: Frame, source: Source, file_id: str, opened: Mapping[str, int]
) -> Frame:
    """What opening stock, write-offs and corrections are worth, at the assumed cost, in the books' currency.

    Shapes: `costs` is frame SKUS (cost per piece in its currency); `opened` the opening pieces this file booked.
    The opening stock is one entry, each correction one.
    """
    leg_of = {"opening": "opening_stock", "writeoff": "writeoff", "adjustment": "stock_found"}
    known = pl.DataFrame(
        {"sku": list(opened), "quantity": list(opened.values())},
        schema={"sku": pl.String, "quantity": pl.Int64},
    )
    first = known.select(
        key=pl.lit(""),
        sku="sku",
        quantity="quantity",
        kind=pl.lit("opening"),
        note=pl.lit(""),
        moved_on=pl.lit(records.lines["placed_on"].min(), pl.Date),
    )
    moved = records.moves.filter(pl.col("kind").is_in(["writeoff", "adjustment"])).select(first.columns)
    rows = _valued(pl.concat([first, moved]), costs).with_columns(
        leg=pl.col("kind").replace_strict(leg_of, return_dtype=pl.String)
    )
    opening = (
        rows.filter(kind="opening")
        .group_by("kind", "leg", "moved_on", "cost_currency")
        .agg(pl.col("cost").sum())
        .with_columns(key=pl.lit(f"{file_id}:opening"), note=pl.lit("assumed opening stock"))
        .sort("moved_on", "cost_currency")
    )
    columns = ["key", "kind", "leg", "moved_on", "cost_currency", "cost", "note"]
    every = pl.concat([opening.select(columns), rows.filter(pl.col("kind") != "opening").select(columns)])
    return every.select(
        "leg",
        idempotency_key=pl.lit(f"{source.name}:stock:") + pl.col("key"),
        kind="kind",
        entry_date="moved_on",
        currency="cost_currency",
        amount_minor="cost",
        in_base=pl.lit(True),
        ref_kind=pl.lit(source.name),
        memo="note",
    )


def fee_legs(records: RetailRecords, source: Source) -> Frame:
    """Fees, stand-alone postage and adjustments, each an entry of its own."""
    return records.entries.select(
        "leg",
        "entry_date",
        "amount_minor",
        kind="outcome",
        idempotency_key=pl.lit(f"{source.name}:") + pl.col("key"),
        currency=pl.lit(source.currency),
        ref_kind=pl.lit(source.name),
        memo=pl.format("{} {} {}", "invoice", "reason", "memo"),
    )


def returns(records: RetailRecords, known: Frame, source: Source) -> Frame:
    """Returns as `orders` records them; `known` are the file's orders (external_id, order_id)."""
    ids = known.select(sale_invoice="external_id", order_id="order_id")
    return records.returns.join(ids, on="sale_invoice", how="left", maintain_order="left").select(
        "line_no",
        "order_id",
        "kind",
        "sku",
        "quantity",
        "amount_minor",
        "received_on",
        "note",
        source=pl.lit(source.name),
        external_id="invoice",
        order_line_no="sale_line_no",
        currency=pl.lit(source.currency),
    )


def return_legs(records: RetailRecords, booked: Frame, costs: Frame, source: Source) -> Frame:
    """Money and goods of each return: refund without tax, the tax in it, and the stock's worth.

    Shapes: `booked` (external_id, dest_country, placed_on, collector, revenue_minor, tax_sale_minor) of booked orders.
    The tax share is that of the return's own order; where none is booked, that of the largest order of the country
    on the last day before (assumption, docs/methods/online_retail_reconciliation.md).
    """
    rows = _with_tax_share(records.returns, booked).with_columns(
        tax=divide(pl.col("amount_minor") * pl.col("tax_sale_minor"), pl.col("gross_minor")).fill_null(0),
        key=pl.col("invoice") + ":" + pl.col("line_no").cast(pl.String),
    )
    goods = _valued(rows.select("key", "sku", "quantity", "received_on"), costs)
    money = [
        rows.select(
            "key", "received_on", leg=pl.lit("return_goods"), amount=pl.col("amount_minor") - pl.col("tax")
        ),
        rows.select("key", "received_on", leg=pl.lit("return_tax"), amount="tax"),
    ]
    paid = pl.concat(money).with_columns(currency=pl.lit(source.currency), in_base=pl.lit(False))
    stock = goods.select(
        "key",
        "received_on",
        leg=pl.lit("return_stock"),
        amount="cost",
        currency="cost_currency",
        in_base=pl.lit(True),
    )
    return pl.concat([paid, stock]).select(
        "leg",
        "currency",
        "in_base",
        kind=pl.lit("return"),
        entry_date="received_on",
        amount_minor="amount",
        idempotency_key=pl.lit(f"{source.name}:return:") + pl.col("key"),
        ref_kind=pl.lit(source.name),
        memo=pl.col("key"),
    )


def source_lines(records: RetailRecords) -> Frame:
    """What became of each line; order lines, their postage and tied returns name the order's invoice."""
    sale = records.returns.select("row_no", "sale_invoice")
    of_order = pl.col("booking").is_in(["order", "shipping"])
    return records.lines.join(sale, on="row_no", how="left", maintain_order="left").select(
        "row_no",
        "outcome",
        "reason",
        "amount_e4",
        "quantity",
        invoice=pl.when(of_order).then(pl.col("invoice")).otherwise(pl.col("sale_invoice")),
    )


def rejects(records: RetailRecords) -> Frame:
    """Lines that could not be used, by row, field, value and reason."""
    return records.lines.filter(outcome="rejected").select(
        "row_no", "reason", field="problem", value="bad_value"
    )


def _customer_code(column: str, source: Source) -> pl.Expr:
    number = pl.col(column)
    return pl.when(number == "").then(pl.lit("")).otherwise(pl.lit(f"{source.channel}:") + number)


def _valued(rows: Frame, costs: Frame) -> Frame:
    """Rows with `cost` of all their pieces (positive) and its currency; nothing for articles without any price."""
    cost = costs.select("sku", "cost_minor", "cost_currency")
    return rows.join(cost, on="sku", how="inner", maintain_order="left").with_columns(
        cost=pl.col("quantity").abs() * pl.col("cost_minor")
    )


def _with_tax_share(rows: Frame, booked: Frame) -> Frame:
    """`tax_sale_minor` of `gross_minor` that a refund contains."""
    by_us = pl.col("collector") == "seller"
    shares = booked.select(
        "external_id",
        "dest_country",
        "placed_on",
        tax=pl.when(by_us).then(pl.col("tax_sale_minor")).otherwise(0),
        gross=pl.col("revenue_minor") + pl.when(by_us).then(pl.col("tax_sale_minor")).otherwise(0),
    ).filter(pl.col("gross") > 0)
    own = shares.select(sale_invoice="external_id", own_tax="tax", own_gross="gross")
    largest = (
        shares.sort(
            ["dest_country", "placed_on", "gross", "external_id"], descending=[False, False, True, False]
        )
        .unique(["dest_country", "placed_on"], keep="first", maintain_order=True)
        .select("placed_on", country="dest_country", near_tax="tax", near_gross="gross")
        .sort("placed_on")
    )
    dated = rows.join(own, on="sale_invoice", how="left", maintain_order="left").sort("received_on", "row_no")
    for strategy in ("backward", "forward"):  # the first days have no order before them
        found = largest.rename({"near_tax": f"tax_{strategy}", "near_gross": f"gross_{strategy}"})
        dated = dated.join_asof(
            found,
            left_on="received_on",
            right_on="placed_on",
            by="country",
            strategy=strategy,
            check_sortedness=False,
            coalesce=False,
        ).drop("placed_on")
    return dated.with_columns(
        tax_sale_minor=pl.coalesce("own_tax", "tax_backward", "tax_forward", pl.lit(0)),
        gross_minor=pl.coalesce("own_gross", "gross_backward", "gross_forward", pl.lit(1)),
    ).sort("row_no")
