"""From classified lines to records: orders, returns, stock moves, ledger facts, articles, customers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from entrepot.domains.channels.adapters.online_retail.read import ZONE, half_up
from entrepot.domains.channels.adapters.online_retail.ties import main_tie, tie_returns
from entrepot.domains.channels.adapters.tables import table

DEFAULT_CATEGORY = "general_gifts"


@dataclass(frozen=True)
class RetailRecords:
    """All that one file says, as frames ready to be stored; amounts in pence, `_e4` in 1/10000 pound."""

    lines: pl.DataFrame
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    returns: pl.DataFrame
    moves: pl.DataFrame
    entries: pl.DataFrame
    skus: pl.DataFrame
    customers: pl.DataFrame


def build_records(lines: pl.DataFrame) -> RetailRecords:
    """Everything the classified lines of a file amount to.

    Shapes: `lines` from `classify`. Holds: each line feeds exactly one of order_lines, returns, entries,
    moves (stock
    corrections), an order's shipping, or nothing (duplicates, rejected).
    """
    lines = lines.with_columns(
        placed_on=pl.col("placed_local").dt.date(), booking=_shipping_or_entry(lines), key=_key()
    )
    sales = lines.filter(booking="order")
    returns = lines.filter(booking="return")
    ties = tie_returns(sales, returns.with_columns(quantity=-pl.col("quantity")))
    return RetailRecords(
        lines=lines,
        orders=_orders(lines),
        order_lines=_order_lines(sales),
        returns=_returns(returns, sales, ties),
        moves=_moves(lines),
        entries=_entries(lines),
        skus=_skus(lines),
        customers=_customers(lines),
    )


def _key() -> pl.Expr:
    return pl.col("invoice") + ":" + pl.col("position").cast(pl.String)


def _shipping_or_entry(lines: pl.DataFrame) -> pl.Series:
    """Postage on an invoice with goods belongs to that order; elsewhere it is an entry of its own."""
    shipping = pl.col("booking") == "shipping"
    with_goods = (pl.col("booking") == "order").any().over("invoice")
    charge = pl.when(shipping).then(pl.col("amount_minor")).otherwise(0).sum().over("invoice")
    chosen = (
        pl.when(shipping & ~(with_goods & (charge >= 0))).then(pl.lit("entry")).otherwise(pl.col("booking"))
    )
    return lines.select(chosen.alias("booking"))["booking"]


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    """One order an invoice with goods, placed when its first line was."""
    goods = pl.col("booking") == "order"
    shipping = pl.col("booking") == "shipping"
    return (
        lines.filter(goods | shipping)
        .group_by("invoice", maintain_order=True)
        .agg(
            placed_at=pl.col("placed_local").min(),
            customer=pl.col("customer").first(),
            country=pl.col("country").first(),
            country_text=pl.col("country_text").first(),
            goods_minor=pl.col("amount_minor").filter(goods).sum(),
            shipping_minor=pl.col("amount_minor").filter(shipping).sum(),
            first_row=pl.col("row_no").min(),
        )
        .with_columns(
            placed_on=pl.col("placed_at").dt.date(),
            placed_at=pl.col("placed_at")
            .dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
            .dt.convert_time_zone("UTC"),
            total_minor=pl.col("goods_minor") + pl.col("shipping_minor"),
        )
        .sort("first_row")
    )


def _order_lines(sales: pl.DataFrame) -> pl.DataFrame:
    return sales.select(
        "invoice",
        "row_no",
        line_no="position",
        sku="code",
        description=pl.col("description").fill_null("").str.strip_chars(),
        quantity="quantity",
        price_e4="price_e4",
        amount_minor="amount_minor",
    )


def _returns(returns: pl.DataFrame, sales: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """Goods that came back, each under the order most of its pieces came from (null where none is found)."""
    origin = sales.select(
        sale_row="row_no", sale_invoice="invoice", sale_line_no="position", sale_on="placed_on"
    )
    tied = main_tie(ties).join(origin, on="sale_row")
    pieces = -pl.col("quantity")
    same_day = (pl.col("sale_on") == pl.col("placed_on")).fill_null(False)
    return (
        returns.join(tied, left_on="row_no", right_on="return_row", how="left", maintain_order="left")
        .with_columns(pl.col("tied_pieces").fill_null(0))
        .select(
            "row_no",
            "invoice",
            line_no="position",
            sku="code",
            quantity=pieces,
            amount_minor=-pl.col("amount_minor"),
            received_on="placed_on",
            kind=pl.when(same_day).then(pl.lit("cancellation")).otherwise(pl.lit("return")),
            tied_pieces="tied_pieces",
            sale_invoice="sale_invoice",
            sale_line_no="sale_line_no",
            note=pl.when(pl.col("tied_pieces") == 0)
            .then(pl.lit("no earlier purchase found"))
            .when(pl.col("tied_pieces") < pieces)
            .then(pl.format("{} of {} pieces found in earlier purchases", "tied_pieces", pieces))
            .when(pl.col("sales") > 1)
            .then(pl.format("pieces of {} order lines", "sales"))
            .otherwise(pl.lit("")),
            country="country",
        )
    )


def _moves(lines: pl.DataFrame) -> pl.DataFrame:
    """Stock moves other than sales: opening, corrections, goods back; key unique within a source."""
    moves = lines.filter(pl.col("booking").is_in(["stock", "return"])).select(
        "row_no",
        "key",
        sku="code",
        quantity=pl.when(booking="return").then(-pl.col("quantity")).otherwise(pl.col("quantity")),
        kind=pl.when(booking="return")
        .then(pl.lit("return"))
        .when(outcome="write_off")
        .then(pl.lit("writeoff"))
        .otherwise(pl.lit("adjustment")),
        moved_on="placed_on",
        note=pl.col("reason"),
    )
    return pl.concat([_opening(lines), moves], how="vertical")


def _opening(lines: pl.DataFrame) -> pl.DataFrame:
    """The smallest stock at the start with which no article ever goes below zero."""
    flow = lines.filter(pl.col("booking").is_in(["order", "stock", "return"])).with_columns(
        change=pl.when(booking="stock").then(pl.col("quantity")).otherwise(-pl.col("quantity"))
    )
    return (
        flow.sort("placed_local", "row_no")
        .with_columns(level=pl.col("change").cum_sum().over("code"))
        .group_by("code")
        .agg(
            quantity=(-pl.col("level").min()).clip(lower_bound=0),
            moved_on=pl.lit(flow["placed_on"].min(), pl.Date),
        )
        .filter(pl.col("quantity") > 0)
        .sort("code")
        .select(
            row_no=pl.lit(None, pl.Int64),
            key=pl.lit("opening:") + pl.col("code"),
            sku="code",
            quantity="quantity",
            kind=pl.lit("opening"),
            moved_on="moved_on",
            note=pl.lit("assumed opening stock"),
        )
    )


def _entries(lines: pl.DataFrame) -> pl.DataFrame:
    """Fees, stand-alone postage, adjustments: the leg to post and its amount, positive as the leg reads."""
    return lines.filter((pl.col("booking") == "entry") & (pl.col("amount_minor") != 0)).select(
        "row_no",
        "key",
        "invoice",
        "leg",
        "outcome",
        "reason",
        "customer",
        entry_date="placed_on",
        amount_minor=pl.col("amount_minor") * pl.col("sign"),
        memo=pl.col("description").fill_null("").str.strip_chars(),
    )


def _skus(lines: pl.DataFrame) -> pl.DataFrame:
    """Articles that move: the commonest description when sold, its category by words, the median price."""
    goods = lines.filter(pl.col("booking").is_in(["order", "stock", "return"]))
    text = pl.col("description").fill_null("").str.strip_chars()
    names = (
        goods.with_columns(name=text, sold=pl.col("booking") == "order")
        .filter(pl.col("name") != "")
        .group_by("code", "sold", "name")
        .len()
        .sort(["code", "sold", "len", "name"], descending=[False, True, True, False])
        .group_by("code", maintain_order=True)
        .agg(pl.col("name").first())
    )
    prices = (
        goods.filter((pl.col("booking") == "order") & (pl.col("price_e4") > 0))
        .group_by("code")
        .agg(median_e4=pl.col("price_e4").quantile(0.5, "lower").cast(pl.Int64))
    )
    skus = (
        goods.select("code").unique().join(names, on="code", how="left").join(prices, on="code", how="left")
    )
    return skus.select(
        sku="code",
        name=pl.col("name").fill_null(pl.col("code")),
        category=_category(pl.col("name").fill_null("").str.to_uppercase()),
        list_price_minor=half_up(pl.col("median_e4")),
    ).sort("sku")


def _category(name: pl.Expr) -> pl.Expr:
    rules = table("online_retail_categories").filter(pl.col("pattern") != "")
    fits = [
        pl.when(name.str.contains(rule["pattern"])).then(pl.lit(rule["category"]))
        for rule in rules.iter_rows(named=True)
    ]
    return pl.coalesce([*fits, pl.lit(DEFAULT_CATEGORY)])


def _customers(lines: pl.DataFrame) -> pl.DataFrame:
    """Every customer number of the file with the country of its first line."""
    return (
        lines.filter((pl.col("customer") != "") & (pl.col("problem") == ""))
        .group_by("customer", maintain_order=True)
        .agg(pl.col("country").first())
    )
