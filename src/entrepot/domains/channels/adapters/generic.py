"""A seller's own order table: which column is what, and from its rows orders and a list of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from entrepot.domains.channels.adapters.tables import table, with_country
from entrepot.domains.channels.adapters.tabular import ROW, guess_date_format, guess_decimal, parse_dates

REQUIRED = ("order_id", "placed_at", "sku", "quantity", "unit_price", "line_amount", "currency", "country")
OPTIONAL = (
    "shipping",
    "discount",
    "customer",
    "recipient",
    "email",
    "region",
    "city",
    "postcode",
    "description",
    "payment_method",
    "vat_number",
)
FIELDS = REQUIRED + OPTIONAL
ORDER_FIELDS = (
    "placed_at",
    "currency",
    "country",
    "shipping",
    "discount",
    "customer",
    "recipient",
    "email",
    "region",
    "city",
    "postcode",
    "payment_method",
    "vat_number",
)
MAX_QUANTITY = 999_999_999
DIGITS = 12


@dataclass(frozen=True)
class Reading:
    """How a file is read: column of each field, and what holds where a column is missing."""

    mapping: Mapping[str, str]
    decimal: str = ""
    date_format: str = ""
    currency: str = ""
    country: str = ""
    minor_units: Mapping[str, int] = field(default_factory=dict)
    country_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class GenericRecords:
    """What the rows amount to: good orders with lines, and every problem as row, field, value, reason."""

    lines: pl.DataFrame
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    problems: pl.DataFrame
    decimal: str
    date_format: str


def suggest_mapping(headers: list[str]) -> dict[str, str]:
    """Field to column by the words sellers use (data/header_synonyms.csv); the first listed word wins."""
    plain = {_plain(name): name for name in reversed(headers) if name != ROW}
    chosen: dict[str, str] = {}
    for fieldname, word in table("header_synonyms").iter_rows():
        if fieldname not in chosen and _plain(word) in plain and plain[_plain(word)] not in chosen.values():
            chosen[fieldname] = plain[_plain(word)]
    if "unit_price" in chosen:  # beside a unit price, an "amount" is mostly the order's total
        chosen.pop("line_amount", None)
    return chosen


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-#./]+", "", name.strip().lower())


def missing_fields(reading: Reading) -> list[str]:
    """Fields without which no order can be made: neither a column nor a fixed value."""
    have = {name for name, column in reading.mapping.items() if column}
    fixed = {name for name in ("currency", "country") if getattr(reading, name)}
    lacking = [
        name
        for name in ("order_id", "placed_at", "sku", "quantity", "currency", "country")
        if name not in have | fixed
    ]
    return lacking if have & {"unit_price", "line_amount"} else [*lacking, "unit_price"]


def build_orders(rows: pl.DataFrame, reading: Reading) -> GenericRecords:
    """Orders from rows; an order with one bad row is kept out as a whole, so that none arrives half.

    Shapes: `rows` as `read_table` gives them. Result: `lines` one row a file row with outcome and reason.
    Units: amounts in minor units of the order's currency, `price_e4` and `amount_e4` 1/10000 of the major
    unit, half-up.
    Errors: values, never exceptions: rows of `problems` (row_no, field, value, reason).
    """
    text = _by_field(rows, reading)
    decimal = reading.decimal or guess_decimal(
        [
            value
            for name in ("unit_price", "line_amount", "shipping", "discount")
            for value in text[name].to_list()
        ]
    )
    date_format = reading.date_format or guess_date_format(text["placed_at"].to_list())
    typed = _typed(text, reading, decimal, date_format)
    problems = _problems(typed, reading)
    lines = _outcomes(typed, problems)
    good = lines.filter(outcome="order_line")
    also = lines.filter(reason="order.has_bad_rows").select(
        ROW, field=pl.lit("order_id"), value="order_id", reason="reason"
    )
    return GenericRecords(
        lines=lines,
        orders=_orders(good),
        order_lines=good.select(
            invoice="order_id",
            row_no=ROW,
            line_no="line_no",
            sku="sku",
            description="description",
            quantity="quantity",
            price_e4="price_e4",
            amount_minor="amount_minor",
        ),
        problems=pl.concat([problems, also]).sort(ROW),
        decimal=decimal,
        date_format=date_format,
    )


def _by_field(rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Columns by our names; an order's own facts are carried to its following rows where they are blank."""
    chosen = [
        pl.col(column).alias(name)
        if (column := reading.mapping.get(name)) in rows.columns
        else pl.lit("").alias(name)
        for name in FIELDS
    ]
    text = rows.select(ROW, *chosen)
    carried = [
        pl.when(pl.col(name) == "")
        .then(None)
        .otherwise(pl.col(name))
        .forward_fill()
        .over("order_id")
        .fill_null("")
        .alias(name)
        for name in ORDER_FIELDS
        if name not in ("shipping", "discount")
    ]
    text = text.with_columns(carried)
    return text.with_columns(
        pl.when(pl.col(name) == "").then(pl.lit(fixed)).otherwise(pl.col(name)).alias(name)
        for name, fixed in (("currency", reading.currency), ("country", reading.country))
    )


