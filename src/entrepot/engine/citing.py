"""Citing: which dated rules stand behind the figures of a consignment, with their source and how sure they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from entrepot.engine.policy import adopted
from entrepot.engine.price.regime import passed_over
from entrepot.engine.price.tariff import duty_rate_table, layer_table
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

Row = dict[str, Any]


def border_rules(goods: pl.DataFrame, way: Row, charges: list[Row], world: World) -> list[Row]:
    """Rules of the border behind a consignment: regime, territory, tax, fees, tariff lines, exchange rates.

    Shapes: goods distinct hs_code, origin, proofs; way one row of a priced way or quote; charges its charges.
    Result rows: table, key and the columns of the rule; of the import rule also `beyond`, the rules passed over.
    """
    on = way["placed_on"]
    places = ["", "*", way["dest_country"], way["dest_territory"]]
    regimes = adopted(world, "import_rules").filter(pl.col("dest").is_in(places))
    beyond = passed_over(way, world) if way["rule"] else []
    rows = [{**row, "beyond": beyond} for row in cited(regimes, "import_rules", {"rule": way["rule"]}, on)]
    rows += cited(world["territories"], "territories", {"country": way["dest_country"]}, on)
    rows += cited(world["incoterms"], "incoterms", {"term": way["incoterm"]}, on)
    rows += plain(world["roundings"], "roundings", {"rounding": way["rounding"]})
    for charge in charges:
        if (
            charge["kind"] == "tax" and way["tax_mode"] != "fixed"
        ):  # else the import rule states the rate itself
            rows += _tax_rate(way, charge["code"], world)
        elif charge["kind"] == "fee":
            rows += cited(adopted(world, "import_fees"), "import_fees", {"fee": charge["code"]}, on)
    return [*rows, *_duty_rows(goods, way, world), *_rates(world, way)]


def cited(frame: pl.DataFrame, table: str, key: dict[str, object], on: date) -> list[Row]:
    """Rows of a rule table with this key that are in force on a day."""
    rows = frame.with_columns(on=pl.lit(on))
    for column, value in key.items():
        rows = rows.filter(pl.col(column).eq_missing(pl.lit(value)))
    rows = rows.filter(in_force()).drop("on")
    name = " · ".join(str(value) for value in key.values())
    return [{"table": table, "key": name, **row} for row in rows.to_dicts()]


def plain(frame: pl.DataFrame, table: str, key: dict[str, object]) -> list[Row]:
    """The row of a table without days with this key."""
    rows = frame.filter(pl.col(column) == pl.lit(value) for column, value in key.items())
    return [
        {"table": table, "key": " · ".join(str(value) for value in key.values()), **row}
        for row in rows.to_dicts()
    ]


def channel_fee_rules(categories: set[str], way: Row, world: World) -> list[Row]:
    """The price bands of a channel's fee for each category sold: the category's own, else those of all."""
    rows = cited(world["channel_fees"], "channel_fees", {"channel": way["channel"]}, way["placed_on"])
    named = {row["fee_category"] for row in rows}
    wanted = {category if category in named else "" for category in categories}
    found = [row for row in rows if row["fee_category"] in wanted]
    for row in found:
        row["key"] = " · ".join(part for part in (row["key"], row["fee_category"]) if part)
    return sorted(found, key=lambda row: (row["fee_category"], row["over_minor"]))


def _tax_rate(way: Row, category: str, world: World) -> list[Row]:
    """The rate of the category, of the standard one where the country does not name it; the region's own first."""
    rates = adopted(world, "vat_rates").filter(pl.col("region").is_in(["", way["tax_region"]]))
    for named in (category, "standard"):
        key = {"country": way["tax_country"], "tax_category": named}
        found = cited(rates.sort("region", descending=True), "vat_rates", key, way["placed_on"])
        if found:
            return found[:1]
    return []


def _duty_rows(goods: pl.DataFrame, way: Row, world: World) -> list[Row]:
    """The rates each kind of goods of an order may claim and the additional duties on it."""
    if way["duty_mode"] != "tariff":
        return []
    kinds = goods.sort("hs_code", "origin", "proofs").with_columns(
        *(pl.lit(way[name]).alias(name) for name in ("dest_country", "dest_territory", "epoch")),
        place=pl.int_range(pl.len()),
    )
    found = []
    for table, rates in (
        ("duty_rates", duty_rate_table(kinds, world)),
        ("duty_layers", layer_table(kinds, world)),
    ):
        named = rates.join(kinds.select("place", "hs_code", "origin"), on="place", maintain_order="left")
        for row in named.to_dicts():
            parts = (row.get("layer", ""), row["hs_code"], row["origin"], row["scheme"])
            key = " · ".join(part for part in parts if part)
            found.append({"table": table, "key": key, **row, "origin": row["rate_origin"]})
    return found


def _rates(world: World, way: Row) -> list[Row]:
    named = (way.get(name) for name in ("currency", "freight_currency", "decl_currency", "base"))
    currencies = set(named) - {None, "EUR"}
    rows = world["fx"].filter(pl.col("currency").is_in(sorted(currencies)), pl.col("on") <= way["placed_on"])
    last = rows.sort("currency", "on").group_by("currency", maintain_order=True).tail(1)
    return [{"table": "fx", "key": f"EUR → {row['currency']}", **row} for row in last.to_dicts()]
