"""A table of products and SKUs: what a shop, a marketplace or our own list exports of articles."""

from __future__ import annotations

import polars as pl

from entrepot.domains.channels.adapters.generic import number
from entrepot.domains.channels.adapters.sheets.shape import (
    PLACES,
    Check,
    Reading,
    Rows,
    Sheet,
    by_field,
    factor_of,
    is_any_currency,
    meant,
    measured,
    problems_of,
    split,
    with_repeats,
    words_of,
)
from entrepot.domains.channels.adapters.tables import with_country
from entrepot.domains.channels.adapters.tabular import ROW, guess_decimal

NEEDED = {"sku": ""}
WANTED = (
    "name_en", "name_zh", "category", "product", "brand", "variant", "hs_code", "origin", "weight", "length", "width",
    "height", "battery", "cost", "cost_currency", "list_price", "list_currency", "tax_category", "is_active",
)  # fmt: skip
OPTIONS = ("category", "currency", "decimal", "weight_unit", "size_unit")
MEASURES = {"weight": "weight_g", "length": "length_mm", "width": "width_mm", "height": "height_mm"}
PRICES = {"cost": "cost_currency", "list_price": "list_currency"}
PLAIN = ("product", "brand", "variant", "tax_category")
HS_CODE = r"^\d{6,10}$"


def build(rows: pl.DataFrame, reading: Reading) -> Rows:
    """SKUs from rows; a blank cell says nothing, so it never wipes out what is known.

    Shapes: `good` one row a SKU: row_no, sku and the columns of `catalog.frames.SKU_FACTS`, null = not said.
    Units: g, mm, minor units of the currency beside, half-up.
    Errors: values, never exceptions.
    """
    fields = tuple(NEEDED) + WANTED
    text = with_repeats(by_field(rows, reading, fields), fields, ["sku"])
    numbers = (*MEASURES, *PRICES)
    decimal = reading.option("decimal") or guess_decimal(
        [v for name in numbers for v in text[name].to_list()]
    )
    typed = _typed(text, reading, decimal)
    problems = problems_of(typed, _checks(reading))
    good, bad = split(typed, problems)
    return Rows(_facts(good), bad, problems, decimal)


