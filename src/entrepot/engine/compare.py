"""Compare: every service that goes from a country to another, for one parcel as it stands, and why others do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.columns import LINES, ORDERS, STOCK, WORLD
from entrepot.engine.dangerous import battery_class
from entrepot.engine.frames import pick
from entrepot.engine.fx import Rates, convert
from entrepot.engine.price.freight import freight, freight_steps
from entrepot.engine.propose import propose
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

NEEDED = (
    "currencies", "fx", "services", "weighings", "lanes", "rates", "contracts", "surcharges", "areas", "battery_rules",
)  # fmt: skip
HERE, THING, SHOP = "here", "parcel", "shop"


@dataclass(frozen=True)
class Parcel:
    """A closed parcel: where it goes, its outer size, gross weight, value and battery, and the day.

    Units: mm, g, minor units of `currency`; battery_wh_e3 Wh × 1000 of one battery.
    """

    ship_from: str
    dest: str
    on: date
    weight_g: int
    sides_mm: tuple[int, int, int]
    value_minor: int
    currency: str
    areas: str = ""
    battery: str = ""
    battery_wh_e3: int | None = None


@dataclass(frozen=True)
class Comparison:
    """services: one row per service with a lane, the cheapest possible first; parcels and surcharges: how each price
    came about; battery: how the battery is classed, or None."""

    services: pl.DataFrame
    parcels: pl.DataFrame
    surcharges: pl.DataFrame
    battery: dict[str, object] | None


def compare_services(parcel: Parcel, world: World) -> Comparison:
    """Price, days, tracking, loss and limits of every service for a parcel.

    Shapes: one row per service that has a lane on the day, open or not: code (why not possible, null where it is),
    is_open, price_minor in `currency` of the service, worth_minor in the parcel's currency, and the service's facts.
    Errors: none; a parcel nobody takes has only rows with a code.
    """
    place = _place(parcel, world)
    batch = _batch(parcel)
    proposal = propose(batch, place)
    priced = freight(proposal.candidates, place)
    parcels, surcharges = freight_steps(proposal.candidates, place)
    facts = world["services"].with_columns(on=pl.lit(parcel.on)).filter(in_force()).drop("on")
    lanes = world["lanes"].filter(
        pl.col("ship_from") == parcel.ship_from, pl.col("dest_country") == parcel.dest
    )
    lanes = lanes.with_columns(on=pl.lit(parcel.on)).filter(in_force())
    lanes = lanes.select("service", "zone", "is_open", "min_days", "max_days")
    rows = lanes.join(facts, on="service")
    rows = rows.join(proposal.rejections.select("service", "code"), on="service", how="left")
    found = priced.select(
        "service",
        "chargeable_g",
        "volumetric_g",
        "transport_minor",
        "surcharge_minor",
        price_minor="freight_minor",
    )
    rows = rows.join(found, on="service", how="left")
    unpriced = pl.col("code").is_null() & pl.col("price_minor").is_null()
    rows = rows.with_columns(
        code=pl.when(unpriced).then(pl.lit("logistics.no_rate")).otherwise(pl.col("code"))
    )
    rows = _worth(rows, parcel, world)
    rows = rows.sort(pl.col("code").is_not_null(), "worth_minor", "max_days", "service", nulls_last=True)
    return Comparison(rows, parcels, surcharges, _battery(parcel, world))


def _worth(rows: pl.DataFrame, parcel: Parcel, world: World) -> pl.DataFrame:
    rates = Rates.of(world)
    rows = rows.with_columns(on=pl.lit(parcel.on), own=pl.lit(parcel.currency))
    rows = rates.attach(rates.attach(rows, "currency", "on", "w_price"), "own", "on", "w_own")
    worth = convert(pl.col("price_minor"), "w_price", "w_own")
    return rows.with_columns(worth_minor=worth).drop("on", "own", "w_price", "w_own")


def _place(parcel: Parcel, world: World) -> World:
    """The world's rules with one warehouse, one article and one carton that is the parcel itself."""
    long, mid, short = parcel.sides_mm
    sides = {"length_mm": long, "width_mm": mid, "height_mm": short}
    dated = {"valid_from": date.min, "valid_to": None}
    thing: dict[str, object] = {
        "sku": THING, "category": "", "weight_g": parcel.weight_g, **sides, "battery": parcel.battery,
        "battery_wh_e3": parcel.battery_wh_e3, "cost_minor": 0, "cost_currency": parcel.currency,
    }  # fmt: skip
    records: dict[str, dict[str, object]] = {
        "skus": thing,
        "warehouses": {"warehouse": HERE, "country": parcel.ship_from, "currency": parcel.currency},
        "cartons": {"warehouse": HERE, "carton": "", **sides, "tare_g": 0, "max_g": parcel.weight_g, **dated},
        "channels": {"channel": SHOP, "kind": "own"},
    }
    rows = {name: pl.DataFrame([row], schema_overrides=_schema(name, row)) for name, row in records.items()}
    lanes = world["lanes"].with_columns(is_open=pl.lit(True))
    return World.of({**{name: world[name] for name in NEEDED}, **rows, "lanes": lanes})


def _schema(name: str, row: dict[str, object]) -> dict[str, pl.DataType]:
    return {column: dtype for column, dtype in WORLD[name].schema.items() if column in row}


def _batch(parcel: Parcel) -> Batch:
    order = {
        "order_id": 1, "channel": SHOP, "placed_on": parcel.on, "dest_country": parcel.dest,
        "dest_areas": parcel.areas, "currency": parcel.currency, "shipping_minor": 0,
    }  # fmt: skip
    line = {"order_id": 1, "line_no": 1, "sku": THING, "quantity": 1, "amount_minor": parcel.value_minor}
    stock = {"warehouse": HERE, "sku": THING, "available": 1}
    return Batch.of(
        orders=ORDERS.check(pl.DataFrame([order])),
        lines=LINES.check(pl.DataFrame([line])),
        stock=STOCK.check(pl.DataFrame([stock])),
    )


def _battery(parcel: Parcel, world: World) -> dict[str, object] | None:
    if not parcel.battery:
        return None
    goods = pl.DataFrame(
        {
            "battery_kind": [""],
            "battery": [parcel.battery],
            "battery_wh_e3": [parcel.battery_wh_e3],
            "on": [parcel.on],
        },
        schema_overrides={"battery_wh_e3": pl.Int64},
    )
    found = pick(battery_class(goods, world, "on"), pl.col("un").is_not_null(), pl.all()).to_dicts()
    return found[0] if found else None
