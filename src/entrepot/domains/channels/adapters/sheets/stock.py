"""A table of stock: what was counted in each warehouse, or by how much it is to be changed."""

from __future__ import annotations

import polars as pl

from entrepot.domains.channels.adapters.generic import number
from entrepot.domains.channels.adapters.sheets.shape import (
    PLACES,
    Reading,
    Rows,
    Sheet,
    by_field,
    meant,
    problems_of,
    split,
    with_repeats,
)
from entrepot.domains.channels.adapters.tabular import ROW, guess_decimal

NEEDED = {"sku": "", "warehouse": "warehouse", "quantity": ""}
WANTED = ("note",)
OPTIONS = ("mode", "warehouse", "note", "decimal")
COUNT, CHANGE = "count", "change"
MODES = (COUNT, CHANGE)
MOST = 999_999_999


def build(rows: pl.DataFrame, reading: Reading) -> Rows:
    """Counts (what is there) or changes (how many more or fewer) by SKU and warehouse.

    Shapes: `good`: row_no, warehouse, sku, quantity, note. Units: pieces.
    Errors: values, never exceptions.
    """
    fields = tuple(NEEDED) + WANTED
    text = by_field(rows, reading, fields)
    if reading.option("warehouse"):
        blank = pl.col("warehouse") == ""
        text = text.with_columns(
            warehouse=pl.when(blank).then(pl.lit(reading.option("warehouse"))).otherwise("warehouse")
        )
    is_count = reading.option("mode") != CHANGE
    text = with_repeats(text, fields, ["sku", "warehouse"])
    if not is_count:  # the same change twice is two changes
        text = text.with_columns(repeated=pl.lit(False), clashing=pl.lit(False))
    decimal = reading.option("decimal") or guess_decimal(text["quantity"].to_list())
    written = number("quantity", decimal, PLACES)
    pieces = pl.when(written % 10**PLACES == 0).then(written // 10**PLACES)
    typed = text.with_columns(
        pieces=pl.when(pieces.abs() <= MOST).then(pieces),
        place=meant("warehouse", reading.known.warehouses),
        is_known=pl.col("sku").is_in(sorted(reading.known.skus)),
    )
    filled = {name: pl.col(name) != "" for name in fields}
    problems = problems_of(typed, [
        ("sku", "value.missing", ~filled["sku"]),
        ("sku", "sku.unknown", filled["sku"] & ~pl.col("is_known")),
        ("sku", "place.repeated", pl.col("clashing")),
        ("warehouse", "value.missing", ~filled["warehouse"]),
        ("warehouse", "warehouse.unknown", filled["warehouse"] & pl.col("place").is_null()),
        ("quantity", "value.missing", ~filled["quantity"]),
        ("quantity", "quantity.unreadable", filled["quantity"] & pl.col("pieces").is_null()),
        ("quantity", "count.negative", pl.lit(is_count) & (pl.col("pieces") < 0)),
    ])  # fmt: skip
    good, bad = split(typed, problems)
    note = pl.when(filled["note"]).then(pl.col("note")).otherwise(pl.lit(reading.option("note")))
    shaped = good.select(ROW, "sku", warehouse="place", quantity="pieces", note=note.str.slice(0, 200))
    return Rows(shaped, bad, problems, decimal)


SHEET = Sheet("stock", NEEDED, WANTED, OPTIONS, build)
