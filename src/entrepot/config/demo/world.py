"""The demo company's world and batches without a database: straight from the tables shipped in the package."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl

from entrepot import domains
from entrepot.config.demo.catalogue import Rates, skus_frame
from entrepot.config.demo.orders import Plan, Trade, draw_trade
from entrepot.config.demo.stock import purchases
from entrepot.domains.ledger.adapters import pegs
from entrepot.engine.batch import Batch
from entrepot.engine.columns import WORLD
from entrepot.engine.frames import Contract
from entrepot.engine.world import World

DOMAINS = Path(domains.__file__ or "").parent
FIRST_RATE = date(2009, 12, 1)
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def demo_world() -> World:
    """Every world table as the package ships it, with the demo's articles and the ECB's rates.

    Errors: a shipped table that breaks its contract raises SchemaError.
    """
    tables = {name: _shipped(contract) for name, contract in WORLD.items() if name not in ("skus", "fx")}
    return World.of({**tables, "skus": skus_frame(), "fx": ecb_rates()})


def generate_batch(orders: int, seed: int = 1, until: datetime = UNTIL) -> Batch:
    """So many demo orders as the engine reads them, with all stock of the year at once.

    Shapes: n orders, their lines, one stock row per warehouse and article. The same arguments give the same batch.
    """
    plan = Plan(orders, seed, until, rates_of(demo_world(), until.date()))
    trade = draw_trade(plan)
    stock = (
        purchases(trade, plan).group_by("warehouse", "sku").agg(pl.col("quantity").sum().alias("available"))
    )
    return Batch.of(orders=order_frame(trade), lines=trade.lines, stock=stock)


def order_frame(trade: Trade) -> pl.DataFrame:
    """The drawn orders under the names of the engine's contract."""
    return trade.orders.rename({"vat_valid": "buyer_vat_valid"})


def rates_of(world: World, on: date) -> Rates:
    """The rates known on a day, the euro among them."""
    known = world["fx"].filter(pl.col("on") <= on).sort("on").unique("currency", keep="last")
    per_euro = dict(known.select("currency", "rate_e6").iter_rows())
    minor_units = dict(world["currencies"].select("currency", "minor_units").iter_rows())
    return Rates({**per_euro, "EUR": 1_000_000}, minor_units)


@cache
def ecb_rates() -> pl.DataFrame:
    """Euro reference rates as the program ships them: one row per currency and bank day."""
    schema = {"currency": pl.String, "on": pl.Date, "rate_e6": pl.Int64, "source": pl.String}
    return pl.DataFrame(pegs.reference_rates(FIRST_RATE), schema=schema, orient="row").drop("source")


def _shipped(contract: Contract) -> pl.DataFrame:
    """One table from the room that ships it, empty if none does; columns it leaves out take their default."""
    paths = list(DOMAINS.glob(f"*/data/{contract.name}.csv"))
    if not paths:
        return contract.empty()
    raw = pl.read_csv(paths[0], infer_schema=False, empty_string_is_null=True)
    known = [column for column in contract.columns if column.name in raw.columns]
    return raw.select(_typed(column.name, column.dtype, column.default) for column in known)


def _typed(name: str, dtype: pl.DataType, default: object) -> pl.Expr:
    value = pl.col(name)
    if dtype == pl.String():
        return value.fill_null("")
    if dtype == pl.Boolean():
        value = value.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, return_dtype=pl.Boolean
        )
    elif dtype == pl.Date():
        value = value.str.to_date()
    else:
        value = value.cast(dtype)
    return value if default is None else value.fill_null(pl.lit(default, dtype=dtype))
