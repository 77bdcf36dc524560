"""From bytes to typed lines: header checked, numbers exact, what cannot be read named field by field."""

from __future__ import annotations

import polars as pl

from entrepot.domains.channels.adapters.tables import FileRefused, unpacked, with_country

HEADERS = {
    "invoice": ("InvoiceNo", "Invoice"),
    "stock_code": ("StockCode",),
    "description": ("Description",),
    "quantity_text": ("Quantity",),
    "date_text": ("InvoiceDate",),
    "price_text": ("UnitPrice", "Price"),
    "customer": ("CustomerID", "Customer ID"),
    "country_text": ("Country",),
}
ZONE = "Europe/London"
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
MAX_QUANTITY_DIGITS = 9
MAX_PRICE_DIGITS = 9


class HeaderError(FileRefused):
    """The file is not of this kind: names the columns that are missing."""

    def __init__(self, missing: str) -> None:
        super().__init__("file.header", missing)


def parse_lines(content: bytes) -> pl.DataFrame:
    """Every line of the file, typed, in file order, `row_no` counting from 1.

    Shapes: one row a data line. `amount_e4` and `price_e4` are 1/10000 of a pound, exact. `code` is the
    stock code
    in capitals ("85123a" and "85123A" are one article), `position` the line's place in its invoice.
    Errors: a wrong header raises HeaderError; a bad value leaves a null, its name in `problem` and itself in
    `bad_value`.
    """
    raw = pl.read_csv(
        unpacked(content),
        infer_schema=False,
        null_values=[""],
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )
    raw = raw.rename({name: name.strip().lstrip("\ufeff") for name in raw.columns})
    return _typed(raw.select(_columns(raw.columns))).drop("quantity_text", "price_text", "date_text")


def _columns(present: list[str]) -> list[pl.Expr]:
    lower = {name.lower(): name for name in present}
    chosen, missing = [], []
    for ours, theirs in HEADERS.items():
        found = next((lower[name.lower()] for name in theirs if name.lower() in lower), None)
        if found is None:
            missing.append(theirs[0])
        else:
            chosen.append(pl.col(found).alias(ours))
    if missing:
        raise HeaderError(", ".join(missing))
    return chosen


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    lines = raw.with_row_index("row_no", offset=1).with_columns(
        pl.col("row_no").cast(pl.Int64),
        pl.col("invoice").str.strip_chars().str.to_uppercase(),
        code=pl.col("stock_code").str.strip_chars().str.to_uppercase(),
        quantity=_exact(pl.col("quantity_text"), decimals=0, digits=MAX_QUANTITY_DIGITS),
        price_e4=_exact(pl.col("price_text"), decimals=4, digits=MAX_PRICE_DIGITS),
        placed_local=pl.coalesce(
            [pl.col("date_text").str.strptime(pl.Datetime("us"), fmt, strict=False) for fmt in DATE_FORMATS]
        ),
        customer=pl.col("customer").str.strip_chars().str.replace(r"\.0+$", "").fill_null(""),
    )
    lines = with_country(lines, written="country_text").with_columns(
        amount_e4=pl.col("quantity") * pl.col("price_e4"),
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("invoice"),
        duplicate=~pl.struct(raw.columns).is_first_distinct(),
        problem=_first_problem(),
    )
    written = {
        "invoice": "invoice",
        "stock_code": "stock_code",
        "quantity": "quantity_text",
        "unit_price": "price_text",
        "invoice_date": "date_text",
    }
    values = [pl.when(pl.col("problem") == field).then(pl.col(column)) for field, column in written.items()]
    return lines.with_columns(
        amount_minor=half_up(pl.col("amount_e4")), bad_value=pl.coalesce(values).fill_null("")
    )


def half_up(amount_e4: pl.Expr) -> pl.Expr:
    """Pence from 1/10000 pounds, half a penny away from zero."""
    return amount_e4.sign() * ((amount_e4.abs() + 50) // 100)


def _first_problem() -> pl.Expr:
    checks = (
        ("invoice", pl.col("invoice").fill_null("") == ""),
        ("stock_code", pl.col("code").fill_null("") == ""),
        ("quantity", pl.col("quantity").is_null()),
        ("unit_price", pl.col("price_e4").is_null()),
        ("invoice_date", pl.col("placed_local").is_null()),
    )
    return pl.coalesce([pl.when(bad).then(pl.lit(field)) for field, bad in checks]).fill_null("")


def _exact(text: pl.Expr, *, decimals: int, digits: int) -> pl.Expr:
    """Whole number of 10^-decimals from a decimal text, null where it is none or longer; no float."""
    pattern = rf"^([+-]?)(\d{{1,{digits}}})(?:\.(\d{{0,{decimals}}})0*)?$"
    stripped = text.str.strip_chars()
    sign = pl.when(stripped.str.starts_with("-")).then(-1).otherwise(1)
    whole = stripped.str.extract(pattern, 2).cast(pl.Int64)
    part = (
        stripped.str.extract(pattern, 3).fill_null("").str.pad_end(decimals, "0") if decimals else pl.lit("0")
    )
    return sign * (whole * 10**decimals + part.cast(pl.Int64, strict=False).fill_null(0))
