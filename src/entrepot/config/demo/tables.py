"""The tables the demo company is drawn from: markets, seasons, products. Figures are there, formulas here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

DATA = Path(__file__).with_name("data")
TEXT = frozenset(
    {
        "hs_code",
        "postcode_head",
        "postcode_tail",
        "variant",
        "region",
        "value",
        "country",
        "market",
        "markets",
    }
)


@cache
def table(name: str) -> pl.DataFrame:
    """One table of `demo/data`: whole numbers as Int64, texts with empty text for nothing."""
    raw = pl.read_csv(DATA / f"{name}.csv", infer_schema=False).with_columns(pl.all().fill_null(""))
    numbers = [c for c in raw.columns if c not in TEXT and _is_number(raw[c])]
    return raw.with_columns(pl.col(c).replace("", None).cast(pl.Int64) for c in numbers)


@cache
def settings() -> dict[str, int]:
    """The demo's single figures by name."""
    raw = pl.read_csv(DATA / "settings.csv", columns=["key", "value"])
    return dict(raw.iter_rows())


def curve(name: str) -> pl.DataFrame:
    """One named curve: columns position and weight, in order of position."""
    return table("curves").filter(pl.col("curve") == name).select("position", "weight").sort("position")


def market_codes() -> list[str]:
    """Countries the demo sells to, greatest first."""
    return table("markets")["country"].to_list()


def _is_number(values: pl.Series) -> bool:
    filled = values.filter(values != "")
    return filled.len() > 0 and bool(filled.str.contains(r"^-?\d+$").all())