def _typed(text: pl.DataFrame, reading: Reading, decimal: str, date_format: str) -> pl.DataFrame:
    units = pl.DataFrame(
        {"currency": list(reading.minor_units), "minor_units": list(reading.minor_units.values())},
        schema={"currency": pl.String, "minor_units": pl.Int64},
    )
    frame = text.with_columns(
        pl.col("currency").str.to_uppercase(),
        country_text=pl.col("country"),
        placed=parse_dates(text["placed_at"], date_format),
        quantity_text=pl.col("quantity"),
        quantity=number("quantity", decimal, 4),
        unit_e4=number("unit_price", decimal, 4),
        line_e4=number("line_amount", decimal, 4),
        shipping_e4=number("shipping", decimal, 4),
        discount_e4=number("discount", decimal, 4).abs(),
        line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("order_id"),
        repeated=~pl.struct(list(FIELDS)).is_first_distinct(),
    ).join(units, on="currency", how="left", maintain_order="left")
    frame = with_country(frame.drop("country"), written="country_text", codes=reading.country_codes)
    whole = (pl.col("quantity") % 10_000 == 0) & (pl.col("quantity") <= MAX_QUANTITY * 10_000)
    frame = frame.with_columns(quantity=pl.when(whole).then(pl.col("quantity") // 10_000))
    # the smallest step of the currency in 1/10000: 100 for cents, 10 000 for yen
    step = 10_000 // 10 ** pl.col("minor_units").clip(0, 4)
    amount_e4 = pl.coalesce(pl.col("line_e4"), pl.col("unit_e4") * pl.col("quantity"))
    return frame.with_columns(step=step, amount_e4=amount_e4).with_columns(
        amount_minor=_half_up("amount_e4"),
        shipping_minor=_half_up("shipping_e4").fill_null(0),
        discount_minor=_half_up("discount_e4").fill_null(0),
        price_e4=pl.coalesce(pl.col("unit_e4"), pl.col("amount_e4") // pl.col("quantity").replace(0, None)),
    )


def _half_up(column: str) -> pl.Expr:
    value, step = pl.col(column), pl.col("step")
    return value.sign() * ((value.abs() * 2 + step) // (step * 2))


def number(column: str, decimal: str, places: int) -> pl.Expr:
    """10^-places of a number as sellers write it, with currency words and thousands marks; else null."""
    thousands = "," if decimal == "." else "."
    text = pl.col(column).str.strip_chars().str.replace_all(r"[\s\u00a0'’]", "")
    text = text.str.replace(r"^([+-]?)(?:[A-Z]{2,3}|[^\d.,+-])*", "${1}").str.replace(
        r"(?:[A-Z]{3}|[^\d.,]+)$", ""
    )
    grouped = rf"^[+-]?\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?$"
    text = (
        pl.when(text.str.contains(grouped))
        .then(text.str.replace_all(thousands, "", literal=True))
        .otherwise(text)
    )
    pattern = rf"^[+-]?(\d{{0,{DIGITS}}})(?:\{decimal}(\d{{0,{places}}})0*)?$"
    digits = text.str.extract(pattern, 1)
    part = text.str.extract(pattern, 2).fill_null("")
    any_digit = (digits + part).str.len_chars() > 0
    value = digits.str.pad_start(1, "0").cast(pl.Int64, strict=False) * 10**places + part.str.pad_end(
        places, "0"
    ).cast(pl.Int64, strict=False)
    return pl.when(any_digit).then(pl.when(text.str.starts_with("-")).then(-value).otherwise(value))


def _problems(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Each problem of each row, in the order a person would look."""
    filled = {
        name: pl.col(name) != ""
        for name in ("order_id", "sku", "placed_at", "currency", "country_text", "shipping", "discount")
    }
    paid = (pl.col("unit_price") != "") | (pl.col("line_amount") != "")
    price_field = "unit_price" if reading.mapping.get("unit_price") else "line_amount"
    quantity = pl.col("quantity")
    checks: list[tuple[str, str, str, pl.Expr]] = [
        ("order_id", "order_id", "value.missing", ~filled["order_id"]),
        ("placed_at", "placed_at", "value.missing", ~filled["placed_at"]),
        ("placed_at", "placed_at", "date.unreadable", filled["placed_at"] & pl.col("placed").is_null()),
        ("sku", "sku", "value.missing", ~filled["sku"]),
        ("quantity", "quantity_text", "value.missing", pl.col("quantity_text") == ""),
        (
            "quantity",
            "quantity_text",
            "quantity.unreadable",
            (pl.col("quantity_text") != "") & quantity.is_null(),
        ),
        ("quantity", "quantity_text", "quantity.not_positive", quantity <= 0),
        (price_field, price_field, "value.missing", ~paid),
        (
            price_field,
            price_field,
            "amount.unreadable",
            paid & pl.col("amount_e4").is_null() & (quantity > 0),
        ),
        (price_field, price_field, "amount.negative", pl.col("amount_e4") < 0),
        ("currency", "currency", "value.missing", ~filled["currency"]),
        ("currency", "currency", "currency.unknown", filled["currency"] & pl.col("minor_units").is_null()),
        ("shipping", "shipping", "amount.unreadable", filled["shipping"] & pl.col("shipping_e4").is_null()),
        ("discount", "discount", "amount.unreadable", filled["discount"] & pl.col("discount_e4").is_null()),
        ("currency", "currency", "order.mixed_currency", pl.col("currency").n_unique().over("order_id") > 1),
        ("country", "country_text", "order.mixed_country", pl.col("country").n_unique().over("order_id") > 1),
    ]
    found = [
        frame.filter(test.fill_null(False) & ~pl.col("repeated")).select(
            ROW, field=pl.lit(name), value=pl.col(source), reason=pl.lit(reason)
        )
        for name, source, reason, test in checks
    ]
    return pl.concat(found).unique([ROW, "field"], keep="first", maintain_order=True).sort(ROW)


def _outcomes(frame: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    first = problems.unique(ROW, keep="first", maintain_order=True).select(ROW, bad="reason")
    lines = frame.join(first, on=ROW, how="left", maintain_order="left")
    spoilt = pl.col("bad").is_not_null().any().over("order_id")
    pick = pl.when(pl.col("repeated")).then(pl.lit("duplicate")).when(spoilt).then(pl.lit("rejected"))
    why = (
        pl.when(pl.col("repeated"))
        .then(pl.lit("line.repeated"))
        .when(pl.col("bad").is_not_null())
        .then(pl.col("bad"))
        .when(spoilt)
        .then(pl.lit("order.has_bad_rows"))
        .otherwise(pl.lit("sale"))
    )
    return lines.with_columns(outcome=pick.otherwise(pl.lit("order_line")), reason=why)


def _orders(good: pl.DataFrame) -> pl.DataFrame:
    """Order-level charges count once: the first row of the order that names them."""
    first = (
        "customer",
        "recipient",
        "email",
        "country",
        "region",
        "city",
        "postcode",
        "currency",
        "payment_method",
        "vat_number",
    )
    charge = [
        pl.col(name).filter(pl.col(name) != 0).first().fill_null(0).alias(name)
        for name in ("shipping_minor", "discount_minor")
    ]
    return (
        good.group_by(pl.col("order_id").alias("invoice"), maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in first),
            *charge,
            pl.col("placed").min(),
            goods_minor=pl.col("amount_minor").sum(),
        )
        .with_columns(
            placed_at=pl.col("placed").dt.replace_time_zone("UTC"),
            placed_on=pl.col("placed").dt.date(),
            total_minor=pl.col("goods_minor") + pl.col("shipping_minor") - pl.col("discount_minor"),
        )
    )
