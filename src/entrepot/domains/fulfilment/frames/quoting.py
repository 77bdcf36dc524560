"""Quotes and readings of disputed rules, between plain rows and frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import polars as pl

from entrepot.engine import Quoted, World, quote_rows
from entrepot.engine.columns import POLICIES
from entrepot.engine.validity import in_force

READ_TABLES = {
    "vat_rates": ("country", "region", "tax_category"),
    "import_rules": ("dest", "region", "flow", "priority"),
    "duty_rates": ("dest", "hs_prefix", "origin", "scheme"),
    "duty_layers": ("dest", "hs_prefix", "origin"),
    "import_fees": ("fee",),
}
POLICY = "customs.readings"


def quoted(asks: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]], world: World) -> Quoted:
    """Quotes for rows of QUOTES and QUOTE_LINES.

    Where a row does not say whether duties are charged on: the seller who has to pay them charges them beside a price
    that does not hold the tax, so that they stand in the base of a tax collected at the sale.
    """
    owed = set(world["incoterms"].filter(pl.col("import_duty_tax") == "S")["term"])
    asks = [
        {
            "duties_charged": ask.get("incoterm") in owed and not ask.get("price_includes_tax", False),
            **ask,
        }
        for ask in asks
    ]
    return quote_rows(asks, lines, world)


def readings_about(places: Iterable[str], on: date, world: World) -> dict[str, set[tuple[str, ...]]]:
    """Readings of the rules of some places that are in force on a day, with the rules each is a reading of."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for table, keys in READ_TABLES.items():
        rows = world[table].filter(pl.col("reading") != "").with_columns(on=pl.lit(on)).filter(in_force())
        if table != "import_fees":
            rows = rows.filter(pl.col(keys[0]).is_in(list(places)))
        for row in rows.select("reading", *keys).unique().iter_rows():
            found.setdefault(row[0], set()).add((table, *map(str, row[1:])))
    return found


def followed_readings(world: World) -> list[str]:
    """Readings that the company follows."""
    rows = world["policies"].filter(pl.col("key") == POLICY).sort("valid_from")["text"]
    return rows[-1].split() if rows.len() else []


def world_reading(names: Sequence[str], world: World) -> World:
    """The same world under other readings of its disputed rules."""
    others = world["policies"].filter(pl.col("key") != POLICY)
    text = " ".join(names)
    row = {
        "key": POLICY,
        "text": text,
        "value": 0,
        "unit": "",
        "valid_from": date.min,
        "source": "",
        "status": "",
    }
    added = pl.DataFrame([row]).cast({name: POLICIES.schema[name] for name in row})
    return world.replace(policies=pl.concat([others, added], how="diagonal"))