def _typed(text: pl.DataFrame, reading: Reading, decimal: str) -> pl.DataFrame:
    known = reading.known
    heads = {name: reading.mapping.get(name, "") for name in MEASURES}
    sizes = [heads[name] for name in MEASURES if name != "weight"]
    factors = {
        name: factor_of("size", [heads[name], *sizes], reading.option("size_unit")) for name in MEASURES
    }
    factors["weight"] = factor_of("weight", [heads["weight"]], reading.option("weight_unit"))
    frame = text.with_columns(
        number(name, decimal, PLACES).alias(f"{name}_e4") for name in (*MEASURES, *PRICES)
    )
    frame = frame.with_columns(
        *(measured(f"{name}_e4", factors[name]).alias(unit) for name, unit in MEASURES.items()),
        *(_currency(price, column, reading).alias(f"{price}_in") for price, column in PRICES.items()),
        hs_plain=pl.col("hs_code").str.replace_all(r"[\s.]", ""),
        category_code=_said_or(meant("category", known.categories), "category", reading.option("category")),
        battery_code=meant("battery", words_of("battery")),
        active=meant("is_active", words_of("is_active")) == "true",
        is_new=~pl.col("sku").is_in(sorted(known.skus)),
        origin_text=pl.col("origin"),
    )
    units = pl.DataFrame(
        {"in": list(known.minor_units), "units": list(known.minor_units.values())},
        schema={"in": pl.String, "units": pl.Int64},
    )
    for price in PRICES:
        own = units.rename({"in": f"{price}_in", "units": f"{price}_units"})
        frame = frame.join(own, on=f"{price}_in", how="left", maintain_order="left")
        step = 10**PLACES // 10 ** pl.col(f"{price}_units").clip(0, PLACES)
        frame = frame.with_columns(((pl.col(f"{price}_e4") * 2 + step) // (step * 2)).alias(f"{price}_minor"))
    frame = with_country(
        frame.rename({"origin": "origin_written"}), written="origin_text", codes=known.countries
    )
    return frame.rename({"country": "origin_code", "origin_written": "origin"})


def _currency(price: str, column: str, reading: Reading) -> pl.Expr:
    """The currency of a price: in its column, in the cell itself (`EUR 12.50`), or said for the whole file."""
    if not reading.mapping.get(column):  # one column that says `Currency` and no more is that of every price
        shared = (name for name in PRICES.values() if is_any_currency(reading.mapping.get(name, "")))
        column = next(shared, column)
    written = pl.col(price).str.extract(r"([A-Z]{3})")
    said = pl.lit(reading.option("currency").upper())
    chosen = pl.when(pl.col(column) != "").then(pl.col(column).str.to_uppercase()).otherwise(
        pl.coalesce(written, said)
    )  # fmt: skip
    return pl.when(pl.col(price) != "").then(chosen).otherwise(pl.lit(""))


def _said_or(value: pl.Expr, column: str, option: str) -> pl.Expr:
    return pl.when(pl.col(column) == "").then(pl.lit(option or None, pl.String)).otherwise(value)


def _checks(reading: Reading) -> list[Check]:
    filled = {name: pl.col(name) != "" for name in (*NEEDED, *WANTED)}
    checks: list[Check] = [
        ("sku", "value.missing", ~filled["sku"]),
        ("sku", "sku.repeated", pl.col("clashing")),
        (
            "name_en",
            "value.missing",
            pl.col("is_new") & ~filled["name_en"] & ~filled["name_zh"] & filled["sku"],
        ),
        ("category", "category.unknown", filled["category"] & pl.col("category_code").is_null()),
        ("category", "value.missing", pl.col("is_new") & pl.col("category_code").is_null() & filled["sku"]),
        ("hs_code", "hs.unreadable", filled["hs_code"] & ~pl.col("hs_plain").str.contains(HS_CODE)),
        ("origin", "country.unknown", filled["origin"] & (pl.col("origin_code") == "")),
        ("battery", "word.unknown", filled["battery"] & pl.col("battery_code").is_null()),
        ("is_active", "word.unknown", filled["is_active"] & pl.col("active").is_null()),
    ]
    for name, unit in MEASURES.items():
        checks += [
            (name, "number.unreadable", filled[name] & pl.col(unit).is_null()),
            (name, "number.not_positive", pl.col(unit) <= 0),
        ]
    for price, column in PRICES.items():
        checks += [
            (price, "amount.unreadable", filled[price] & pl.col(f"{price}_e4").is_null()),
            (price, "amount.negative", pl.col(f"{price}_e4") < 0),
            (column, "value.missing", filled[price] & (pl.col(f"{price}_in") == "")),
            (column, "currency.unknown", filled[price] & pl.col(f"{price}_units").is_null()),
        ]
    return checks


def _facts(good: pl.DataFrame) -> pl.DataFrame:
    def said(name: str, source: str | None = None) -> pl.Expr:
        return pl.when(pl.col(name) != "").then(pl.col(source or name)).alias(name)

    return good.select(
        ROW,
        "sku",
        said("name_en"),
        said("name_zh"),
        *(said(name) for name in PLAIN),
        said("hs_code", "hs_plain"),
        said("origin", "origin_code"),
        said("battery", "battery_code"),
        "weight_g",
        "length_mm",
        "width_mm",
        "height_mm",
        *(pl.col(f"{price}_minor") for price in PRICES),
        *(pl.when(pl.col(f"{p}_in") != "").then(pl.col(f"{p}_in")).alias(c) for p, c in PRICES.items()),
        category="category_code",
        is_active="active",
    )


SHEET = Sheet("products", NEEDED, WANTED, OPTIONS, build)
